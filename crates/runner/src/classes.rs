//! The PriorityClasses that a run makes: no namespace takes them along when it goes.

use std::collections::BTreeMap;

use access::Access;
use guide::{Footprint, Message};
use k8s_openapi::api::scheduling::v1::PriorityClass;
use kube::{Api, ResourceExt};

use super::{
    Error,
    deletion::{only, unless_gone},
};

/// Those that a run has made, by name with their ids; without one where a step that makes it has only begun.
#[derive(Default)]
pub(super) struct Classes(BTreeMap<String, Option<String>>);

impl Classes {
    /// Refuses to change classes that this run has not made.
    ///
    /// # Errors
    /// There is one, or the cluster does not say.
    pub(super) async fn only_own(&self, access: &Access, footprint: &Footprint) -> Result<(), Error> {
        let mut strange = vec![];
        for name in names(footprint) {
            let there = find(access, name).await?;
            strange.extend(there.filter(|there| self.0.get(name) != Some(&there.uid())));
        }
        if strange.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = strange.iter().map(ResourceExt::name_any).collect();
        Err(Error::ClassInTheWay(names.join(" ")))
    }

    /// Counts classes as this run's before a step makes them: it may be interrupted.
    pub(super) fn claim(&mut self, footprint: &Footprint) {
        for name in names(footprint) {
            self.0.entry(name.to_owned()).or_default();
        }
    }

    /// Notes the ids of those that a step has made.
    ///
    /// # Errors
    /// The cluster refuses, or does not answer.
    pub(super) async fn learn(&mut self, access: &Access, footprint: &Footprint) -> Result<(), Error> {
        for name in names(footprint) {
            if let Some(there) = find(access, name).await? {
                self.0.insert(name.to_owned(), there.uid());
            }
        }
        Ok(())
    }

    /// Deletes them. Pods that have one keep their priority.
    ///
    /// # Errors
    /// The cluster refuses, or does not answer.
    pub(super) async fn remove(&self, access: &Access) -> Result<(), kube::Error> {
        for (name, uid) in &self.0 {
            let deleted = api(access).delete(name, &only(uid.clone())).await;
            unless_gone(deleted.map(|_| ()))?;
        }
        Ok(())
    }
}

fn names(footprint: &Footprint) -> impl Iterator<Item = &str> {
    let classes = footprint
        .objects
        .iter()
        .filter(|object| object.kind == "PriorityClass");
    classes.map(|object| object.metadata.name.as_str())
}

async fn find(access: &Access, name: &str) -> Result<Option<PriorityClass>, Error> {
    let there = api(access).get_opt(name).await;
    there.map_err(|error| Error::refused(access, Message::new("action-show-class"), &error))
}

fn api(access: &Access) -> Api<PriorityClass> {
    Api::all(access.client.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use access::fake;
    use serde_json::{Value, json};

    use super::*;

    fn footprint() -> Footprint {
        let made = json!({
            "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": { "name": "lab-batch" },
        });
        Footprint {
            objects: vec![serde_json::from_value(made).unwrap()],
            ..Footprint::default()
        }
    }

    fn class(uid: &str) -> Value {
        json!({ "metadata": { "name": "lab-batch", "uid": uid }, "value": -2000 })
    }

    #[tokio::test]
    async fn a_class_of_somebody_elses_is_refused_and_left_alone() {
        let access = fake::access(|_, _| (200, class("2")));
        let refused = Classes::default().only_own(&access, &footprint()).await;
        assert!(matches!(refused, Err(Error::ClassInTheWay(names)) if names == "lab-batch"));
        let none = fake::access(|_, _| fake::refusal(404, "not found"));
        assert!(Classes::default().only_own(&none, &footprint()).await.is_ok());
    }

    #[tokio::test]
    async fn what_a_step_made_is_deleted_by_its_id_and_what_it_only_began_by_its_name() {
        let deleted = Arc::new(Mutex::new(vec![]));
        let seen = Arc::clone(&deleted);
        let access = fake::access(move |request, body| {
            if request.starts_with("DELETE") {
                seen.lock().unwrap().push(body["preconditions"]["uid"].clone());
            }
            (200, class("1"))
        });
        let mut classes = Classes::default();
        classes.claim(&footprint());
        classes.remove(&access).await.unwrap();
        classes.learn(&access, &footprint()).await.unwrap();
        assert!(classes.only_own(&access, &footprint()).await.is_ok());
        classes.remove(&access).await.unwrap();
        assert_eq!(*deleted.lock().unwrap(), [Value::Null, json!("1")]);
    }
}
