//! What objects carry of the past.

use story::Fact;

use crate::{
    Listed,
    read::{Objects, deployment, event, pod, slice},
};

impl Listed {
    /// What all of it tells of the past, numbered from 1 in the order of time.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let objects = Objects::of(self);
        let mut facts: Vec<_> = self
            .pods
            .iter()
            .flat_map(|found| pod::facts(found, &objects))
            .collect();
        facts.extend(self.slices.iter().flat_map(|found| slice::facts(found, &objects)));
        facts.extend(self.deployments.iter().flat_map(|found| deployment::facts(found)));
        facts.extend(self.events.iter().flat_map(|found| event::facts(found, &objects)));
        facts.sort_by_key(|fact| (fact.when.earliest(), fact.when.latest()));
        for (id, fact) in (1..).zip(&mut facts) {
            fact.id = id;
        }
        facts
    }
}
