//! The two languages.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The language of the guide, and of everything said about a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

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
