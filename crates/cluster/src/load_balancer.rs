//! Plays the cloud's part: an address for each Service of type `LoadBalancer`. kube-proxy serves any address in a Service's
//! status, and this machine routes the whole range into the cluster.

use std::{collections::BTreeSet, net::Ipv4Addr};

use futures::TryStreamExt;
use k8s_openapi::api::core::v1::Service;
use kube::{
    Api, ResourceExt,
    api::{Patch, PatchParams},
    runtime::{
        WatchStreamExt,
        watcher::{self, watcher},
    },
};

use crate::{Error, Layout, client::watching_client};

/// Watches Services and gives them addresses, until a request fails.
///
/// # Errors
/// The API server refused a request.
pub(crate) async fn run(layout: &Layout) -> Result<(), Error> {
    let client = watching_client(&layout.state.join("conf/load-balancer.kubeconfig")).await?;
    let services: Api<Service> = Api::all(client.clone());
    let mut changes = std::pin::pin!(
        watcher(services.clone(), watcher::Config::default())
            .default_backoff()
            .touched_objects()
    );
    while let Some(changed) = changes.try_next().await.transpose() {
        if let Err(error) = changed {
            tracing::warn!("watching Services: {error}");
            continue;
        }
        // The whole list, each time: a lab has a handful of Services, and no address can be forgotten or given twice.
        let all = services.list(&kube::api::ListParams::default()).await?.items;
        let Changes { addresses, left_out } = wanted(&all, layout.load_balancers());
        for service in left_out {
            let (namespace, name) = (service.namespace().unwrap_or_default(), service.name_any());
            tracing::warn!(namespace, name, range = %layout.load_balancers(), "stays pending: every address is taken");
        }
        for (service, address) in addresses {
            let status = serde_json::json!({ "status": { "loadBalancer": { "ingress": ingress(address) } } });
            let api: Api<Service> = Api::namespaced(client.clone(), &service.namespace().unwrap_or_default());
            match api
                .patch_status(
                    &service.name_any(),
                    &PatchParams::default(),
                    &Patch::Merge(status),
                )
                .await
            {
                // A Service that was deleted meanwhile needs no address.
                Err(kube::Error::Api(gone)) if gone.code == 404 => {}
                result => drop(result?),
            }
            tracing::info!(service = service.name_any(), ?address, "set its address");
        }
    }
    Ok(())
}

#[derive(Default)]
struct Changes<'a> {
    /// The Services whose address has to change, each with its new one; none for a Service that is no longer balanced.
    addresses: Vec<(&'a Service, Option<Ipv4Addr>)>,
    /// The Services for which no address is left.
    left_out: Vec<&'a Service>,
}

/// Gives the lowest free address to each `LoadBalancer` without one, and takes those of other Services.
fn wanted(services: &[Service], range: ipnet::Ipv4Net) -> Changes<'_> {
    let is_balanced = |service: &Service| {
        service.spec.as_ref().and_then(|spec| spec.type_.as_deref()) == Some("LoadBalancer")
    };
    let mut taken: BTreeSet<Ipv4Addr> = services.iter().filter_map(address).collect();
    let mut changes = Changes::default();
    for service in services {
        match (is_balanced(service), address(service)) {
            (true, None) => match range.hosts().find(|address| !taken.contains(address)) {
                Some(free) => {
                    taken.insert(free);
                    changes.addresses.push((service, Some(free)));
                }
                None => changes.left_out.push(service),
            },
            (false, Some(_)) => changes.addresses.push((service, None)),
            _ => {}
        }
    }
    changes
}

/// A Service's address as its status holds it: first as a name, then as an address.
///
/// The course asks for `{.status.loadBalancer.ingress[0].*}`. Since Kubernetes 1.30 the API server adds `ipMode: VIP` to
/// each entry with an address, and the command prints `198.18.192.1 VIP`. An entry with a name has just that one value,
/// a name may not be an address in dots, and an address written as one number is a name that curl, browsers and most
/// languages understand without asking a server. Go's resolver does not (golang/go#36822), and nothing else would do without
/// a name server: for such programs there is the second entry.
fn ingress(address: Option<Ipv4Addr>) -> Vec<serde_json::Value> {
    address.map_or_else(Vec::new, |address| {
        vec![
            serde_json::json!({ "hostname": u32::from(address).to_string() }),
            serde_json::json!({ "ip": address }),
        ]
    })
}

fn address(service: &Service) -> Option<Ipv4Addr> {
    let ingress = service
        .status
        .as_ref()?
        .load_balancer
        .as_ref()?
        .ingress
        .as_ref()?;
    ingress.iter().find_map(|entry| entry.ip.as_deref()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(kind: &str, address: Option<&str>) -> Service {
        let ingress = ingress(address.map(|address| address.parse().unwrap()));
        serde_json::from_value(serde_json::json!({
            "metadata": { "name": "s" },
            "spec": { "type": kind },
            "status": { "loadBalancer": { "ingress": ingress } },
        }))
        .unwrap()
    }

    #[test]
    fn each_gets_the_lowest_address_that_is_free() {
        let services = [
            service("LoadBalancer", Some("198.18.192.2")),
            service("LoadBalancer", None),
            service("ClusterIP", None),
            service("LoadBalancer", None),
            service("ClusterIP", Some("198.18.192.9")),
        ];
        let changes = wanted(&services, "198.18.192.0/24".parse().unwrap());
        let given: Vec<_> = changes
            .addresses
            .into_iter()
            .map(|(_, address)| address)
            .collect();
        let ip = |last| Some(Ipv4Addr::new(198, 18, 192, last));
        assert_eq!(given, [ip(1), ip(3), None]);
    }

    #[test]
    fn services_that_a_used_up_range_leaves_out_are_named() {
        let services: Vec<_> = (0..3).map(|_| service("LoadBalancer", None)).collect();
        let changes = wanted(&services, "198.18.192.0/30".parse().unwrap());
        assert_eq!((changes.addresses.len(), changes.left_out.len()), (2, 1));
    }
}
