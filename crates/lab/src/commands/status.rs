//! `lab status`.

use cluster::{COMPONENTS, ComponentStatus, Layout, Status};
use jiff::Timestamp;

use crate::Exit;

/// Options of `lab status`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Shows the components.
///
/// # Errors
/// JSON could not be made.
pub(crate) async fn run(layout: &Layout, args: &Args) -> anyhow::Result<Exit> {
    let status = cluster::seen(layout).await?;
    if args.json {
        crate::outln!("{}", serde_json::to_string_pretty(&status)?);
    } else {
        crate::print::out(format_args!("{}", table(&status, Timestamp::now())));
        crate::outln!("kubeconfig: {}", layout.kubeconfig().display());
        if let Err(silent @ cluster::Error::Silent { .. }) = cluster::running(layout).await {
            crate::outln!("{}", report::paragraph("", &silent.to_string()));
        }
        if let Some(problem) = cluster::disconnected(layout).await {
            let told = format!("{}: {}", problem.what, problem.cure);
            crate::outln!("{}", report::paragraph("", &told));
        }
    }
    Ok(Exit::Done)
}

fn table(status: &Status, now: Timestamp) -> String {
    let mut text = format!(
        "{:<23} {:<7} {:>5} {:>8} {:>8}\n",
        "COMPONENT", "STATE", "SINCE", "RESTARTS", "MEMORY"
    );
    for name in COMPONENTS {
        let line = status.components.get(name).map_or_else(
            || format!("{name:<23} {:<7}\n", "waiting"),
            |component| row(name, component, now),
        );
        text.push_str(&line);
    }
    let total: u64 = status
        .components
        .values()
        .filter_map(|component| component.memory)
        .sum();
    text.push_str(&format!(
        "{:<23} {:<7} {:>5} {:>8} {:>4} MiB\n",
        "together",
        "",
        "",
        "",
        total >> 20
    ));
    text
}

fn row(name: &str, component: &ComponentStatus, now: Timestamp) -> String {
    let state = if component.pid.is_some() {
        "running"
    } else {
        "down"
    };
    let seconds = now.duration_since(component.since).as_secs().max(0);
    let memory = component
        .memory
        .map_or_else(|| "-".into(), |bytes| format!("{} MiB", bytes >> 20));
    let mut line = format!(
        "{name:<23} {state:<7} {:>5} {:>8} {memory:>8}\n",
        age(seconds),
        component.restarts
    );
    if let (None, Some(end)) = (component.pid, &component.last_end) {
        let ended = format!("ended: {end}; `lab logs {name}` says more");
        line.push_str(&report::paragraph("  ", &ended));
        line.push('\n');
    }
    line
}

/// An age as kubectl writes it: `42s`, `12m`, `3h`, `2d`.
fn age(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_that_is_down_says_how_it_ended_and_where_to_look() {
        let now: Timestamp = "2026-01-01T00:10:00Z".parse().unwrap();
        let mut status = Status::default();
        let up = ComponentStatus {
            pid: Some(7),
            since: "2026-01-01T00:00:00Z".parse().unwrap(),
            restarts: 0,
            last_end: None,
            cannot_start: false,
            memory: Some(64 << 20),
        };
        let down = ComponentStatus {
            pid: None,
            restarts: 3,
            last_end: Some("signal: 9 (SIGKILL)".into()),
            memory: None,
            ..up.clone()
        };
        status.components.insert("etcd".into(), up);
        status.components.insert("kubelet".into(), down);
        let text = table(&status, now);
        assert!(
            text.contains("etcd                    running   10m        0   64 MiB\n"),
            "{text}"
        );
        assert!(
            text.contains("ended: signal: 9 (SIGKILL); `lab logs kubelet` says more"),
            "{text}"
        );
        assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    }
}
