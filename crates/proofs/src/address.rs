//! A Service's address outside the cluster.

use std::{net::IpAddr, time::Duration};

use access::has_address;
use guide::{Message, proof::Address};
use http::Uri;
use k8s_openapi::api::core::v1::Service;
use kube::{Api, ResourceExt, api::ListParams};
use tokio::{net::lookup_host, time::timeout};

use super::{Kind, Place, Verdict};

/// How long a resolver may take to know a name.
const LOOKED_UP_WITHIN: Duration = Duration::from_secs(3);

/// What there is to see.
pub(crate) struct Facts {
    service: Option<Service>,
    /// The name that is its address if nobody knows it yet: a cloud gives a name before it can be looked up.
    unknown: Option<String>,
    /// Where it has no address: the Services that have one.
    others: Vec<Service>,
}

impl Kind for Address {
    type Facts = Facts;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let service = place.api::<Service>(None).get_opt(&self.0).await?;
        let url = service.as_ref().and_then(access::outside_url);
        let unknown = match url.and_then(|url| name(&url)) {
            Some(name) if !is_known(&name).await => Some(name),
            _ => None,
        };
        let others = match &service {
            Some(service) if !has_address(service) => {
                let all = Api::<Service>::all(place.client.clone());
                let all = all
                    .list(&ListParams::default().fields("spec.type=LoadBalancer"))
                    .await;
                // Whoever may not look elsewhere is given the other hint.
                all.map(|all| all.items).unwrap_or_default()
            }
            _ => vec![],
        };
        Ok(Facts {
            service,
            unknown,
            others,
        })
    }

    fn judge(
        &self,
        Facts {
            service,
            unknown,
            others,
        }: &Self::Facts,
    ) -> Verdict {
        let hint = |hint: Message| hint.with("service", &self.0);
        match (service.as_ref().and_then(access::outside_url), service) {
            (Some(_), _) if let Some(name) = unknown => Verdict::missed(
                Message::new("address-unknown").with("name", name),
                Message::new("hint-address-unknown").with("name", name),
            ),
            (Some(url), _) => Verdict::holds(Message::Verbatim(url)),
            (None, Some(service)) => {
                let held = |port: &u16| Some((others.iter().find(|other| has(other, *port))?, *port));
                let taken = ports(service).iter().find_map(held).map(|(holder, port)| {
                    let namespace = holder.namespace().unwrap_or_default();
                    Message::new("hint-address-taken")
                        .with("holder", format!("{namespace}/{}", holder.name_any()))
                        .with("port", port.to_string())
                });
                Verdict::missed(
                    Message::new("address-without"),
                    taken.unwrap_or_else(|| hint(Message::new("hint-address-without"))),
                )
            }
            (None, None) => Verdict::missed(
                Message::new("address-no-service"),
                hint(Message::new("hint-address-no-service")),
            ),
        }
    }
}

/// The host of an address, if it is a name.
fn name(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let host = uri.host()?.trim_matches(['[', ']']);
    host.parse::<IpAddr>().is_err().then(|| host.to_owned())
}

async fn is_known(name: &str) -> bool {
    matches!(
        timeout(LOOKED_UP_WITHIN, lookup_host((name, 80))).await,
        Ok(Ok(_))
    )
}

/// Whether a Service answers outside of the cluster at a port.
fn has(service: &Service, port: u16) -> bool {
    has_address(service) && ports(service).contains(&port)
}

fn ports(service: &Service) -> Vec<u16> {
    let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_deref());
    let ports = ports.unwrap_or_default().iter();
    ports.filter_map(|port| port.port.try_into().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_without_an_address_is_told_from_none() {
        let check = Address("numbers-api".into());
        let given = &serde_json::json!([{ "ip": "198.18.192.1" }]);
        let judge = |service, others| {
            check.judge(&Facts {
                service,
                unknown: None,
                others,
            })
        };
        let found = judge(Some(service(8013, given)), vec![]);
        let url = Message::Verbatim("http://198.18.192.1:8013".into());
        assert_eq!(found, Verdict::holds(url));
        let none = judge(None, vec![]);
        assert_eq!(none.observed.id(), Some("address-no-service"));

        let pending = || service(8013, &serde_json::json!([]));
        for (others, hint) in [
            (vec![], "hint-address-without"),
            (vec![pending(), service(8012, given)], "hint-address-without"),
            (
                vec![service(8012, given), service(8013, given)],
                "hint-address-taken",
            ),
        ] {
            let bare = judge(Some(pending()), others);
            assert_eq!(bare.observed.id(), Some("address-without"));
            assert_eq!(bare.hint.unwrap().id(), Some(hint));
        }
        let named = Facts {
            service: Some(service(
                8013,
                &serde_json::json!([{ "hostname": "nope.invalid" }]),
            )),
            unknown: Some("nope.invalid".into()),
            others: vec![],
        };
        assert_eq!(check.judge(&named).observed.id(), Some("address-unknown"));
    }

    #[tokio::test]
    async fn a_name_is_looked_up_and_an_address_is_not() {
        assert_eq!(name("http://198.18.192.1:8013"), None);
        assert_eq!(name("http://[2001:db8::1]:8013"), None);
        assert_eq!(name("http://nope.invalid:8013").as_deref(), Some("nope.invalid"));
        assert!(is_known("localhost").await);
        // Nobody ever has a name of this kind, RFC 2606.
        assert!(!is_known("nope.invalid").await);
    }

    fn service(port: u16, ingress: &serde_json::Value) -> Service {
        serde_json::from_value(serde_json::json!({
            "metadata": {}, "spec": { "ports": [{ "port": port }] },
            "status": { "loadBalancer": { "ingress": ingress } },
        }))
        .unwrap()
    }
}
