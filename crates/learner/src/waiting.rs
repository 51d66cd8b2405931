//! Whether something is still under way, so that another look will find more.

use guide::Stage;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Container, Pod, Probe},
};
use kube::ResourceExt;
use proofs::PodAnswer;

use crate::scene::{Room, Scene};

/// What is younger, in seconds, may not have shown yet what it does.
const YOUNG: i64 = 15;
/// When to look again where nothing tells better, in seconds.
const SOON: u32 = 5;
/// The longest time that is named, in seconds: somebody who waits longer looks again anyway.
const LATEST: u32 = 60;

/// In how many seconds another look makes sense, if something is under way.
pub(crate) fn look_again(scene: &Scene, stage: &Stage, answers: &[PodAnswer]) -> Option<u32> {
    let mut waits = vec![];
    for (name, room) in &scene.rooms {
        let involved = stage.objects.keys().any(|object| {
            object.namespace.as_ref().unwrap_or(&scene.home) == name
                || object.kind == "Namespace" && object.name == *name
        });
        let all_of_home = stage.objects.is_empty() && *name == scene.home;
        if !(involved || all_of_home) {
            continue;
        }
        waits.extend(room.goes().then_some(SOON));
        waits.extend(room.pods.iter().filter_map(|pod| pod_waits(scene, pod)));
        waits.extend(
            room.deployments
                .iter()
                .filter_map(|deployment| rolls(scene, deployment)),
        );
        waits.extend(objects(scene, room));
        for pod in &room.pods {
            let failed = answers
                .iter()
                .filter(|answer| answer.namespace == *name && answer.pod == pod.name_any())
                .filter(|answer| !answer.status.is_some_and(|status| (200..400).contains(&status)));
            waits.extend(failed.filter_map(|answer| probe_waits(pod, &answer.path)));
        }
    }
    waits.into_iter().max()
}

/// A pod that was just made or started, is being deleted, or will be started again.
fn pod_waits(scene: &Scene, pod: &Pod) -> Option<u32> {
    if pod.metadata.deletion_timestamp.is_some() {
        return Some(SOON);
    }
    let made = pod.metadata.creation_timestamp.as_ref();
    let statuses = pod
        .status
        .iter()
        .flat_map(|status| status.container_statuses.iter().flatten());
    let mut states = statuses.filter_map(|status| status.state.as_ref());
    let just_began = states.any(|state| {
        let running = state
            .running
            .as_ref()
            .and_then(|running| running.started_at.as_ref());
        let waiting = state
            .waiting
            .as_ref()
            .and_then(|waiting| waiting.reason.as_deref());
        running.is_some_and(|at| scene.age(&at.0) < YOUNG) || waiting == Some("ContainerCreating")
    });
    let young = just_began || made.is_some_and(|at| scene.age(&at.0) < YOUNG);
    young.then_some(SOON)
}

/// An update that goes on.
fn rolls(scene: &Scene, deployment: &Deployment) -> Option<u32> {
    let status = deployment.status.as_ref();
    let seen = status.and_then(|status| status.observed_generation);
    if seen < deployment.metadata.generation {
        return Some(SOON);
    }
    let progressing = status
        .into_iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .find(|condition| condition.type_.as_deref() == Some("Progressing"))?;
    let at = progressing.last_update_time.as_ref()?;
    (scene.age(&at.0) < YOUNG).then_some(SOON)
}

/// Anything else that was just made.
fn objects(scene: &Scene, room: &Room) -> Option<u32> {
    let young = room.objects.values().any(|object| {
        let made = object["metadata"]["creationTimestamp"].as_str();
        made.and_then(|made| made.parse().ok())
            .is_some_and(|made| scene.age(&made) < YOUNG)
            && object["metadata"]["labels"].get("kiamol").is_some()
    });
    young.then_some(SOON)
}

/// How long a probe that asks the same path takes to notice that it is not answered well.
fn probe_waits(pod: &Pod, path: &str) -> Option<u32> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let asks = |probe: &Probe| {
        probe
            .http_get
            .as_ref()
            .is_some_and(|get| get.path.as_deref() == Some(path))
    };
    let ready = access::is_ready(pod);
    let notices = |container: &Container| {
        let readiness = container
            .readiness_probe
            .as_ref()
            .filter(|probe| ready && asks(probe));
        let liveness = container.liveness_probe.as_ref().filter(|probe| asks(probe));
        readiness.or(liveness).map(seconds)
    };
    containers.filter_map(notices).max()
}

fn seconds(probe: &Probe) -> u32 {
    let period = probe.period_seconds.unwrap_or(10).max(1);
    let seconds = period.saturating_mul(probe.failure_threshold.unwrap_or(3).max(1));
    u32::try_from(seconds).unwrap_or(LATEST).min(LATEST)
}
