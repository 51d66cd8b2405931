//! What is recorded of a run, for the guide's pictures.

use std::{sync::Mutex, time::Duration};

use pictures::{
    TAKES,
    recording::{Called, PodSeen, Recording},
};
use recorder::{Began, Scene};
use report::Event;
use runner::Stop;

use crate::{
    exercises::{EXERCISES, exercise, root, settings},
    programs::layout,
};

/// 12.1 up to the pod that has left the traffic: everything that its picture is drawn from was seen, in this order.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn a_pod_that_leaves_the_traffic_is_recorded() {
    let _others = EXERCISES.read().await;
    let take = TAKES.iter().find(|take| take.id == "12.1").unwrap();
    let mut exercise = exercise(take.section());
    let waits = |step: &guide::Step| step.action.commands.iter().any(|command| command == "sleep 10");
    let last = exercise.steps.iter().position(waits).unwrap();
    exercise.steps.truncate(last + 1);
    let settings = settings(&exercise, root(), Duration::from_secs(120));
    let client = access::for_watches(settings.kubeconfig.clone(), access::Route::Direct).await;

    let recording = Mutex::new(Recording::default());
    let began = Began::now();
    let scene = Scene::new(
        client.unwrap().client,
        &settings.namespace,
        take,
        began,
        &recording,
    );
    let (_stopper, stop) = Stop::new();
    let mut told = |_: Event| {};
    tokio::select! {
        outcome = runner::run(&exercise, &settings, &stop, &mut told) => assert_eq!(outcome.unwrap(), runner::Outcome::Seen),
        Err(error) = scene.watch() => panic!("{error}, in the cluster {}", layout().name),
    }
    drop(scene);

    let recording = recording.into_inner().unwrap();
    let left = recording.pods.iter().find(|seen| {
        let was_ready = |before: &PodSeen| before.pod == seen.pod && before.at < seen.at && before.ready;
        !seen.ready && recording.pods.iter().any(was_ready)
    });
    let left = left.unwrap_or_else(|| panic!("no pod became unready: {:#?}", recording.pods));
    let probes = recording.probes.iter().filter(|probed| probed.pod == left.pod);
    let before: Vec<_> = probes.filter(|probed| probed.after < left.at).collect();
    let found_out = before.last().is_some_and(|probed| !probed.success);
    assert!(found_out, "{left:?} after {before:#?}");
    let out = recording.endpoints.iter().find(|seen| seen.at >= left.at);
    assert!(
        out.is_some_and(|seen| !seen.ready.contains(&left.pod)),
        "{:#?}",
        recording.endpoints
    );
    let met = |status: u16, calls: &[Called]| calls.iter().any(|call| call.1 == status);
    assert!(met(200, &recording.calls) && met(500, &recording.calls));
    assert!(
        recording
            .kept
            .iter()
            .any(|calls| met(500, calls) && calls.len() > 1)
    );
}
