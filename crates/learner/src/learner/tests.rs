//! Clusters that answer oddly.

use access::fake;
use guide::Language;
use serde_json::json;

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

async fn standing(
    id: &str,
    answer: impl Fn(&str) -> (u16, serde_json::Value) + Clone + Send + 'static,
) -> Result<Standing, Error> {
    let exercises = [Exercise::load(&root(), Language::En, id).unwrap()];
    let client = fake::api(move |request, _| answer(request));
    let place = Place::new(client, "default".into(), PathBuf::from("/nonexistent"));
    let learner = Learner::look(&place, &exercises, &root().join("k8s"), 0).await?;
    learner.standing(&exercises[0], None).await
}

/// The namespace of the commands, and nothing in it.
fn empty(request: &str) -> (u16, serde_json::Value) {
    match request {
        "GET /api/v1/namespaces/default" => (200, json!({ "metadata": { "name": "default" } })),
        request if request.contains("/namespaces/") && request.matches('/').count() == 4 => {
            fake::refusal(404, "not found")
        }
        _ => fake::list(&[]),
    }
}

fn ids(standing: &Standing) -> Vec<&'static str> {
    let findings = standing.findings.iter();
    findings.filter_map(|finding| finding.message.id()).collect()
}

#[tokio::test]
async fn on_an_empty_cluster_nothing_is_there_of_any_exercise() {
    for id in ["12.1", "12.2", "12.3", "12.4", "12.5", "12.6", "12.7", "12.8"] {
        let there = standing(id, empty).await.unwrap();
        assert_eq!((there.position, ids(&there)), (Position::Nothing, vec![]), "{id}");
        assert_eq!(there.next, [1]);
    }
}

#[tokio::test]
async fn a_cluster_that_fails_is_an_error_and_no_verdict() {
    let failed = standing("12.1", |request| match request {
        request if request.ends_with("/services") => fake::refusal(500, "etcdserver: leader changed"),
        request => empty(request),
    });
    assert!(matches!(failed.await, Err(Error::Cluster(_))));
}

#[tokio::test]
async fn what_may_not_be_seen_is_said_and_not_taken_for_missing() {
    let there = standing("12.1", |request| match request {
        request if request.ends_with("/deployments") || request.ends_with("/namespaces/default") => {
            fake::refusal(403, "forbidden")
        }
        "GET /api/v1/namespaces/default/services" => {
            fake::list(&[json!({ "metadata": { "name": "numbers-api" } })])
        }
        request => empty(request),
    });
    let there = there.await.unwrap();
    assert!(ids(&there).contains(&"find-hidden"), "{there:?}");
    assert_eq!(there.position, Position::Near);
}

#[tokio::test]
async fn a_single_object_that_is_left_is_no_end() {
    let there = standing("12.2", |request| match request {
        request if request.ends_with("/configmaps") => {
            fake::list(&[json!({ "metadata": { "name": "todo-web-config" } })])
        }
        request => empty(request),
    });
    let there = there.await.unwrap();
    assert_eq!(there.position, Position::Near, "{there:?}");
    assert!(ids(&there).contains(&"find-still-there"), "{there:?}");
}

#[tokio::test]
async fn a_namespace_that_goes_or_is_missing_is_named() {
    for (metadata, code) in [
        (
            json!({ "name": "default", "deletionTimestamp": "2026-01-01T00:00:00Z" }),
            200,
        ),
        (json!({}), 404),
    ] {
        let there = standing("12.1", move |request| match (request, code) {
            ("GET /api/v1/namespaces/default", 200) => (200, json!({ "metadata": metadata })),
            ("GET /api/v1/namespaces/default", _) => fake::refusal(404, "not found"),
            (request, _) => empty(request),
        });
        assert_eq!(ids(&there.await.unwrap()), ["find-no-namespace"]);
    }
}

#[tokio::test]
async fn objects_and_releases_of_other_places_are_named() {
    let there = standing("12.1", |request| match request {
        "GET /apis/apps/v1/deployments" => {
            fake::list(&[json!({ "metadata": { "name": "numbers-api", "namespace": "mine" } })])
        }
        request => empty(request),
    });
    assert_eq!(ids(&there.await.unwrap()), ["find-elsewhere"]);
    let there = standing("12.3", |request| match request {
        request if request.ends_with("/secrets") => fake::list(&[json!({ "metadata": {
            "name": "a", "labels": { "owner": "helm", "name": "mine", "version": "1", "status": "deployed" },
        } })]),
        request => empty(request),
    });
    assert_eq!(ids(&there.await.unwrap()), ["find-other-release"]);
}

#[tokio::test]
async fn who_may_see_nothing_is_told_so_and_not_that_nothing_is_there() {
    for id in ["12.1", "12.3", "12.6"] {
        let there = standing(id, |_| fake::refusal(403, "forbidden")).await.unwrap();
        assert_eq!(
            (there.position, ids(&there)),
            (Position::Unseen, vec!["find-no-right"]),
            "{id}"
        );
    }
}

#[tokio::test]
async fn one_proof_that_may_not_be_looked_at_does_not_hide_the_rest() {
    let there = standing("12.1", |request| match request {
        "GET /api/v1/namespaces/default/services" => {
            fake::list(&[json!({ "metadata": { "name": "numbers-api" } })])
        }
        request if request.contains("endpointslices") => fake::refusal(403, "forbidden"),
        request => empty(request),
    });
    let there = there.await.unwrap();
    assert_eq!(there.position, Position::Near);
    assert!(
        there
            .missing
            .iter()
            .any(|missing| missing.hint.id() == Some("hint-no-right")),
        "{there:?}"
    );
}
