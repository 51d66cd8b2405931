//! A Service made to see whether the cluster gives it an address outside.

use std::time::Duration;

use access::{has_address, plainly, wait};
use guide::Message;
use k8s_openapi::api::core::v1::{Namespace, Service};
use kube::{
    Api, Client,
    api::{DeleteParams, ListParams, PostParams},
};
use serde_json::json;
use tokio::time::timeout;

/// How long an address outside the cluster is waited for. Where nothing gives any, none ever comes.
pub const ADDRESS_WITHIN: Duration = Duration::from_secs(30);
/// How long the cluster may take to accept that the namespace goes.
const REMOVED_WITHIN: Duration = Duration::from_secs(5);

/// A namespace of a name of its own, with the Service. The address may cost money, so that whoever makes it has to call
/// [`Probe::remove`], however the looking ended.
pub(super) struct Probe {
    client: Client,
    namespace: String,
    /// Whether it may be there: from before it is asked for until it is refused.
    made: bool,
}

impl Probe {
    /// Names one; makes nothing.
    pub(super) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            namespace: format!("lab-probe-{:08x}", rand::random::<u32>()),
            made: false,
        }
    }

    /// Whether a Service of the cluster has an address, or else the probe gets one in time.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub(super) async fn gets_address(&mut self) -> Result<bool, kube::Error> {
        let services: Api<Service> = Api::all(self.client.clone());
        let of_type = ListParams::default().fields("spec.type=LoadBalancer");
        if services.list(&of_type).await?.iter().any(has_address) {
            return Ok(true);
        }
        let namespace = parsed(json!({ "metadata": { "name": self.namespace } }))?;
        self.made = true;
        let made = self.namespaces().create(&PostParams::default(), &namespace).await;
        if let Err(kube::Error::Api(status)) = &made {
            self.made = status.code >= 500;
        }
        made?;
        let service = json!({
            "metadata": { "name": "probe" },
            "spec": { "type": "LoadBalancer", "ports": [{ "port": 80 }] },
        });
        let services: Api<Service> = Api::namespaced(self.client.clone(), &self.namespace);
        services.create(&PostParams::default(), &parsed(service)?).await?;
        let addressed = |service: Option<&Service>| service.is_some_and(has_address);
        wait::watch(&services, "probe", ADDRESS_WITHIN, addressed).await
    }

    /// Removes what was made, and does not wait for a cluster that does not answer.
    ///
    /// # Errors
    /// It may still be there: what to do about it.
    pub(super) async fn remove(self) -> Result<(), Message> {
        if !self.made {
            return Ok(());
        }
        let (namespaces, parameters) = (self.namespaces(), DeleteParams::default());
        let reason = match timeout(REMOVED_WITHIN, namespaces.delete(&self.namespace, &parameters)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(kube::Error::Api(status))) if status.code == 404 => return Ok(()),
            Ok(Err(error)) => plainly(&error),
            Err(late) => late.to_string(),
        };
        Err(Message::new("probe-left")
            .with("namespace", self.namespace)
            .with("reason", reason))
    }

    fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.client.clone())
    }
}

fn parsed<T: serde::de::DeserializeOwned>(object: serde_json::Value) -> Result<T, kube::Error> {
    serde_json::from_value(object).map_err(kube::Error::SerdeError)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use access::fake;
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
