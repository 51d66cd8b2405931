//! The option `--lang`, and the language of those who do not name one.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use guide::Language;

/// Reads `en` or `ko`.
pub(crate) fn parser() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::code)).try_map(|code| code.parse::<Language>())
}

/// The code of the language that the environment asks for.
pub(crate) fn from_environment() -> &'static str {
    chosen(|name| std::env::var(name).ok()).code()
}

/// The language of the variables that name one, as for every program: the first of them that is not empty counts.
fn chosen(variable: impl Fn(&str) -> Option<String>) -> Language {
    let mut set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable);
    let locale = set.find(|locale| !locale.is_empty()).unwrap_or_default();
    // language_TERRITORY.charset@modifier; there are other languages that begin with these two letters.
    let (locale, _) = locale.split_once('@').unwrap_or((&locale, ""));
    let (place, charset) = locale.split_once('.').unwrap_or((locale, "UTF-8"));
    let (language, _) = place.split_once('_').unwrap_or((place, ""));
    let readable = ["utf8", "utf-8"].contains(&&*charset.to_ascii_lowercase());
    if language == Language::Ko.code() && readable {
        Language::Ko
    } else {
        Language::En
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn korean_is_chosen_by_the_first_variable_that_says_anything() {
        for (all, messages, lang, expected) in [
            ("", "", "ko_KR.UTF-8", Language::Ko),
            ("", "", "ko", Language::Ko),
            ("", "ko_KR.utf8@euro", "C", Language::Ko),
            ("ko_KR.UTF-8", "C", "C", Language::Ko),
            ("C", "ko_KR.UTF-8", "ko_KR.UTF-8", Language::En),
            ("", "en_GB.UTF-8", "ko_KR.UTF-8", Language::En),
            ("", "", "ko_KR.EUC-KR", Language::En),
            ("", "", "kok_IN.UTF-8", Language::En),
            ("", "", "", Language::En),
        ] {
            let variable = |name: &str| {
                let value = match name {
                    "LC_ALL" => all,
                    "LC_MESSAGES" => messages,
                    _ => lang,
                };
                Some(value.to_owned())
            };
            assert_eq!(chosen(variable), expected, "{all:?} {messages:?} {lang:?}");
        }
        assert_eq!(chosen(|_| None), Language::En);
    }
}
