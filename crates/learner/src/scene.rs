//! One look at everything that an exercise may have on the cluster.

use std::collections::{BTreeMap, BTreeSet};

use access::is_hidden;
use futures::future::try_join_all;
use guide::ObjectName;
use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet},
        batch::v1::Job,
        core::v1::{
            ConfigMap, Event, LimitRange, Namespace, PersistentVolumeClaim, Pod, ResourceQuota, Secret,
            Service,
        },
        policy::v1::PodDisruptionBudget,
        scheduling::v1::PriorityClass,
    },
    jiff::Timestamp,
};
use kube::{
    Api, Client, ResourceExt,
    api::{ListParams, ObjectList},
    client::Body,
};
use serde_json::Value;

/// What there is, by namespace.
pub(crate) struct Scene {
    /// The cluster's own time, in Unix seconds.
    pub(crate) now: i64,
    /// The namespace of the learner's commands.
    pub(crate) home: String,
    pub(crate) rooms: BTreeMap<String, Room>,
}

/// A namespace with what is in it.
#[derive(Default)]
pub(crate) struct Room {
    /// None if there is no such namespace, or it may not be looked at.
    pub(crate) namespace: Option<Namespace>,
    pub(crate) pods: Vec<Pod>,
    pub(crate) services: Vec<Service>,
    pub(crate) deployments: Vec<Deployment>,
    pub(crate) sets: Vec<ReplicaSet>,
    pub(crate) events: Vec<Event>,
    pub(crate) secrets: Vec<Secret>,
    /// Everything that a manifest could name, as JSON.
    pub(crate) objects: BTreeMap<(String, String), Value>,
    /// The kinds that may not be looked at.
    pub(crate) hidden: BTreeSet<String>,
}

impl Scene {
    /// Looks at the learner's namespace, and at others that the exercise names. `now` is the time, in Unix seconds, if the cluster does not
    /// tell its own.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses anything but a look.
    pub(crate) async fn look(
        client: &Client,
        home: &str,
        others: &BTreeSet<String>,
        now: i64,
    ) -> Result<Self, kube::Error> {
        let names: BTreeSet<_> = others.iter().map(String::as_str).chain([home]).collect();
        let rooms = names
            .into_iter()
            .map(async |name| Ok::<_, kube::Error>((name.to_owned(), Room::look(client, name).await?)));
        let classes: Api<PriorityClass> = Api::all(client.clone());
        let labelled = ListParams::default().labels("kiamol");
        let (rooms, classes, told) =
            futures::join!(try_join_all(rooms), classes.list(&labelled), time(client));
        let mut rooms: BTreeMap<_, _> = rooms?.into_iter().collect();
        // What is in no namespace is looked for in the learner's, where its manifest would be applied.
        rooms.entry(home.to_owned()).or_default().keep(shown(classes)?);
        Ok(Self {
            now: told.unwrap_or(now),
            home: home.to_owned(),
            rooms,
        })
    }

    /// The namespace in which an object is or would be.
    pub(crate) fn room(&self, name: &ObjectName) -> Option<&Room> {
        let room = match name.kind.as_str() {
            "Namespace" => &name.name,
            _ => name.namespace.as_ref().unwrap_or(&self.home),
        };
        self.rooms.get(room)
    }

    /// The object, if it is there.
    pub(crate) fn object(&self, name: &ObjectName) -> Option<&Value> {
        self.room(name)?
            .objects
            .get(&(name.kind.clone(), name.name.clone()))
    }

    /// For how many seconds something has been so; less than none where clocks differ.
    pub(crate) fn age(&self, since: &Timestamp) -> i64 {
        self.now - since.as_second()
    }
}

impl Room {
    async fn look(client: &Client, name: &str) -> Result<Self, kube::Error> {
        let mut room = Self::default();
        let namespaces: Api<Namespace> = Api::all(client.clone());
        let namespace = match namespaces.get_opt(name).await {
            Err(error) if is_hidden(&error) => {
                room.hidden.insert("Namespace".into());
                None
            }
            namespace => namespace?,
        };
        if namespace.is_none() && !room.hidden.contains("Namespace") {
            return Ok(room);
        }
        let (pods, services, deployments, sets, events, secrets) = futures::try_join!(
            list::<Pod>(client, name),
            list::<Service>(client, name),
            list::<Deployment>(client, name),
            list::<ReplicaSet>(client, name),
            list::<Event>(client, name),
            list::<Secret>(client, name),
        )?;
        let (maps, quotas, claims, budgets, stateful, daemons, jobs, ranges) = futures::try_join!(
            list::<ConfigMap>(client, name),
            list::<ResourceQuota>(client, name),
            list::<PersistentVolumeClaim>(client, name),
            list::<PodDisruptionBudget>(client, name),
            list::<StatefulSet>(client, name),
            list::<DaemonSet>(client, name),
            list::<Job>(client, name),
            list::<LimitRange>(client, name),
        )?;
        room.keep_namespace(namespace);
        room.pods = room.keep(pods);
        room.services = room.keep(services);
        room.deployments = room.keep(deployments);
        room.sets = room.keep(sets);
        room.secrets = room.keep(secrets);
        room.keep(maps);
        room.keep(quotas);
        room.keep(claims);
        room.keep(budgets);
        room.keep(stateful);
        room.keep(daemons);
        room.keep(jobs);
        room.keep(ranges);
        room.events = events.unwrap_or_default();
        Ok(room)
    }

    fn keep_namespace(&mut self, namespace: Option<Namespace>) {
        if let Some(namespace) = &namespace {
            self.keep(Some(vec![namespace.clone()]));
        }
        self.namespace = namespace;
    }

    /// Keeps objects as JSON; none: that kind is hidden.
    fn keep<K: kube::Resource<DynamicType = ()> + serde::Serialize>(
        &mut self,
        objects: Option<Vec<K>>,
    ) -> Vec<K> {
        let kind = K::kind(&());
        let Some(objects) = objects else {
            self.hidden.insert(kind.into_owned());
            return vec![];
        };
        for object in &objects {
            let value = serde_json::to_value(object).unwrap_or_default();
            self.objects
                .insert((kind.clone().into_owned(), object.name_any()), value);
        }
        objects
    }

    /// Whether it is being deleted, or is gone.
    pub(crate) fn goes(&self) -> bool {
        self.namespace
            .as_ref()
            .is_some_and(|namespace| namespace.metadata.deletion_timestamp.is_some())
    }

    /// Whether there is no such namespace.
    pub(crate) fn is_missing(&self) -> bool {
        self.namespace.is_none() && !self.hidden.contains("Namespace")
    }
}

/// All objects of a kind; none if they may not be looked at.
async fn list<K>(client: &Client, namespace: &str) -> Result<Option<Vec<K>>, kube::Error>
where
    K: kube::Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned,
{
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    shown(api.list(&ListParams::default()).await)
}

/// What was listed; none if it may not be looked at.
fn shown<K: Clone>(listed: Result<ObjectList<K>, kube::Error>) -> Result<Option<Vec<K>>, kube::Error> {
    match listed {
        Ok(list) => Ok(Some(list.items)),
        Err(error) if is_hidden(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The namespaces, other than those that were looked at, that have a Deployment of one of these names with the chapter's
/// label.
pub(crate) async fn elsewhere(client: &Client, scene: &Scene, names: &BTreeSet<&str>) -> BTreeSet<String> {
    let api: Api<Deployment> = Api::all(client.clone());
    let found = api.list(&ListParams::default().labels("kiamol")).await;
    // Who may not look everywhere is told nothing about elsewhere.
    let found = found.map(|list| list.items).unwrap_or_default();
    let same = found
        .iter()
        .filter(|deployment| names.contains(deployment.name_any().as_str()));
    same.filter_map(ResourceExt::namespace)
        .filter(|namespace| !scene.rooms.contains_key(namespace))
        .collect()
}

/// The cluster's time, from the date of its answers.
async fn time(client: &Client) -> Option<i64> {
    let request = http::Request::get("/version").body(Body::empty()).ok()?;
    let answer = client.send(request).await.ok()?;
    let date = answer
        .headers()
        .get(http::header::DATE)?
        .to_str()
        .ok()?
        .to_owned();
    let date = k8s_openapi::jiff::fmt::rfc2822::parse(&date).ok()?;
    Some(date.timestamp().as_second())
}
