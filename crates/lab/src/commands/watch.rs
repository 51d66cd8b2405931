//! `lab watch`: where a learner stands, beside the terminal that they work in.

mod files;
mod keys;
mod plain;
mod screen;
mod session;
mod terminal;
mod view;

use cluster::Layout;
use guide::{Exercise, Language};

use self::session::Session;
use crate::{Exit, target::Target, workspace};

/// Options of `lab watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// A section of the guide, such as 12.2.
    exercise: String,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
}

/// Looks until it is told to stop. Changes nothing on the cluster, but for the key that goes back to the start.
///
/// # Errors
/// The guide cannot be read, or the cluster does not answer at the beginning.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    let exercise = Exercise::load(&root, args.lang, &args.exercise)?;
    let target = Target::choose(layout, args.context.clone()).await?;
    let access = target.open().await?;
    let reach = target.reach(&access).await?;
    let (send, live) = tokio::sync::watch::channel(std::sync::Arc::default());
    let namespace = access.namespace.clone();
    let session = Session::new(layout, target, access, root, exercise, live, args);
    tokio::select! {
        failed = record::watch(&reach, &namespace, &send) => match failed? {},
        done = session.run() => done,
    }
}
