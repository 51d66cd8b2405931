//! What a pod carries of its containers: the run that it sees, and how the one before ended.

use k8s_openapi::api::core::v1::{
    Container as Spec, ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, Pod, PodSpec,
};
use story::{Clock, Container, Fact, Moment, Once, Role, Source, Subject, Turn, What};

use super::meta::{at, fact, last_status, status_writer};

/// What the kubelet calls the end of a container that it cannot find (`pkg/kubelet/container/runtime.go`).
const LOST: &str = "ContainerStatusUnknown";

/// All of it, for each container.
pub(super) fn facts(pod: &Pod, subject: &Subject) -> Vec<Fact> {
    statuses(pod)
        .flat_map(|status| of(pod, status, subject))
        .collect()
}

/// What the kubelet reports of all containers: init containers, those that the pod is made for, ephemeral ones.
pub(crate) fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    let status = pod.status.iter();
    status.flat_map(|status| {
        let first = status.init_container_statuses.iter().flatten();
        let main = status.container_statuses.iter().flatten();
        let added = status.ephemeral_container_statuses.iter().flatten();
        first.chain(main).chain(added)
    })
}

fn of(pod: &Pod, status: &ContainerStatus, subject: &Subject) -> Vec<Fact> {
    let told = |id: Option<&String>, what, when| {
        let subject = Subject {
            container: Some(Container {
                id: id.filter(|id| !id.is_empty()).cloned(),
                ..named(pod, &status.name)
            }),
            ..subject.clone()
        };
        fact(subject, what, status_writer(&pod.metadata), when, Source::Pods)
    };
    let Ok(restarts) = u32::try_from(status.restart_count) else {
        return vec![];
    };
    let probed = spec(pod, &status.name).is_some_and(is_probed);
    let started = |restart| What::Started {
        restart,
        backoff: None,
        probed,
        after: turn(pod, &status.name),
    };
    let mut facts = vec![];
    let state = status.state.as_ref();
    if let Some(running) = state.and_then(|state| state.running.as_ref()) {
        let since = running.started_at.as_ref().and_then(at);
        facts.extend(since.map(|since| {
            told(
                status.container_id.as_ref(),
                started(restarts),
                Moment::second(since, Clock::Runtime),
            )
        }));
    }
    let now = state
        .and_then(|state| state.terminated.as_ref())
        .map(|end| (restarts, end));
    let last = status
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    // While the kubelet waits, the run that ended is still the one that is counted.
    let last = last.and_then(|end| {
        let counted = end.container_id.is_some() && end.container_id == status.container_id;
        Some((
            if counted {
                restarts
            } else {
                restarts.checked_sub(1)?
            },
            end,
        ))
    });
    // The kubelet says of one container that it cannot find that two runs of it ended.
    let is_lost = |end: &ContainerStateTerminated| end.reason.as_deref() == Some(LOST);
    let again = last.is_some_and(|(_, end)| is_lost(end));
    // When a pod is deleted, it says so of those that never ran, too (`pkg/kubelet/status/status_manager.go`, `TerminatePod`).
    let has_run =
        last.is_some() || restarts > 0 || status.container_id.as_ref().is_some_and(|id| !id.is_empty());
    let now = now.filter(|(_, end)| !is_lost(end) || has_run && !again);
    for (restart, end) in now.into_iter().chain(last) {
        let id = end.container_id.as_ref();
        let begun = end.started_at.as_ref().and_then(at);
        facts.extend(begun.map(|begun| told(id, started(restart), Moment::second(begun, Clock::Runtime))));
        facts.extend(ended(pod, restart, end).map(|(what, when)| told(id, what, when)));
    }
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let wait = waiting.zip(last).and_then(|(waiting, (restart, end))| {
        let seconds = wait(waiting)?;
        let what = What::Waits {
            restart: restart.checked_add(1)?,
            seconds,
        };
        Some(told(None, what, told_by(pod, end)?))
    });
    facts.extend(wait);
    facts
}

fn ended(pod: &Pod, restart: u32, end: &ContainerStateTerminated) -> Option<(What, Moment)> {
    let what = What::Ended {
        restart,
        started: end.started_at.as_ref().and_then(at),
        reason: end.reason.clone().unwrap_or_default(),
        code: end.exit_code,
    };
    let when = if what.is_unseen_end() {
        found_out(pod, end)?
    } else {
        Moment::second(end.finished_at.as_ref().and_then(at)?, Clock::Runtime)
    };
    Some((what, when))
}

/// When a container ended of which somebody found later that it was gone: between its start, as far as that is known, and then. What
/// the runtime calls its end is when it found that out, and the kubelet says nothing.
fn found_out(pod: &Pod, end: &ContainerStateTerminated) -> Option<Moment> {
    let status = pod.status.as_ref()?;
    let begun = end
        .started_at
        .as_ref()
        .or(status.start_time.as_ref())
        .and_then(at)?;
    let reported = || last_status(&pod.metadata)?.time.as_ref().and_then(at);
    let found = end.finished_at.as_ref().and_then(at).or_else(reported)?;
    let found = Moment::second(found, Clock::Runtime);
    Moment::between(begun, found.latest(), Clock::Runtime).ok()
}

/// Between the end and the kubelet's last report, with which it was there: no time is its own.
fn told_by(pod: &Pod, end: &ContainerStateTerminated) -> Option<Moment> {
    let reported = last_status(&pod.metadata)?;
    let reported = Moment::second(reported.time.as_ref().and_then(at)?, Clock::ApiServer);
    let finished = end.finished_at.as_ref().and_then(at)?;
    Moment::between(finished, reported.latest(), Clock::Kubelet).ok()
}

/// The seconds in `back-off 20s restarting failed container=…`, or `back-off 2m40s …`.
///
/// Source: `pkg/kubelet/kuberuntime/kuberuntime_manager.go`, `doBackOff`, which prints a Go duration.
fn wait(waiting: &ContainerStateWaiting) -> Option<u32> {
    let words = waiting.message.as_deref()?.strip_prefix("back-off ")?;
    let (mut seconds, mut number) = (0_u32, 0_u32);
    for character in words.split(' ').next()?.chars() {
        match (character, character.to_digit(10)) {
            (_, Some(digit)) => number = number.checked_mul(10)?.checked_add(digit)?,
            ('m', _) => seconds = seconds.checked_add(std::mem::take(&mut number).checked_mul(60)?)?,
            ('s', _) => seconds = seconds.checked_add(std::mem::take(&mut number))?,
            _ => return None,
        }
    }
    (number == 0).then_some(seconds)
}

/// What a pod's specification says of a container; nothing of an ephemeral one, which has no probes.
pub(crate) fn spec<'a>(pod: &'a Pod, name: &str) -> Option<&'a Spec> {
    let spec = pod.spec.as_ref()?;
    let mut all = first(spec).iter().chain(&spec.containers);
    all.find(|container| container.name == name)
}

/// The init containers, sidecars among them, in their order.
fn first(spec: &PodSpec) -> &[Spec] {
    spec.init_containers.as_deref().unwrap_or_default()
}

/// A container of a pod, by its name, with what it is for the pod. Which of its runs is meant is not told.
pub(crate) fn named(pod: &Pod, name: &str) -> Container {
    let role = |spec: &PodSpec| {
        if let Some(container) = first(spec).iter().find(|container| container.name == name) {
            return if is_sidecar(container) {
                Role::Sidecar
            } else {
                Role::Init
            };
        }
        if !spec.containers.iter().any(|container| container.name == name) {
            return Role::Ephemeral;
        }
        match spec.containers.len() {
            1 => Role::Only,
            _ => Role::OneOfSeveral,
        }
    };
    Container {
        name: name.into(),
        role: pod.spec.as_ref().map(role).unwrap_or_default(),
        id: None,
    }
}

fn is_sidecar(container: &Spec) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// What a container's first start waits for: the init container before it, and for the others the last of those.
fn turn(pod: &Pod, name: &str) -> Option<Turn> {
    let spec = pod.spec.as_ref()?;
    let first = first(spec);
    let place = first.iter().position(|container| container.name == name);
    let is_main = spec.containers.iter().any(|container| container.name == name);
    let before = match place {
        Some(place) => first.get(place.checked_sub(1)?)?,
        None if is_main => first.last()?,
        None => return None,
    };
    let once = match (is_sidecar(before), &before.startup_probe) {
        (false, _) => Once::Ended,
        (true, None) => Once::Started,
        (true, Some(_)) => Once::Passed,
    };
    Some(Turn {
        container: before.name.clone(),
        once,
    })
}

fn is_probed(container: &Spec) -> bool {
    container.readiness_probe.is_some() || container.startup_probe.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pod with two init containers, of which one is a sidecar, in the state of `status`.
    fn pod(status: &serde_json::Value) -> Pod {
        serde_json::from_value(serde_json::json!({
            "metadata": {"name": "a", "namespace": "x", "uid": "u", "managedFields": [
                {"manager": "kubelet", "subresource": "status", "time": "2026-03-01T14:04:00Z"}]},
            "spec": {
                "initContainers": [
                    {"name": "wait"},
                    {"name": "log", "restartPolicy": "Always", "startupProbe": {}},
                ],
                "containers": [{"name": "api"}],
            },
            "status": status,
        }))
        .unwrap()
    }

    /// The facts of a pod: of which container in which role, and what.
    fn told(pod: &Pod) -> Vec<(String, Role, What)> {
        let facts = facts(pod, &Subject::default()).into_iter();
        facts
            .map(|fact| {
                let container = fact.subject.container.unwrap();
                (container.name, container.role, fact.what)
            })
            .collect()
    }

    fn started(restart: u32, probed: bool, after: Option<(&str, Once)>) -> What {
        What::Started {
            restart,
            backoff: None,
            probed,
            after: after.map(|(container, once)| Turn {
                container: container.into(),
                once,
            }),
        }
    }

    #[test]
    fn each_container_has_a_role_and_a_turn() {
        let running = |name: &str| {
            let state = serde_json::json!({"running": {"startedAt": "2026-03-01T14:03:10Z"}});
            serde_json::json!({"name": name, "restartCount": 0, "containerID": name, "state": state, "image": "", "imageID": "", "ready": true})
        };
        let pod = pod(&serde_json::json!({
            "initContainerStatuses": [running("wait"), running("log")],
            "containerStatuses": [running("api")],
            "ephemeralContainerStatuses": [running("debugger-x")],
        }));
        let expected = [
            ("wait", Role::Init, started(0, false, None)),
            (
                "log",
                Role::Sidecar,
                started(0, true, Some(("wait", Once::Ended))),
            ),
            ("api", Role::Only, started(0, false, Some(("log", Once::Passed)))),
            ("debugger-x", Role::Ephemeral, started(0, false, None)),
        ];
        assert_eq!(
            told(&pod),
            expected.map(|(name, role, what)| (name.to_owned(), role, what))
        );
    }

    #[test]
    fn an_init_container_that_fails_is_told_with_its_end_and_its_wait() {
        let end = serde_json::json!({"terminated": {"exitCode": 1, "reason": "Error", "containerID": "c",
            "startedAt": "2026-03-01T14:03:10Z", "finishedAt": "2026-03-01T14:03:11Z"}});
        let wait = serde_json::json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s restarting failed container=wait"}});
        let pod = pod(&serde_json::json!({"initContainerStatuses": [
            {"name": "wait", "restartCount": 1, "containerID": "c", "state": wait, "lastState": end, "image": "", "imageID": "", "ready": false}]}));
        let what: Vec<_> = told(&pod).into_iter().map(|(_, _, what)| what).collect();
        assert!(
            matches!(
                what[..],
                [
                    What::Started { restart: 1, .. },
                    What::Ended {
                        restart: 1,
                        code: 1,
                        ..
                    },
                    What::Waits {
                        restart: 2,
                        seconds: 20
                    },
                ]
            ),
            "{what:#?}"
        );
    }

    #[test]
    fn an_end_that_nobody_saw_lies_between_the_start_and_the_discovery() {
        let ended = |state: serde_json::Value| {
            let pod = pod(
                &serde_json::json!({"startTime": "2026-03-01T14:02:00Z", "containerStatuses": [
                {"name": "api", "restartCount": 0, "containerID": "c", "state": {"terminated": state}, "image": "", "imageID": "", "ready": false}]}),
            );
            let facts = facts(&pod, &Subject::default());
            let end = facts
                .into_iter()
                .find(|fact| matches!(fact.what, What::Ended { .. }));
            let when = end.unwrap().when;
            (when.earliest().to_string(), when.latest().to_string())
        };
        let times = |earliest: &str, latest: &str| (earliest.to_owned(), latest.to_owned());
        let mut state = serde_json::json!({"exitCode": 255, "reason": "Unknown", "containerID": "c",
            "startedAt": "2026-03-01T14:03:10Z", "finishedAt": "2026-03-01T14:33:10Z"});
        assert_eq!(
            ended(state.clone()),
            times("2026-03-01T14:03:10Z", "2026-03-01T14:33:11Z")
        );
        // A program that chose the number.
        state["reason"] = "Error".into();
        assert_eq!(
            ended(state),
            times("2026-03-01T14:33:10Z", "2026-03-01T14:33:11Z")
        );
        let lost = serde_json::json!({"exitCode": 137, "reason": "ContainerStatusUnknown", "startedAt": null, "finishedAt": null});
        assert_eq!(ended(lost), times("2026-03-01T14:02:00Z", "2026-03-01T14:04:01Z"));
    }

    #[test]
    fn what_never_ran_has_not_ended_though_the_kubelet_does_not_find_it() {
        let told = |id: &str| {
            let state = serde_json::json!({"terminated": {"exitCode": 137, "reason": LOST}});
            let pod = pod(
                &serde_json::json!({"startTime": "2026-03-01T14:02:00Z", "containerStatuses": [
                {"name": "api", "restartCount": 0, "containerID": id, "state": state, "image": "", "imageID": "", "ready": false}]}),
            );
            facts(&pod, &Subject::default()).len()
        };
        assert_eq!((told(""), told("c")), (0, 1));
    }

    #[test]
    fn a_wait_is_read_from_the_kubelets_words_or_not_at_all() {
        let read = |message: &str| {
            wait(&ContainerStateWaiting {
                message: Some(message.into()),
                reason: None,
            })
        };
        assert_eq!(
            read("back-off 10s restarting failed container=api pod=…"),
            Some(10)
        );
        assert_eq!(read("back-off 2m40s restarting failed container=api"), Some(160));
        assert_eq!(read("back-off 5m0s restarting failed container=api"), Some(300));
        for strange in [
            "",
            "back-off",
            "back-off 10",
            "back-off 1.5s restarting",
            "back-off 99999999999s x",
            "Pulling",
        ] {
            assert_eq!(read(strange), None, "{strange:?}");
        }
    }
}
