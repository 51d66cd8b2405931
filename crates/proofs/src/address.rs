//! A Service's address outside the cluster.

use std::{net::IpAddr, time::Duration};

use guide::{Message, proof::Address};
use http::Uri;
use k8s_openapi::api::core::v1::Service;
use tokio::{net::lookup_host, time::timeout};

use super::{Kind, Place, Verdict};

/// How long a resolver may take to know a name.
const LOOKED_UP_WITHIN: Duration = Duration::from_secs(3);

/// A Service, and the name that is its address if nobody knows it yet: a cloud gives a name before it can be looked up.
pub(crate) struct Looked {
    service: Option<Service>,
    unknown: Option<String>,
}

impl Kind for Address {
    type Facts = Looked;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let service = place.api::<Service>(None).get_opt(&self.0).await?;
        let url = service.as_ref().and_then(access::outside_url);
        let unknown = match url.and_then(|url| name(&url)) {
            Some(name) if !is_known(&name).await => Some(name),
            _ => None,
        };
        Ok(Looked { service, unknown })
    }

    fn judge(&self, Looked { service, unknown }: &Self::Facts) -> Verdict {
        let hint = |hint: Message| hint.with("service", &self.0);
        match (service.as_ref().and_then(access::outside_url), service) {
            (Some(_), _) if let Some(name) = unknown => Verdict::missed(
                Message::new("address-unknown").with("name", name),
                Message::new("hint-address-unknown").with("name", name),
            ),
            (Some(url), _) => Verdict::holds(Message::Verbatim(url)),
            (None, Some(_)) => Verdict::missed(
                Message::new("address-without"),
                hint(Message::new("hint-address-without")),
            ),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(service: Option<Service>) -> Looked {
        Looked {
            service,
            unknown: None,
        }
    }

    #[test]
    fn a_service_without_an_address_is_told_from_none() {
        let check = Address("numbers-api".into());
        let service = |ingress: serde_json::Value| {
            serde_json::from_value(serde_json::json!({
                "metadata": {}, "spec": { "ports": [{ "port": 8013 }] },
                "status": { "loadBalancer": { "ingress": ingress } },
            }))
            .unwrap()
        };
        let found = check.judge(&looked(Some(service(
            serde_json::json!([{ "ip": "198.18.192.1" }]),
        ))));
        let url = Message::Verbatim("http://198.18.192.1:8013".into());
        assert_eq!(found, Verdict::holds(url));
        let bare = check.judge(&looked(Some(service(serde_json::json!([])))));
        assert_eq!(bare.observed.id(), Some("address-without"));
        let none = check.judge(&looked(None));
        assert_eq!(none.observed.id(), Some("address-no-service"));
        let named = Looked {
            service: Some(service(serde_json::json!([{ "hostname": "nope.invalid" }]))),
            unknown: Some("nope.invalid".into()),
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
}
