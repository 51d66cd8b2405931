//! What a command prints, written so that a reader sees it and the runner can compare it.

use regex::Regex;

/// Stands for what differs from run to run: a name's suffix, an address, an age. Never for a space or a comma, so that
/// it covers one word, or one entry of a list, at most.
const SOMETHING: char = '…';
/// Stands for a whole number.
const NUMBER: char = '#';
/// Stands between the ways in which a line may be printed.
const OR: &str = " | ";

/// Lines that must be printed, all of them, in this order, and no others. How many spaces divide words does not matter.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Line>);

#[derive(Clone, Debug)]
struct Line {
    source: String,
    regex: Regex,
}

/// The first line that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What the guide has there; nothing when more was printed than it has.
    pub expected: Option<String>,
    /// What was printed there; nothing when the output ended too early.
    pub printed: Option<String>,
}

impl Pattern {
    /// Reads the lines of an `output` block.
    ///
    /// # Errors
    /// It says nothing: it has no line, or lines that any line would match.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(Line::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if lines.is_empty() {
            return Err("an output block has to have a line; leave it out where nothing is printed".into());
        }
        Ok(Self(lines))
    }

    /// The lines, as the guide has them.
    #[must_use]
    pub fn source(&self) -> String {
        self.0
            .iter()
            .map(|line| line.source.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Compares what was printed; blank lines do not count.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare<'a>(&self, printed: impl IntoIterator<Item = &'a str>) -> Result<(), Difference> {
        let mut printed = printed.into_iter().filter(|line| !line.trim().is_empty());
        for line in &self.0 {
            match printed.next() {
                Some(printed) if line.regex.is_match(printed.trim()) => {}
                other => {
                    let printed = other.map(str::to_owned);
                    return Err(Difference {
                        expected: Some(line.source.clone()),
                        printed,
                    });
                }
            }
        }
        match printed.next() {
            None => Ok(()),
            Some(more) => Err(Difference {
                expected: None,
                printed: Some(more.to_owned()),
            }),
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Pattern {}

impl Line {
    fn parse(source: &str) -> Result<Self, String> {
        let ways: Vec<_> = source.split(OR).map(way).collect();
        if source
            .split(OR)
            .any(|way| way.chars().all(|char| char == SOMETHING || char.is_whitespace()))
        {
            return Err(format!(
                "{:?} would match any line; write what has to be there",
                source.trim()
            ));
        }
        let regex = Regex::new(&format!("^(?:{})$", ways.join("|"))).map_err(|error| error.to_string())?;
        Ok(Self {
            source: source.trim().to_owned(),
            regex,
        })
    }
}

fn way(source: &str) -> String {
    source
        .split_whitespace()
        .map(word)
        .collect::<Vec<_>>()
        .join(r"\s+")
}

fn word(source: &str) -> String {
    source
        .chars()
        .map(|char| match char {
            SOMETHING => r"[^\s,]+".to_owned(),
            NUMBER => "[0-9]+".to_owned(),
            other => regex::escape(other.encode_utf8(&mut [0; 4])),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(pattern: &str, printed: &str) -> bool {
        Pattern::parse(pattern).unwrap().compare(printed.lines()).is_ok()
    }

    #[test]
    fn ages_addresses_and_suffixes_may_differ() {
        let pattern = "NAME ENDPOINTS AGE\nnumbers-api …:8080,…:8080 …";
        assert!(same(
            pattern,
            "NAME          ENDPOINTS                         AGE\nnumbers-api   10.1.0.4:8080,10.1.0.5:8080   8s\n"
        ));
        assert!(same(
            "numbers-api-… 0/1 Running 0 …",
            "numbers-api-6c9f4d8b7-x2k9z   0/1   Running   0   2m10s"
        ));
    }

    #[test]
    fn anything_else_may_not() {
        for (pattern, printed) in [
            (
                "numbers-api …:8080 …",
                "numbers-api 10.1.0.4:8080,10.1.0.5:8080 8s",
            ),
            ("numbers-api …:8080 …", "numbers-api 8s"),
            ("numbers-api …", "numbers-api 10.1.0.4:8080 8s"),
            ("http://…:8013", "http://10.1.0.4 VIP:8013"),
            ("#", "abc"),
            ("#", ""),
            ("#", "1\n2"),
            ("a\nb", "a"),
            ("Ok | {\"message\":\"Unhealthy\"}", "OkOk"),
            ("a.c", "abc"),
        ] {
            assert!(!same(pattern, printed), "{pattern:?} matched {printed:?}");
        }
    }

    #[test]
    fn a_line_may_have_two_forms() {
        for printed in ["Ok", "{\"message\":\"Unhealthy\"}"] {
            assert!(same("Ok | {\"message\":\"Unhealthy\"}", printed));
        }
    }

    #[test]
    fn a_pattern_that_says_nothing_is_refused() {
        for empty in ["", "\n \n", "…", "a\n… …", "Ok | …"] {
            assert!(Pattern::parse(empty).is_err(), "{empty:?}");
        }
    }

    #[test]
    fn the_first_difference_is_told() {
        let pattern = Pattern::parse("a\nb").unwrap();
        let difference = pattern.compare(["a", "c"]).unwrap_err();
        assert_eq!(
            difference,
            Difference {
                expected: Some("b".into()),
                printed: Some("c".into())
            }
        );
        let difference = pattern.compare(["a", "b", "c"]).unwrap_err();
        assert_eq!(
            difference,
            Difference {
                expected: None,
                printed: Some("c".into())
            }
        );
    }
}
