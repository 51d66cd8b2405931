//! The two languages.

use std::{str::FromStr, sync::LazyLock};

use fluent_bundle::{FluentResource, concurrent::FluentBundle};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

use crate::Message;

/// The language of the guide, and of everything said about a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

pub(crate) type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Language::ALL.map(bundle));

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::En, Self::Ko];

    /// The code that the command line takes: `en` or `ko`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ko => "ko",
        }
    }

    /// The guide's folder, in the clone.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::En => "guide/en",
            Self::Ko => "guide/ko",
        }
    }

    /// Says something in this language.
    #[must_use]
    pub fn tell(self, message: &Message) -> String {
        message.text(&BUNDLES[self as usize])
    }

    /// The sentences of this language, in Fluent's format.
    pub(crate) fn source(self) -> &'static str {
        match self {
            Self::En => include_str!("../locales/en.ftl"),
            Self::Ko => include_str!("../locales/ko.ftl"),
        }
    }
}

impl FromStr for Language {
    type Err = String;

    fn from_str(code: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|language| language.code() == code);
        known.ok_or_else(|| format!("{code:?} is neither en nor ko"))
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
