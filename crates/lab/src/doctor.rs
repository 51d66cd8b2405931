//! `lab doctor`.

use std::process::ExitCode;

use cluster::Layout;

use crate::{
    existing,
    guide::Language,
    progress::Progress,
    requirements::{ADDRESS_WITHIN, Needs, doubts, lacking},
};

/// Options of `lab doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at the cluster of this kubeconfig context, in place of this machine.
    #[arg(long)]
    context: Option<String>,
}

/// Says what is missing, each with its cure; exit code 0 only when nothing is.
///
/// # Errors
/// The cluster of the context does not answer.
pub async fn run(layout: &Layout, args: &Args) -> anyhow::Result<ExitCode> {
    match crate::cli::checkout().and_then(|checkout| existing::image_source(&checkout)) {
        Ok(source) => crate::outln!("manifests: {source}"),
        Err(error) => crate::outln!("manifests: {error:#}"),
    }
    let Some(context) = &args.context else {
        let missing = cluster::missing(layout).await;
        for missing in &missing {
            crate::outln!("missing: {}\n   cure: {}", missing.what, missing.cure);
        }
        if missing.is_empty() {
            crate::outln!("this machine can run the embedded cluster: lab up");
        } else {
            crate::outln!("the other way open: a cluster that you have (lab up --context NAME)");
        }
        return Ok(ExitCode::from(u8::from(!missing.is_empty())));
    };
    let client = existing::connect(context).await?;
    let mut lacking = lacking(&client).await?;
    if lacking.is_empty() {
        let progress = Progress::default();
        progress.start("Asking for an address outside the cluster", ADDRESS_WITHIN);
        lacking = doubts(&client, Needs::ALL, Language::En, std::future::pending()).await?;
        progress.finish();
    }
    for what in &lacking {
        crate::outln!("missing: {what}");
    }
    if lacking.is_empty() {
        crate::outln!(
            "the cluster of context {context:?} has what the chapter needs: lab up --context {context}"
        );
    }
    Ok(ExitCode::from(u8::from(!lacking.is_empty())))
}
