//! A Service: its endpoints, and what callers from outside meet.

mod facts;
mod hints;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use guide::{Message, proof::Service};
use k8s_openapi::api::{
    core::{self, v1::Pod},
    discovery::v1::EndpointSlice,
};
use kube::api::ListParams;

use facts::Facts;

use super::{
    Kind, Place, Verdict,
    callers::{Callers, shares},
};

impl Kind for Service {
    type Facts = Facts;

    async fn look(&self, place: &Place) -> Result<Facts, kube::Error> {
        let namespace = self.namespace.as_deref();
        let selector = ListParams::default().labels(&format!("kubernetes.io/service-name={}", self.name));
        let service = place
            .api::<core::v1::Service>(namespace)
            .get_opt(&self.name)
            .await?;
        let slices = place.api::<EndpointSlice>(namespace).list(&selector).await?.items;
        let hope = !ready(&slices).is_empty();
        Ok(Facts {
            slices,
            pods: place
                .api::<Pod>(namespace)
                .list(&ListParams::default())
                .await?
                .items,
            callers: match &self.callers {
                Some(expected) => {
                    let base = service.as_ref().and_then(access::outside_url);
                    place.callers(base, &expected.get, hope).await
                }
                None => Callers::new(),
            },
            exists: service.is_some(),
            surplus: place.surplus(&self.name, namespace),
        })
    }

    fn judge(&self, facts: &Facts) -> Verdict {
        let ready = ready(&facts.slices);
        if !facts.exists {
            let observed = Message::new("service-none").with("service", self.place());
            return Verdict::missed(observed, hints::none(self));
        }
        let mut observed = vec![];
        if self.endpoints.is_some() {
            let names: Vec<_> = ready.iter().map(String::as_str).collect();
            let names = (!names.is_empty()).then(|| names.join(", "));
            observed.push(self.has_endpoints(ready.len(), names.as_deref()));
        }
        if let Some(expected) = &self.callers {
            observed.push(self.callers_get(&expected.get, met_by(&facts.callers)));
        }
        Verdict::of(Message::joined("; ", observed), hints::hint(self, facts, &ready))
    }

    /// As many endpoints more as its Deployment has pods more are as right.
    fn or_more(&self, facts: &Facts) -> Self {
        let ready = ready(&facts.slices).len();
        let endpoints = self.endpoints.map(|wanted| {
            let as_right = wanted > 0 && (wanted..=wanted + facts.surplus).contains(&ready);
            if as_right { ready } else { wanted }
        });
        Self {
            endpoints,
            ..self.clone()
        }
    }
}

/// The pods, by name, or else the addresses, that get requests.
fn ready(slices: &[EndpointSlice]) -> BTreeSet<String> {
    slices
        .iter()
        .flat_map(|slice| slice.endpoints.iter().flatten())
        .filter(|endpoint| access::gets_traffic(endpoint))
        .map(|endpoint| {
            let pod = endpoint
                .target_ref
                .as_ref()
                .and_then(|target| target.name.clone());
            pod.unwrap_or_else(|| endpoint.addresses.join(","))
        })
        .collect()
}

/// How many callers met which answer: `200 (17 of 32), 500 (15 of 32)`; none if nobody got an answer.
fn met_by(callers: &Callers) -> Option<Message> {
    let answered = callers.keys().any(Option::is_some);
    answered.then(|| shares(callers))
}
