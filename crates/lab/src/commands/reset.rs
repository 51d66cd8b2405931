//! `lab reset`: takes a learner back to the start of an exercise.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, IsTerminal, Write},
    time::{Duration, Instant},
};

use access::{is_hidden, kinds, labelled, wait};
use anyhow::{Context, bail};
use cluster::Layout;
use guide::{Exercise, Footprint, Language, Object};
use jiff::Timestamp;
use kube::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject},
    discovery::{ApiCapabilities, Scope, verbs},
};
use proofs::Place;

use crate::{Exit, progress::StepProgress, target::Target, workspace};

/// The label that all of the chapter's objects carry.
const LABEL: &str = "kiamol";
/// How long the cluster may take: its pods get their time to stop.
const GONE_WITHIN: Duration = Duration::from_secs(120);

/// Options of `lab reset`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which: a section of the guide, such as 12.2, or all.
    #[arg(default_value = "all")]
    exercise: String,
    /// Use the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// Delete without asking.
    #[arg(long)]
    yes: bool,
}

impl Args {
    /// For an exercise, where somebody has said yes already.
    pub(crate) fn agreed(exercise: &str, context: Option<String>) -> Self {
        Self {
            exercise: exercise.to_owned(),
            context,
            yes: true,
        }
    }
}

/// Something to delete.
#[derive(Clone, Debug)]
struct Found {
    kind: ApiResource,
    /// None for what is in no namespace.
    namespace: Option<String>,
    name: String,
}

/// Finds what the exercise's commands made, shows it, and deletes it.
///
/// # Errors
/// The cluster does not answer or refuses, or nobody said yes.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    let ids = if args.exercise == "all" {
        guide::list(&root, Language::En)?
    } else {
        vec![args.exercise]
    };
    let mut footprints = vec![];
    for id in &ids {
        let exercise = Exercise::load(&root, Language::En, id)?;
        footprints.push(Footprint::of(&exercise, &root.join("k8s"))?);
    }
    let target = Target::choose(layout, args.context).await?;
    let place = target.learners_place(&root).await?;
    let mut hidden = BTreeSet::new();
    let found = find(&place, &footprints, &mut hidden).await?;
    let tell_hidden = || {
        if !hidden.is_empty() {
            let hidden: Vec<_> = hidden.iter().map(String::as_str).collect();
            crate::outln!(
                "not looked at, as the cluster does not show them to you: {}",
                hidden.join(", ")
            );
        }
    };
    if found.is_empty() {
        if hidden.is_empty() {
            crate::outln!("nothing to delete: this is the start");
            forget(&target, &place, &ids).await?;
            return Ok(Exit::Done);
        }
        crate::outln!("nothing to delete among what can be seen");
        tell_hidden();
        return Ok(Exit::Missed);
    }
    crate::outln!("cluster {}, namespace {}:", target.context(), place.namespace);
    for one in &found {
        crate::outln!("  {}", one.title());
    }
    if !args.yes && !confirmed().await? {
        crate::outln!("nothing was deleted");
        return Ok(Exit::Failed);
    }
    let progress = StepProgress::default();
    progress.start("Deleting", Duration::from_secs(10));
    delete(&place, &found).await?;
    progress.finish();
    tell_hidden();
    forget(&target, &place, &ids).await?;
    Ok(Exit::Done)
}

/// Forgets what is remembered of these exercises, but not which of them were finished.
async fn forget(target: &Target, place: &Place, ids: &[String]) -> Result<(), kube::Error> {
    let now = Timestamp::now();
    let (mut memory, warning) = target.memory(place, now).await?;
    for id in ids {
        memory.forget(id);
    }
    for warning in [warning, memory.save(now)].into_iter().flatten() {
        crate::outln!("{}", Language::En.tell(&warning));
    }
    Ok(())
}

/// What is there of the manifests and the releases; `hidden` gets the kinds that may not be looked at.
async fn find(
    place: &Place,
    footprints: &[Footprint],
    hidden: &mut BTreeSet<String>,
) -> Result<Vec<Found>, kube::Error> {
    let mut kinds = kinds(&place.client).await?;
    kinds.retain(|(_, capabilities)| capabilities.supports_operation(verbs::DELETE));
    let mut found = vec![];
    let mut known = BTreeSet::new();
    for object in footprints.iter().flat_map(|footprint| &footprint.objects) {
        let Some((kind, namespace)) = resolve(&kinds, object, place) else {
            continue;
        };
        let name = &object.metadata.name;
        if !known.insert((kind.kind.clone(), namespace.clone(), name.clone())) {
            continue;
        }
        let one = Found {
            kind,
            namespace,
            name: name.clone(),
        };
        match one.api(place).get_opt(name).await {
            Ok(Some(there)) if is_the_chapters(object, there.labels()) => found.push(one),
            Ok(_) => {}
            Err(error) if is_hidden(&error) => hidden.extend([one.kind.plural]),
            Err(error) => return Err(error),
        }
    }
    let releases: BTreeSet<_> = footprints
        .iter()
        .flat_map(|footprint| &footprint.releases)
        .collect();
    for release in releases {
        // What Helm made, and the Secrets in which it keeps the release.
        for selector in [
            format!("{LABEL},app.kubernetes.io/instance={release}"),
            format!("owner=helm,name={release}"),
        ] {
            for (kind, object) in
                labelled(&place.client, &kinds, &place.namespace, false, &selector, hidden).await?
            {
                // What belongs to another object goes with it.
                if object.owner_references().is_empty() {
                    found.push(Found {
                        kind,
                        namespace: Some(place.namespace.clone()),
                        name: object.name_any(),
                    });
                }
            }
        }
    }
    Ok(found)
}

/// Whether what is there under an object's name carries the object's own label: without one, or with that of another
/// exercise, it is somebody else's.
fn is_the_chapters(object: &Object, there: &BTreeMap<String, String>) -> bool {
    let own = object.metadata.labels.get(LABEL);
    own.is_some() && there.get(LABEL) == own
}

fn resolve(
    kinds: &[(ApiResource, ApiCapabilities)],
    object: &Object,
    place: &Place,
) -> Option<(ApiResource, Option<String>)> {
    let (group, _) = object.api_version.split_once('/').unwrap_or_default();
    let mut kinds = kinds.iter();
    let (kind, capabilities) = kinds.find(|(kind, _)| kind.group == group && kind.kind == object.kind)?;
    let namespace = (capabilities.scope == Scope::Namespaced).then(|| {
        object
            .metadata
            .namespace
            .clone()
            .unwrap_or_else(|| place.namespace.clone())
    });
    Some((kind.clone(), namespace))
}

impl Found {
    fn title(&self) -> String {
        let namespace = self.namespace.iter().map(|namespace| format!(" in {namespace}"));
        format!(
            "{} {}{}{}",
            self.kind.kind,
            self.name,
            namespace.collect::<String>(),
            if self.kind.kind == "Namespace" {
                " and everything in it"
            } else {
                ""
            }
        )
    }

    fn api(&self, place: &Place) -> Api<DynamicObject> {
        match &self.namespace {
            Some(namespace) => Api::namespaced_with(place.client.clone(), namespace, &self.kind),
            None => Api::all_with(place.client.clone(), &self.kind),
        }
    }
}

async fn delete(place: &Place, found: &[Found]) -> anyhow::Result<()> {
    for one in found {
        match one
            .api(place)
            .delete(&one.name, &DeleteParams::foreground())
            .await
        {
            Ok(_) => {}
            Err(kube::Error::Api(gone)) if gone.code == 404 => {}
            Err(error) => return Err(error).with_context(|| format!("deleting {}", one.title())),
        }
    }
    let began = Instant::now();
    for one in found {
        let left = GONE_WITHIN.saturating_sub(began.elapsed());
        // Not a watch: whoever may delete an object may not be allowed to list its kind.
        let gone = wait::until(left, async || {
            let there = one.api(place).get_opt(&one.name).await?;
            Ok::<_, kube::Error>(there.is_none().then_some(()))
        });
        if gone.await?.is_none() {
            bail!(
                "{} is still there after {} s; `kubectl describe` says what it waits for, and `lab reset` goes on",
                one.title(),
                GONE_WITHIN.as_secs()
            );
        }
    }
    Ok(())
}

async fn confirmed() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "standard input is not a terminal, so there is nobody to ask: `--yes` deletes without asking. Nothing was deleted"
        );
    }
    crate::print::out(format_args!("Delete all of this? [y/N] "));
    std::io::stdout().flush()?;
    // On a thread of its own, so that Ctrl-C is heard while it waits.
    let reading = tokio::task::spawn_blocking(|| {
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
    });
    let answer = reading.await??;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

#[cfg(test)]
mod tests {
    use access::fake;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn kinds_that_may_not_be_seen_are_passed_over_and_named() {
        let resource = |name: &str, kind: &str| {
            json!({
                "name": name, "singularName": "", "namespaced": true, "kind": kind,
                "verbs": ["create", "delete", "get", "list"],
            })
        };
        let resources = [
            resource("services", "Service"),
            resource("secrets", "Secret"),
            resource("namespaces", "Namespace"),
            resource("widgets", "Widget"),
        ];
        let client = fake::api(move |request, _| match request {
            "GET /apis" => (200, json!({ "groups": [] })),
            "GET /api/v1" => (200, json!({ "groupVersion": "v1", "resources": resources })),
            "GET /api/v1/namespaces/default/services" => {
                fake::list(&[json!({ "metadata": { "name": "todo-list-web" } })])
            }
            "GET /api/v1/namespaces/default/secrets" => fake::list(&[]),
            _ => fake::refusal(403, "you may not"),
        });
        let place = Place::new(client, "default".into(), std::path::PathBuf::new());
        let object =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "kiamol-ch12-cpu" } });
        let footprint = Footprint {
            objects: vec![serde_json::from_value(object).unwrap()],
            releases: ["todo-list".to_owned()].into(),
            ..Footprint::default()
        };
        let mut hidden = BTreeSet::new();
        let found = find(&place, &[footprint], &mut hidden).await.unwrap();
        let titles: BTreeSet<_> = found.iter().map(Found::title).collect();
        assert_eq!(
            titles,
            BTreeSet::from(["Service todo-list-web in default".to_owned()])
        );
        assert_eq!(
            hidden,
            BTreeSet::from(["namespaces".to_owned(), "widgets".to_owned()])
        );
    }

    #[test]
    fn an_object_of_another_exercise_is_not_this_ones() {
        let object: Object = serde_json::from_value(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "pi-web", "labels": { "kiamol": "ch12-lab" } },
        }))
        .unwrap();
        let there = |value: &str| BTreeMap::from([(LABEL.to_owned(), value.to_owned())]);
        assert!(is_the_chapters(&object, &there("ch12-lab")));
        assert!(!is_the_chapters(&object, &there("ch12")));
        assert!(!is_the_chapters(&object, &BTreeMap::new()));
        let mut without = object;
        without.metadata.labels.clear();
        assert!(!is_the_chapters(&without, &BTreeMap::new()));
    }
}
