//! What has to be printed, whatever differs from run to run.

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
    /// Reads the lines of an entry's `prints`.
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
            return Err("prints: write a line that is always printed; leave it out where none is".into());
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
mod tests;
