//! What memory-allocator logs.

use std::{convert::Infallible, time::Duration};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, ResourceExt,
    api::{ListParams, LogParams},
};
use pictures::recording::Allocated;
use serde::Deserialize;
use tokio::time::interval;

use super::{Began, Error, Scene};

/// How often the logs are read: the program writes a line in five seconds.
const PERIOD: Duration = Duration::from_millis(500);
/// How many lines are read: more than a run of the program has until it is killed.
const LINES: i64 = 50;

/// Reads the logs again and again.
pub(crate) async fn read(scene: &Scene<'_>) -> Result<Infallible, Error> {
    let pods: Api<Pod> = Api::namespaced(scene.client.clone(), scene.namespace);
    let mut tick = interval(PERIOD);
    loop {
        tick.tick().await;
        for pod in pods.list(&ListParams::default().labels(scene.take.pods)).await? {
            let params = LogParams {
                tail_lines: Some(LINES),
                ..LogParams::default()
            };
            // A container that has not started, or has just been removed, has no log.
            let Ok(log) = pods.logs(&pod.name_any(), &params).await else {
                continue;
            };
            let lines = log.lines().filter_map(|line| allocated(line, &scene.began));
            let mut recording = scene.note();
            for line in lines {
                if !recording.allocated.contains(&line) {
                    recording.allocated.push(line);
                }
            }
        }
    }
}

/// A line as the program logs it.
#[derive(Deserialize)]
struct Line {
    timestamp: Timestamp,
    message: String,
    limit: String,
}

fn allocated(line: &str, began: &Began) -> Option<Allocated> {
    let line: Line = serde_json::from_str(line).ok()?;
    let mib = |text: &str| text.strip_suffix("MiB")?.parse().ok();
    Some(Allocated {
        at: began.to(line.timestamp),
        mib: mib(line.message.strip_prefix("Allocated ~")?)?,
        limit: mib(&line.limit),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_program_are_read_and_others_are_not() {
        let began = Began::now();
        let line = |message: &str, limit: &str| {
            let json = serde_json::json!({
                "timestamp": "2026-11-26T08:36:31.894805Z", "level": "INFO", "message": message, "limit": limit,
                "resident": "12MiB",
            });
            allocated(&json.to_string(), &began).map(|line| (line.mib, line.limit))
        };
        assert_eq!(line("Allocated ~10MiB", "none"), Some((10, None)));
        assert_eq!(line("Allocated ~40MiB", "50MiB"), Some((40, Some(50))));
        assert_eq!(line("stopped", "50MiB"), None);
        assert!(allocated("not JSON", &began).is_none());
    }
}
