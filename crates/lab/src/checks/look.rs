//! Fetching what checks need to know.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use futures::future::join_all;
use http_body_util::Empty;
use hyper_util::{
    client::legacy::{Client as HttpClient, connect::HttpConnector},
    rt::TokioExecutor,
};
use k8s_openapi::api::{
    core::v1::{Pod, Service},
    discovery::v1::EndpointSlice,
};
use kube::{Api, Client, ResourceExt, api::ListParams, client::Body};

use super::Check;

/// How many callers ask, each on a connection of its own. If half of the pods behind an address are broken, all callers
/// meet the same kind in one of 2^31 looks.
const CALLERS: usize = 32;
/// How many of them ask first.
const FIRST_CALLERS: usize = 3;
/// How long a caller, or the API server on our behalf, waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The place that checks look at: a namespace, and the folder where the commands run.
#[derive(Clone)]
pub struct View {
    /// A client of the cluster.
    pub client: Client,
    /// The namespace.
    pub namespace: String,
    /// The folder.
    pub folder: PathBuf,
}

/// What callers at an address met: each HTTP status, or no answer, with how many met it.
pub type Callers = BTreeMap<Option<u16>, usize>;

/// What a look brought back, as the cluster gave it.
#[derive(Clone, Debug)]
pub enum Facts {
    /// For [`Check::Address`].
    Address(Option<Box<Service>>),
    /// For [`Check::File`]: what stands in it.
    File(Option<String>),
    /// For [`Check::Service`].
    Service {
        /// Its EndpointSlices.
        slices: Vec<EndpointSlice>,
        /// All pods of the namespace, for their labels.
        pods: Vec<Pod>,
        /// What callers met; empty if none was sent.
        callers: Callers,
    },
    /// For [`Check::Pods`].
    Pods {
        /// The pods.
        pods: Vec<Pod>,
        /// The status with which each answered, by its name.
        answers: BTreeMap<String, u16>,
    },
}

impl View {
    /// Looks once.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub async fn look(&self, check: &Check) -> Result<Facts, kube::Error> {
        Ok(match check {
            Check::Address(name) => Facts::Address(self.api::<Service>().get_opt(name).await?.map(Box::new)),
            Check::File(file) => Facts::File(std::fs::read_to_string(self.folder.join(&file.name)).ok()),
            Check::Service(check) => {
                let selector =
                    ListParams::default().labels(&format!("kubernetes.io/service-name={}", check.name));
                let slices = self.api::<EndpointSlice>().list(&selector).await?.items;
                let pods = self.api::<Pod>().list(&ListParams::default()).await?.items;
                let callers = match &check.callers {
                    Some(expected) => {
                        let service = self.api::<Service>().get_opt(&check.name).await?;
                        call(service.as_ref().and_then(base_url), &expected.get).await
                    }
                    None => Callers::new(),
                };
                Facts::Service {
                    slices,
                    pods,
                    callers,
                }
            }
            Check::Pods(check) => {
                let mut pods = self
                    .api::<Pod>()
                    .list(&ListParams::default().labels(&check.of))
                    .await?
                    .items;
                pods.retain(|pod| pod.metadata.deletion_timestamp.is_none());
                let mut answers = BTreeMap::new();
                if let Some(expected) = &check.each {
                    for pod in pods
                        .iter()
                        .filter(|pod| pod.status.as_ref().is_some_and(|status| status.pod_ip.is_some()))
                    {
                        answers.insert(pod.name_any(), self.ask(pod, &expected.get).await?);
                    }
                }
                Facts::Pods { pods, answers }
            }
        })
    }

    fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The status with which a pod answers on its first port. The API server passes the request on, so that it arrives
    /// on any cluster, and whether or not the pod is in a Service's endpoints.
    async fn ask(&self, pod: &Pod, path: &str) -> Result<u16, kube::Error> {
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        let port = containers
            .flat_map(|container| container.ports.iter().flatten())
            .map(|port| port.container_port)
            .next();
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let uri = format!(
            "/api/v1/namespaces/{}/pods/{}{port}/proxy{path}",
            self.namespace,
            pod.name_any()
        );
        let request = http::Request::get(uri)
            .body(Body::empty())
            .map_err(kube::Error::HttpError)?;
        match tokio::time::timeout(PATIENCE, self.client.send(request)).await {
            Ok(response) => Ok(response?.status().as_u16()),
            Err(_) => Ok(http::StatusCode::GATEWAY_TIMEOUT.as_u16()),
        }
    }
}

/// The first address of a Service of type `LoadBalancer`, an IP address rather than a name, with its first port.
pub(super) fn base_url(service: &Service) -> Option<String> {
    let ingress = service
        .status
        .as_ref()?
        .load_balancer
        .as_ref()?
        .ingress
        .as_ref()?;
    let port = service.spec.as_ref()?.ports.as_ref()?.first()?.port;
    let ip = ingress.iter().find_map(|entry| entry.ip.as_deref());
    let host = ip.or_else(|| ingress.iter().find_map(|entry| entry.hostname.as_deref()))?;
    Some(if host.contains(':') {
        format!("http://[{host}]:{port}")
    } else {
        format!("http://{host}:{port}")
    })
}

/// Sends callers: a few first, and the others only if one of these got an answer. Refusals are answered by the kernel,
/// which soon falls silent to many of them, and the next caller, maybe a learner, would wait in vain for a while.
async fn call(base: Option<String>, path: &str) -> Callers {
    let uri = base.and_then(|base| format!("{base}{path}").parse::<http::Uri>().ok());
    let Some(uri) = uri else {
        return Callers::from([(None, FIRST_CALLERS)]);
    };
    let mut callers = Callers::new();
    for count in [FIRST_CALLERS, CALLERS - FIRST_CALLERS] {
        for status in join_all((0..count).map(|_| status(uri.clone()))).await {
            *callers.entry(status).or_default() += 1;
        }
        if callers.keys().all(Option::is_none) {
            break;
        }
    }
    callers
}

/// The status of one answer, on a connection of its own: one that is kept would have chosen its pod already.
async fn status(uri: http::Uri) -> Option<u16> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(PATIENCE));
    let client: HttpClient<_, Empty<&'static [u8]>> = HttpClient::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build(connector);
    let answer = tokio::time::timeout(PATIENCE, client.get(uri)).await.ok()?;
    Some(answer.ok()?.status().as_u16())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(ingress: &serde_json::Value) -> Option<String> {
        let service = serde_json::json!({
            "metadata": {},
            "spec": { "ports": [{ "port": 8013 }] },
            "status": { "loadBalancer": { "ingress": ingress } },
        });
        base_url(&serde_json::from_value(service).unwrap())
    }

    #[test]
    fn an_address_is_taken_before_a_name() {
        let both =
            serde_json::json!([{ "hostname": "3323117569" }, { "ip": "198.18.192.1", "ipMode": "VIP" }]);
        assert_eq!(url(&both).unwrap(), "http://198.18.192.1:8013");
        assert_eq!(
            url(&serde_json::json!([{ "hostname": "localhost" }])).unwrap(),
            "http://localhost:8013"
        );
        assert_eq!(
            url(&serde_json::json!([{ "ip": "2001:db8::1" }])).unwrap(),
            "http://[2001:db8::1]:8013"
        );
        assert_eq!(url(&serde_json::json!([])), None);
    }

    #[tokio::test]
    async fn callers_without_an_address_get_no_answer() {
        assert_eq!(
            call(None, "/healthz").await,
            Callers::from([(None, FIRST_CALLERS)])
        );
    }

    #[tokio::test]
    async fn callers_of_a_closed_port_get_no_answer() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(
            call(Some(base), "/healthz").await,
            Callers::from([(None, FIRST_CALLERS)])
        );
    }
}
