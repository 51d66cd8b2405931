//! The name of a file above what is shown of it, as a reader sees it: a link to the file, in a paragraph of its own.

use std::path::PathBuf;

use pulldown_cmark::{Event, Tag, TagEnd};

/// The clone's top folder, from a page.
const TOP: &str = "../../";

/// Reads paragraphs and keeps the last, if it is the name of a manifest and nothing else.
#[derive(Default)]
pub(super) struct FileName {
    target: String,
    text: String,
    in_link: bool,
    /// Whether there is anything beside one link.
    more: bool,
}

impl FileName {
    pub(super) fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.more |= !self.target.is_empty();
                self.target = dest_url.to_string();
                self.in_link = true;
            }
            Event::End(TagEnd::Link) => self.in_link = false,
            Event::Text(text) | Event::Code(text) if self.in_link => self.text.push_str(text),
            // The block itself, which asks for what was above it.
            Event::Start(Tag::CodeBlock(_)) | Event::End(TagEnd::Paragraph) => {}
            Event::Start(Tag::Paragraph) => *self = Self::default(),
            _ => self.more = true,
        }
    }

    /// The file that was named directly above, from the clone's top folder. It is written as it is typed, in the folder `k8s`.
    pub(super) fn end(&mut self) -> Option<PathBuf> {
        let named = std::mem::take(self);
        let path = named.target.strip_prefix(TOP)?;
        let typed = match path.strip_prefix("k8s/") {
            Some(below) => below.to_owned(),
            None => format!("../{path}"),
        };
        let is_manifest = path.starts_with("k8s/") || path.starts_with("helm/");
        let is_it = is_manifest && !path.contains("..") && !named.more && named.text == typed;
        is_it.then(|| PathBuf::from(path))
    }
}
