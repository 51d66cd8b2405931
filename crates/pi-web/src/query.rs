//! The query of a request.

use axum::http::HeaderMap;
use pi_digits::{Algorithm, Decimals};
use service::Format;

/// The number of decimals if a request names none.
pub const DEFAULT_DECIMALS: u32 = 6;

/// A requested computation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query {
    /// The number of decimals.
    pub decimals: Decimals,
    /// The algorithm to use.
    pub algorithm: Algorithm,
}

/// The decimals of a text: digits only, `0` to `most`. Without a text [`DEFAULT_DECIMALS`], or `most` if that is less.
///
/// # Errors
/// A sentence that names the value and what is allowed.
pub(crate) fn decimals(text: Option<&str>, most: u32) -> Result<Decimals, String> {
    let most = most.min(Decimals::MAX);
    let Some(text) = text else {
        return Decimals::new(DEFAULT_DECIMALS.min(most)).map_err(|error| error.to_string());
    };
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|count| *count <= most)
        .and_then(|count| Decimals::new(count).ok())
        .ok_or_else(|| {
            format!(
                "dp={} is not possible; allowed: a whole number from 0 to {most}",
                shown(text)
            )
        })
}

/// The query of a request, its parameters decoded.
///
/// # Errors
/// A parameter that is unknown, given twice, or has a value that is not possible; the sentence says what is allowed.
pub(crate) fn parse(parameters: &[(String, String)], most: u32) -> Result<Query, String> {
    let unknown = |error: pi_digits::UnknownAlgorithm| error.to_string();
    let mut query = Query {
        decimals: decimals(None, most)?,
        algorithm: Algorithm::default(),
    };
    for (index, (name, value)) in parameters.iter().enumerate() {
        if parameters[..index].iter().any(|(earlier, _)| earlier == name) {
            return Err(format!("{} is given twice; give it once", shown(name)));
        }
        match name.as_str() {
            "dp" => query.decimals = decimals(Some(value), most)?,
            "algorithm" => query.algorithm = value.parse().map_err(unknown)?,
            "format" => {
                Format::named(value).ok_or_else(|| {
                    format!(
                        "format={} is not possible; allowed: html, text, json",
                        shown(value)
                    )
                })?;
            }
            _ => {
                return Err(format!(
                    "there is no parameter {}; allowed: dp, algorithm, format",
                    shown(name)
                ));
            }
        }
    }
    Ok(query)
}

/// The form of the answer, errors included: the one the query names, else the one the `Accept` headers prefer.
pub(crate) fn format(parameters: &[(String, String)], headers: &HeaderMap) -> Format {
    let asked = parameters
        .iter()
        .find(|(name, _)| name == "format")
        .and_then(|(_, value)| Format::named(value));
    asked.unwrap_or_else(|| Format::accepted(headers, &[Format::Html, Format::Text, Format::Json]))
}

/// Quotes the beginning of a value for a message.
fn shown(value: &str) -> String {
    const LONGEST: usize = 40;
    let beginning: String = value.chars().take(LONGEST).collect();
    if beginning.len() < value.len() {
        format!("{beginning:?}…")
    } else {
        format!("{beginning:?}")
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::ACCEPT};

    use super::*;

    fn parameters(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect()
    }

    #[test]
    fn good_queries() {
        let default = parse(&[], 100).unwrap();
        assert_eq!(
            (Ok(default.decimals), default.algorithm),
            (Decimals::new(6), Algorithm::Machin)
        );
        let query = parse(
            &parameters(&[("dp", "100"), ("algorithm", "chudnovsky"), ("format", "text")]),
            100,
        )
        .unwrap();
        assert_eq!(
            (Ok(query.decimals), query.algorithm),
            (Decimals::new(100), Algorithm::Chudnovsky)
        );
        for (text, most, expected) in [
            (Some("0"), 100, 0),
            (None, 3, 3),
            (Some("1000000"), u32::MAX, Decimals::MAX),
        ] {
            assert_eq!(
                decimals(text, most).ok(),
                Decimals::new(expected).ok(),
                "{text:?}"
            );
        }
        assert!(decimals(Some("1000001"), u32::MAX).is_err());
    }

    #[test]
    fn bad_queries_are_told_what_is_allowed() {
        let long = "9".repeat(60_000);
        for dp in [
            "-1",
            "101",
            "",
            "abc",
            "1e3",
            "+5",
            "1.0",
            " 1",
            "99999999999999999999",
            &long,
        ] {
            let error = parse(&parameters(&[("dp", dp)]), 100).unwrap_err();
            assert!(
                error.ends_with("is not possible; allowed: a whole number from 0 to 100"),
                "{error}"
            );
            assert!(error.len() < 150, "{error}");
        }
        let twice = parse(&parameters(&[("dp", "1"), ("dp", "1")]), 100).unwrap_err();
        assert_eq!(twice, "\"dp\" is given twice; give it once");
        for (name, value) in [("algorithm", "leibniz"), ("format", "xml"), ("digits", "5")] {
            assert!(
                parse(&parameters(&[(name, value)]), 100)
                    .unwrap_err()
                    .contains("allowed:"),
                "{name}"
            );
        }
    }

    #[test]
    fn the_query_wins_over_the_header() {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        assert_eq!(format(&[], &headers), Format::Json);
        assert_eq!(format(&parameters(&[("format", "text")]), &headers), Format::Text);
        assert_eq!(format(&parameters(&[("format", "xml")]), &headers), Format::Json);
    }
}
