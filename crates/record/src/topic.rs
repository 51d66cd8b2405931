//! What a story is to be about.

use std::{collections::BTreeSet, fmt, str::FromStr, sync::Arc};

use access::service_of;
use k8s_openapi::{api::discovery::v1::EndpointSlice, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use story::{Fact, What};

use crate::Listed;

/// The longest name that an object may have.
const LONGEST: usize = 253;

/// An object that a story is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// The kinds that have stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A pod.
    Pod,
    /// A Deployment, with its ReplicaSets and pods.
    Deployment,
    /// A Service, with the pods behind it.
    Service,
}

/// The error for what names no object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no pod/NAME, deploy/NAME or svc/NAME, with a name of lower-case letters, digits, hyphens and dots, 253 at most"
)]
pub struct Unreadable(String);

impl FromStr for Topic {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let named = text.split_once('/').and_then(|(kind, name)| {
            let kind = match kind {
                "pod" | "pods" | "po" => Kind::Pod,
                "deploy" | "deployment" | "deployments" => Kind::Deployment,
                "svc" | "service" | "services" => Kind::Service,
                _ => return None,
            };
            let possible =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
            let good = (1..=LONGEST).contains(&name.len()) && name.bytes().all(possible);
            good.then(|| Self {
                kind,
                name: name.into(),
            })
        });
        named.ok_or_else(|| Unreadable(text.chars().take(LONGEST + 20).collect()))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Pod => "pod",
            Kind::Deployment => "deploy",
            Kind::Service => "svc",
        };
        write!(f, "{kind}/{}", self.name)
    }
}

impl Topic {
    /// The uids of the objects that it is about, as far as `listed` has them; none if there is no such object.
    #[must_use]
    pub fn objects(&self, listed: &Listed) -> Option<BTreeSet<String>> {
        let named = |meta: &ObjectMeta| meta.name.as_deref() == Some(&self.name);
        let uid = |meta: &ObjectMeta| meta.uid.clone();
        let found: Vec<String> = match self.kind {
            Kind::Pod => listed
                .pods
                .iter()
                .filter(|pod| named(&pod.metadata))
                .filter_map(|pod| uid(&pod.metadata))
                .collect(),
            Kind::Deployment => {
                let all = listed.deployments.iter().map(|deployment| &deployment.metadata);
                let uids: Vec<_> = all.filter(|meta| named(meta)).filter_map(uid).collect();
                // What is told of a pod before its ReplicaSet is seen names that alone.
                let mut sets = listed.replica_sets.iter().collect::<Vec<_>>();
                sets.retain(|set| {
                    let mut owners = set.metadata.owner_references.iter().flatten();
                    owners.any(|owner| uids.contains(&owner.uid))
                });
                let sets: Vec<_> = sets.into_iter().filter_map(|set| uid(&set.metadata)).collect();
                [uids, sets].concat()
            }
            Kind::Service => {
                let all = listed.services.iter().map(|service| &service.metadata);
                let itself: Vec<_> = all.filter(|meta| named(meta)).filter_map(uid).collect();
                let behind = self.behind(listed);
                if itself.is_empty() && behind.is_none() {
                    return None;
                }
                return Some(itself.into_iter().chain(behind.into_iter().flatten()).collect());
            }
        };
        (!found.is_empty()).then(|| found.into_iter().collect())
    }

    /// The pods behind a Service, if it has slices.
    fn behind(&self, listed: &Listed) -> Option<Vec<String>> {
        let of_it = |slice: &&Arc<EndpointSlice>| service_of(slice) == Some(&self.name);
        let mut slices = listed.slices.iter().filter(of_it).peekable();
        slices.peek()?;
        let endpoints = slices.flat_map(|slice| slice.endpoints.iter().flatten());
        let pods = endpoints.filter_map(|endpoint| endpoint.target_ref.as_ref()?.uid.clone());
        Some(pods.collect())
    }

    /// Whether a fact names it, so that the fact's subject is an object of its story.
    #[must_use]
    pub fn names(&self, fact: &Fact) -> bool {
        let subject = &fact.subject;
        let is = |kind: &str| subject.kind == kind && subject.name == self.name;
        match (self.kind, &fact.what) {
            (Kind::Pod, _) => is("Pod"),
            (Kind::Deployment, _) => is("Deployment"),
            (Kind::Service, What::Serving { service, .. }) => *service == self.name,
            (Kind::Service, _) => is("Service"),
        }
    }

    /// Whether a fact is about one of these objects, or one that they control.
    #[must_use]
    pub fn holds(&self, objects: &BTreeSet<String>, fact: &Fact) -> bool {
        let subject = &fact.subject;
        let of_it =
            objects.contains(&subject.uid) || subject.owners.iter().any(|owner| objects.contains(owner));
        match (&fact.what, self.kind) {
            (What::Serving { service, .. }, Kind::Service) => of_it && *service == self.name,
            _ => of_it,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_is_there_with_its_slices_or_by_itself() {
        let topic: Topic = "svc/x".parse().unwrap();
        let service = json!({"metadata": {"name": "x", "uid": "s"}});
        let slice = json!({"metadata": {"name": "x-1", "labels": {"kubernetes.io/service-name": "x"}}, "addressType": "IPv4",
            "endpoints": []});
        let services = vec![Arc::new(serde_json::from_value(service).unwrap())];
        let slices = vec![Arc::new(serde_json::from_value(slice).unwrap())];
        let nothing = Listed::default();
        let alone = Listed {
            services,
            ..nothing.clone()
        };
        let hidden = Listed {
            slices,
            ..nothing.clone()
        };
        assert_eq!(topic.objects(&nothing), None);
        assert_eq!(topic.objects(&alone), Some(BTreeSet::from(["s".to_owned()])));
        assert_eq!(topic.objects(&hidden), Some(BTreeSet::new()));
    }

    #[test]
    fn a_topic_is_a_kind_and_a_name_that_could_be_one() {
        for (text, told) in [
            ("pod/a", "pod/a"),
            ("deployment/a.b-1", "deploy/a.b-1"),
            ("svc/x", "svc/x"),
        ] {
            assert_eq!(text.parse::<Topic>().unwrap().to_string(), told);
        }
        let longest = format!("pod/{}", "a".repeat(253));
        assert!(longest.parse::<Topic>().is_ok());
        for bad in [
            "",
            "pod",
            "pod/",
            "node/a",
            "pod/A",
            "pod/a/b",
            "pod/ab c",
            "pod/\u{202e}a",
            &format!("{longest}a"),
        ] {
            let refused = bad.parse::<Topic>().unwrap_err().to_string();
            assert!(refused.contains("pod/NAME") && refused.len() < 500, "{refused}");
        }
    }
}
