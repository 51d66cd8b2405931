//! Sentences by their ids.

use std::{collections::BTreeMap, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

use crate::Language;

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Language::ALL.map(bundle));

/// Something to say, in whichever language. Two messages are equal when they say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What needs no translation: a program's output, a name, an address.
    Verbatim(String),
    /// A sentence of the locale files.
    Sentence {
        /// Its id.
        id: &'static str,
        /// What stands in it, by name.
        values: BTreeMap<&'static str, Value>,
    },
    /// Several messages in a row.
    Joined {
        /// The messages.
        parts: Vec<Message>,
        /// What stands between them.
        with: &'static str,
    },
}

/// What stands in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number, which decides between singular and plural.
    Number(i64),
    /// Anything that is said.
    Message(Message),
}

impl Message {
    /// The sentence `id`, so far without values.
    #[must_use]
    pub const fn new(id: &'static str) -> Self {
        Self::Sentence {
            id,
            values: BTreeMap::new(),
        }
    }

    /// The sentence with one more value. Text is verbatim.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        if let Self::Sentence { values, .. } = &mut self {
            values.insert(name, value.into());
        }
        self
    }

    /// Messages in a row.
    #[must_use]
    pub fn joined(with: &'static str, parts: impl IntoIterator<Item = Self>) -> Self {
        Self::Joined {
            parts: parts.into_iter().collect(),
            with,
        }
    }

    /// The sentence's id; none for anything else.
    #[must_use]
    pub fn id(&self) -> Option<&'static str> {
        match self {
            Self::Sentence { id, .. } => Some(id),
            Self::Verbatim(_) | Self::Joined { .. } => None,
        }
    }

    fn text(&self, bundle: &Bundle) -> String {
        let (id, values) = match self {
            Self::Verbatim(text) => return text.clone(),
            Self::Joined { parts, with } => {
                let parts: Vec<_> = parts.iter().map(|part| part.text(bundle)).collect();
                return parts.join(with);
            }
            Self::Sentence { id, values } => (id, values),
        };
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
            // A test makes sure that there is none; the id still says more than nothing.
            return (*id).to_owned();
        };
        let args: FluentArgs<'_> = values
            .iter()
            .map(|(name, value)| (*name, value.fluent(bundle)))
            .collect();
        let text = bundle.format_pattern(pattern, Some(&args), &mut vec![]);
        // A long sentence has several lines in its file, and is one line of text.
        text.replace('\n', " ")
    }
}

impl Language {
    /// Says something in this language.
    #[must_use]
    pub fn tell(self, message: &Message) -> String {
        message.text(&BUNDLES[self as usize])
    }
}

fn bundle(language: Language) -> Bundle {
    // Both codes are identifiers; an empty one would only lose the plural rules.
    let identifier: LanguageIdentifier = language.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    // The marks for bidirectional text would end up in terminals and in the commands that people copy.
    bundle.set_use_isolating(false);
    // A test parses both files, so whatever is left out here is nothing.
    let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(language.source().to_owned());
    bundle.add_resource_overriding(resource);
    bundle
}

impl Value {
    fn fluent(&self, bundle: &Bundle) -> FluentValue<'static> {
        match self {
            Self::Number(number) => FluentValue::from(*number),
            Self::Message(message) => FluentValue::from(message.text(bundle)),
        }
    }
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(message)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Message(Message::Verbatim(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                // Counts here are small; one that is not is still large.
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        })*
    };
}

from_number!(i32, u16, u32, u64, usize);

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        path::{Path, PathBuf},
    };

    use fluent_syntax::{
        ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
        parser::parse,
    };
    use regex::Regex;

    use super::*;
    use crate::Language::{En, Ko};

    /// The names of the values in a pattern.
    fn names<'a>(pattern: &Pattern<&'a str>, into: &mut BTreeSet<&'a str>) {
        for element in &pattern.elements {
            let PatternElement::Placeable { expression } = element else {
                continue;
            };
            match expression {
                Expression::Inline(InlineExpression::VariableReference { id }) => {
                    into.insert(id.name);
                }
                Expression::Select { selector, variants } => {
                    if let InlineExpression::VariableReference { id } = selector {
                        into.insert(id.name);
                    }
                    for variant in variants {
                        names(&variant.value, into);
                    }
                }
                Expression::Inline(_) => {}
            }
        }
    }

    /// The sentences of a language, each with the names of its values.
    fn sentences(language: Language) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let resource =
            parse(language.source()).unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        let mut all = BTreeMap::new();
        for entry in resource.body {
            if let Entry::Message(message) = entry {
                let mut found = BTreeSet::new();
                names(&message.value.unwrap(), &mut found);
                assert!(
                    all.insert(message.id.name, found).is_none(),
                    "{} twice",
                    message.id.name
                );
            }
        }
        all
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
            .filter(|path| {
                let extension = path.extension();
                extension.is_some_and(|extension| extension == "rs" || extension == "html")
            })
            .collect()
    }

    #[test]
    fn both_languages_have_the_same_sentences_with_the_same_values() {
        assert_eq!(sentences(En), sentences(Ko));
    }

    #[test]
    fn code_names_every_sentence_and_no_other() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let name = Regex::new(
            r#"(?:Message::new|caption|\.say|\.say_with)\(\s*"([a-z0-9-]+)"|sentence: "([a-z0-9-]+)""#,
        )
        .unwrap();
        let mut named = BTreeSet::new();
        for member in [
            "guide/src",
            "proofs/src",
            "learner/src",
            "runner/src",
            "report/src",
            "pictures/src",
            "tell/src",
            "board/src",
            "board/templates",
            "lab/src",
        ] {
            for file in sources(&crates.join(member)) {
                let text = std::fs::read_to_string(file).unwrap();
                named.extend(
                    name.captures_iter(&text)
                        .map(|found| found.iter().skip(1).flatten().next().unwrap().as_str().to_owned()),
                );
            }
        }
        let known: BTreeSet<_> = sentences(En).into_keys().map(str::to_owned).collect();
        assert_eq!(named, known);
    }

    #[test]
    fn a_sentence_has_its_values_and_its_plural() {
        let restarts = |count: u32| En.tell(&Message::new("pods-restarts").with("count", count));
        assert_eq!(restarts(1), "1 restart");
        assert_eq!(restarts(50_000), "50000 restarts");
        let nested = Message::joined(", ", [Message::Verbatim("a".into()), Message::new("no-answer")]);
        assert_eq!(Ko.tell(&nested), "a, 응답 없음");
        assert_eq!(nested.id(), None);
    }
}
