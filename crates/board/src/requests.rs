//! The requests that the board's owner sends to a Service.

use std::collections::VecDeque;

use guide::Message;
use jiff::Timestamp;

/// How many answers are kept: a minute's, at two a second.
const KEPT: usize = 120;

/// What is asked of a Service, and what came of it.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The Service's namespace.
    pub namespace: String,
    /// Its name.
    pub service: String,
    /// The path that is asked; none if nothing is.
    pub path: Option<String>,
    /// Why nothing is asked, if so.
    pub why_not: Option<Message>,
    /// Whether a request to `/rng` may be sent that breaks a pod.
    pub breakable: bool,
    answers: VecDeque<Request>,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it was sent.
    pub at: Timestamp,
    /// Its path.
    pub path: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The pod that says that it has answered.
    pub by: Option<String>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer, with this status.
    Status(u16),
    /// The connection was refused.
    Refused,
    /// The network says that nobody is there: so it is with a Service whose pods get no traffic, unless it refuses.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection broke, or was no HTTP.
    Broken,
}

impl Outcome {
    /// Whether whoever asked got what was asked for.
    #[must_use]
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Status(200..=399))
    }
}

impl Asking {
    /// A Service of which nothing was asked as yet.
    #[must_use]
    pub fn new(namespace: &str, service: &str) -> Self {
        Self {
            namespace: namespace.into(),
            service: service.into(),
            path: None,
            why_not: None,
            breakable: false,
            answers: VecDeque::new(),
        }
    }

    /// Keeps an answer, and forgets the oldest where there are too many.
    pub fn push(&mut self, request: Request) {
        if self.answers.len() >= KEPT {
            self.answers.pop_front();
        }
        // A request that got no answer is known to have failed seconds after later ones were answered.
        let later = self
            .answers
            .iter()
            .rev()
            .take_while(|known| known.at > request.at)
            .count();
        self.answers.insert(self.answers.len() - later, request);
    }

    /// Whether earlier ones were forgotten.
    pub(crate) fn is_full(&self) -> bool {
        self.answers.len() >= KEPT
    }

    /// Those that are kept, in the order in which they were sent.
    pub fn answers(&self) -> impl DoubleEndedIterator<Item = &Request> + ExactSizeIterator {
        self.answers.iter()
    }

    /// The Service's name in full.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.namespace, self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_of_answers_takes_no_more_room_than_a_minute() {
        let mut asking = Asking::new("default", "a");
        for second in 0..100_000 {
            asking.push(Request {
                at: Timestamp::from_second(second).unwrap(),
                path: "/".into(),
                outcome: Outcome::Refused,
                by: None,
            });
        }
        assert_eq!(asking.answers().len(), KEPT);
        assert_eq!(asking.answers().next_back().unwrap().at.as_second(), 99_999);
    }

    #[test]
    fn answers_stand_in_the_order_of_their_requests() {
        let mut asking = Asking::new("default", "a");
        for second in [1, 3, 4, 2, 5] {
            asking.push(Request {
                at: Timestamp::from_second(second).unwrap(),
                path: "/".into(),
                outcome: Outcome::Timeout,
                by: None,
            });
        }
        let order: Vec<_> = asking.answers().map(|request| request.at.as_second()).collect();
        assert_eq!(order, [1, 2, 3, 4, 5]);
    }
}
