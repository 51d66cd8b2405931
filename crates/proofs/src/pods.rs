//! Pods: what their status says, and what each answers when it is asked by itself.

mod facts;
mod hints;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use guide::{
    Message,
    proof::{PodFacts, Pods, ended},
};
use k8s_openapi::api::core::v1::Pod;
use kube::{ResourceExt, api::ListParams, client::Body};

use facts::{Facts, There};

use super::{Kind, Place, Verdict, callers::PATIENCE};

impl Kind for Pods {
    type Facts = Facts;

    async fn look(&self, place: &Place) -> Result<Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let selector = ListParams::default().labels(&self.of);
        let mut pods = place.api::<Pod>(namespace).list(&selector).await?.items;
        pods.retain(|pod| pod.metadata.deletion_timestamp.is_none());
        let mut answers = BTreeMap::new();
        if let Some(expected) = &self.each {
            for pod in pods
                .iter()
                .filter(|pod| pod.status.as_ref().is_some_and(|status| status.pod_ip.is_some()))
            {
                let status = ask(place, namespace, pod, &expected.get).await?;
                answers.insert(pod.name_any(), status);
            }
        }
        Ok(Facts { pods, answers })
    }

    fn judge(&self, facts: &Facts) -> Verdict {
        let there = There::of(facts);
        let restarts = there.restarts;
        let answers = || match facts.answers.is_empty() {
            true => "-".into(),
            false => named(&facts.answers),
        };
        let observed = self.says(PodFacts {
            running: self.running.map(|_| there.running),
            pending: self.pending.map(|_| there.pending),
            ready: self.ready.map(|_| there.ready),
            restarts: (self.restarts.or(self.restarted))
                .map(|_| Message::new("pods-restarts").with("count", restarts)),
            ended: self.ended.as_ref().map(|_| {
                let first = there.ended.first();
                first
                    .and_then(|first| ended(first.reason.as_deref(), Some(first.exit_code)))
                    .unwrap_or(Message::new("pods-none-ended"))
            }),
            unschedulable: self
                .unschedulable
                .as_ref()
                .map(|_| there.without_node.first().unwrap_or(&"-").to_string()),
            each: self
                .each
                .as_ref()
                .map(|expected| (expected.get.clone(), answers())),
        });
        Verdict::of(observed, hints::hint(self, facts, &there))
    }
}

/// `200 (a), 500 (b)`.
fn named(answers: &BTreeMap<String, u16>) -> String {
    let named: Vec<_> = answers
        .iter()
        .map(|(name, status)| format!("{status} ({name})"))
        .collect();
    named.join(", ")
}

/// The status with which a pod answers on its first port. The API server passes the request on, so that it arrives on any
/// cluster, and whether or not the pod is in a Service's endpoints.
async fn ask(place: &Place, namespace: Option<&str>, pod: &Pod, path: &str) -> Result<u16, kube::Error> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let port = containers
        .flat_map(|container| container.ports.iter().flatten())
        .map(|port| port.container_port)
        .next();
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let uri = format!(
        "/api/v1/namespaces/{}/pods/{}{port}/proxy{path}",
        place.namespace(namespace),
        pod.name_any()
    );
    let request = http::Request::get(uri)
        .body(Body::empty())
        .map_err(kube::Error::HttpError)?;
    match tokio::time::timeout(PATIENCE, place.client.send(request)).await {
        Ok(response) => Ok(response?.status().as_u16()),
        Err(_) => Ok(http::StatusCode::GATEWAY_TIMEOUT.as_u16()),
    }
}
