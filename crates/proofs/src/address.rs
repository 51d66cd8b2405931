//! A Service's address outside the cluster.

use guide::{Message, proof::Address};
use k8s_openapi::api::core::v1::Service;

use super::{Kind, Place, Verdict};

impl Kind for Address {
    type Facts = Option<Service>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        place.api::<Service>(None).get_opt(&self.0).await
    }

    fn judge(&self, service: &Self::Facts) -> Verdict {
        let hint = |hint: Message| hint.with("service", &self.0);
        match (service.as_ref().and_then(access::outside_url), service) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
        let found = check.judge(&Some(service(serde_json::json!([{ "ip": "198.18.192.1" }]))));
        let url = Message::Verbatim("http://198.18.192.1:8013".into());
        assert_eq!(found, Verdict::holds(url));
        let bare = check.judge(&Some(service(serde_json::json!([]))));
        assert_eq!(bare.observed.id(), Some("address-without"));
        let none = check.judge(&None);
        assert_eq!(none.observed.id(), Some("address-no-service"));
    }
}
