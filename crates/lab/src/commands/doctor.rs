//! `lab doctor`.

use cluster::Layout;

use guide::Language;
use runner::{
    Stop,
    preflight::{ADDRESS_WITHIN, Needs, doubts, lacking},
};

use crate::{Exit, image_source, progress::StepProgress, target::Target, workspace};

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
    match workspace::find().and_then(|checkout| image_source::describe(&checkout)) {
        Ok(source) => crate::outln!("manifests: {source}"),
        Err(error) => crate::outln!("manifests: {error:#}"),
    }
    let Some(context) = &args.context else {
        let missing = match stop.or(cluster::preflight(layout)).await {
            Ok(missing) => missing,
            Err(signal) => return Ok(Exit::Stopped(signal)),
        };
        for problem in &missing {
            crate::outln!("missing: {}\n   cure: {}", problem.what, problem.cure);
        }
        for advice in cluster::advice(layout).into_iter().chain(cluster::busy(layout)) {
            crate::outln!("beware: {}\n   cure: {}", advice.what, advice.cure);
        }
        if missing.is_empty() {
            crate::outln!(
                "this machine can run the embedded cluster: {}",
                layout.command("up")
            );
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
        let progress = StepProgress::default();
        progress.start("Looking at what the cluster can do", ADDRESS_WITHIN);
        lacking = doubts(&client, Needs::ALL, stop).await;
        progress.finish_looking(&lacking);
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
