//! A Service's address outside the cluster.

use k8s_openapi::api::core::v1::Service;
use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, http::base_url, say};
use crate::guide::Language;

/// The Service's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(pub String);

impl Kind for Address {
    type Facts = Option<Service>;

    fn validate(&self) -> Result<(), String> {
        if self.0.is_empty() {
            return Err("an address of which Service?".into());
        }
        Ok(())
    }

    fn describe(&self, language: Language) -> String {
        let name = &self.0;
        say(
            language,
            format!("{name} has an address outside the cluster"),
            format!("{name}에 클러스터 바깥 주소가 있음"),
        )
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        view.api::<Service>(None).get_opt(&self.0).await
    }

    fn judge(&self, service: &Self::Facts, language: Language) -> Verdict {
        let name = &self.0;
        match (service.as_ref().and_then(base_url), service) {
            (Some(url), _) => Verdict::new(true, url, String::new),
            (None, Some(_)) => Verdict::new(
                false,
                say(
                    language,
                    "the Service is there, without an address",
                    "서비스는 있지만 주소가 없음",
                ),
                || {
                    say(
                        language,
                        format!(
                            "Something has to give {name} an address: a cloud, MetalLB, `minikube tunnel`; \
                             lab doctor says what this cluster has."
                        ),
                        format!(
                            "{name}에 주소를 줄 것이 필요합니다: 클라우드, MetalLB, `minikube tunnel` 등. \
                             이 클러스터에 무엇이 있는지는 lab doctor로 확인하세요."
                        ),
                    )
                },
            ),
            (None, None) => Verdict::new(
                false,
                say(language, "there is no such Service", "그런 서비스가 없음"),
                || {
                    say(
                        language,
                        format!("Is the manifest with the Service {name} applied, in this namespace?"),
                        format!("{name} 서비스가 든 매니페스트를 이 네임스페이스에 적용했나요?"),
                    )
                },
            ),
        }
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        vec![format!("{kubectl} get service {}", self.0)]
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
        let found = check.judge(
            &Some(service(serde_json::json!([{ "ip": "198.18.192.1" }]))),
            Language::En,
        );
        assert_eq!(
            (found.holds, found.observed.as_str(), found.hint.as_str()),
            (true, "http://198.18.192.1:8013", "")
        );
        let bare = check.judge(&Some(service(serde_json::json!([]))), Language::En);
        assert!(!bare.holds && bare.hint.contains("lab doctor"), "{bare:?}");
        let none = check.judge(&None, Language::Ko);
        assert!(!none.holds && none.hint.contains("매니페스트"), "{none:?}");
    }
}
