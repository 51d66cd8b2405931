//! Whether a check holds, from what was seen. Nothing here reaches the cluster.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;

use super::{Check, Facts, File, Pods, Service, look, sentences};
use crate::guide::{
    Language::{self, En, Ko},
    Pattern,
};

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether all of it was so.
    pub holds: bool,
    /// What was there, in words.
    pub observed: String,
}

/// Decides. Facts of another kind of check hold nothing.
#[must_use]
pub fn judge(check: &Check, facts: &Facts, language: Language) -> Verdict {
    match (check, facts) {
        (Check::Address(_), Facts::Address(service)) => {
            let url = service.as_deref().and_then(look::base_url);
            Verdict {
                holds: url.is_some(),
                observed: url.unwrap_or_else(|| {
                    match (language, service.is_some()) {
                        (En, true) => "the Service is there, without an address",
                        (En, false) => "there is no such Service",
                        (Ko, true) => "서비스는 있지만 주소가 없음",
                        (Ko, false) => "그런 서비스가 없음",
                    }
                    .to_owned()
                }),
            }
        }
        (Check::File(check), Facts::File(content)) => file(check, content.as_deref(), language),
        (
            Check::Service(check),
            Facts::Service {
                slices,
                pods,
                callers,
            },
        ) => {
            let ready: BTreeSet<_> = slices
                .iter()
                .flat_map(|slice| slice.endpoints.iter().flatten())
                .filter(|endpoint| {
                    endpoint
                        .conditions
                        .as_ref()
                        .and_then(|conditions| conditions.ready)
                        .unwrap_or(true)
                })
                .map(|endpoint| {
                    let pod = endpoint
                        .target_ref
                        .as_ref()
                        .and_then(|target| target.name.clone());
                    pod.unwrap_or_else(|| endpoint.addresses.join(","))
                })
                .collect();
            service(check, &ready, pods, callers, language)
        }
        (Check::Pods(check), Facts::Pods { pods, answers }) => judge_pods(check, pods, answers, language),
        _ => Verdict {
            holds: false,
            observed: "-".into(),
        },
    }
}

fn file(check: &File, content: Option<&str>, language: Language) -> Verdict {
    let Some(content) = content else {
        let observed = match language {
            En => format!("there is no {}", check.name),
            Ko => format!("{} 파일이 없음", check.name),
        };
        return Verdict {
            holds: false,
            observed,
        };
    };
    let holds = Pattern::parse(&check.holds).is_ok_and(|pattern| pattern.compare(content.lines()).is_ok());
    let shown: String = content.trim().chars().take(200).collect();
    Verdict {
        holds,
        observed: sentences::holds(language, &check.name, &format!("{shown:?}")),
    }
}

fn service(
    check: &Service,
    ready: &BTreeSet<String>,
    pods: &[Pod],
    callers: &look::Callers,
    language: Language,
) -> Verdict {
    let mut holds = true;
    let mut observed = vec![];
    if let Some(expected) = check.endpoints {
        let labelled = check
            .labels
            .as_deref()
            .and_then(|label| label.split_once('='))
            .is_none_or(|(key, value)| {
                let carries = |pod: &Pod| pod.labels().get(key).is_some_and(|carried| carried == value);
                ready
                    .iter()
                    .all(|name| pods.iter().any(|pod| pod.name_any() == *name && carries(pod)))
            });
        holds &= ready.len() == expected && labelled;
        let mut part = sentences::endpoints(language, &check.name, ready.len(), None);
        if !ready.is_empty() {
            part.push_str(&format!(
                " ({})",
                ready.iter().cloned().collect::<Vec<_>>().join(", ")
            ));
        }
        observed.push(part);
    }
    if let Some(expected) = &check.callers {
        let met: BTreeSet<_> = callers.keys().filter_map(|status| *status).collect();
        let unanswered = callers.contains_key(&None);
        holds &=
            met == expected.answers.iter().copied().collect() && unanswered == expected.answers.is_empty();
        observed.push(sentences::callers(
            language,
            check,
            &expected.get,
            &met_by(callers, language),
        ));
    }
    Verdict {
        holds,
        observed: observed.join("; "),
    }
}

/// Who met what: `200 (17 of 32), 500 (15 of 32)`; nothing if nobody got an answer.
fn met_by(callers: &look::Callers, language: Language) -> String {
    let all: usize = callers.values().sum();
    if callers.keys().all(Option::is_none) {
        return String::new();
    }
    let part = |(status, count): (&Option<u16>, &usize)| match (status, language) {
        (Some(status), En) => format!("{status} ({count} of {all})"),
        (None, En) => format!("no answer ({count} of {all})"),
        (Some(status), Ko) => format!("{status} ({all}번 중 {count}번)"),
        (None, Ko) => format!("무응답 ({all}번 중 {count}번)"),
    };
    callers.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn judge_pods(
    check: &Pods,
    pods: &[Pod],
    answers: &std::collections::BTreeMap<String, u16>,
    language: Language,
) -> Verdict {
    let running = pods.iter().filter(|pod| phase(pod) == Some("Running")).count();
    let ready = pods.iter().filter(|pod| is_ready(pod)).count();
    let restarts: i32 = pods.iter().map(restarts).sum();
    let sorted = |statuses: &mut Vec<u16>| statuses.sort_unstable();
    let mut given: Vec<_> = answers.values().copied().collect();
    sorted(&mut given);
    let each = check.each.as_ref().is_none_or(|expected| {
        let mut wanted = expected.answers.clone();
        sorted(&mut wanted);
        wanted == given
    });
    let named: Vec<_> = answers
        .iter()
        .map(|(name, status)| format!("{status} ({name})"))
        .collect();
    Verdict {
        holds: check.running.is_none_or(|wanted| wanted == running)
            && check.ready.is_none_or(|wanted| wanted == ready)
            && check.restarts.is_none_or(|wanted| wanted == restarts)
            && each,
        observed: sentences::pods(
            language,
            &check.of,
            [Some(running.to_string()), Some(ready.to_string())],
            Some(restarts),
            check.each.as_ref().map(|expected| {
                (
                    expected.get.as_str(),
                    if named.is_empty() {
                        "-".into()
                    } else {
                        named.join(", ")
                    },
                )
            }),
        ),
    }
}

fn phase(pod: &Pod) -> Option<&str> {
    pod.status.as_ref()?.phase.as_deref()
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions
        .into_iter()
        .flatten()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

fn restarts(pod: &Pod) -> i32 {
    let statuses = pod
        .status
        .as_ref()
        .and_then(|status| status.container_statuses.as_ref());
    statuses
        .into_iter()
        .flatten()
        .map(|status| status.restart_count)
        .sum()
}

#[cfg(test)]
mod tests;
