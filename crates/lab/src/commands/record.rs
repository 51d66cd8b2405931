//! `lab record`: keeps what happens in the embedded cluster, as one of its components.

use std::sync::Arc;

use access::{Kubelets, Route};
use anyhow::Context;
use cluster::{KUBE_PROXY_METRICS, Layout};
use record::{ALL, Reach, Tape};
use tokio::sync::watch;

use crate::Exit;

/// Watches everything that stories are made of, and writes it down, until it is stopped.
///
/// # Errors
/// The cluster does not answer at the beginning, or the files cannot be written.
pub(crate) async fn run(layout: &Layout) -> anyhow::Result<Exit> {
    let kubeconfig = access::read(&layout.recorder_kubeconfig())?;
    let answers = access::open(kubeconfig.clone(), Route::Direct).await?;
    let watches = access::for_watches(kubeconfig.clone(), Route::Direct).await?;
    let reach = Reach {
        answers: answers.client,
        watches: watches.client,
        kubelets: Some(Kubelets::new(kubeconfig, Route::Direct)),
        proxy: Some(access::beside(KUBE_PROXY_METRICS)?),
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
