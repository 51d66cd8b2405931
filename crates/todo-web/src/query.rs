//! The query of a request.

use axum::{
    extract::Query as Parameters,
    http::{HeaderMap, Uri},
};
use service::Format;

/// The forms of an answer. There is no plain text.
const OFFERED: [Format; 2] = [Format::Html, Format::Json];

/// What a query may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// The number of a page, from 1.
    pub(crate) page: u32,
    /// The form of the answer, if the query names one.
    format: Option<Format>,
}

impl Query {
    /// The query of a request.
    ///
    /// # Errors
    /// A parameter is unknown, there twice, or has a value that is not possible; the sentence says what is allowed.
    pub(crate) fn of(uri: &Uri) -> Result<Self, String> {
        let Ok(Parameters(parameters)) = Parameters::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err("The query cannot be read; write it like ?page=2.".into());
        };
        let (mut page, mut format) = (None, None);
        for (name, value) in &parameters {
            let twice = match name.as_str() {
                "page" => page.replace(number(value)?).is_some(),
                "format" => format.replace(named(value)?).is_some(),
                _ => {
                    let name = shown(name);
                    return Err(format!("There is no parameter {name}; allowed: page, format."));
                }
            };
            if twice {
                return Err(format!("{} is given twice; give it once.", shown(name)));
            }
        }
        Ok(Self {
            page: page.unwrap_or(1),
            format,
        })
    }

    /// The form of the answer: the one the query names, else the one the `Accept` headers prefer.
    pub(crate) fn format(self, headers: &HeaderMap) -> Format {
        self.format.unwrap_or_else(|| accepted(headers))
    }
}

/// The form that the `Accept` headers prefer.
pub(crate) fn accepted(headers: &HeaderMap) -> Format {
    Format::accepted(headers, &OFFERED)
}

fn number(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| {
        let most = u32::MAX;
        format!(
            "page={} is not possible; allowed: a whole number from 1 to {most}.",
            shown(text)
        )
    })
}

fn named(text: &str) -> Result<Format, String> {
    Format::named(text)
        .filter(|format| OFFERED.contains(format))
        .ok_or_else(|| format!("format={} is not possible; allowed: html, json.", shown(text)))
}

/// Quotes the beginning of a value for a message.
fn shown(value: &str) -> String {
    let beginning: String = value.chars().take(20).collect();
    format!("{beginning:?}")
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header::ACCEPT};

    use super::*;

    fn query(text: &str) -> Result<Query, String> {
        Query::of(&format!("/{text}").parse().unwrap())
    }

    #[test]
    fn the_query_wins_over_the_header() {
        for (text, accept, expected) in [
            ("", "", Format::Html),
            ("", "application/json", Format::Json),
            // No plain text, and not what is refused in its place.
            ("", "application/json;q=0, text/plain", Format::Html),
            ("?format=json", "text/html", Format::Json),
            ("?format=html&page=2", "application/json", Format::Html),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(query(text).unwrap().format(&headers), expected, "{text} {accept}");
        }
    }

    #[test]
    fn what_is_not_possible_is_told_what_is() {
        for (text, page) in [("", 1), ("?page=2", 2), ("?page=4294967295", u32::MAX)] {
            assert_eq!(query(text).unwrap().page, page);
        }
        for (text, said) in [
            ("?page=0", "from 1 to 4294967295"),
            ("?page=4294967296", "from 1 to 4294967295"),
            ("?page=-1", "page=\"-1\" is not possible"),
            ("?format=xml", "allowed: html, json"),
            ("?format=text", "allowed: html, json"),
            ("?page=1&page=2", "given twice"),
            ("?pge=2", "no parameter \"pge\"; allowed: page, format"),
        ] {
            let error = query(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
