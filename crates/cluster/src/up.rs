//! Bringing the cluster up and down. Each step looks whether it is done already, so that any of them may be interrupted
//! and all of them be run again.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::Api;
use tokio::io::AsyncReadExt;

use crate::{
    COMPONENTS, Error, Event, Layout, Lock, Reporter, Status, Step,
    command::{command, run, run_with_input, without_proxy},
    components::configure,
    files::{at, private_dir, private_file, remove_dir, write_private},
    host, kubernetes, network, pki,
    requirements::{self, cni_plugins},
    wait,
};

const START_WITHIN: Duration = Duration::from_secs(180);
const END_WITHIN: Duration = Duration::from_secs(60);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// What runs, or nothing when the supervisor does not answer.
pub async fn status(layout: &Layout) -> Option<Status> {
    let ask = async {
        let mut stream = tokio::net::UnixStream::connect(layout.status_socket()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(serde_json::from_slice(&answer)?)
    };
    tokio::time::timeout(ANSWER_WITHIN, ask).await.ok()?.ok()
}

/// Whether the cluster is running and its API server answers.
pub async fn is_running(layout: &Layout) -> bool {
    let answers = async {
        let version = crate::client(&layout.kubeconfig())
            .await?
            .apiserver_version()
            .await?;
        Ok::<_, Error>(version)
    };
    status(layout).await.is_some()
        && tokio::time::timeout(ANSWER_WITHIN, answers)
            .await
            .is_ok_and(|it| it.is_ok())
}

/// Builds what is not built yet, and starts what does not run yet. `lab` is this program, which is called as
/// `lab supervise` in the cluster's namespaces.
///
/// # Errors
/// The machine lacks something, a program failed, or the cluster did not get ready in time.
pub async fn up(
    layout: &Layout,
    lab: &Path,
    now: SystemTime,
    _lock: &Lock,
    report: Reporter<'_>,
) -> Result<(), Error> {
    let kubernetes = match running_program(layout).await {
        Some(program) => {
            wait_for_api_server(layout).await?;
            program
        }
        None => start(layout, lab, now, report).await?,
    };
    // On a cluster that runs as well: an earlier `up` may have been interrupted before it came to this.
    report(Event::Started(Step::Node));
    let mut apply = kubectl(layout, &kubernetes);
    apply.args(["apply", "--server-side", "--force-conflicts", "--filename", "-"]);
    run_with_input(apply, include_str!("bootstrap.yaml")).await?;
    wait_for_node(layout).await?;
    report(Event::Finished(Step::Node));
    Ok(())
}

/// What the cluster's components are, if they run. Where the build was removed since, none could be started again.
async fn running_program(layout: &Layout) -> Option<PathBuf> {
    status(layout).await?;
    fs::canonicalize(layout.bin().join("kubectl")).ok()
}

async fn start(layout: &Layout, lab: &Path, now: SystemTime, report: Reporter<'_>) -> Result<PathBuf, Error> {
    report(Event::Started(Step::Check));
    let missing = requirements::missing(layout).await;
    if !missing.is_empty() {
        return Err(Error::Requirements(missing));
    }
    report(Event::Finished(Step::Check));
    let kubernetes = kubernetes::ensure(layout, report).await?;

    report(Event::Started(Step::Start));
    // What an earlier cluster left when it was killed: its processes are gone with it, its network may be half there.
    end_processes(layout).await?;
    private_dir(&layout.state.join("logs"))?;
    private_dir(&layout.bin())?;
    for name in ["kubectl", "helm"] {
        let link = layout.bin().join(name);
        let _ = fs::remove_file(&link);
        symlink(&kubernetes, &link).map_err(at("linking", &link))?;
    }
    layout.save()?;
    host::save_settings(layout)?;
    pki::ensure(layout, now)?;
    let cni_plugins = cni_plugins().unwrap_or_default();
    let components = configure(layout, &kubernetes, &cni_plugins)?;
    let json = serde_json::to_vec_pretty(&components).unwrap_or_default();
    write_private(&layout.state.join("components.json"), json)?;
    host::create_cgroups(layout)?;
    network::create(layout).await?;
    let mut supervisor = start_supervisor(layout, lab)?;
    tokio::select! {
        answers = wait_for_api_server(layout) => answers?,
        ended = supervisor.wait() => {
            let outcome = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            let output = fs::read_to_string(layout.log("supervisor")).unwrap_or_default();
            return Err(Error::Command { command: "lab supervise".into(), outcome, output });
        }
    }
    report(Event::Finished(Step::Start));
    Ok(kubernetes)
}

/// An API server that is slow, or was just killed, is no reason to end the cluster and all that runs in it.
async fn wait_for_api_server(layout: &Layout) -> Result<(), Error> {
    wait::until(
        "the API server's answer",
        START_WITHIN,
        "`lab status` shows which component is at fault; `lab down` and `lab up` begin anew",
        || async { is_running(layout).await.then_some(()) },
    )
    .await
}

fn kubectl(layout: &Layout, kubernetes: &Path) -> tokio::process::Command {
    let mut kubectl = command("setpriv", ["--pdeathsig", "TERM", "--"]);
    kubectl
        .arg(kubernetes)
        .arg("kubectl")
        .arg("--kubeconfig")
        .arg(layout.kubeconfig())
        .arg("--cache-dir")
        .arg(layout.discovery());
    without_proxy(&mut kubectl);
    kubectl
}

fn start_supervisor(layout: &Layout, lab: &Path) -> Result<tokio::process::Child, Error> {
    let log = layout.log("supervisor");
    let output = private_file(&log).map_err(at("writing", &log))?;
    let errors = output.try_clone().map_err(at("writing", &log))?;
    // Each of these becomes the next; `unshare` alone stays, to kill the new PID namespace if it is killed itself.
    // `tini` is that namespace's first process, because somebody has to wait for the containers' orphans.
    tokio::process::Command::new("setsid")
        .arg("nsenter")
        .arg(format!("--net={}", layout.namespace().display()))
        .args([
            "--",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child=KILL",
            "--mount-proc",
            "--",
        ])
        .args(["tini", "--"])
        .arg(lab)
        .args([
            "--name",
            &layout.name,
            "--network",
            &layout.network.to_string(),
            "supervise",
        ])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(at("starting the supervisor, writing to", &log))
}

async fn wait_for_node(layout: &Layout) -> Result<(), Error> {
    let client = crate::client(&layout.kubeconfig()).await?;
    let nodes: Api<Node> = Api::all(client.clone());
    let accounts: Api<ServiceAccount> = Api::default_namespaced(client);
    wait::until(
        "the components, and the node's readiness",
        START_WITHIN,
        "`lab status` shows what runs, `lab logs kubelet` what keeps the node",
        || async {
            let components = status(layout).await?.components;
            let runs = |name: &&str| {
                components
                    .get(*name)
                    .is_some_and(|component| component.pid.is_some())
            };
            let kubelet = components.get("kubelet")?;
            let node = nodes.get(&layout.name).await.ok()?;
            let ready = COMPONENTS.iter().all(runs) && is_ready(&node, kubelet.since);
            // Without the account, the first pods would be refused.
            (ready && accounts.get("default").await.is_ok()).then_some(())
        },
    )
    .await
}

/// Whether the kubelet that was started then says that its node is ready. Of a cluster that was killed, the API server
/// still tells what the kubelet before it said.
fn is_ready(node: &Node, kubelet_started: Timestamp) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    let ready = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready
        .and_then(|condition| condition.last_heartbeat_time.as_ref())
        // Kubernetes' times are whole seconds.
        .is_some_and(|said| said.0.as_second() >= kubelet_started.as_second())
}

/// Takes images from archives into the cluster. Archives that the cluster has already are cheap.
///
/// # Errors
/// `ctr` failed: the cluster is not running, or an archive is not one.
pub async fn load_image(layout: &Layout, archive: &Path) -> Result<(), Error> {
    let mut import = command("ctr", ["--namespace", "k8s.io", "--address"]);
    import
        .arg(layout.containerd_socket())
        .args(["images", "import"])
        .arg(archive);
    run(import).await.map(drop)
}

/// Ends the cluster and removes everything that it wrote; with `purge`, the builds too.
///
/// # Errors
/// A process did not end, or a file could not be removed. Running it again goes on from there.
pub async fn down(layout: &Layout, purge: bool, _lock: &Lock, report: Reporter<'_>) -> Result<(), Error> {
    if purge {
        kubernetes::can_be_purged(layout)?;
    }
    report(Event::Started(Step::Stop));
    end_processes(layout).await?;
    host::remove_cgroups(layout).await?;
    host::restore_settings(layout)?;
    network::remove(layout).await?;
    remove_dir(&layout.state)?;
    if let Some(all) = layout.state.parent() {
        // It stays while there is another cluster.
        let _ = fs::remove_dir(all);
    }
    if purge {
        kubernetes::purge(layout)?;
    }
    let lock = layout.lock();
    fs::remove_file(&lock).map_err(at("removing", &lock))?;
    report(Event::Finished(Step::Stop));
    Ok(())
}

/// Kills what runs in the cluster's network namespace: the supervisor is among them, and with it the kernel ends its
/// PID namespace, which holds every other process of the cluster.
async fn end_processes(layout: &Layout) -> Result<(), Error> {
    let look = format!("`ip netns pids {}` lists them", layout.namespace_name());
    wait::until(
        "the end of the cluster's processes",
        END_WITHIN,
        &look,
        || async {
            let processes = network::processes(layout).await.ok()?;
            for pid in &processes {
                if let Some(pid) = rustix::process::Pid::from_raw(*pid) {
                    // One that is gone already is as it should be.
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                }
            }
            processes.is_empty().then_some(())
        },
    )
    .await
}

/// Checks that `name` is a component with a log.
///
/// # Errors
/// [`Error::Invalid`] otherwise.
pub fn known_component(name: &str) -> Result<(), Error> {
    if COMPONENTS.contains(&name) || name == "supervisor" {
        return Ok(());
    }
    Err(Error::Invalid {
        what: "component",
        value: name.into(),
        allowed: "supervisor, etcd, containerd, kube-apiserver, kube-controller-manager, kube-scheduler, kubelet, \
                  kube-proxy, coredns",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_ready;

    #[test]
    fn a_node_is_ready_when_the_kubelet_that_runs_now_has_said_so() {
        let started = "2026-01-02T03:04:05.9Z".parse().unwrap();
        let ready = |status: &str, said: &str| {
            let node = json!({ "status": { "conditions": [
                { "type": "DiskPressure", "status": "True", "lastHeartbeatTime": "2026-01-02T04:00:00Z" },
                { "type": "Ready", "status": status, "lastHeartbeatTime": said },
            ] } });
            is_ready(&serde_json::from_value(node).unwrap(), started)
        };
        assert!(ready("True", "2026-01-02T03:04:05Z"));
        assert!(ready("True", "2026-01-02T03:09:00Z"));
        assert!(!ready("True", "2026-01-02T03:04:04Z"));
        assert!(!ready("False", "2026-01-02T03:09:00Z"));
        assert!(!is_ready(&serde_json::from_value(json!({})).unwrap(), started));
    }
}
