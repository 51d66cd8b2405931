//! `lab doctor`.

use cluster::Layout;

use guide::Language;
use runner::{
    Stop,
    preflight::{ADDRESS_WITHIN, Needs, doubts, lacking},
};

use crate::{Exit, foreign, progress::Progress, target::Target, workspace};

/// Options of `lab doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look at the cluster of this kubeconfig context, in place of this machine.
    #[arg(long)]
    context: Option<String>,
}

/// Says what is missing, each with its cure; exit code 0 only when nothing is.
///
/// # Errors
/// The cluster of the context does not answer.
pub(crate) async fn run(layout: &Layout, args: &Args, stop: &Stop) -> anyhow::Result<Exit> {
    match workspace::find().and_then(|checkout| foreign::image_source(&checkout)) {
        Ok(source) => crate::outln!("manifests: {source}"),
        Err(error) => crate::outln!("manifests: {error:#}"),
    }
    let Some(context) = &args.context else {
        let missing = match stop.or(cluster::missing(layout)).await {
            Ok(missing) => missing,
            Err(signal) => return Ok(Exit::Stopped(signal)),
        };
        for missing in &missing {
            crate::outln!("missing: {}\n   cure: {}", missing.what, missing.cure);
        }
        if missing.is_empty() {
            crate::outln!("this machine can run the embedded cluster: lab up");
        } else {
            crate::outln!("the other way open: a cluster that you have (lab up --context NAME)");
        }
        return Ok(if missing.is_empty() {
            Exit::Done
        } else {
            Exit::Failed
        });
    };
    let looking = async {
        let client = Target::of_context(context.clone())?.open().await?.client;
        let lacking = lacking(&client).await?;
        anyhow::Ok((client, lacking))
    };
    let (client, mut lacking) = match stop.or(looking).await {
        Ok(looked) => looked?,
        Err(signal) => return Ok(Exit::Stopped(signal)),
    };
    if lacking.is_empty() {
        let progress = Progress::default();
        progress.start("Asking for an address outside the cluster", ADDRESS_WITHIN);
        lacking = doubts(&client, Needs::ALL, stop).await;
        progress.finish();
    }
    for what in &lacking {
        crate::outln!("missing: {}", Language::En.tell(what));
    }
    if let Some(signal) = stop.came() {
        return Ok(Exit::Stopped(signal));
    }
    if lacking.is_empty() {
        crate::outln!(
            "the cluster of context {context:?} has what the chapter needs: lab up --context {context}"
        );
    }
    Ok(if lacking.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}
