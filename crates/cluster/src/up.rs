//! Bringing the cluster up. Each step checks whether it is done already, so that any of them may be interrupted, by
//! dropping the future or killing the process, and all of them be run again.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::Api;
use programs::{Failed, command, run, tied_command};
use tokio::process::Child;

use crate::{
    COMPONENTS, Error, Event, Layout, Lock, Reporter, Step, cgroups, client,
    components::components,
    configuration,
    files::{at, private_dir, private_file, write_json, write_private},
    host, is_running, kubernetes, network,
    packages::cni_plugins,
    pki, preflight, status, wait,
};

const START_WITHIN: Duration = Duration::from_secs(180);

/// Builds what is not built yet, starts what does not run yet, and returns the version of Kubernetes that runs: on a
/// running cluster, the one that it was started with. `lab` is this program, called as `lab supervise` in the cluster's
/// namespaces. With `audit`, the API server keeps an audit log ([`Layout::audit_log`]) until `down`.
///
/// # Errors
/// The machine lacks something, a program failed, or the cluster was not ready after 180 s. [`Error::Invalid`] for `audit` on a
/// cluster that runs without.
pub async fn up(
    layout: &Layout,
    lab: &Path,
    now: SystemTime,
    audit: bool,
    _lock: &Lock,
    report: Reporter<'_>,
) -> Result<String, Error> {
    let kubernetes = match running_program(layout).await {
        Some(_) if audit && !layout.audit_policy().exists() => {
            return Err(Error::Invalid {
                what: "option",
                value: "--audit".into(),
                allowed: format!(
                    "with a cluster that does not run yet; `{}` first",
                    layout.command("down")
                ),
            });
        }
        Some(program) => {
            network::connect(layout).await?;
            wait_for_api_server(layout).await?;
            program
        }
        None => start(layout, lab, now, audit, report).await?,
    };
    // On a running cluster too: an earlier `up` may have been interrupted before this.
    report(Event::Started(Step::Node));
    apply_bootstrap(layout, &kubernetes).await?;
    let version = wait_for_node(layout).await?;
    report(Event::Finished(Step::Node));
    Ok(version)
}

/// The running components' program. If it was removed meanwhile, no component could be restarted, so it counts as none.
async fn running_program(layout: &Layout) -> Option<PathBuf> {
    status(layout).await?;
    fs::canonicalize(layout.bin().join("kubectl")).ok()
}

async fn start(
    layout: &Layout,
    lab: &Path,
    now: SystemTime,
    audit: bool,
    report: Reporter<'_>,
) -> Result<PathBuf, Error> {
    report(Event::Started(Step::Check));
    let problems = preflight(layout).await;
    if !problems.is_empty() {
        return Err(Error::Machine(problems));
    }
    report(Event::Finished(Step::Check));
    let kubernetes = kubernetes::ensure(layout, report).await?;

    report(Event::Started(Step::Start));
    // A cluster that was killed may have left some.
    network::end_processes(layout).await?;
    prepare(layout, &kubernetes, lab, now, audit).await?;
    cgroups::create(layout)?;
    network::create(layout).await?;
    let mut supervisor = start_supervisor(layout, lab)?;
    tokio::select! {
        answers = wait_for_api_server(layout) => answers?,
        ended = supervisor.wait() => {
            let outcome = ended.map_or_else(|error| error.to_string(), programs::ended);
            let output = fs::read_to_string(layout.log("supervisor")).unwrap_or_default();
            return Err(Failed { command: "lab supervise".into(), outcome, output }.into());
        }
    }
    report(Event::Finished(Step::Start));
    Ok(kubernetes)
}

/// Writes the state folder's files. The layout comes first: by it `down` finds everything else.
async fn prepare(
    layout: &Layout,
    kubernetes: &Path,
    lab: &Path,
    now: SystemTime,
    audit: bool,
) -> Result<(), Error> {
    layout.save()?;
    host::save_settings(layout)?;
    private_dir(&layout.state.join("logs"))?;
    private_dir(&layout.bin())?;
    for name in ["kubectl", "helm"] {
        let link = layout.bin().join(name);
        let _ = fs::remove_file(&link);
        symlink(kubernetes, &link).map_err(at("linking", &link))?;
    }
    pki::ensure(layout, now).await?;
    configuration::write(layout, &cni_plugins().unwrap_or_default())?;
    if audit {
        configuration::write_audit_policy(layout)?;
    }
    write_json(
        &layout.state.join("components.json"),
        &components(layout, kubernetes, lab),
    )
}

/// Waits for a slow API server, or one that was just killed: neither is a reason to end the cluster. A component whose
/// program cannot be run is not waited for.
async fn wait_for_api_server(layout: &Layout) -> Result<(), Error> {
    wait::until(
        "the API server's answer",
        START_WITHIN,
        "`lab status` shows which component is at fault; `lab down` and `lab up` start over",
        || async {
            match status(layout).await?.unstartable() {
                Some(error) => Some(Err(error)),
                None => is_running(layout).await.then_some(Ok(())),
            }
        },
    )
    .await?
}

async fn apply_bootstrap(layout: &Layout, kubernetes: &Path) -> Result<(), Error> {
    let objects = layout.state.join("conf/bootstrap.yaml");
    write_private(&objects, include_str!("bootstrap.yaml"))?;
    let mut kubectl = tied_command(kubernetes);
    kubectl.args(["kubectl", "apply", "--server-side", "--force-conflicts"]);
    // It would wait without limit for a server that has stopped answering.
    kubectl.args(["--request-timeout", "60s"]);
    kubectl.arg("--filename").arg(objects);
    kubectl.arg("--kubeconfig").arg(layout.kubeconfig());
    kubectl.arg("--cache-dir").arg(layout.discovery());
    kubectl.env("KUBERC", "off");
    run(kubectl).await?;
    Ok(())
}

/// Starts the supervisor in a session of its own, so that it outlives this process and its terminal.
fn start_supervisor(layout: &Layout, lab: &Path) -> Result<Child, Error> {
    let log = layout.log("supervisor");
    let output = private_file(&log)?;
    let errors = output.try_clone().map_err(at("writing", &log))?;
    // Each of these becomes the next; `unshare` alone stays, to kill the new PID namespace if it is killed itself.
    // `tini` is that namespace's first process, because somebody has to wait for the containers' orphans.
    let mut setsid = command("setsid", ["nsenter"]);
    setsid
        .arg(format!("--net={}", layout.namespace().display()))
        .args([
            "--",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child=KILL",
            "--mount-proc",
        ])
        .args(["--", "tini", "--"])
        .arg(lab)
        .args([
            "--name",
            &layout.name,
            "--network",
            &layout.network.to_string(),
            "supervise",
        ])
        .current_dir("/");
    setsid
        .kill_on_drop(false)
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(at("starting the supervisor, writing to", &log))
}

/// Waits until everything is ready, and returns the API server's version.
async fn wait_for_node(layout: &Layout) -> Result<String, Error> {
    let client = client(&layout.kubeconfig()).await?;
    let nodes: Api<Node> = Api::all(client.clone());
    let accounts: Api<ServiceAccount> = Api::default_namespaced(client.clone());
    wait::until(
        "the components, and the node's readiness",
        START_WITHIN,
        "`lab status` shows the components, `lab logs kubelet` why the node is not ready",
        || async {
            let status = status(layout).await?;
            if let Some(error) = status.unstartable() {
                return Some(Err(error));
            }
            let components = status.components;
            let runs = |name: &str| {
                components
                    .get(name)
                    .is_some_and(|component| component.pid.is_some())
            };
            let kubelet = components.get("kubelet")?;
            let node = nodes.get(&layout.name).await.ok()?;
            let ready = COMPONENTS.into_iter().all(runs) && is_ready(&node, kubelet.since);
            // Without the account, the first pods would be refused.
            accounts.get("default").await.ok().filter(|_| ready)?;
            Some(Ok(client.apiserver_version().await.ok()?.git_version))
        },
    )
    .await?
}

/// Whether the kubelet that was started then has reported its node ready. After a crash, etcd still holds the report of the
/// kubelet before it.
fn is_ready(node: &Node, kubelet_started: Timestamp) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    let mut conditions = conditions.into_iter().flatten();
    let ready = conditions.find(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready
        .and_then(|condition| condition.last_heartbeat_time.as_ref())
        // Kubernetes' times are whole seconds.
        .is_some_and(|reported| reported.0.as_second() >= kubelet_started.as_second())
}

/// Loads images from an archive into the cluster; images that it has already cost little.
///
/// # Errors
/// `ctr` failed: the cluster is not running, or the file is not an archive of images.
pub async fn load_image(layout: &Layout, archive: &Path) -> Result<(), Error> {
    let mut import = command("ctr", ["--namespace", "k8s.io", "--address"]);
    import
        .arg(layout.containerd_socket())
        .args(["images", "import"])
        .arg(archive);
    run(import).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn only_the_owner_reads_what_up_writes_whatever_the_umask() {
        // The loosest mask, for all tests of this process from now on.
        rustix::process::umask(rustix::fs::Mode::empty());
        let folder = tempfile::tempdir().unwrap();
        let mut layout = Layout::new("lab", crate::DEFAULT_NETWORK).unwrap();
        layout.state = folder.path().join("state/lab");
        layout.cache = folder.path().join("cache");
        // As an earlier version, or a person, may have made it.
        fs::create_dir_all(&layout.cache).unwrap();
        let _builds = crate::lock_builds(&layout.cache).unwrap();
        prepare(
            &layout,
            Path::new("/kubernetes"),
            Path::new("/lab"),
            SystemTime::UNIX_EPOCH,
            true,
        )
        .await
        .unwrap();
        private_file(&layout.log("supervisor")).unwrap();
        let find = |what: &str| {
            let folder = folder.path().display();
            run(command(
                "sh",
                ["-c", &format!("find {folder} -mindepth 1 {what}")],
            ))
        };
        assert!(find("-type f").await.unwrap().lines().count() > 40);
        let readable = find("-type f ! -perm 600 -o -mindepth 1 -type d ! -perm 700")
            .await
            .unwrap();
        assert_eq!(readable, "");
    }

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
