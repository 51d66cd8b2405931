//! `lab record`: keeps what happens in the embedded cluster, as one of its components.

use std::{sync::Arc, time::Duration};

use access::{Kubelets, Route};
use anyhow::Context;
use cluster::Layout;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client, api::ListParams};
use record::{ALL, Reach, Tape};
use tokio::{sync::watch, time::sleep};

use crate::Exit;

/// How long it waits between two looks whether it may look.
const PAUSE: Duration = Duration::from_millis(500);

/// Watches everything that stories are made of, and writes it down, until it is stopped.
///
/// # Errors
/// The cluster does not answer at the beginning, or the files cannot be written.
pub(crate) async fn run(layout: &Layout) -> anyhow::Result<Exit> {
    let kubeconfig = access::read(&layout.recorder_kubeconfig())?;
    let answers = access::open(kubeconfig.clone(), Route::Direct).await?;
    allowed(&answers.client).await?;
    let watches = access::for_watches(kubeconfig.clone(), Route::Direct).await?;
    let reach = Reach {
        answers: answers.client,
        watches: watches.client,
        kubelets: Some(Kubelets::new(kubeconfig, Route::Direct)),
        rules: Some("iptables-save".into()),
    };
    let folder = layout.record();
    let tape = Tape::new(&folder);
    let (send, live) = watch::channel(Arc::default());
    println!("recording in {}", folder.display());
    tokio::select! {
        failed = record::watch(&reach, ALL, &send) => match failed? {},
        kept = tape.keep(live) => kept.with_context(|| format!("cannot write {}", folder.display()))?,
    }
    Ok(Exit::Done)
}

/// Waits until it may list: its role is written while it starts, and what objects carry of the past is told of the first lists alone.
async fn allowed(client: &Client) -> anyhow::Result<()> {
    let pods: Api<Pod> = Api::all(client.clone());
    let one = ListParams::default().limit(1);
    loop {
        match pods.list(&one).await {
            Err(error) if access::is_hidden(&error) => sleep(PAUSE).await,
            answer => return Ok(answer.map(drop)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use access::fake::{api, list, refusal};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_role_that_comes_later_is_waited_for_and_a_failure_is_none() {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let late = api(move |_, _| match counted.fetch_add(1, Ordering::Relaxed) {
            0..5 => refusal(403, "no"),
            _ => list(&[]),
        });
        allowed(&late).await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 6);
        assert!(allowed(&api(|_, _| refusal(500, "no"))).await.is_err());
    }
}
