//! `lab watch`: where a learner stands, beside the terminal that they work in.

mod args;
mod files;
mod keys;
mod plain;
mod screen;
mod session;
mod terminal;
mod view;

use cluster::Layout;
use guide::Exercise;
use jiff::ZonedDateTime;

pub(crate) use self::args::Args;
use self::session::Session;
use crate::{
    Exit,
    commands::explain::recorded::{self, Past},
    target::Target,
    workspace,
};

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
    let past = Past::of(&target, layout, &ZonedDateTime::now());
    let (send, live) = tokio::sync::watch::channel(std::sync::Arc::default());
    let namespace = access.namespace.clone();
    let session = Session::new(layout, &target, access, root, exercise, live, args)?;
    tokio::select! {
        removed = target.removed(layout) => match removed? {},
        failed = recorded::watch(&reach, &namespace, &past, &send) => match failed? {},
        done = session.run() => done,
    }
}
