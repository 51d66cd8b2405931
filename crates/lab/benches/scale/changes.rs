//! Changes, and when they are seen.

use std::time::{Duration, Instant};

use access::{Access, is_ready};
use anyhow::{Context, Result};
use futures::{TryStreamExt, future::try_join_all};
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, Patch, PatchParams, WatchEvent, WatchParams},
};
use serde_json::json;
use testkit::Samples;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{sleep, timeout},
};

use crate::{
    crowd::{Crowd, NAMESPACE},
    page::Viewer,
};

/// How many changes come one at a time.
pub(crate) const ONES: usize = 200;
/// How many come at once, and how often: fewer than pods that have a line of their own on the page.
pub(crate) const BURST: usize = 4;
pub(crate) const BURSTS: usize = 50;
/// By when a watch has told.
const WITHIN: Duration = Duration::from_secs(30);

/// How long after the request for a change each had it, in milliseconds.
pub(crate) struct Latencies {
    /// Whoever asked for it.
    pub(crate) answer: Samples,
    /// A plain watch of the pods.
    pub(crate) watch: Samples,
    /// A browser.
    pub(crate) page: Samples,
}

#[derive(Default)]
struct Taken {
    answer: Vec<Duration>,
    watch: Vec<Duration>,
    page: Vec<Duration>,
}

/// A pod whose watch said whether it is ready.
type Told = (Instant, String, bool);

/// So many pods at once become not ready, as a kubelet would say it, so many times.
pub(crate) async fn measured(
    access: &Access,
    watches: Client,
    crowd: &Crowd,
    viewer: &mut Viewer,
    (at_once, times): (usize, usize),
) -> Result<Latencies> {
    let pods: Api<Pod> = Api::namespaced(access.client.clone(), NAMESPACE);
    let (send, mut told) = unbounded_channel();
    let all = pods.list(&ListParams::default()).await?;
    let from = all.metadata.resource_version.unwrap_or_default();
    let watching = tokio::spawn(watch(Api::namespaced(watches, NAMESPACE), from, send));
    let mut taken = Taken::default();
    for few in crowd.pods.chunks(at_once).cycle().take(times) {
        change(&pods, few, viewer, &mut told, &mut taken).await?;
    }
    watching.abort();
    Ok(taken.into())
}

/// Has pods be not ready, waits until all have told so, and has them be ready again.
async fn change(
    pods: &Api<Pod>,
    few: &[Pod],
    viewer: &mut Viewer,
    told: &mut UnboundedReceiver<Told>,
    taken: &mut Taken,
) -> Result<()> {
    // The board looks ten times a second: the changes are not to be in step with that.
    sleep(Duration::from_millis(rand::random_range(0..300))).await;
    let asked = Instant::now();
    let answers = few.iter().map(async |pod| {
        be(pods, pod, false).await?;
        Ok::<_, kube::Error>(asked.elapsed())
    });
    taken.answer.extend(try_join_all(answers).await?);
    let mut left: Vec<_> = few.iter().map(ResourceExt::name_any).collect();
    while !left.is_empty() {
        let (at, name, ready) = timeout(WITHIN, told.recv())
            .await
            .with_context(|| format!("the watch did not tell within {WITHIN:?} of {left:?}"))?
            .context("the watch ended")?;
        if let Some(place) = left.iter().position(|left| *left == name && !ready) {
            left.swap_remove(place);
            taken.watch.push(at.duration_since(asked));
        }
    }
    let lines: Vec<_> = few.iter().map(line).collect();
    let shown = viewer.until(&lines, true).await?;
    taken.page.extend(shown.iter().map(|at| at.duration_since(asked)));
    try_join_all(few.iter().map(|pod| be(pods, pod, true))).await?;
    viewer.until(&lines, false).await?;
    Ok(())
}

/// How the page names a pod: the end of its name stands by itself.
fn line(pod: &Pod) -> String {
    let name = pod.name_any();
    format!(">-{}<", name.rsplit('-').next().unwrap_or_default())
}

/// Says whether a pod is ready, in one write with what kwok goes by.
async fn be(pods: &Api<Pod>, pod: &Pod, ready: bool) -> Result<(), kube::Error> {
    let status = if ready { "True" } else { "False" };
    let since = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let conditions = ["Ready", "ContainersReady"]
        .map(|kind| json!({ "type": kind, "status": status, "lastTransitionTime": since }));
    let said = json!({
        "metadata": { "annotations": { "scale/ready": status } },
        "status": { "conditions": conditions },
    });
    let kubelet = PatchParams {
        field_manager: Some("kubelet".into()),
        ..PatchParams::default()
    };
    pods.patch_status(&pod.name_any(), &kubelet, &Patch::Strategic(said))
        .await?;
    Ok(())
}

/// Tells of pods from a version on, for as long as somebody listens.
async fn watch(pods: Api<Pod>, mut version: String, tell: UnboundedSender<Told>) -> Result<()> {
    loop {
        let mut events = Box::pin(pods.watch(&WatchParams::default(), &version).await?);
        while let Some(event) = events.try_next().await? {
            let at = Instant::now();
            match event {
                WatchEvent::Added(pod) | WatchEvent::Modified(pod) => {
                    version = pod.resource_version().unwrap_or(version);
                    tell.send((at, pod.name_any(), is_ready(&pod)))?;
                }
                WatchEvent::Bookmark(mark) => version = mark.metadata.resource_version,
                WatchEvent::Deleted(_) => {}
                WatchEvent::Error(error) => Err(kube::Error::Api(error))?,
            }
        }
    }
}

impl From<Taken> for Latencies {
    fn from(taken: Taken) -> Self {
        Self {
            answer: taken.answer.into(),
            watch: taken.watch.into(),
            page: taken.page.into(),
        }
    }
}
