//! What a page leaves to try, below one heading, and the command below each item that checks it.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::Language;

/// How a command begins that checks an item.
const COMMAND: &str = "cargo lab check ";
/// What tells it from those that check the section.
const TRY: &str = " --try";

/// Something to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The line of the page where it begins, from 1.
    pub(crate) line: usize,
    /// The commands below it that check an item, each with its line.
    pub(crate) checks: Vec<(usize, String)>,
}

/// Reads items. Those of a numbered list are one each; without such a list the whole text is one.
#[derive(Default)]
pub(super) struct Tries {
    items: Vec<Item>,
    inside: bool,
    /// Whether the lists that are open are numbered.
    lists: Vec<bool>,
    numbered: bool,
}

impl Tries {
    pub(super) fn heading(&mut self, heading: &str, language: Language) {
        self.inside = heading
            == match language {
                Language::En => "Try it yourself",
                Language::Ko => "직접 해 보기",
            };
    }

    /// Takes an event at a line; what is folded holds answers, and asks for nothing.
    pub(super) fn take(&mut self, event: &Event<'_>, line: usize, folded: bool) -> Result<(), String> {
        match event {
            Event::Code(code) if is_check(code) => {
                let item = self.items.last_mut().filter(|_| self.inside && !folded);
                let item = item.ok_or_else(|| {
                    format!(
                        "{code:?} checks what is to be tried: write it below that, and outside of the answer"
                    )
                })?;
                item.checks.push((line, code.to_string()));
            }
            Event::Start(Tag::List(number)) => self.lists.push(number.is_some()),
            Event::End(TagEnd::List(_)) => {
                self.lists.pop();
            }
            Event::Start(Tag::Item) if self.asks(folded) && self.lists == [true] => {
                if !self.numbered {
                    // What was before the list leads to it.
                    self.items.clear();
                }
                self.numbered = true;
                self.begin(line);
            }
            Event::Start(Tag::Paragraph) if self.asks(folded) && self.items.is_empty() => self.begin(line),
            _ => {}
        }
        Ok(())
    }

    fn asks(&self, folded: bool) -> bool {
        self.inside && !folded
    }

    fn begin(&mut self, line: usize) {
        let checks = vec![];
        self.items.push(Item { line, checks });
    }

    pub(super) fn end(self) -> Vec<Item> {
        self.items
    }
}

fn is_check(code: &str) -> bool {
    code.starts_with(COMMAND) && code.contains(TRY)
}

/// The command that checks an item, as a page has it; items count from 1.
pub(crate) fn check(exercise: &str, number: usize, language: Language) -> String {
    let answers = match language {
        Language::En => "",
        Language::Ko => " --lang ko",
    };
    format!("{COMMAND}{exercise}{TRY} {number}{answers}")
}
