//! What else is on the cluster: other runs, and namespaces that are not this run's to change or delete.

use std::time::{Duration, Instant};

use guide::{Action, Footprint, Message};
use k8s_openapi::api::core::v1::Namespace;
use kube::{ResourceExt, api::ListParams};

use super::{
    Error, Sandbox,
    sandbox::{LABEL, PERIOD, REACH},
};

/// How long a run that came later gets to see that it did, and to give up.
const GIVEN_UP_WITHIN: Duration = Duration::from_secs(10);

impl Sandbox {
    /// Refuses to begin where somebody's own namespaces would be changed or deleted, or where another run would meet this
    /// one.
    pub(super) async fn nothing_in_the_way(&self) -> Result<(), Error> {
        self.only_its_own(&self.footprint).await?;
        match self.rivals(&self.runs().await?).first() {
            Some(rival) => Err(met(rival)),
            None => Ok(()),
        }
    }

    /// Makes sure, once all others can see this run's namespace, that no other run will meet it. Of two that began at the
    /// same moment the later gives up, and the earlier waits for that. None goes on while it sees another, so that there is
    /// no moment in which both could.
    pub(super) async fn wait_for_others_to_give_up(&self) -> Result<(), Error> {
        let age = |run: &Namespace| (run.metadata.creation_timestamp.clone(), run.name_any());
        let began = Instant::now();
        loop {
            let runs = self.runs().await?;
            let own = runs.iter().find(|run| run.name_any() == self.place.namespace);
            let Some(first) = self.rivals(&runs).into_iter().min_by_key(|rival| age(rival)) else {
                break;
            };
            if own.is_none_or(|own| age(first) < age(own)) || began.elapsed() > GIVEN_UP_WITHIN {
                return Err(met(first));
            }
            tokio::time::sleep(PERIOD).await;
        }
        self.only_its_own(&self.footprint).await
    }

    /// Looks before a step whether what it makes is there already, or what it deletes is somebody's own; and counts what it
    /// makes as this run's from now on.
    pub(super) async fn before(&self, action: &Action) -> Result<(), Error> {
        let footprint = Footprint::of_commands(&action.commands, &self.shell.folder)?;
        self.only_its_own(&footprint).await?;
        let mut made = self.made.borrow_mut();
        made.extend(
            footprint
                .namespaces()
                .map(|namespace| (namespace.name.clone(), None)),
        );
        Ok(())
    }

    /// Notes the ids of the namespaces that a step has made: another of the same name would not be this run's.
    pub(super) async fn after(&self, action: &Action) -> Result<(), Error> {
        let footprint = Footprint::of_commands(&action.commands, &self.shell.folder)?;
        for namespace in footprint.namespaces() {
            let there = self.namespaces().get_opt(&namespace.name).await;
            let there = there.map_err(|error| self.refused(Message::new("action-show-namespace"), &error))?;
            if let Some(there) = there {
                self.made.borrow_mut().insert(there.name_any(), there.uid());
            }
        }
        Ok(())
    }

    /// Says which namespaces other runs have: one that was killed could not remove its own.
    pub(super) async fn others(&self) -> Result<Vec<Message>, Error> {
        let message =
            |namespace: &Namespace| Message::new("other-run").with("namespace", namespace.name_any());
        Ok(self.runs().await?.iter().map(message).collect())
    }

    /// The namespaces of all runs.
    async fn runs(&self) -> Result<Vec<Namespace>, Error> {
        let (key, value) = LABEL;
        let runs = ListParams::default().labels(&format!("{key}={value}"));
        let found = self.namespaces().list(&runs).await;
        Ok(found
            .map_err(|error| self.refused(Message::new("action-list-namespaces"), &error))?
            .items)
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
            .filter(|run| run.name_any() != self.place.namespace)
            .filter(|run| run.metadata.deletion_timestamp.is_none() && clashes(run))
            .collect()
    }

    /// Refuses to touch namespaces that this run has not made.
    async fn only_its_own(&self, footprint: &Footprint) -> Result<(), Error> {
        let mut found = vec![];
        for namespace in footprint.namespaces() {
            let there = self.namespaces().get_opt(&namespace.name).await;
            found.extend(there.map_err(|error| self.refused(Message::new("action-show-namespace"), &error))?);
        }
        for label in &footprint.deletes {
            let there = self.namespaces().list(&ListParams::default().labels(label)).await;
            found
                .extend(there.map_err(|error| self.refused(Message::new("action-list-namespaces"), &error))?);
        }
        let made = self.made.borrow();
        found.retain(|there| made.get(&there.name_any()) != Some(&there.uid()));
        let mut names: Vec<_> = found.iter().map(ResourceExt::name_any).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Ok(());
        }
        Err(Error::InTheWay {
            namespaces: names.join(" "),
        })
    }
}

fn met(rival: &Namespace) -> Error {
    Error::AnotherRun {
        namespace: rival.name_any(),
    }
}
