//! The option `--lang`.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use guide::Language;

/// Reads `en` or `ko`.
pub(crate) fn parser() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(Language::ALL.map(Language::code)).try_map(|code| code.parse::<Language>())
}
