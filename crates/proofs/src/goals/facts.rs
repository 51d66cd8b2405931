//! What the cluster has of all that a task is about, fetched together.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use access::{is_ready, outside_url};
use futures::future::{join_all, try_join, try_join_all};
use guide::Goal;
use k8s_openapi::jiff::Timestamp;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        batch::v1::Job,
        core::v1::{Event, Namespace, Node, Pod, ReplicationController, ResourceQuota, Service},
    },
};
use kube::{
    Api, Resource, ResourceExt,
    api::{ApiResource, DynamicObject, ListParams},
};
use serde::de::DeserializeOwned;

use super::{
    callers::{Met, met},
    controllers::{Controller, created},
    existence::Existence,
    service::behind,
};
use crate::Place;

/// How long a pod may take until it has to be ready: longer than pulling an image that is there and a first probe take.
const YOUNG: Duration = Duration::from_secs(15);

/// How long a container has run, at least, until it is believed: without a readiness probe one that ends at once is ready
/// until it does.
const SETTLED: Duration = Duration::from_secs(2);

/// What is there. None, wherever it stands: this person may not look.
pub(super) struct Facts {
    pub(super) now: Timestamp,
    pub(super) nodes: Option<Vec<Node>>,
    /// The namespace of the commands.
    pub(super) here: String,
    inside: BTreeMap<String, Inside>,
}

/// What is in a namespace, without what is about to go.
#[derive(Default)]
pub(super) struct Inside {
    pub(super) namespace: Existence,
    pub(super) quotas: Option<Vec<ResourceQuota>>,
    pub(super) pods: Option<Vec<Pod>>,
    pub(super) services: Option<Vec<Service>>,
    pub(super) controllers: Option<Vec<Controller>>,
    /// That a pod could not be made.
    pub(super) refusals: Option<Vec<Event>>,
    /// All events, where a goal asks for one.
    pub(super) events: Option<Vec<Event>>,
    /// What callers of a Service met, by the goal that sent them; none where there was nobody to ask.
    pub(super) met: BTreeMap<String, Met>,
}

impl Facts {
    pub(super) fn new(
        now: Timestamp,
        nodes: Option<Vec<Node>>,
        here: &str,
        inside: BTreeMap<String, Inside>,
    ) -> Self {
        let here = here.to_owned();
        Self {
            now,
            nodes,
            here,
            inside,
        }
    }

    /// The namespace that a goal means, with what is in it.
    pub(super) fn inside<'a>(&'a self, named: Option<&'a str>) -> (&'a str, &'a Inside) {
        static NOTHING: Inside = Inside {
            namespace: Existence::Missing,
            quotas: None,
            pods: None,
            services: None,
            controllers: None,
            refusals: None,
            events: None,
            met: BTreeMap::new(),
        };
        let name = named.unwrap_or(&self.here);
        (name, self.inside.get(name).unwrap_or(&NOTHING))
    }

    /// What is in the namespace of the commands, where that is another one than `name`: whoever forgets `-n` makes things there.
    pub(super) fn elsewhere(&self, name: &str) -> Option<(&str, &Inside)> {
        (self.here != name).then(|| self.inside(None))
    }

    /// Several namespaces, or that of the commands, each with what is in it.
    pub(super) fn all_inside<'a>(&'a self, named: &'a [String]) -> Vec<(&'a str, &'a Inside)> {
        if named.is_empty() {
            return vec![self.inside(None)];
        }
        named.iter().map(|name| self.inside(Some(name))).collect()
    }

    /// Whether an object was made just now.
    pub(super) fn is_young(&self, object: &impl ResourceExt) -> bool {
        self.is_recent(created(object))
    }

    /// Whether something happened just now.
    pub(super) fn is_recent(&self, then: Option<Timestamp>) -> bool {
        then.is_some_and(|then| self.since(then) < YOUNG)
    }

    /// Whether no container of a pod has begun just now.
    pub(super) fn is_settled(&self, pod: &Pod) -> bool {
        let status = pod.status.as_ref();
        let containers = status.and_then(|status| status.container_statuses.as_ref());
        let began = containers.into_iter().flatten().filter_map(|container| {
            let running = container.state.as_ref()?.running.as_ref()?;
            Some(running.started_at.as_ref()?.0)
        });
        began.into_iter().all(|began| self.since(began) >= SETTLED)
    }

    /// How many seconds ago something was; less than none where the cluster's clock is ahead.
    pub(super) fn seconds_since(&self, then: Timestamp) -> i64 {
        self.now.as_second() - then.as_second()
    }

    /// How long ago something was; the cluster's clock may be ahead.
    fn since(&self, then: Timestamp) -> Duration {
        self.now.duration_since(then).unsigned_abs()
    }
}

impl Inside {
    /// Where a Service is asked; none where nobody would answer.
    pub(super) fn url_to_ask(&self, service: &str) -> Option<String> {
        let mut services = self.services.iter().flatten();
        let service = services.find(|known| known.name_any() == service)?;
        let selects = service.spec.as_ref().is_some_and(|spec| spec.selector.is_some());
        let ready = |pods: &Vec<_>| behind(service, pods).into_iter().any(is_ready);
        if selects && self.pods.as_ref().is_some_and(|pods| !ready(pods)) {
            return None;
        }
        outside_url(service)
    }
}

/// The namespaces that a goal is about.
fn namespaces<'a>(goal: &'a Goal, here: &'a str) -> Vec<&'a str> {
    let several = |names: &'a [String]| match names {
        [] => vec![here],
        names => names.iter().map(String::as_str).collect(),
    };
    match goal {
        Goal::Quota(goal) => vec![goal.namespace.as_deref().unwrap_or(here)],
        Goal::Workload(goal) => vec![goal.namespace.as_deref().unwrap_or(here)],
        Goal::Answers(goal) => vec![goal.namespace.as_deref().unwrap_or(here)],
        Goal::Refused(goal) => several(&goal.namespaces),
        Goal::Pending(goal) => several(&goal.namespaces),
        Goal::Object(goal) => vec![goal.namespace.as_deref().unwrap_or(here)],
        Goal::Event(goal) => vec![goal.namespace.as_deref().unwrap_or(here)],
        Goal::Shown(_) => vec![],
    }
}

/// Looks at everything at once.
pub(super) async fn look(goals: &[Goal], place: &Place) -> Result<Facts, kube::Error> {
    let here = &place.namespace;
    let named = goals.iter().flat_map(|goal| namespaces(goal, here));
    // What was forgotten to be put anywhere else is where the commands work.
    let all: BTreeSet<_> = named.chain([here.as_str()]).collect();
    let inside = all.into_iter().map(async |name| {
        let inside = look_inside(goals, place, name).await?;
        Ok::<_, kube::Error>((name.to_owned(), inside))
    });
    let nodes = async {
        match goals.iter().any(|goal| matches!(goal, Goal::Quota(_))) {
            true => listed(&Api::all(place.client.clone()), "").await,
            false => Ok(None),
        }
    };
    let (nodes, inside) = try_join(nodes, try_join_all(inside)).await?;
    Ok(Facts::new(
        Timestamp::now(),
        nodes,
        here,
        inside.into_iter().collect(),
    ))
}

async fn look_inside(goals: &[Goal], place: &Place, name: &str) -> Result<Inside, kube::Error> {
    let all = Some(name);
    let (quotas, pods, services) = (place.api(all), place.api(all), place.api(all));
    let events = place.api(all);
    let told = goals
        .iter()
        .any(|goal| matches!(goal, Goal::Object(_) | Goal::Event(_)));
    let all_events = async {
        match told {
            true => listed::<Event>(&events, "").await,
            false => Ok(None),
        }
    };
    let (namespace, quotas, pods, services, controllers, refusals, told) = futures::try_join!(
        existence(place, name),
        listed::<ResourceQuota>(&quotas, ""),
        listed::<Pod>(&pods, ""),
        listed::<Service>(&services, ""),
        controllers(place, name),
        listed::<Event>(&events, "reason=FailedCreate"),
        all_events,
    )?;
    // One that has ended uses nothing, and is not counted by a quota.
    let pods = pods.map(|mut pods| {
        let phase = |pod: &Pod| pod.status.as_ref().and_then(|status| status.phase.clone());
        pods.retain(|pod| !matches!(phase(pod).as_deref(), Some("Succeeded" | "Failed")));
        pods
    });
    let mut inside = Inside {
        namespace,
        quotas,
        pods,
        services,
        controllers,
        refusals,
        events: told,
        met: BTreeMap::new(),
    };
    let asked = goals.iter().filter_map(|goal| match goal {
        Goal::Answers(answers) if answers.namespace.as_deref().unwrap_or(&place.namespace) == name => {
            Some((goal.key(), answers))
        }
        _ => None,
    });
    let met = asked.filter_map(|(key, goal)| {
        let url = inside.url_to_ask(&goal.service)?;
        Some(async move { (key, met(&url, goal).await) })
    });
    inside.met = join_all(met).await.into_iter().collect();
    Ok(inside)
}

async fn existence(place: &Place, name: &str) -> Result<Existence, kube::Error> {
    let namespaces: Api<Namespace> = Api::all(place.client.clone());
    match namespaces.get_opt(name).await {
        Ok(None) => Ok(Existence::Missing),
        Ok(Some(namespace)) if namespace.metadata.deletion_timestamp.is_some() => Ok(Existence::Ending),
        Ok(Some(_)) => Ok(Existence::There),
        Err(error) if access::is_hidden(&error) => Ok(Existence::There),
        Err(error) => Err(error),
    }
}

/// All objects of a kind that are not about to go, or those that fields select; none where this person may not look.
async fn listed<K>(api: &Api<K>, fields: &str) -> Result<Option<Vec<K>>, kube::Error>
where
    K: Clone + DeserializeOwned + std::fmt::Debug + Resource,
{
    match api.list(&ListParams::default().fields(fields)).await {
        Ok(mut list) => {
            list.items
                .retain(|object| object.meta().deletion_timestamp.is_none());
            Ok(Some(list.items))
        }
        Err(error) if access::is_hidden(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whatever makes pods; none where this person may look at no kind of it.
async fn controllers(place: &Place, name: &str) -> Result<Option<Vec<Controller>>, kube::Error> {
    fn kind<K: Resource<DynamicType = (), Scope = NamespaceResourceScope>>() -> ApiResource {
        ApiResource::erase::<K>(&())
    }
    let kinds = [
        kind::<Deployment>(),
        kind::<ReplicaSet>(),
        kind::<StatefulSet>(),
        kind::<DaemonSet>(),
        kind::<Job>(),
        kind::<ReplicationController>(),
    ];
    let lists = kinds.iter().map(async |kind| {
        let api: Api<DynamicObject> = Api::namespaced_with(place.client.clone(), name, kind);
        let list = listed(&api, "").await?;
        let one = |object: &DynamicObject| Controller::of(&kind.kind, object);
        Ok::<_, kube::Error>(list.map(|list| list.iter().map(one).collect::<Vec<Controller>>()))
    });
    let lists = try_join_all(lists).await?;
    let known = lists.iter().any(Option::is_some);
    Ok(known.then(|| lists.into_iter().flatten().flatten().collect()))
}
