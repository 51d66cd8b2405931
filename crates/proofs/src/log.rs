//! The last line that pods logged.

use guide::{Message, Pattern, proof::Log};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    ResourceExt,
    api::{ListParams, LogParams},
};

use super::{Kind, Place, Verdict};

/// How many lines are looked at: enough to see that a number grows.
const LINES: i64 = 20;
/// The longest part of a line that is told.
const SHOWN: usize = 200;

impl Kind for Log {
    /// The last lines of each pod.
    type Facts = Vec<Vec<String>>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let pods = place.api::<Pod>(self.namespace.as_deref());
        let mut logs = vec![];
        for pod in pods.list(&ListParams::default().labels(&self.of)).await?.items {
            let tail = LogParams {
                tail_lines: Some(LINES),
                ..LogParams::default()
            };
            // A pod whose container has not started yet has logged nothing, and the API server answers with an error.
            if let Ok(text) = pods.logs(&pod.name_any(), &tail).await {
                logs.push(text.lines().map(str::to_owned).collect());
            }
        }
        Ok(logs)
    }

    fn judge(&self, logs: &Self::Facts) -> Verdict {
        let shown: Vec<_> = logs
            .iter()
            .filter_map(|lines| lines.last())
            .map(|line| Message::Verbatim(line.chars().take(SHOWN).collect()))
            .collect();
        if shown.is_empty() {
            return Verdict::missed(Message::new("log-empty"), Message::new("hint-log-empty"));
        }
        let pattern = Pattern::parse(&self.last);
        let holds = pattern.is_ok_and(|pattern| logs.iter().any(|lines| matches(self, &pattern, lines)));
        let hint = (!holds).then(|| Message::new("hint-log"));
        Verdict::of(Message::joined(" | ", shown), hint)
    }
}

fn matches(log: &Log, pattern: &Pattern, lines: &[String]) -> bool {
    let mut latest_first = lines.iter().rev();
    let Some(last) = latest_first.next() else {
        return false;
    };
    if pattern.compare([last.as_str()]).is_err() {
        return false;
    }
    if !log.grows {
        return true;
    }
    let before = latest_first.find_map(|line| pattern.number(line));
    matches!((before, pattern.number(last)), (Some(before), Some(now)) if now > before)
}

#[cfg(test)]
mod tests {
    use guide::Claim;

    use super::*;

    #[test]
    fn a_number_has_to_grow() {
        let check = Log {
            of: "app=memory-allocator".into(),
            namespace: None,
            last: "……Allocated ~#MiB……".into(),
            grows: true,
        };
        check.validate().unwrap();
        let log = |lines: &[&str]| vec![lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()];
        let line = |size: u32| format!(r#"{{"message":"Allocated ~{size}MiB","limit":1}}"#);
        let holds = |lines: &[&str]| check.judge(&log(lines)).holds;
        assert!(holds(&[&line(10), &line(20)]));
        assert!(holds(&["started", &line(90), &line(100)]));
        assert!(!holds(&[&line(20), &line(20)]));
        assert!(!holds(&[&line(20)]));
        assert!(!holds(&[&line(10), &line(20), "killed"]));
        assert!(!holds(&[]));
        assert_eq!(check.judge(&vec![]).observed.id(), Some("log-empty"));
        let constant = Log {
            last: "done".into(),
            ..check
        };
        assert!(constant.validate().is_err());
    }
}
