//! Facts as lines of JSON.

use serde::Serialize;

use crate::{Error, Fact};

/// A fact with what caused it, as one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Line<'a> {
    /// The fact.
    #[serde(flatten)]
    pub fact: &'a Fact,
    /// The ids of the facts of which one is the cause; empty if none was seen.
    pub causes: Vec<u64>,
    /// How many seconds lie between the cause and the fact, at least and at most; none without a cause.
    pub delay: Option<[f64; 2]>,
}

impl Line<'_> {
    /// The line, without a line break.
    ///
    /// # Errors
    /// None that a fact could cause; JSON's own.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl Fact {
    /// Reads facts as they were written: a line each. What lines say of causes is left out, for links are made anew.
    ///
    /// # Errors
    /// A line is no fact; empty lines are left out.
    pub fn read(text: &str) -> Result<Vec<Self>, Error> {
        let lines = text.lines().enumerate();
        lines
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(index, line)| {
                serde_json::from_str(line).map_err(|reason| Error::NoFact {
                    number: index + 1,
                    reason,
                })
            })
            .collect()
    }
}
