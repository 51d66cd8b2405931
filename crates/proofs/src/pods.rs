//! Pods: what their status says, and what each answers when it is asked by itself.

mod facts;
mod hints;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use futures::future::join_all;
use guide::{
    Message,
    proof::{PodFacts, Pods, ended},
};
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Collected, Limited};
use k8s_openapi::api::core::v1::Pod;
use kube::{ResourceExt, api::ListParams, client::Body};

use facts::{Facts, There};

use super::{Kind, Place, Verdict, told::is_told};

/// The largest refusal of the API server that is read, in bytes.
const MAX_REFUSAL: usize = 1 << 16;

impl Kind for Pods {
    type Facts = Facts;

    async fn look(&self, place: &Place) -> Result<Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let selector = ListParams::default().labels(&self.of);
        let mut pods = place.api::<Pod>(namespace).list(&selector).await?.items;
        pods.retain(|pod| pod.metadata.deletion_timestamp.is_none());
        let mut answers = BTreeMap::new();
        if let Some(expected) = &self.each {
            let running = pods.iter().filter(|pod| facts::is_running(pod));
            let asked = running.map(async |pod| {
                let status = ask(place, namespace, pod, &expected.get).await;
                (pod.name_any(), status)
            });
            answers.extend(join_all(asked).await);
        }
        let told = match &self.unschedulable {
            Some(_) => {
                let ours = |name: &str| pods.iter().any(|pod| pod.name_any() == name);
                is_told(place, namespace, "FailedScheduling", ours).await?
            }
            None => true,
        };
        Ok(Facts { pods, answers, told })
    }

    fn judge(&self, facts: &Facts) -> Verdict {
        let there = There::of(facts);
        let restarts = there.restarts;
        let answers = || match facts.answers.is_empty() {
            true => Message::Verbatim("-".into()),
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
            waiting: self.waiting.as_ref().map(|_| {
                let first = there.waiting.first();
                first.map_or(Message::new("pods-none-waits"), |reason| {
                    Message::Verbatim((*reason).into())
                })
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

    /// More pods are as right if they are in the same shape: all ready, none, or some.
    fn or_more(&self, facts: &Facts) -> Self {
        let there = There::of(facts);
        let mut claim = self.clone();
        claim.restarts = self.restarts.map(|wanted| wanted.max(there.restarts));
        if self.restarted.is_some_and(|least| there.restarts >= least) {
            // Between two waits it runs, for a while.
            claim.waiting = None;
        }
        let more = self.running.is_some_and(|running| there.running > running);
        let ready = self.ready.unwrap_or_default();
        let same_shape = match self.ready {
            None => true,
            Some(0) => there.ready == 0,
            Some(_) if self.running == self.ready => there.ready == there.running,
            Some(_) => (ready..there.running).contains(&there.ready),
        };
        if more && same_shape {
            claim.running = Some(there.running);
            claim.ready = self.ready.map(|_| there.ready);
            if let Some(each) = &mut claim.each {
                let given: Vec<_> = facts.answers.values().copied().collect();
                each.answers = with_more(&each.answers, &given);
            }
        }
        claim
    }
}

/// All answers that were given, if they are the wanted ones and more of the same.
fn with_more(wanted: &[u16], given: &[Option<u16>]) -> Vec<u16> {
    let count = |status: u16| given.iter().filter(|given| **given == Some(status)).count();
    let enough = wanted
        .iter()
        .all(|status| count(*status) >= wanted.iter().filter(|other| *other == status).count());
    let given: Option<Vec<u16>> = given.iter().copied().collect();
    match given {
        Some(given) if enough && given.iter().all(|status| wanted.contains(status)) => given,
        _ => wanted.to_owned(),
    }
}

/// `200 (a), 500 (b)`.
fn named(answers: &BTreeMap<String, Option<u16>>) -> Message {
    let named = answers.iter().map(|(name, status)| {
        let status = status.map_or(Message::new("no-answer"), |status| {
            Message::Verbatim(status.to_string())
        });
        Message::joined("", [status, Message::Verbatim(format!(" ({name})"))])
    });
    Message::joined(", ", named)
}

/// The status with which a pod answers on its first port, if it does. The API server passes the request on, so that it
/// arrives on any cluster, and whether or not the pod is in a Service's endpoints.
async fn ask(place: &Place, namespace: Option<&str>, pod: &Pod, path: &str) -> Option<u16> {
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
    let ask = async {
        let request = http::Request::get(uri.clone()).body(Body::empty()).ok()?;
        let asked = tokio::time::timeout(place.patience(), place.client.send(request));
        let answer = asked.await.ok()?.ok()?;
        let status = answer.status();
        let is_json = answer
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if !is_json || !(status.is_client_error() || status.is_server_error()) {
            return Some(status.as_u16());
        }
        let body = Limited::new(answer.into_body(), MAX_REFUSAL).collect().await;
        let body = body.map(Collected::to_bytes).unwrap_or_default();
        (!is_refusal(&body)).then_some(status.as_u16())
    };
    place
        .pod_status(place.namespace(namespace), &pod.name_any(), path, ask)
        .await
}

/// Whether an answer is the API server's own: it has not reached the pod.
fn is_refusal(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|body| body["kind"] == "Status" && body["apiVersion"] == "v1")
}
