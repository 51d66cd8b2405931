//! Pods and endpoints, by watches.

use std::{convert::Infallible, fmt::Debug};

use futures::{StreamExt, pin_mut};
use k8s_openapi::{
    api::{
        core::v1::{ContainerStateTerminated, Pod},
        discovery::v1::EndpointSlice,
    },
    apimachinery::pkg::apis::meta::v1::Time,
};
use kube::{
    Api, Resource, ResourceExt,
    runtime::{watcher, watcher::Event},
};
use pictures::recording::{EndpointsSeen, PodSeen, Run, State};
use serde::de::DeserializeOwned;

use super::{Began, Error, Scene};

/// Watches the pods of the take.
pub(crate) async fn pods(scene: &Scene<'_>) -> Result<Infallible, Error> {
    let pods: Api<Pod> = Api::namespaced(scene.client.clone(), scene.namespace);
    follow(pods, scene.take.pods, |pod, there| {
        if !there {
            return;
        }
        let Some(seen) = pod_seen(&pod, &scene.began) else {
            return;
        };
        let mut recording = scene.note();
        let last = recording.pods.iter().rev().find(|known| known.pod == seen.pod);
        let same = |last: &PodSeen| {
            PodSeen {
                at: seen.at,
                ..last.clone()
            } == seen
        };
        if !last.is_some_and(same) {
            recording.pods.push(seen);
        }
    })
    .await
}

/// Watches the endpoints of the Service.
pub(crate) async fn endpoints(scene: &Scene<'_>, service: &str) -> Result<Infallible, Error> {
    let slices: Api<EndpointSlice> = Api::namespaced(scene.client.clone(), scene.namespace);
    let selector = format!("kubernetes.io/service-name={service}");
    follow(slices, &selector, |slice, there| {
        let endpoints = slice.endpoints.iter().flatten();
        let ready = endpoints.filter(|endpoint| there && access::gets_traffic(endpoint));
        let mut ready: Vec<_> = ready
            .filter_map(|endpoint| endpoint.target_ref.as_ref()?.name.clone())
            .collect();
        ready.sort();
        let mut recording = scene.note();
        if recording.endpoints.last().map(|last| &last.ready) != Some(&ready) {
            let at = scene.began.elapsed();
            recording.endpoints.push(EndpointsSeen { at, ready });
        }
    })
    .await
}

/// Hands on each object as it is, and whether it is still there, until the watch loses its place.
async fn follow<K>(
    objects: Api<K>,
    selector: &str,
    mut take: impl FnMut(K, bool),
) -> Result<Infallible, Error>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let watch = watcher(objects, watcher::Config::default().labels(selector));
    pin_mut!(watch);
    let mut begun = false;
    loop {
        match watch.next().await {
            Some(Ok(Event::Init)) if begun => return Err(Error::Gap("it had to begin anew".into())),
            Some(Ok(Event::Init)) => begun = true,
            Some(Ok(Event::InitApply(object) | Event::Apply(object))) => take(object, true),
            Some(Ok(Event::Delete(object))) => take(object, false),
            Some(Ok(Event::InitDone)) => {}
            Some(Err(error)) => return Err(Error::Gap(error.to_string())),
            None => return Err(Error::Gap("it ended".into())),
        }
    }
}

fn pod_seen(pod: &Pod, began: &Began) -> Option<PodSeen> {
    let to = |time: &Option<Time>| time.as_ref().map(|time| began.told(time));
    let status = pod.status.as_ref()?;
    let ready = status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "Ready")?;
    let container = status.container_statuses.as_ref()?.first()?;
    let now = container.state.as_ref();
    let ended = now.and_then(|state| state.terminated.as_ref());
    let waits = now.and_then(|state| state.waiting.as_ref());
    let runs = now.and_then(|state| state.running.as_ref());
    let (state, since, reason) = match (runs, ended) {
        (Some(runs), _) => (State::Running, to(&runs.started_at), None),
        (None, Some(ended)) => (State::Ended, to(&ended.finished_at), ended.reason.clone()),
        (None, None) => (State::Waiting, None, waits.and_then(|waits| waits.reason.clone())),
    };
    let run = |ended: &ContainerStateTerminated| {
        Some(Run {
            began: to(&ended.started_at)?,
            ended: to(&ended.finished_at)?,
            reason: ended.reason.clone().unwrap_or_default(),
            exit_code: ended.exit_code,
        })
    };
    let before = container
        .last_state
        .as_ref()
        .and_then(|state| state.terminated.as_ref());
    Some(PodSeen {
        at: began.elapsed(),
        pod: pod.name_any(),
        ready: ready.status == "True",
        ready_since: to(&ready.last_transition_time),
        restarts: container.restart_count,
        state,
        since,
        reason: reason.unwrap_or_default(),
        before: before.and_then(run),
    })
}
