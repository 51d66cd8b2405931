//! Probes, as the kubelet counts them.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    time::Duration,
};

use k8s_openapi::api::core::v1::Node;
use kube::{Api, ResourceExt, api::ListParams};
use pictures::recording::{Probe, Probed};

use super::{Error, Scene};

/// How often the kubelet is asked: what happens between two looks has no other time than that.
const PERIOD: Duration = Duration::from_millis(200);

/// A pod, a type of probe, and whether it succeeded.
type Counted = (String, Probe, bool);

/// Counts the probes of all pods in the namespace.
pub(crate) async fn count(scene: &Scene<'_>) -> Result<Infallible, Error> {
    let nodes: Api<Node> = Api::all(scene.client.clone());
    let nodes: Vec<_> = nodes.list(&ListParams::default()).await?.into_iter().collect();
    let mut known: BTreeMap<Counted, u64> = BTreeMap::new();
    let mut looked = scene.began.elapsed();
    let mut tick = tokio::time::interval(PERIOD);
    loop {
        tick.tick().await;
        // The looks of all nodes together are one: the embedded cluster has one node.
        let asked = scene.began.elapsed();
        let mut now = BTreeMap::new();
        for node in &nodes {
            let path = format!("/api/v1/nodes/{}/proxy/metrics/probes", node.name_any());
            let request = http::Request::get(path)
                .body(vec![])
                .map_err(kube::Error::HttpError)?;
            now.extend(counts(
                &scene.client.request_text(request).await?,
                scene.namespace,
            ));
        }
        let at = scene.began.elapsed();
        let mut recording = scene.note();
        let watched: BTreeSet<_> = recording.pods.iter().map(|pod| pod.pod.clone()).collect();
        for (counted, count) in now {
            let before = known.insert(counted.clone(), count).unwrap_or(0);
            let (pod, probe, success) = counted;
            if !watched.contains(&pod) {
                continue;
            }
            for _ in before..count {
                recording.probes.push(Probed {
                    after: looked,
                    at,
                    pod: pod.clone(),
                    probe,
                    success,
                });
            }
        }
        looked = asked;
    }
}

/// The counters of a namespace.
fn counts(metrics: &str, namespace: &str) -> BTreeMap<Counted, u64> {
    let lines = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("prober_probe_total{"));
    lines.filter_map(|line| counter(line, namespace)).collect()
}

/// A counter; none if it is another namespace's, or counts what had no result.
fn counter(line: &str, namespace: &str) -> Option<(Counted, u64)> {
    let (labels, count) = line.split_once("} ")?;
    let label = |name: &str| {
        let (_, value) = labels.split_once(&format!("{name}=\""))?;
        value.split('"').next()
    };
    // `namespace` is the end of no other label's name, and neither is `pod`: `pod_uid` goes on.
    let probe = match label("probe_type")? {
        "Readiness" => Probe::Readiness,
        "Liveness" => Probe::Liveness,
        "Startup" => Probe::Startup,
        _ => return None,
    };
    let success = match label("result")? {
        "successful" => true,
        "failed" => false,
        _ => return None,
    };
    // Whole numbers have no point here; beyond a million they might have an exponent.
    let count = count.split(' ').next()?.parse::<u64>().ok()?;
    (label("namespace")? == namespace).then_some(((label("pod")?.to_owned(), probe, success), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_by_their_labels() {
        let metrics = "# TYPE prober_probe_total counter\n\
            prober_probe_total{container=\"api\",namespace=\"lab\",pod=\"a\",pod_uid=\"9-8\",probe_type=\"Readiness\",result=\"successful\"} 3\n\
            prober_probe_total{container=\"api\",namespace=\"lab\",pod=\"a\",pod_uid=\"9-8\",probe_type=\"Liveness\",result=\"failed\"} 2\n\
            prober_probe_total{container=\"api\",namespace=\"lab\",pod=\"a\",pod_uid=\"9-8\",probe_type=\"Liveness\",result=\"unknown\"} 1\n\
            prober_probe_total{container=\"api\",namespace=\"other\",pod=\"b\",pod_uid=\"9-9\",probe_type=\"Liveness\",result=\"failed\"} 7\n\
            prober_probe_duration_seconds_sum{namespace=\"lab\"} 1\n";
        let expected = [
            (("a".to_owned(), Probe::Readiness, true), 3),
            (("a".to_owned(), Probe::Liveness, false), 2),
        ];
        assert_eq!(counts(metrics, "lab"), BTreeMap::from(expected));
    }
}
