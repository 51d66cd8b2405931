//! What else is on the cluster: other runs, and namespaces that are not this run's to change or delete.

use std::time::Duration;

use access::{Access, wait};
use guide::{Footprint, Message};
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt, api::ListParams};
use serde_json::json;

use super::{Error, owned::Owned};

/// How long a run that came later gets to see that it did, and to give up.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(10);

/// Tells the runner's namespaces from everything else.
const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "self-healing-lab");
/// Tells other runs what a run makes and deletes outside of its namespace.
const REACH: &str = "self-healing-lab/reach";

/// Those around a run.
pub(super) struct Neighbours {
    access: Access,
    /// The namespace of the run.
    own: String,
    /// What its exercise makes and deletes.
    pub(super) footprint: Footprint,
}

impl Neighbours {
    /// Those around the run in the namespace `own`, whose exercise makes and deletes what is in `footprint`.
    pub(super) fn new(access: Access, own: String, footprint: Footprint) -> Self {
        Self {
            access,
            own,
            footprint,
        }
    }

    /// The run's own namespace as others can see what the run is. It enforces the `restricted` pod security standard and
    /// has kubectl print what breaks it, so that a manifest which would not be admitted everywhere shows here.
    ///
    /// # Errors
    /// Never, as all of it can be written as JSON.
    pub(super) fn sign(&self) -> Result<Namespace, serde_json::Error> {
        let (key, value) = LABEL;
        serde_json::from_value(json!({ "metadata": {
            "name": self.own,
            "labels": {
                key: value,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
            "annotations": { REACH: serde_json::to_string(&self.footprint.beyond())? },
        } }))
    }

    /// Says which namespaces other runs have: one that was killed could not remove its own.
    pub(super) async fn others(&self) -> Result<Vec<Message>, Error> {
        let message =
            |namespace: &Namespace| Message::new("other-run").with("namespace", namespace.name_any());
        Ok(self.runs().await?.iter().map(message).collect())
    }

    /// Refuses to begin where somebody's own namespaces would be changed or deleted, or where another run would meet this
    /// one.
    pub(super) async fn nothing_in_the_way(&self, owned: &Owned) -> Result<(), Error> {
        self.no_rivals().await?;
        match self.only_its_own(&self.footprint, owned).await {
            // What another run has made is in the way for as long as that run is, which says more; it may just have begun.
            Err(in_the_way @ (Error::InTheWay { .. } | Error::Going(_))) => {
                self.no_rivals().await?;
                Err(in_the_way)
            }
            seen => seen,
        }
    }

    async fn no_rivals(&self) -> Result<(), Error> {
        match self.rivals(&self.runs().await?).first() {
            Some(rival) => Err(met(rival)),
            None => Ok(()),
        }
    }

    /// Makes sure, once all others can see this run's namespace, that no other run will meet it. Of two that began at the
    /// same moment the later gives up, and the earlier waits for that. None goes on while it sees another, so that there is
    /// no moment in which both could.
    pub(super) async fn wait_for_others_to_give_up(&self, owned: &Owned) -> Result<(), Error> {
        let age = |run: &Namespace| (run.metadata.creation_timestamp.clone(), run.name_any());
        let mut last = None;
        let alone = wait::until(GIVEN_UP_WITHIN, async || {
            let runs = self.runs().await?;
            let own = runs.iter().find(|run| run.name_any() == self.own);
            let Some(first) = self.rivals(&runs).into_iter().min_by_key(|rival| age(rival)) else {
                return Ok(Some(()));
            };
            if own.is_none_or(|own| age(first) < age(own)) {
                return Err(met(first));
            }
            last = Some(met(first));
            Ok(None)
        });
        match (alone.await?, last) {
            (None, Some(met)) => Err(met),
            _ => self.only_its_own(&self.footprint, owned).await,
        }
    }

    /// Refuses to touch namespaces, and what is in none, that this run has not made.
    pub(super) async fn only_its_own(&self, footprint: &Footprint, owned: &Owned) -> Result<(), Error> {
        owned.only_own_classes(footprint).await?;
        let mut found = vec![];
        for namespace in footprint.namespaces() {
            let there = self.namespaces().get_opt(&namespace.name).await;
            found.extend(there.map_err(|error| self.refused(Message::new("action-show-namespace"), &error))?);
        }
        for label in &footprint.deletes {
            found.extend(self.labelled(label).await?);
        }
        found.retain(|there| !owned.has(there));
        let (going, staying): (Vec<_>, Vec<_>) = found
            .iter()
            .partition(|there| there.metadata.deletion_timestamp.is_some());
        if !staying.is_empty() {
            return Err(Error::InTheWay {
                namespaces: names(&staying),
            });
        }
        // Somebody has just cleaned up, or a run ends that has removed what would tell of it.
        if !going.is_empty() {
            return Err(Error::Going(names(&going)));
        }
        Ok(())
    }

    /// The namespaces of all runs.
    async fn runs(&self) -> Result<Vec<Namespace>, Error> {
        let (key, value) = LABEL;
        self.labelled(&format!("{key}={value}")).await
    }

    /// The runs that make or delete what this one makes or deletes. One whose namespace is being deleted touches nothing
    /// more.
    fn rivals<'a>(&self, runs: &'a [Namespace]) -> Vec<&'a Namespace> {
        let clashes = |run: &Namespace| {
            let reach = run.annotations().get(REACH);
            let reach = reach.and_then(|reach| serde_json::from_str::<Footprint>(reach).ok());
            reach.is_some_and(|reach| reach.clashes(&self.footprint))
        };
        runs.iter()
            .filter(|run| run.name_any() != self.own)
            .filter(|run| run.metadata.deletion_timestamp.is_none() && clashes(run))
            .collect()
    }

    async fn labelled(&self, label: &str) -> Result<Vec<Namespace>, Error> {
        let found = self.namespaces().list(&ListParams::default().labels(label)).await;
        let found = found.map_err(|error| self.refused(Message::new("action-list-namespaces"), &error));
        Ok(found?.items)
    }

    fn refused(&self, action: Message, error: &kube::Error) -> Error {
        Error::refused(&self.access, action, error)
    }

    fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.access.client.clone())
    }
}

fn names(namespaces: &[&Namespace]) -> String {
    let mut names: Vec<_> = namespaces.iter().map(|namespace| namespace.name_any()).collect();
    names.sort();
    names.dedup();
    names.join(" ")
}

fn met(rival: &Namespace) -> Error {
    Error::AnotherRun {
        namespace: rival.name_any(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use access::fake;
    use serde_json::Value;

    use super::*;

    /// Makes a namespace, so that each run of it meets each other.
    fn footprint() -> Footprint {
        let made = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shared" } });
        Footprint {
            objects: vec![serde_json::from_value(made).unwrap()],
            ..Footprint::default()
        }
    }

    /// A run's namespace as the cluster shows it, made at a second.
    fn run(name: &str, second: usize) -> Value {
        let access = fake::access(|_, _| fake::list(&[]));
        let signed = Neighbours::new(access, name.into(), footprint()).sign();
        let mut run = serde_json::to_value(signed.unwrap()).unwrap();
        run["metadata"]["creationTimestamp"] = json!(format!("2026-01-01T00:00:{second:02}Z"));
        run
    }

    /// What comes of waiting beside another run that is gone when the cluster has been asked for runs twice.
    async fn beside(other: Value) -> (Result<(), Error>, usize) {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let access = fake::access(move |request, _| {
            if request != "GET /api/v1/namespaces" {
                return fake::refusal(404, "not found");
            }
            match counted.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => fake::list(&[run("own", 5), other.clone()]),
                _ => fake::list(&[run("own", 5)]),
            }
        });
        let owned = Owned::new(access.clone());
        let neighbours = Neighbours::new(access, "own".into(), footprint());
        let waited = neighbours.wait_for_others_to_give_up(&owned).await;
        (waited, asked.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn the_later_of_two_runs_gives_up_and_the_earlier_waits_for_that() {
        let (waited, _) = beside(run("earlier", 4)).await;
        assert!(matches!(waited, Err(Error::AnotherRun { namespace }) if namespace == "earlier"));
        let (waited, asked) = beside(run("later", 6)).await;
        assert_eq!((waited.is_ok(), asked), (true, 3));
        let mut ending = run("ending", 4);
        ending["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:01:00Z");
        assert!(matches!(beside(ending).await, (Ok(()), 1)));
    }

    /// What comes of beginning where another run begins too, once the cluster has been asked so many times.
    async fn begins(unseen: usize) -> Result<(), Error> {
        let asked = Arc::new(AtomicUsize::new(0));
        let access = fake::access(move |request, _| {
            let there = asked.fetch_add(1, Ordering::Relaxed) >= unseen;
            let other = run("other", 4);
            match request {
                "GET /api/v1/namespaces" if there => fake::list(&[other]),
                "GET /api/v1/namespaces" => fake::list(&[]),
                "GET /api/v1/namespaces/shared" if there => {
                    (200, json!({ "metadata": { "name": "shared", "uid": "1" } }))
                }
                _ => fake::refusal(404, "not found"),
            }
        });
        let owned = Owned::new(access.clone());
        let neighbours = Neighbours::new(access, "own".into(), footprint());
        neighbours.nothing_in_the_way(&owned).await
    }

    #[tokio::test]
    async fn what_another_run_makes_is_its_own_whenever_that_began() {
        for unseen in 0..2 {
            let begins = begins(unseen).await;
            assert!(
                matches!(&begins, Err(Error::AnotherRun { namespace }) if namespace == "other"),
                "{unseen}: {begins:?}"
            );
        }
        assert!(begins(2).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_being_deleted_is_said_to_be() {
        let access = fake::access(|request, _| match request {
            "GET /api/v1/namespaces" => fake::list(&[]),
            _ => {
                let since = "2026-01-01T00:00:00Z";
                (
                    200,
                    json!({ "metadata": { "name": "shared", "uid": "1", "deletionTimestamp": since } }),
                )
            }
        });
        let owned = Owned::new(access.clone());
        let begins = Neighbours::new(access, "own".into(), footprint());
        let begins = begins.nothing_in_the_way(&owned).await;
        assert!(
            matches!(&begins, Err(Error::Going(names)) if names == "shared"),
            "{begins:?}"
        );
    }
}
