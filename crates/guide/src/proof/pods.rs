//! Pods: what their status says, and what each answers when it is asked by itself.

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use crate::{
    Claim, Message,
    claim::{in_namespace, place},
};

/// What must be true of pods, all at the same time. Those that are being deleted do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pods {
    /// A label selector.
    pub of: String,
    /// Their namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many have the phase Running.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub running: Option<usize>,
    /// How many have the phase Pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<usize>,
    /// How many have the condition Ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<usize>,
    /// How often their containers were restarted, all together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarts: Option<i32>,
    /// How often at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restarted: Option<i32>,
    /// Part of the scheduler's reason why at least one pod has no node: `Insufficient cpu`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unschedulable: Option<String>,
    /// Why at least one container ended last: `OOMKilled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Why at least one container waits to be started: `CrashLoopBackOff`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<String>,
    /// With which exit code this one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// What each answers when the API server passes a request on to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Answers>,
    /// Whether it is so before the step, and stays so all the time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub throughout: bool,
}

/// What may be said of pods; the parts of a sentence, in its order.
#[derive(Default)]
pub struct PodFacts {
    /// How many have the phase Running.
    pub running: Option<usize>,
    /// How many have the phase Pending.
    pub pending: Option<usize>,
    /// How many have the condition Ready.
    pub ready: Option<usize>,
    /// How often their containers were restarted.
    pub restarts: Option<Message>,
    /// How a container ended.
    pub ended: Option<Message>,
    /// Why a container waits.
    pub waiting: Option<Message>,
    /// Why a pod has no node.
    pub unschedulable: Option<String>,
    /// A path, and what each pod answers there.
    pub each: Option<(String, Message)>,
}

impl Pods {
    /// Says this of the pods.
    #[must_use]
    pub fn says(&self, facts: PodFacts) -> Message {
        let mut parts = vec![];
        parts.extend(
            facts
                .running
                .map(|count| Message::new("pods-running").with("count", count)),
        );
        parts.extend(
            facts
                .pending
                .map(|count| Message::new("pods-pending").with("count", count)),
        );
        parts.extend(
            facts
                .ready
                .map(|count| Message::new("pods-ready").with("count", count)),
        );
        parts.extend(facts.restarts);
        parts.extend(facts.ended);
        parts.extend(facts.waiting);
        parts.extend(
            facts
                .unschedulable
                .map(|reason| Message::new("pods-unschedulable").with("reason", reason)),
        );
        parts.extend(facts.each.map(|(path, answers)| {
            Message::new("pods-each")
                .with("path", path)
                .with("answers", answers)
        }));
        Message::new("pods")
            .with("pods", place(&self.of, self.namespace.as_deref()))
            .with("facts", Message::joined(", ", parts))
    }

    /// Whether it asks for a pod at all.
    fn wants_pods(&self) -> bool {
        let counts = [self.running, self.pending, self.ready];
        counts.iter().all(Option::is_none) || counts.into_iter().flatten().any(|count| count > 0)
    }
}

/// How a container ended: its reason, its exit code, or both.
#[must_use]
pub fn ended(reason: Option<&str>, exit_code: Option<i32>) -> Option<Message> {
    let code = exit_code.map(|code| Message::new("exit-code").with("code", code));
    match (reason, code) {
        (Some(reason), Some(code)) => {
            let parts = [
                Message::Verbatim(format!("{reason} (")),
                code,
                Message::Verbatim(")".into()),
            ];
            Some(Message::joined("", parts))
        }
        (Some(reason), None) => Some(Message::Verbatim(reason.into())),
        (None, code) => code,
    }
}

impl Claim for Pods {
    fn validate(&self) -> Result<(), String> {
        let nothing = Self {
            of: self.of.clone(),
            namespace: self.namespace.clone(),
            throughout: self.throughout,
            ..Self::default()
        };
        if *self == nothing {
            return Err(
                "this proves nothing; ask for running, pending, ready, restarts, restarted, unschedulable, \
                 ended, waiting or each"
                    .into(),
            );
        }
        if self.exit_code.is_some() && self.ended.is_none() {
            return Err("exit_code: write ended beside it, the reason that has this exit code".into());
        }
        if !self.wants_pods() {
            return Err("expecting 0 pods proves nothing: a fresh cluster has none".into());
        }
        match &self.each {
            Some(expected) if expected.answers.is_empty() => {
                Err("answers: write the status of each pod".into())
            }
            Some(expected) => expected.validate(),
            None => Ok(()),
        }
    }

    fn describe(&self) -> Message {
        let restarts = match (self.restarts, self.restarted) {
            (Some(count), _) => Some(Message::new("pods-restarts").with("count", count)),
            (None, Some(least)) => Some(Message::new("pods-restarted").with("least", least)),
            (None, None) => None,
        };
        let facts = PodFacts {
            running: self.running,
            pending: self.pending,
            ready: self.ready,
            restarts,
            ended: ended(self.ended.as_deref(), self.exit_code),
            waiting: self.waiting.clone().map(Message::Verbatim),
            unschedulable: self.unschedulable.clone(),
            each: self
                .each
                .as_ref()
                .map(|expected| (expected.get.clone(), Message::Verbatim(expected.statuses()))),
        };
        let sentence = self.says(facts);
        if self.throughout {
            Message::joined("; ", [sentence, Message::new("throughout")])
        } else {
            sentence
        }
    }

    fn wanted_now(&self) -> Message {
        let now = Self {
            throughout: false,
            ..self.clone()
        };
        now.describe()
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let (kubectl, of) = (in_namespace(kubectl, self.namespace.as_deref()), &self.of);
        vec![
            format!("{kubectl} describe pods -l {of}"),
            format!("{kubectl} logs -l {of} --prefix"),
        ]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    fn throughout(&self) -> bool {
        self.throughout
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;

    #[test]
    fn what_would_hold_where_nothing_was_done_is_refused() {
        let each = |answers: &[u16]| Answers {
            get: "/".into(),
            answers: answers.into(),
        };
        let check = |change: fn(&mut Pods)| {
            let mut check = Pods::default();
            change(&mut check);
            check.validate()
        };
        assert!(check(|check| check.exit_code = Some(137)).is_err());
        assert!(
            check(|check| (check.exit_code, check.ended) = (Some(137), Some("OOMKilled".into()))).is_ok()
        );
        assert!(check(|check| check.running = Some(0)).is_err());
        assert!(check(|check| (check.running, check.restarts) = (Some(0), Some(0))).is_err());
        assert!(check(|check| (check.running, check.ready) = (Some(1), Some(0))).is_ok());
        for (answers, proves) in [(each(&[]), false), (each(&[500]), true)] {
            let check = Pods {
                each: Some(answers),
                ..Pods::default()
            };
            assert_eq!(check.validate().is_ok(), proves, "{check:?}");
        }
    }

    #[test]
    fn all_that_is_asked_for_is_one_sentence() {
        let check = Pods {
            of: "app=memory-allocator".into(),
            restarted: Some(1),
            ended: Some("OOMKilled".into()),
            exit_code: Some(137),
            ..Pods::default()
        };
        assert_eq!(
            Language::Ko.tell(&check.describe()),
            "파드 app=memory-allocator: 1회 이상 재시작, OOMKilled (종료 코드 137)"
        );
    }
}
