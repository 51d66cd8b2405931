//! A Service: its endpoints, and what callers from outside meet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use crate::{
    Claim, Message,
    claim::{in_namespace, place},
};

/// Longest time, in seconds, for which something may have to stay as it is.
const MAX_STAY: u64 = 60;

/// What must be true of a Service, all at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many ready endpoints it has, in its EndpointSlices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<usize>,
    /// A label, as `key=value`, that the pod of each of these endpoints carries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// What callers at its outside address meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callers: Option<Answers>,
    /// For how long all of this has to stay so, in seconds, 1 to 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u64>,
    /// Whether it is so before the step, and stays so all the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub throughout: bool,
}

impl Service {
    /// That it has this many ready endpoints, with what more is known of them, such as their names.
    #[must_use]
    pub fn has_endpoints(&self, count: usize, more: Option<&str>) -> Message {
        let more = more.map(|more| format!(" ({more})")).unwrap_or_default();
        Message::new("service-endpoints")
            .with("service", self.place())
            .with("count", count)
            .with("more", more)
    }

    /// That callers get these answers; none: nobody gets one.
    #[must_use]
    pub fn callers_get(&self, path: &str, answers: Option<Message>) -> Message {
        let message = match answers {
            Some(answers) => Message::new("service-callers").with("answers", answers),
            None => Message::new("service-callers-none"),
        };
        message.with("url", format!("{}{path}", self.place()))
    }

    /// Its name, with the namespace where it names one.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.name, self.namespace.as_deref())
    }
}

impl Claim for Service {
    fn validate(&self) -> Result<(), String> {
        if self.endpoints.is_none() && self.callers.is_none() {
            return Err("this proves nothing; ask for endpoints or callers".into());
        }
        if self.labels.as_ref().is_some_and(|label| !label.contains('=')) {
            return Err("labels: write key=value".into());
        }
        if self.labels.is_some() && self.endpoints.unwrap_or_default() == 0 {
            return Err("labels: write how many endpoints carry it, 1 or more".into());
        }
        let nobody = |expected: &Answers| expected.answers.is_empty();
        if self.endpoints.is_none() && self.callers.as_ref().is_some_and(nobody) {
            return Err(
                "answers: [] proves nothing alone, because nobody answers where nothing was done; write endpoints \
                 beside it"
                    .into(),
            );
        }
        if self
            .for_seconds
            .is_some_and(|seconds| !(1..=MAX_STAY).contains(&seconds))
        {
            return Err(format!("for_seconds: write 1 to {MAX_STAY}"));
        }
        self.callers.as_ref().map_or(Ok(()), Answers::validate)
    }

    fn describe(&self) -> Message {
        let mut parts = vec![];
        parts.extend(
            self.endpoints
                .map(|count| self.has_endpoints(count, self.labels.as_deref())),
        );
        parts.extend(self.callers.as_ref().map(|expected| {
            let statuses = (!expected.answers.is_empty()).then(|| Message::Verbatim(expected.statuses()));
            self.callers_get(&expected.get, statuses)
        }));
        parts.extend(
            self.for_seconds
                .map(|seconds| Message::new("stays").with("seconds", seconds)),
        );
        if self.throughout {
            parts.push(Message::new("throughout"));
        }
        Message::joined("; ", parts)
    }

    fn wanted_now(&self) -> Message {
        let now = Self {
            for_seconds: None,
            throughout: false,
            ..self.clone()
        };
        now.describe()
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let (kubectl, name) = (in_namespace(kubectl, self.namespace.as_deref()), &self.name);
        vec![
            format!("{kubectl} get endpointslices -l kubernetes.io/service-name={name} -o yaml"),
            format!("{kubectl} describe service {name}"),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    fn stays(&self) -> Option<Duration> {
        self.for_seconds.map(Duration::from_secs)
    }

    fn throughout(&self) -> bool {
        self.throughout
    }

    fn calls_from_outside(&self) -> bool {
        self.callers.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_hold_where_nothing_was_done_is_refused() {
        let check = |endpoints, labels: Option<&str>, answers: Option<&[u16]>| {
            let service = Service {
                endpoints,
                labels: labels.map(str::to_owned),
                callers: answers.map(|answers| Answers {
                    get: "/".into(),
                    answers: answers.into(),
                }),
                ..Service::default()
            };
            service.validate().is_ok()
        };
        assert!(check(Some(1), Some("a=b"), None));
        assert!(!check(None, Some("a=b"), Some(&[200])));
        assert!(!check(Some(0), Some("a=b"), None));
        assert!(check(Some(0), None, Some(&[])));
        assert!(!check(None, None, Some(&[])));
    }
}
