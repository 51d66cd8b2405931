//! Callers of a Service, who read what they get.

use std::{collections::BTreeMap, time::Duration};

use futures::future::join_all;
use guide::goal::AnswersGoal;

use crate::callers::get;

/// How many callers ask at a time, each on a connection of its own: few enough for a program with a short queue and a small
/// share of a processor. If one of four pods is another program, all meet the others in one of a hundred looks.
const CALLERS: [usize; 5] = [1, 4, 4, 4, 3];
/// How long each waits: somebody is waiting for all of them.
const PATIENCE: Duration = Duration::from_secs(2);

/// What callers met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// Each HTTP status, or no answer, with how many met it.
    pub(super) statuses: BTreeMap<Option<u16>, usize>,
    /// How many got an answer without what has to stand in it.
    pub(super) without: usize,
}

impl Met {
    pub(super) fn count(&mut self, answer: Option<(u16, Vec<u8>)>, holds: Option<&str>) {
        let (status, body) = answer.map_or((None, vec![]), |(status, body)| (Some(status), body));
        *self.statuses.entry(status).or_default() += 1;
        let lacks = holds.is_some_and(|holds| !String::from_utf8_lossy(&body).contains(holds));
        self.without += usize::from(lacks);
    }
}

/// Sends them. One goes first: many that nobody answers would be met with silence, as would the next one, maybe a learner.
pub(super) async fn met(url: &str, goal: &AnswersGoal) -> Met {
    let (uri, holds) = (format!("{url}{}", goal.get), goal.holds.as_deref());
    let mut met = Met::default();
    for count in CALLERS {
        for answer in join_all((0..count).map(|_| get(&uri, "*/*", PATIENCE))).await {
            met.count(answer, holds);
        }
        if met.statuses.contains_key(&None) {
            break;
        }
    }
    met
}
