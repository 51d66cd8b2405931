//! The rights that a run needs of a cluster that somebody else set up.

use futures::stream::{self, StreamExt, TryStreamExt};
use guide::{Exercise, Message};
use k8s_openapi::api::authorization::v1::SelfSubjectAccessReview;
use kube::{Api, Client, api::PostParams};
use serde_json::json;

/// An API group, resources of it (`resource/subresource`), and verbs: a rule as in a ClusterRole.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str]);

/// What is done with pods, and with what makes them: applied, waited for, and deleted, one or all.
const MANAGE: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "patch",
    "delete",
    "deletecollection",
];

/// What the chapter cannot be run without: the runner's own requests, and those of the guide's commands.
pub(super) const NEEDED: &[Rule] = &[
    ("", &["namespaces"], &["get", "list", "create", "delete"]),
    ("", &["pods"], MANAGE),
    ("", &["pods/log", "pods/proxy"], &["get"]),
    ("", &["pods/exec"], &["get", "create"]),
    ("", &["pods/eviction"], &["create"]),
    (
        "",
        &[
            "services",
            "secrets",
            "configmaps",
            "persistentvolumeclaims",
            "resourcequotas",
            "limitranges",
        ],
        &["get", "list", "create", "delete"],
    ),
    ("", &["services", "persistentvolumeclaims"], &["patch"]),
    ("", &["secrets"], &["patch", "update"]),
    ("", &["services"], &["watch"]),
    ("", &["serviceaccounts"], &["list", "watch"]),
    ("", &["endpoints"], &["get"]),
    ("", &["replicationcontrollers"], &["list"]),
    ("apps", &["deployments"], MANAGE),
    ("apps", &["deployments/scale"], &["patch"]),
    ("apps", &["replicasets", "statefulsets", "daemonsets"], &["list"]),
    ("autoscaling", &["horizontalpodautoscalers"], &["list"]),
    (
        "batch",
        &["jobs"],
        &["get", "list", "watch", "create", "delete", "deletecollection"],
    ),
    ("batch", &["cronjobs"], &["list"]),
    (
        "policy",
        &["poddisruptionbudgets"],
        &["get", "list", "watch", "create", "delete"],
    ),
    ("discovery.k8s.io", &["endpointslices"], &["list"]),
];

/// What is needed beyond that by the exercise which resizes running pods. It makes PriorityClasses too.
const BEYOND: &[Rule] = &[
    ("", &["pods/resize"], &["patch"]),
    (
        "scheduling.k8s.io",
        &["priorityclasses"],
        &["get", "list", "create", "delete"],
    ),
];

/// What a run only says less without, but for the few steps that show events or nodes.
pub(super) const USEFUL: &[Rule] = &[("", &["events", "nodes"], &["list"])];

/// How many questions about rights are asked at once.
const AT_ONCE: usize = 8;

/// Verbs that may not be used on a resource.
struct Forbidden {
    group: &'static str,
    resource: &'static str,
    verbs: Vec<&'static str>,
}

impl Forbidden {
    /// What to ask for.
    fn advice(&self) -> Message {
        let Self { group, resource, .. } = self;
        let verbs = self.verbs.join(", ");
        let rule = format!("{{apiGroups: [{group:?}], resources: [{resource}], verbs: [{verbs}]}}");
        Message::new("no-right")
            .with("verbs", verbs)
            .with("resource", *resource)
            .with("rule", rule)
    }
}

/// What to ask for where this person may not do some of `rules` in all namespaces: the runner makes its own, so a Role in one
/// is not enough.
///
/// # Errors
/// The cluster does not answer.
pub(super) async fn forbidden(client: &Client, rules: &'static [Rule]) -> Result<Vec<Message>, kube::Error> {
    let rights = rules.iter().flat_map(|&(group, resources, verbs)| {
        let pairs = resources
            .iter()
            .flat_map(move |&resource| verbs.iter().map(move |&verb| (resource, verb)));
        pairs.map(move |(resource, verb)| async move {
            let (name, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let review = json!({ "spec": { "resourceAttributes": {
                "group": group, "resource": name, "subresource": subresource, "verb": verb,
            } } });
            let review = serde_json::from_value(review).map_err(kube::Error::SerdeError)?;
            let reviews: Api<SelfSubjectAccessReview> = Api::all(client.clone());
            let answer = reviews.create(&PostParams::default(), &review).await?;
            let allowed = answer.status.is_some_and(|status| status.allowed);
            Ok::<_, kube::Error>((group, resource, verb, allowed))
        })
    });
    let answers: Vec<_> = stream::iter(rights).buffered(AT_ONCE).try_collect().await?;
    let mut forbidden: Vec<Forbidden> = vec![];
    for (group, resource, verb, _) in answers.into_iter().filter(|(.., allowed)| !allowed) {
        match forbidden
            .iter_mut()
            .find(|known| (known.group, known.resource) == (group, resource))
        {
            Some(known) => known.verbs.push(verb),
            None => forbidden.push(Forbidden {
                group,
                resource,
                verbs: vec![verb],
            }),
        }
    }
    Ok(forbidden.iter().map(Forbidden::advice).collect())
}

/// What an exercise needs beyond what all of them do.
pub(super) fn beyond_all(exercise: &Exercise) -> &'static [Rule] {
    let mut commands = exercise.commands();
    let resizes = commands.any(|command| command.contains("--subresource resize"));
    if resizes { BEYOND } else { &[] }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use access::fake;
    use guide::{Footprint, Language};
    use serde_json::Value;

    use super::*;

    /// What a role lacks that has all rights but some, as `verb resource`.
    async fn without(denied: &'static [&'static str], rules: &'static [Rule]) -> Vec<String> {
        let client = fake::api(move |_, review| {
            let asked = &review["spec"]["resourceAttributes"];
            assert!(
                asked["namespace"].is_null(),
                "a Role in one namespace would do: {asked}"
            );
            let text = |key: &str| asked[key].as_str().unwrap().to_owned();
            let subresource = Some(text("subresource")).filter(|name| !name.is_empty());
            let resource = [Some(text("resource")), subresource].into_iter().flatten();
            let right = format!("{} {}", text("verb"), resource.collect::<Vec<_>>().join("/"));
            fake::allowed(!denied.contains(&right.as_str()))
        });
        let forbidden = forbidden(&client, rules).await.unwrap();
        forbidden.iter().map(|right| Language::En.tell(right)).collect()
    }

    #[tokio::test]
    async fn each_right_that_a_run_uses_is_asked_for_in_all_namespaces() {
        for right in [
            "create namespaces",
            "delete namespaces",
            "deletecollection pods",
            "deletecollection deployments",
            "deletecollection jobs",
            "create resourcequotas",
            "list services",
            "list secrets",
            "list replicasets",
            "list endpointslices",
            "watch serviceaccounts",
            "get pods/proxy",
            "get pods/log",
            "create pods/exec",
        ] {
            let advice = without(vec![right].leak(), NEEDED).await;
            assert!(
                advice.len() == 1 && advice[0].starts_with(&format!("you may not {right}: ")),
                "{advice:?}"
            );
        }
        assert!(without(&["list nodes", "list events"], NEEDED).await.is_empty());
        assert_eq!(without(&["list nodes", "list events"], USEFUL).await.len(), 2);
    }

    #[tokio::test]
    async fn the_advice_is_a_rule_that_can_be_added() {
        let advice = without(&["create deployments", "patch deployments"], NEEDED).await;
        let (_, rule) = advice[0].split_once("the rule ").unwrap();
        let rule: Value = serde_saphyr::from_str(rule).unwrap();
        assert_eq!(
            rule,
            json!({ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "patch"] })
        );
    }

    #[test]
    fn all_that_the_manifests_hold_may_be_made() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for id in guide::list(&root, Language::En).unwrap() {
            let exercise = Exercise::load(&root, Language::En, &id).unwrap();
            for object in Footprint::of(&exercise, &root.join("k8s")).unwrap().objects {
                let (group, _) = object.api_version.split_once('/').unwrap_or_default();
                let resource = match object.kind.to_lowercase() {
                    kind if kind.ends_with('s') => format!("{kind}es"),
                    kind => format!("{kind}s"),
                };
                let asked = NEEDED
                    .iter()
                    .chain(beyond_all(&exercise))
                    .any(|(known, resources, verbs)| {
                        *known == group && resources.contains(&resource.as_str()) && verbs.contains(&"create")
                    });
                assert!(asked, "{resource} in group {group:?}");
            }
        }
    }
}
