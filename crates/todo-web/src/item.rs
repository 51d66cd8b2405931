//! An item of the list, and the texts that may become one.

use serde::Serialize;
use time::{OffsetDateTime, serde::rfc3339};
use uuid::Uuid;

/// The longest text, in characters (Unicode scalar values).
pub(crate) const MOST_CHARACTERS: usize = 500;

/// Something to do, as the database has it and as programs read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    /// The time by the database's clock, as the next one.
    #[serde(with = "rfc3339")]
    pub(crate) created_at: OffsetDateTime,
    /// None while the item is open.
    #[serde(with = "rfc3339::option")]
    pub(crate) completed_at: Option<OffsetDateTime>,
}

/// A text that may become an item: 1 to 500 characters on one line, without spaces around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ItemText(String);

/// The reason why a text may not become an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Invalid {
    /// The text is empty, or nothing of it can be seen.
    #[error("An item needs some text that can be seen: 1 to {MOST_CHARACTERS} characters.")]
    Empty,
    /// The text has too many characters: this number.
    #[error("This item has {0} characters; at most {MOST_CHARACTERS} are allowed. Say it more briefly.")]
    Long(usize),
    /// The text has a control character, such as a line break or NUL, which Postgres cannot store.
    #[error(
        "This item contains the control character U+{:04X}; only text on one line is allowed. It was removed below.",
        *.0 as u32
    )]
    Control(char),
}

impl ItemText {
    /// Accepts the text without the spaces around it.
    ///
    /// # Errors
    /// The text may not become an item; the message is a sentence for the page.
    pub(crate) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let characters = text.chars().count();
        match text.chars().find(|character| character.is_control()) {
            Some(control) => Err(Invalid::Control(control)),
            None if text.chars().all(is_invisible) => Err(Invalid::Empty),
            None if characters > MOST_CHARACTERS => Err(Invalid::Long(characters)),
            None => Ok(Self(text.to_owned())),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the item that the form with the id `form` makes of this text.
    ///
    /// It depends on nothing else, so a form that is sent twice, by an impatient person or because an answer was lost,
    /// makes one item. Another text makes another item: browsers keep the form's id when a person goes back to the page.
    pub(crate) fn id(&self, form: Uuid) -> Uuid {
        Uuid::new_v5(&form, self.0.as_bytes())
    }
}

/// Whether a character shows nothing by itself: spaces, those that Unicode lets fonts ignore (Default_Ignorable_Code_Point in
/// DerivedCoreProperties.txt, Hangul fillers among them), and the Braille pattern without a dot. Beside others they have their
/// use, as in emoji that are joined.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_1_to_500_characters_of_any_script_on_one_line() {
        for text in [
            "x",
            "우유 사기",
            "شراء الحليب",
            "<script>alert(1)</script>",
            "'; DROP TABLE items; --",
        ] {
            assert_eq!(
                ItemText::parse(&format!(" \t{text} \r\n")).unwrap().as_str(),
                text
            );
        }
        for seen in ["👩\u{200d}🚀", "ᄒ\u{1160}", "a\u{200b}"] {
            assert!(ItemText::parse(seen).is_ok(), "{seen:?}");
        }
        assert!(ItemText::parse(&"😀".repeat(500)).is_ok());
        assert_eq!(ItemText::parse(&"é".repeat(501)), Err(Invalid::Long(501)));
        for blank in [
            "",
            " ",
            "\r\n\t",
            "\u{3000}",
            "\u{200b}",
            "\u{3164}\u{2800} \u{ad}",
            "\u{feff}\u{e0041}",
        ] {
            assert_eq!(ItemText::parse(blank), Err(Invalid::Empty), "{blank:?}");
        }
        for control in ['\0', '\n', '\u{1b}', '\u{7f}', '\u{85}'] {
            assert_eq!(
                ItemText::parse(&format!("a{control}b")),
                Err(Invalid::Control(control))
            );
        }
        assert!(Invalid::Control('\0').to_string().contains("U+0000"));
    }

    #[test]
    fn the_same_form_and_text_is_the_same_item() {
        let (milk, bread) = (
            ItemText::parse("milk").unwrap(),
            ItemText::parse("bread").unwrap(),
        );
        let (form, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(milk.id(form), ItemText::parse(" milk ").unwrap().id(form));
        assert_ne!(milk.id(form), bread.id(form));
        assert_ne!(milk.id(form), milk.id(other));
    }
}
