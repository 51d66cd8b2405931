//! What a command prints, written so that a reader sees it and the runner can compare it.

use std::collections::BTreeSet;

use regex::Regex;

/// Stands for what differs from run to run: a name's suffix, an address, an age. Never for a space or a comma, so that
/// it covers one word, or one entry of a list, at most.
const SOMETHING: char = '…';
/// Two of them stand for any text within the line.
const ANYTHING: &str = "……";
/// Stands for a whole number.
const NUMBER: char = '#';
/// A line of its own: it stands for any number of lines.
const GAP: &str = "...";
/// Stands between the ways in which a line may be printed.
const OR: &str = " | ";
/// Begins what the API server warns of, which depends on its version: such a line may be missing.
const WARNING: &str = "Warning: ";

/// Lines that must be printed, all of them but warnings, in this order, and no others but where a gap is. How many spaces
/// divide words does not matter.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Line>);

#[derive(Clone, Debug)]
struct Line {
    source: String,
    /// None for a gap.
    regex: Option<Regex>,
}

/// From a place of the pattern to the one behind a printed line.
struct Way {
    before: usize,
    place: usize,
    /// Whether the line is one of the pattern's own.
    has: bool,
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
        if lines.iter().all(Line::may_be_missing) {
            return Err(
                "an output block has to have a line that is always printed; leave it out where none is"
                    .into(),
            );
        }
        Ok(Self(lines))
    }

    /// The same lines, with anything before, between and after them.
    #[must_use]
    pub fn among_others(&self) -> Self {
        let gap = Line {
            source: GAP.into(),
            regex: None,
        };
        let lines = self.0.iter().flat_map(|line| [gap.clone(), line.clone()]);
        Self(lines.chain([gap.clone()]).collect())
    }

    /// Whether it has a number, which [`Self::number`] could find.
    #[must_use]
    pub fn has_number(&self) -> bool {
        self.0.iter().any(|line| line.source.contains(NUMBER))
    }

    /// The first number of the first of its lines that `printed` matches.
    #[must_use]
    pub fn number(&self, printed: &str) -> Option<u64> {
        let mut regexes = self.0.iter().filter_map(|line| line.regex.as_ref());
        let found = regexes.find_map(|regex| regex.captures(printed.trim()))?;
        found.iter().skip(1).flatten().next()?.as_str().parse().ok()
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

    /// Compares what was printed; blank lines do not count. Each printed line is compared once with each place of the pattern
    /// that the lines before it may have led to, since more than one line may end a gap.
    ///
    /// # Errors
    /// The difference that was furthest into the pattern.
    pub fn compare<'a>(&self, printed: impl IntoIterator<Item = &'a str>) -> Result<(), Difference> {
        let mut reached = self.with_skipped([0]);
        let mut furthest = (0, None);
        for printed in printed.into_iter().filter(|line| !line.trim().is_empty()) {
            let mut next = vec![];
            for place in reached {
                match self.0.get(place).map(|line| &line.regex) {
                    Some(None) => next.push(place),
                    Some(Some(regex)) if regex.is_match(printed.trim()) => next.push(place + 1),
                    _ if place >= furthest.0 && !self.is_in_gap(place) => furthest = (place, Some(printed)),
                    _ => {}
                }
            }
            reached = self.with_skipped(next);
        }
        if reached.contains(&self.0.len()) {
            return Ok(());
        }
        if let Some(last) = reached.pop_last().filter(|last| *last >= furthest.0) {
            furthest = (last, None);
        }
        Err(Difference {
            expected: self.0.get(furthest.0).map(|line| line.source.clone()),
            printed: furthest.1.map(str::to_owned),
        })
    }

    /// Which of the lines that were printed so far it has, from 0; a gap's lines and warnings, which may be missing, are not
    /// among them. None where the lines are not as they should be.
    #[must_use]
    pub fn shown<'a>(&self, printed: impl IntoIterator<Item = &'a str>) -> Vec<usize> {
        // For each line the places that it may have led to, each with the place before it and whether the pattern has it.
        let mut ways: Vec<(usize, Vec<Way>)> = vec![];
        let mut reached = self.with_skipped([0]);
        let lines = printed.into_iter().enumerate();
        for (index, printed) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            let mut led: Vec<Way> = vec![];
            for before in reached {
                match self.0.get(before).map(|line| &line.regex) {
                    Some(None) => led.push(Way {
                        before,
                        place: before,
                        has: false,
                    }),
                    Some(Some(regex)) if regex.is_match(printed.trim()) => {
                        let has = !self.0[before].may_be_missing();
                        led.push(Way {
                            before,
                            place: before + 1,
                            has,
                        });
                    }
                    _ => {}
                }
            }
            reached = self.with_skipped(led.iter().map(|way| way.place));
            ways.push((index, led));
        }
        // Back from the furthest place, each time by a line that the pattern has, where there is one.
        let mut after = reached.last().copied();
        let mut shown = vec![];
        for (index, led) in ways.iter().rev() {
            let leads =
                |way: &&Way| after.is_some_and(|after| self.with_skipped([way.place]).contains(&after));
            let Some(way) = led.iter().filter(leads).max_by_key(|way| (way.has, way.place)) else {
                return vec![];
            };
            if way.has {
                shown.push(*index);
            }
            after = Some(way.before);
        }
        shown.reverse();
        shown
    }

    /// The places, and those behind lines that may be missing there.
    fn with_skipped(&self, places: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let skipped = |place| {
            let missing = self.0[place..].iter().take_while(|line| line.may_be_missing());
            place..=place + missing.count()
        };
        places.into_iter().flat_map(skipped).collect()
    }

    /// Whether lines that do not match may come before the one of this place.
    fn is_in_gap(&self, place: usize) -> bool {
        let mut before = self.0[..place].iter().rev();
        before
            .find(|line| !line.source.starts_with(WARNING))
            .is_some_and(|line| line.regex.is_none())
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Eq for Pattern {}

impl Line {
    fn may_be_missing(&self) -> bool {
        self.regex.is_none() || self.source.starts_with(WARNING)
    }

    fn parse(source: &str) -> Result<Self, String> {
        if source.trim() == GAP {
            return Ok(Self {
                source: GAP.into(),
                regex: None,
            });
        }
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
            regex: Some(regex),
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
    let parts = source.split(ANYTHING).map(|part| {
        part.chars()
            .map(|char| match char {
                SOMETHING => r"[^\s,]+".to_owned(),
                NUMBER => "([0-9]+)".to_owned(),
                other => regex::escape(other.encode_utf8(&mut [0; 4])),
            })
            .collect::<String>()
    });
    parts.collect::<Vec<_>>().join(".*")
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
    fn a_gap_stands_for_any_number_of_lines() {
        for printed in ["a\nb", "a\nx\ny\nb", "a\nx\nb\nb"] {
            assert!(same("a\n...\nb\n...", printed), "{printed:?}");
        }
        assert!(same("a\n...\nb", "a\nb\nx\nb"));
        assert!(same("a\n...\nb\nc\n...\nd", "a\nb\nx\nb\nc\nc\nd"));
        assert!(!same("a\n...\nb", "a\nx"));
        assert!(!same("a\n...\nb", "x\na\nb"));
        assert!(!same("a\n...\nb", "a\nb\nc"));
        let among = Pattern::parse("b\nd").unwrap().among_others();
        assert!(among.compare(["a", "b", "c", "d", "e"]).is_ok());
        assert!(among.compare(["d", "b"]).is_err());
    }

    #[test]
    fn the_lines_that_the_guide_shows_are_told_from_those_of_a_gap() {
        for (pattern, printed, shown) in [
            ("a\nb", "a\nb", vec![0, 1]),
            ("...\nb\n...", "a\n\nb\nc", vec![2]),
            ("a\n...\nb", "a\nb\nx\nb", vec![0, 3]),
            ("...\nb\n...\nd", "a\nb\nc", vec![1]),
            ("Warning: x\na", "Warning: x\na", vec![1]),
            ("Warning: x\na", "a", vec![0]),
            // No longer as it should be.
            ("a\nb", "a\nc", vec![]),
            ("a", "", vec![]),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(pattern.shown(printed.lines()), shown, "{pattern:?} {printed:?}");
        }
        let among = Pattern::parse("b 1\nb 2").unwrap().among_others();
        assert_eq!(among.shown(["b 0", "b 1", "c", "b 2", "d"]), [1, 3]);
    }

    #[test]
    fn a_warning_may_be_missing_but_no_other_may_come() {
        let pattern = "a\nWarning: b is old\nc";
        assert!(same(pattern, "a\nWarning: b is old\nc"));
        assert!(same(pattern, "a\nc"));
        assert!(!same(pattern, "a\nWarning: c is old\nc"));
        assert!(!same(pattern, "a\nWarning: b is old"));
        assert!(!same("a\nc", "a\nWarning: b is old\nc"));
        assert!(same("...\nWarning: b is old\nc", "a\nWarning: b is old\nc"));
        assert!(same("...\nWarning: b is old\nc", "a\nc"));
    }

    #[test]
    fn two_ellipses_stand_for_any_text() {
        assert!(same(
            "……Allocated ~#MiB……",
            r#"{"message": "Allocated ~30MiB", "limit": 1}"#
        ));
        assert!(!same("……Allocated ~#MiB", r#"{"message":"Allocated ~30MiB"}"#));
        let pattern = Pattern::parse("……Allocated ~#MiB……").unwrap();
        assert_eq!(
            pattern.number(r#"{"at":7,"message":"Allocated ~30MiB"}"#),
            Some(30)
        );
        assert_eq!(pattern.number("killed"), None);
    }

    #[test]
    fn a_pattern_that_says_nothing_is_refused() {
        for empty in [
            "",
            "\n \n",
            "…",
            "a\n… …",
            "Ok | …",
            "...",
            "……",
            "...\n……",
            "Warning: a",
        ] {
            assert!(Pattern::parse(empty).is_err(), "{empty:?}");
        }
    }

    #[test]
    fn the_furthest_difference_is_told() {
        for (pattern, printed, expected, instead) in [
            ("a\nb", "a\nc", Some("b"), Some("c")),
            ("a\nb", "a", Some("b"), None),
            ("a\nb", "a\nb\nc", None, Some("c")),
            ("a\n...\nb", "a\nx\ny", Some("b"), None),
            ("a\n...\nb\nc", "a\nx\nb\ny\nz", Some("c"), Some("y")),
            ("a\n...\nb\nc", "a\nx\nb", Some("c"), None),
            ("a\n...\nb", "a\nb\nc", None, Some("c")),
            ("a\nWarning: b\nc", "a\nd", Some("c"), Some("d")),
            ("...\nWarning: b\nc", "a\nd", Some("c"), None),
        ] {
            let told = Pattern::parse(pattern).unwrap().compare(printed.lines());
            let difference = Difference {
                expected: expected.map(str::to_owned),
                printed: instead.map(str::to_owned),
            };
            assert_eq!(told, Err(difference), "{pattern:?} {printed:?}");
        }
    }
}
