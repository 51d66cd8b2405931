//! What Helm's history may look like, off the guide's path.

use super::*;

/// The Secrets in which Helm keeps the revisions of a release, as far as they are looked at.
fn history(lab: &Lab, states: &[&str]) -> Vec<Value> {
    let secret = |(revision, state): (usize, &&str)| {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "helm.sh/release.v1",
            "metadata": {
                "name": format!("sh.helm.release.v1.todo-list.v{revision}"),
                "namespace": lab.namespace.0,
                "labels": { "owner": "helm", "name": "todo-list", "status": state, "version": revision.to_string() },
            },
        })
    };
    (1..).zip(states).map(secret).collect()
}

/// How somebody stands who is at no step.
const NOT_YET: [Position; 3] = [Position::Near, Position::UnderWay, Position::Incomplete];

#[tokio::test]
#[ignore = "needs a cluster"]
async fn each_history_of_a_release_is_placed() {
    let _not_beside_all = crate::exercises::EXERCISES.read().await;
    let lab = Lab::new().await;
    assert_eq!(lab.look("12.3", None).await.position, Position::Nothing);
    let install = ["install", "todo-list", "todo-list", "--wait", "--timeout=120s"];
    printed(&lab.namespace.helm(&install));
    lab.kubectl(&["delete", "secret", "--selector=owner=helm"]);
    let mut wrong = vec![];
    let (installed, back, refused) = (1, 5, 8);
    for (states, positions, step) in [
        (&["deployed"][..], &[Position::At][..], installed),
        // The upgrade that the chart's notes offer.
        (&["superseded", "deployed"], &[Position::At], installed),
        (
            &["superseded", "superseded", "superseded", "deployed"],
            &[Position::At],
            installed,
        ),
        // The guide's own, then the bad one once more, then a good one.
        (&["superseded", "failed", "deployed"], &[Position::At], back),
        (
            &["superseded", "failed", "superseded", "failed", "deployed"],
            &[Position::At],
            back,
        ),
        (
            &["superseded", "failed", "superseded", "deployed"],
            &[Position::At],
            back,
        ),
        (
            &["superseded", "failed", "deployed", "failed"],
            &[Position::At],
            refused,
        ),
        (
            &["superseded", "failed", "superseded", "deployed", "failed"],
            &[Position::At],
            refused,
        ),
        (
            &["superseded", "failed", "deployed", "failed", "failed"],
            &[Position::At],
            refused,
        ),
        // Not what any step has.
        (&["failed"], &NOT_YET, 0),
        (&["deployed", "pending-upgrade"], &NOT_YET, 0),
        (&["deployed", "failed"], &NOT_YET, 0),
        (&["pending-install"], &NOT_YET, 0),
        (&["uninstalled"], &NOT_YET, 0),
    ] {
        lab.kubectl(&["delete", "secret", "--selector=owner=helm", "--ignore-not-found"]);
        lab.apply(&history(&lab, states)).await;
        let standing = lab.look("12.3", None).await;
        let right = positions.contains(&standing.position) && (step == 0 || standing.step == Some(step));
        if !right {
            wrong.push(format!(
                "{states:?}: {:?} {:?} {}",
                standing.position,
                standing.step,
                told(&standing)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
