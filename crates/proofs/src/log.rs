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
            match pods.logs(&pod.name_any(), &tail).await {
                Ok(text) => logs.push(text.lines().map(str::to_owned).collect()),
                Err(kube::Error::Api(status)) if has_no_log(status.code, &status.message) => {}
                Err(error) => return Err(error),
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

/// Whether there is nothing to read: the pod has gone since it was listed, or its container has not started, which the
/// kubelet says in these words alone. Everything else that is refused may hide a log.
fn has_no_log(code: u16, message: &str) -> bool {
    let not_started = [
        "is waiting to start",
        "is not available",
        "is terminated",
        "cannot be found",
    ];
    code == 404 || code == 400 && not_started.iter().any(|reason| message.contains(reason))
}

#[cfg(test)]
mod tests {
    use access::fake;
    use guide::Claim;

    use super::*;

    #[tokio::test]
    async fn only_a_container_that_has_not_started_has_logged_nothing() {
        let check = Log {
            of: "app=memory-allocator".into(),
            namespace: None,
            last: "Allocated".into(),
            grows: false,
        };
        let look = async |code, message| {
            let client = fake::api(move |request, _| match request {
                "GET /api/v1/namespaces/default/pods" => fake::list(&[
                    serde_json::json!({ "metadata": { "name": "a" }, "spec": { "containers": [] } }),
                ]),
                _ => fake::refusal(code, message),
            });
            let place = Place::new(client, "default".into(), std::path::PathBuf::new());
            check.look(&place).await
        };
        for (code, message) in [
            (
                400,
                r#"container "a" in pod "a" is waiting to start: ContainerCreating"#,
            ),
            (400, r#"container "a" in pod "a" is not available"#),
            (404, r#"pods "a" not found"#),
        ] {
            assert!(look(code, message).await.unwrap().is_empty(), "{message}");
        }
        for (code, message) in [
            (
                400,
                "a container name must be specified for pod a, choose one of: [a istio-proxy]",
            ),
            (403, r#"pods "a" is forbidden: cannot get resource "pods/log""#),
            (
                500,
                "Get \"https://node:10250/containerLogs\": connection refused",
            ),
        ] {
            let error = look(code, message).await.unwrap_err();
            assert!(
                matches!(error, kube::Error::Api(status) if status.message == message),
                "{message}"
            );
        }
    }

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
