//! The sentences between the blocks, for those who see a step without its page.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::Step;

/// Reads a section's paragraphs as plain text, and hands each step the two that belong to it.
#[derive(Default)]
pub(crate) struct Prose {
    /// The paragraph that is being read.
    open: Option<String>,
    /// How many lists and tables it stands in; those are not read.
    depth: usize,
    /// Those since the last step began, or since a heading.
    read: Vec<String>,
    /// Whether the last of them stands directly above what comes now.
    adjacent: bool,
    /// Whether they follow a step of the same heading.
    follow: bool,
}

impl Prose {
    /// Takes what stands in the page, in its order.
    pub(crate) fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(Tag::List(_) | Tag::Table(_)) => {
                self.depth += 1;
                self.adjacent = false;
            }
            Event::End(TagEnd::List(_) | TagEnd::Table) => self.depth = self.depth.saturating_sub(1),
            Event::Start(Tag::Paragraph) if self.depth == 0 => self.open = Some(String::new()),
            Event::End(TagEnd::Paragraph) => {
                // A picture leaves an empty one.
                if let Some(text) = self.open.take().filter(|text| !text.trim().is_empty()) {
                    self.read.push(text);
                    self.adjacent = true;
                }
            }
            Event::Text(text) => self.push(text),
            // As the lab's own sentences have it.
            Event::Code(code) => self.push(&format!("`{code}`")),
            Event::SoftBreak | Event::HardBreak => self.push(" "),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(open) = &mut self.open {
            open.push_str(text);
        }
    }

    /// A block begins that the paragraph directly above leads to. What stands before that is about the step before.
    pub(crate) fn lead(&mut self, before: Option<&mut Step>) -> String {
        let own = self.read.pop_if(|_| self.adjacent).unwrap_or_default();
        self.about(before);
        self.adjacent = false;
        self.follow = true;
        own
    }

    /// The paragraph directly above is the name of a file, and what is above that leads on.
    pub(crate) fn name(&mut self) {
        self.read.pop_if(|_| self.adjacent);
    }

    /// A heading, or the end: all that was read is about the step before.
    pub(crate) fn close(&mut self, before: Option<&mut Step>) {
        self.about(before);
        self.follow = false;
    }

    /// A result of the step, which no paragraph above it leads away from.
    pub(crate) fn result(&mut self) {
        self.adjacent = false;
    }

    fn about(&mut self, step: Option<&mut Step>) {
        let first = std::mem::take(&mut self.read).into_iter().next();
        if let (Some(step), Some(first), true) = (step, first, self.follow)
            && step.after.is_empty()
        {
            step.after = first;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{Exercise, Language, parse};

    const TOP: &str = "# T\n\nWhy.\n\n";
    const STEP: &str = "```sh\nls\n```\n\n```output\na\n```\n\n";
    const EXCERPT: &str = "[`a.yaml`](../../k8s/a.yaml)\n\n```yaml\na: 1\n```\n\n";

    fn told(page: &str) -> Vec<(String, String)> {
        let steps = parse::page(&format!("{TOP}{page}"), Language::En).unwrap().steps;
        steps.into_iter().map(|step| (step.before, step.after)).collect()
    }

    #[test]
    fn a_paragraph_leads_to_a_step_or_follows_it() {
        let all = |page: &str| {
            let told = told(page);
            let texts = told.iter().flat_map(|(before, after)| [before.as_str(), after]);
            texts.collect::<Vec<_>>().join("|")
        };
        for (page, expected) in [
            (format!("Look:\n\n{STEP}"), "Look:|"),
            (format!("{STEP}## S\n\nLook:\n\n{STEP}"), "Why.||Look:|"),
            (format!("Look:\n\n- a list\n\n{STEP}So.\n"), "|So."),
            // One between two steps leads on; of two, the first looks back.
            (format!("{STEP}And?\n\n{STEP}"), "Why.||And?|"),
            (format!("{STEP}So.\n\nMore.\n\nAnd?\n\n{STEP}"), "Why.|So.|And?|"),
            (
                "```sh\nls\n```\n\nOr:\n\n```sh helm-3\nls\n```\n\nSo.\n".into(),
                "Why.|So.",
            ),
            // A picture has no text of its own here.
            (
                format!("{STEP}So.\n\n![A pod](../pictures/a.svg)\n\nAnd?\n\n{STEP}"),
                "Why.|So.|And?|",
            ),
            // What leads to a part of a manifest is about neither.
            (
                format!("{STEP}So.\n\nThe file:\n\n{EXCERPT}Apply:\n\n{STEP}"),
                "Why.|So.|Apply:|",
            ),
            (format!("{STEP}## S\n\nThe file:\n\n{EXCERPT}{STEP}"), "Why.|||"),
            (format!("{STEP}## S\n\nLater.\n\n- a list\n"), "Why.|"),
            (format!("{STEP}> [!NOTE]\n> So.\n"), "Why.|So."),
        ] {
            assert_eq!(all(&page), expected, "{page}");
        }
    }

    #[test]
    fn a_paragraph_is_plain_text_on_one_line() {
        let told = told(&format!(
            "**Now** type\n[`ls`](x.md) *twice*,\nif you like:\n\n{STEP}"
        ));
        assert_eq!(told[0].0, "Now type `ls` twice, if you like:");
    }

    #[test]
    fn nearly_every_step_of_the_guide_is_led_to_in_both_languages() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let led_to = |language: Language| {
            let ids = crate::list(&root, language).unwrap();
            let steps = ids
                .iter()
                .flat_map(|id| Exercise::load(&root, language, id).unwrap().steps);
            let (led, bare): (Vec<_>, Vec<_>) = steps.partition(|step| !step.before.is_empty());
            (led.len(), bare.len())
        };
        let [english, korean] = Language::ALL.map(led_to);
        assert_eq!(english, korean);
        assert!(english.0 > english.1 * 3, "{english:?}");
    }
}
