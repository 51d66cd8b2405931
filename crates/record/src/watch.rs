//! Watching a namespace.

mod follow;
mod kubelets;
mod rules;
mod shared;

use std::{collections::BTreeMap, convert::Infallible, sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{Event, Pod, Service},
    discovery::v1::EndpointSlice,
};
use story::Source;
use tokio::{sync::watch::Sender, time::timeout};

use self::{follow::Follow, shared::Shared};
use crate::{
    Hidden, Listed, Live, Reach,
    keeper::{Keeper, Watched},
    list::list,
};

/// How long the next one waits that is told of what is known: a hundred changes in that time are told at once.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);
/// How long nobody is told anything, at most.
const TICK: Duration = Duration::from_secs(1);

/// In place of a namespace's name: all of them.
pub const ALL: &str = "";

/// Watches a namespace, or [`ALL`], until it is dropped, and tells what is known of it: first once everything was listed, and then after
/// each change, twenty times a second at most. Changes nothing there.
///
/// A cluster that goes away is waited for. What was missed meanwhile is a gap of the sources that were silent.
///
/// # Errors
/// The first lists fail otherwise than by a refusal.
pub async fn watch(
    reach: &Reach,
    namespace: &str,
    live: &Sender<Arc<Live>>,
) -> Result<Infallible, kube::Error> {
    let mut begun = Begun::default();
    let listed = Listed {
        pods: begun.list(reach, namespace).await?,
        slices: begun.list(reach, namespace).await?,
        deployments: begun.list(reach, namespace).await?,
        replica_sets: begun.list(reach, namespace).await?,
        services: begun.list(reach, namespace).await?,
        events: begun.list(reach, namespace).await?,
    };
    let Begun { versions, hidden } = begun;
    let shared = Shared::new(Keeper::new(namespace, listed, hidden, Timestamp::now()));
    let version = |source| versions.get(&source).cloned();
    let follow = Follow {
        reach,
        namespace,
        shared: &shared,
    };
    let (never, ..) = tokio::join!(
        publish(&shared, live),
        follow.all::<Pod>(version(Source::Pods)),
        follow.all::<EndpointSlice>(version(Source::Slices)),
        follow.all::<Deployment>(version(Source::Deployments)),
        follow.all::<ReplicaSet>(version(Source::ReplicaSets)),
        follow.all::<Service>(version(Source::Services)),
        follow.all::<Event>(version(Source::Events)),
        kubelets::ask(reach.kubelets.as_ref(), &shared),
        rules::look(reach.rules.as_deref(), &shared),
    );
    match never {}
}

/// How the first lists went.
#[derive(Default)]
struct Begun {
    versions: BTreeMap<Source, String>,
    hidden: BTreeMap<Source, Hidden>,
}

impl Begun {
    async fn list<K: Watched>(&mut self, reach: &Reach, namespace: &str) -> Result<Vec<Arc<K>>, kube::Error> {
        let all = match list::<K>(&reach.answers, namespace).await {
            Ok(all) => all,
            Err(error) if access::is_hidden(&error) => {
                self.hidden.insert(K::SOURCE, Hidden::Forbidden);
                return Ok(vec![]);
            }
            Err(error) => return Err(error),
        };
        self.versions.insert(K::SOURCE, all.version);
        if all.cut {
            self.hidden.insert(K::SOURCE, Hidden::Cut);
        }
        Ok(all.items.into_iter().map(Arc::new).collect())
    }
}

async fn publish(shared: &Shared, live: &Sender<Arc<Live>>) -> Infallible {
    loop {
        live.send_replace(Arc::new(shared.keeper().live(Timestamp::now())));
        tokio::time::sleep(PAUSE).await;
        // What has waited is told, and what is old let go of, without a change, too.
        let _: Result<(), _> = timeout(TICK, shared.changed()).await;
    }
}
