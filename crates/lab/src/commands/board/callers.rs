//! The requests that the board sends: to which address, on which path, and what came of them.

use std::{error::Error, io, time::Duration};

use board::Outcome;
use http_body_util::Empty;
use hyper_util::{
    client::legacy::{self, Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use k8s_openapi::{
    api::core::v1::{Container, Pod, Service},
    apimachinery::pkg::util::intstr::IntOrString,
};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// In which header our programs say in which pod they run.
const SERVED_BY: &str = "x-served-by";
/// The longest name that a pod may have.
const LONGEST: usize = 253;
/// The image of the program that one GET of /rng breaks, as exercises 12.1, 12.2 and 12.7 have it.
const BREAKABLE: &str = "numbers-api";

/// Asks once, on a connection of its own: one that is kept would have chosen its pod already. Says which pod answered, if the
/// answer does.
pub(super) async fn ask(url: &str) -> (Outcome, Option<String>) {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return (Outcome::Broken, None);
    };
    let client: Client<_, Empty<&'static [u8]>> = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(HttpConnector::new());
    match tokio::time::timeout(PATIENCE, client.get(uri)).await {
        Err(_) => (Outcome::Timeout, None),
        Ok(Err(error)) => (outcome(&error), None),
        Ok(Ok(answer)) => {
            let by = answer.headers().get(SERVED_BY).and_then(|by| by.to_str().ok());
            let by = by
                .filter(|by| (1..=LONGEST).contains(&by.len()))
                .map(str::to_owned);
            (Outcome::Status(answer.status().as_u16()), by)
        }
    }
}

fn outcome(error: &legacy::Error) -> Outcome {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        match error.downcast_ref::<io::Error>().map(io::Error::kind) {
            // The kernel answers for a Service without endpoints, in one of these ways.
            Some(io::ErrorKind::ConnectionRefused) => return Outcome::Refused,
            Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
                return Outcome::Unreachable;
            }
            Some(io::ErrorKind::TimedOut) => return Outcome::Timeout,
            _ => cause = error.source(),
        }
    }
    Outcome::Broken
}

/// The path of the readiness probe that a Service's pods have at the port that it sends its traffic to.
pub(super) fn readiness_path<'a>(service: &Service, pods: impl Iterator<Item = &'a Pod>) -> Option<String> {
    let port = service.spec.as_ref()?.ports.as_ref()?.first()?;
    let target = port.target_port.clone().unwrap_or(IntOrString::Int(port.port));
    // Of an update, the newest pods are those that it is about.
    let mut pods: Vec<_> = pods.collect();
    pods.sort_by_key(|pod| pod.metadata.creation_timestamp.as_ref().map(|at| at.0));
    let containers = pods
        .iter()
        .rev()
        .filter_map(|pod| pod.spec.as_ref())
        .flat_map(|spec| &spec.containers);
    containers
        .filter_map(|container| {
            let get = container.readiness_probe.as_ref()?.http_get.as_ref()?;
            let plain = get.scheme.as_deref().is_none_or(|scheme| scheme == "HTTP");
            let here = number(&get.port, container)? == number(&target, container)?;
            let path = get.path.clone().unwrap_or_else(|| "/".into());
            (plain && here).then_some(path)
        })
        .next()
}

fn number(port: &IntOrString, container: &Container) -> Option<i32> {
    match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => {
            let mut ports = container.ports.iter().flatten();
            ports
                .find(|port| port.name.as_ref() == Some(name))
                .map(|port| port.container_port)
        }
    }
}

/// Whether one of these pods runs the program that breaks when it is asked for a number too often: known by its image's name.
pub(super) fn is_breakable<'a>(mut pods: impl Iterator<Item = &'a Pod>) -> bool {
    pods.any(|pod| {
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        let mut images = containers.filter_map(|container| container.image.as_deref());
        images.any(|image| program(image) == BREAKABLE)
    })
}

/// The last part of an image's name: `numbers-api` of `localhost:5000/lab/numbers-api:1.0.0@sha256:…`.
fn program(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn service(port: &Value) -> Service {
        serde_json::from_value(json!({"metadata": {}, "spec": {"ports": [port]}})).unwrap()
    }

    fn pod(get: &Value, made: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"creationTimestamp": made},
            "spec": {"containers": [{
                "name": "a", "image": "localhost/lab/numbers-api:1.0.0",
                "ports": [{"name": "http", "containerPort": 8080}],
                "readinessProbe": {"httpGet": get},
            }]},
        }))
        .unwrap()
    }

    #[test]
    fn the_path_is_that_of_the_newest_probe_at_the_same_port() {
        let to_8080 = json!({"port": 80, "targetPort": 8080});
        let old = pod(&json!({"path": "/old", "port": 8080}), "2026-01-01T00:00:00Z");
        for (port, get, path) in [
            (
                &to_8080,
                json!({"path": "/healthz", "port": 8080}),
                Some("/healthz"),
            ),
            (
                &to_8080,
                json!({"path": "/healthz", "port": "http"}),
                Some("/healthz"),
            ),
            (
                &json!({"port": 80, "targetPort": "http"}),
                json!({"port": 8080}),
                Some("/"),
            ),
            (
                &json!({"port": 8080}),
                json!({"path": "/a", "port": 8080, "scheme": "HTTP"}),
                Some("/a"),
            ),
            (&to_8080, json!({"path": "/healthz", "port": 9090}), Some("/old")),
            (
                &to_8080,
                json!({"path": "/healthz", "port": 8080, "scheme": "HTTPS"}),
                Some("/old"),
            ),
            (
                &to_8080,
                json!({"path": "/healthz", "port": "nope"}),
                Some("/old"),
            ),
        ] {
            let pods = [pod(&get, "2026-01-02T00:00:00Z"), old.clone()];
            assert_eq!(
                readiness_path(&service(port), pods.iter()).as_deref(),
                path,
                "{get}"
            );
        }
        assert_eq!(readiness_path(&service(&to_8080), [].iter()), None);
    }

    #[test]
    fn what_breaks_is_known_by_its_image() {
        for (image, name) in [
            ("numbers-api", "numbers-api"),
            ("localhost/lab/numbers-api:1.0.0", "numbers-api"),
            ("localhost:5000/numbers-api@sha256:ab", "numbers-api"),
            ("example/numbers-api-2:1", "numbers-api-2"),
            ("numbers-api/other", "other"),
        ] {
            assert_eq!(program(image), name);
        }
        assert!(is_breakable(
            [pod(&json!({"port": 1}), "2026-01-01T00:00:00Z")].iter()
        ));
        assert!(!is_breakable([].iter()));
    }

    #[tokio::test]
    async fn a_closed_port_refuses_and_nonsense_is_no_answer() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(ask(&base).await, (Outcome::Refused, None));
        assert_eq!(ask("http://[").await, (Outcome::Broken, None));
    }
}
