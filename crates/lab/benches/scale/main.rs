//! What a thousand pods cost: how long after a change of the cluster the board's page shows it, and what board and recorder take of a
//! processor and of memory meanwhile.
//!
//! `cargo bench -p lab --bench scale` needs root, Go, and a cluster that `lab up` has brought up. The nodes and pods are kwok's, which is
//! built from its Go module: objects without machines, on nodes that nothing else may use, in a namespace of their own. They are removed
//! when it ends, also by Ctrl-C; what an earlier run has left is removed first. Set `LAB` to measure another build of `lab`; the recorder is
//! the build that has brought the cluster up.
//!
//! The numbers depend on the machine and on what else it does, so that a budget that is not kept is told, and only what cannot be
//! measured is an error.

mod changes;
mod crowd;
mod kwok;
mod page;
mod usage;

use std::{env, fs, path::PathBuf, time::Duration};

use access::{Access, Route};
use anyhow::{Context, Result, anyhow, ensure};
use cluster::{DEFAULT_NETWORK, Layout};
use testkit::Budgets;
use tokio::{runtime::Runtime, signal::ctrl_c, time::sleep};

use self::{
    changes::{BURST, BURSTS, Latencies, ONES},
    crowd::{Crowd, PODS},
    kwok::Kwok,
    page::Board,
    usage::Process,
};

/// How long something is looked at that does nothing.
const IDLE: Duration = Duration::from_secs(30);

const LONGEST_MS: f64 = 200.0;
const MOST_OF_A_CORE: f64 = 3.0;
const MOST_MIB: f64 = 64.0;
const MOST_OF_A_CORE_RECORDING: f64 = 2.0;
const MOST_MIB_RECORDING: f64 = 48.0;

fn main() -> Result<()> {
    Budgets::measured_by(|budgets| Runtime::new()?.block_on(measured(budgets)))?;
    Ok(())
}

async fn measured(budgets: &mut Budgets) -> Result<()> {
    let layout = cluster().await?;
    let access = access::open(access::read(&layout.kubeconfig())?, Route::Direct).await?;
    let kwok = Kwok::build(&layout)?;
    crowd::remove(&access).await?;

    let recorder = Process::named(&layout.name, "record")?;
    println!(
        "on {} processors with a load of {}",
        std::thread::available_parallelism()?,
        load()?
    );
    let idle = recorder.measured(IDLE).await?;
    budgets.at_most(
        "recorder, idle cluster",
        idle.percent,
        "% of a core",
        MOST_OF_A_CORE_RECORDING,
    );
    budgets.at_most(
        "recorder, idle cluster, resident",
        idle.resident_mib,
        "MiB",
        MOST_MIB_RECORDING,
    );

    let kwok = kwok.start(&layout)?;
    let result = tokio::select! {
        result = with_crowd(budgets, &layout, &access, recorder) => result,
        asked = ctrl_c() => asked.map_err(Into::into).and(Err(anyhow!("stopped"))),
    };
    // kwok is there until then, as nobody else would let its pods go.
    let removed = crowd::remove(&access).await;
    drop(kwok);
    result.and(removed)
}

/// The running cluster that `LAB_NAME` names.
async fn cluster() -> Result<Layout> {
    ensure!(
        rustix::process::geteuid().is_root(),
        "the embedded cluster belongs to root: start this as root"
    );
    let name = env::var("LAB_NAME").unwrap_or_else(|_| cluster::DEFAULT_NAME.into());
    let layout = Layout::new(&name, DEFAULT_NETWORK)?.saved();
    let missing = || format!("no cluster {name:?} runs here; `lab --name {name} up` brings one up");
    let layout = layout.with_context(missing)?;
    ensure!(cluster::is_running(&layout).await, missing());
    Ok(layout)
}

async fn with_crowd(
    budgets: &mut Budgets,
    layout: &Layout,
    access: &Access,
    recorder: Process,
) -> Result<()> {
    let crowd = Crowd::gather(access, layout).await?;
    let lab = env::var_os("LAB").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_lab")), PathBuf::from);
    let board = Board::open(&lab, &layout.name, crowd::NAMESPACE)?;
    let mut first = board.viewer()?;
    first.until(&[Crowd::ready().to_string()], true).await?;
    println!("the page's part with the pods has {} bytes", first.size());
    drop(first);

    // What began is over: letters are given, connections open.
    sleep(IDLE).await;
    let idle = board.process.measured(IDLE).await?;
    budgets.at_most(
        &format!("board, {PODS} pods, nobody looks"),
        idle.percent,
        "% of a core",
        MOST_OF_A_CORE,
    );
    let mut viewer = board.viewer()?;
    viewer.until(&[Crowd::ready().to_string()], true).await?;
    let idle = board.process.measured(IDLE).await?;
    budgets.at_most(
        &format!("board, {PODS} pods, one looks"),
        idle.percent,
        "% of a core",
        MOST_OF_A_CORE,
    );
    budgets.at_most(
        &format!("board, {PODS} pods, resident"),
        idle.resident_mib,
        "MiB",
        MOST_MIB,
    );
    budgets.shown(
        &format!("board, {PODS} pods, its share of memory"),
        idle.share_mib,
        "MiB",
    );
    let (frames, bytes) = viewer.drain();
    budgets.shown(
        "frames a second, nothing changes",
        frames / IDLE.as_secs_f64(),
        "",
    );
    budgets.shown(
        "bytes a second to a browser, nothing changes",
        bytes / IDLE.as_secs_f64() / 1024.0,
        "KiB",
    );
    let recording = recorder.measured(IDLE).await?;
    budgets.shown(
        &format!("recorder, {PODS} pods"),
        recording.percent,
        "% of a core",
    );
    budgets.shown(
        &format!("recorder, {PODS} pods, resident"),
        recording.resident_mib,
        "MiB",
    );

    println!("a load of {}", load()?);
    let before = (board.process.spent()?, std::time::Instant::now());
    let watches = access::for_watches(access::read(&layout.kubeconfig())?, Route::Direct).await?;
    for (at_once, times) in [(1, ONES), (BURST, BURSTS)] {
        let watches = watches.client.clone();
        let latencies = changes::measured(access, watches, &crowd, &mut viewer, (at_once, times)).await?;
        show(budgets, &format!("{times} times {at_once} at once"), &latencies);
    }
    let spent = (board.process.spent()? - before.0) / before.1.elapsed().as_secs_f64() * 100.0;
    budgets.shown("board, while pods change", spent, "% of a core");
    budgets.shown("board, most resident", board.process.most_resident_mib()?, "MiB");
    budgets.shown("recorder, most resident", recorder.most_resident_mib()?, "MiB");
    println!("a load of {}", load()?);
    Ok(())
}

fn show(budgets: &mut Budgets, changes: &str, latencies: &Latencies) {
    println!("pods become not ready, {changes}, from the request on:");
    for (who, samples) in [
        ("the API server's answer", &latencies.answer),
        ("a watch", &latencies.watch),
    ] {
        budgets.shown(&format!("{who}, median"), samples.median(), "ms");
        budgets.shown(&format!("{who}, p99"), samples.percentile(99), "ms");
    }
    budgets.shown("the page, median", latencies.page.median(), "ms");
    budgets.at_most("the page, p99", latencies.page.percentile(99), "ms", LONGEST_MS);
    budgets.shown("the page, largest", latencies.page.largest(), "ms");
    let ratio = latencies.page.median() / latencies.watch.median();
    budgets.shown("the page to the watch, medians", ratio, "times");
}

/// How much the machine had to do in the last minute.
fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}
