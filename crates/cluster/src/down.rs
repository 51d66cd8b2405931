//! Taking the cluster down. Like `up`, it may be interrupted and run again.

use std::fs;

use crate::{
    Error, Event, Layout, Lock, Reporter, Step, cgroups,
    files::{at, remove_dir},
    host, network,
};

/// Ends the cluster and removes everything that it wrote; with `purge`, the builds too.
///
/// # Errors
/// [`Error::InUse`] when `purge` would take another cluster's builds; a process did not end, or a file could not be
/// removed. Running it again goes on from there.
pub async fn down(layout: &Layout, purge: bool, _lock: &Lock, report: Reporter<'_>) -> Result<(), Error> {
    if purge && let Some(name) = layout.others().pop() {
        return Err(Error::InUse(name));
    }
    report(Event::Started(Step::Stop));
    network::end_processes(layout).await?;
    cgroups::remove(layout).await?;
    host::restore_settings(layout)?;
    network::remove(layout).await?;
    remove_dir(&layout.state).await?;
    if let Some(all) = layout.state.parent() {
        // It stays while there is another cluster.
        let _ = fs::remove_dir(all);
    }
    if purge {
        remove_dir(&layout.cache).await?;
    }
    let lock = layout.lock();
    fs::remove_file(&lock).map_err(at("removing", &lock))?;
    report(Event::Finished(Step::Stop));
    Ok(())
}
