//! The last line that pods logged.

use k8s_openapi::api::core::v1::Pod;
use kube::{
    ResourceExt,
    api::{ListParams, LogParams},
};
use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, in_namespace, place, say};
use crate::guide::{Language, Pattern};

/// How many lines are looked at: enough to see that a number grows.
const LINES: i64 = 20;
/// The longest part of a line that is told.
const SHOWN: usize = 200;

/// What the last line must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Whose: a label selector. One pod has to match in one line at least.
    pub of: String,
    /// Their namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The line, as a pattern.
    pub last: String,
    /// Whether the pattern's first number is greater than in the line before that matched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grows: bool,
}

impl Kind for Log {
    /// The last lines of each pod.
    type Facts = Vec<Vec<String>>;

    fn validate(&self) -> Result<(), String> {
        let pattern = Pattern::parse(&self.last)?;
        if self.grows && !pattern.has_number() {
            return Err(format!("grows: {:?} has no # that could grow", self.last));
        }
        Ok(())
    }

    fn describe(&self, language: Language) -> String {
        let (of, last) = (place(&self.of, self.namespace.as_deref()), &self.last);
        let sentence = say(
            language,
            format!("the last line that {of} logged is {last}"),
            format!("{of} 로그의 마지막 줄: {last}"),
        );
        if self.grows {
            sentence + &say(language, ", and the number grows", ", 숫자가 커짐")
        } else {
            sentence
        }
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        let pods = view.api::<Pod>(self.namespace.as_deref());
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

    fn judge(&self, logs: &Self::Facts, language: Language) -> Verdict {
        let holds =
            Pattern::parse(&self.last).is_ok_and(|pattern| logs.iter().any(|lines| self.so(&pattern, lines)));
        let shown: Vec<_> = logs
            .iter()
            .filter_map(|lines| lines.last())
            .map(|line| line.chars().take(SHOWN).collect::<String>())
            .collect();
        let observed = if shown.is_empty() {
            say(language, "nothing was logged", "로그가 없음")
        } else {
            shown.join(" | ")
        };
        Verdict::new(holds, observed, || self.hint(language, shown.is_empty()))
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} logs -l {} --tail 5 --prefix", self.of)]
    }
}

impl Log {
    fn so(&self, pattern: &Pattern, lines: &[String]) -> bool {
        let mut matching = lines.iter().rev();
        let Some(last) = matching.next() else {
            return false;
        };
        if pattern.compare([last.as_str()]).is_err() {
            return false;
        }
        if !self.grows {
            return true;
        }
        let before = matching.find_map(|line| pattern.number(line));
        matches!((before, pattern.number(last)), (Some(before), Some(now)) if now > before)
    }

    fn hint(&self, language: Language, nothing: bool) -> String {
        if nothing {
            say(
                language,
                "No pod has logged anything: is one running (kubectl get pods), and does the selector match its labels?",
                "로그를 남긴 파드가 없습니다. 실행 중인 파드가 있는지(kubectl get pods), 셀렉터가 레이블과 맞는지 \
                 확인하세요.",
            )
        } else {
            say(
                language,
                "The log's last line is another one: give the program a few seconds more, or see whether it was \
                 killed (kubectl get pods).",
                "로그의 마지막 줄이 다릅니다. 몇 초 더 기다리거나, 프로그램이 강제 종료되었는지(kubectl get pods) \
                 확인하세요.",
            )
        }
    }
}

#[cfg(test)]
mod tests {
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
        let holds = |lines: &[&str]| check.judge(&log(lines), Language::En).holds;
        assert!(holds(&[&line(10), &line(20)]));
        assert!(holds(&["started", &line(90), &line(100)]));
        assert!(!holds(&[&line(20), &line(20)]));
        assert!(!holds(&[&line(20)]));
        assert!(!holds(&[&line(10), &line(20), "killed"]));
        assert!(!holds(&[]));
        assert!(!check.judge(&vec![], Language::En).holds);
        let constant = Log {
            last: "done".into(),
            ..check
        };
        assert!(constant.validate().is_err());
    }
}
