//! A Service made to see whether the cluster gives it an address outside.

use std::time::Duration;

use access::{has_address, wait};
use k8s_openapi::api::core::v1::Service;
use kube::{
    Api, Client,
    api::{ListParams, PostParams},
};
use serde_json::json;

use super::trial::Trial;

/// How long an address outside the cluster is waited for. Where nothing gives any, none ever comes.
pub const ADDRESS_WITHIN: Duration = Duration::from_secs(30);

/// Whether a Service of the cluster has an address, or else one that is made for it gets one in time.
///
/// # Errors
/// The cluster does not answer, or refuses.
pub(super) async fn gets_address(client: &Client, trial: &mut Trial) -> Result<bool, kube::Error> {
    let services: Api<Service> = Api::all(client.clone());
    let of_type = ListParams::default().fields("spec.type=LoadBalancer");
    if services.list(&of_type).await?.iter().any(has_address) {
        return Ok(true);
    }
    let service = json!({
        "metadata": { "name": "probe" },
        "spec": { "type": "LoadBalancer", "ports": [{ "port": 80 }] },
    });
    let service = serde_json::from_value(service).map_err(kube::Error::SerdeError)?;
    let services: Api<Service> = Api::namespaced(client.clone(), trial.make().await?);
    services.create(&PostParams::default(), &service).await?;
    let addressed = |service: Option<&Service>| service.is_some_and(has_address);
    wait::watch(&services, "probe", ADDRESS_WITHIN, addressed).await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use access::fake;
    use guide::Message;
    use tokio::sync::mpsc;

    use super::*;
    use crate::{
        Signal, Stop,
        preflight::{Needs, doubts},
    };

    /// What is told, and asked for last, when a signal comes while the cluster answers to the Service as `service` says.
    async fn interrupted(service: u16, delete: u16) -> (Vec<Message>, String) {
        let (asked, mut requests) = mpsc::unbounded_channel();
        let (stopper, stop) = Stop::new();
        let stopper = Arc::new(stopper);
        let client = fake::api(move |request, _| {
            asked.send(request.to_owned()).unwrap();
            match request {
                "GET /version" => fake::version("1", "37"),
                "GET /api/v1/services" => fake::list(&[]),
                _ if request.starts_with("GET") && request.ends_with("/services") => match service {
                    200 => {
                        stopper.stop(Signal::Interrupt);
                        fake::list(&[])
                    }
                    code => fake::refusal(code, "no Service"),
                },
                _ if request.starts_with("DELETE") => fake::refusal(delete, "no deleting"),
                _ if request.ends_with("reviews") => fake::allowed(true),
                _ => (201, json!({ "metadata": {} })),
            }
        });
        let needs = Needs {
            address: true,
            ..Needs::NOTHING
        };
        let told = doubts(&client, needs, &stop).await;
        let mut last = String::new();
        while let Ok(request) = requests.try_recv() {
            last = request;
        }
        (told, last)
    }

    #[tokio::test]
    async fn the_probe_goes_however_the_looking_ended() {
        for service in [200, 500] {
            let left = |told: &[Message]| told.iter().any(|doubt| doubt.id() == Some("probe-left"));
            let (told, last) = interrupted(service, 404).await;
            assert!(last.starts_with("DELETE /api/v1/namespaces/lab-probe-"), "{last}");
            assert!(!left(&told), "{told:?}");
            let (told, _) = interrupted(service, 500).await;
            assert!(left(&told), "{told:?}");
        }
    }
}
