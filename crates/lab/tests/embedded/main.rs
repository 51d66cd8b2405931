//! The lab's own commands, on an embedded cluster that is running: the one that `LAB_NAME` and `LAB_NETWORK` say. The
//! tests kill parts of it, so they run one after the other (`--test-threads=1`), on a cluster that nobody else uses.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test can't go on without has to be there"
)]

mod commands;
mod failures;
mod refusals;

use std::{
    fs,
    net::UdpSocket,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use cluster::{Layout, Status};

const WITHIN: Duration = Duration::from_secs(60);
/// How often a condition is looked at.
const PERIOD: Duration = Duration::from_millis(50);

fn layout() -> Layout {
    let name = std::env::var("LAB_NAME").expect("LAB_NAME names a cluster for tests; `./test` brings one up");
    let network = std::env::var("LAB_NETWORK").expect("LAB_NETWORK is its network");
    Layout::new(&name, &network).unwrap()
}

fn lab(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Runs it, requires success and gives what it printed.
fn succeed(arguments: &[&str]) -> String {
    let output = lab(arguments);
    assert!(
        output.status.success(),
        "lab {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Runs it, requires failure and gives what it said.
fn fail(arguments: &[&str]) -> String {
    let output = lab(arguments);
    assert!(!output.status.success(), "lab {arguments:?} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

fn kubectl(arguments: &[&str]) -> Output {
    let layout = layout();
    Command::new(layout.bin().join("kubectl"))
        .env("KUBECONFIG", layout.kubeconfig())
        .args(arguments)
        .output()
        .unwrap()
}

fn wait_for<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(begin.elapsed() < WITHIN, "{what}: not within {WITHIN:?}");
        // What is waited for needs the processors too.
        std::thread::sleep(PERIOD);
    }
}

fn status() -> Status {
    serde_json::from_str(&succeed(&["status", "--json"])).unwrap()
}

/// Processes of this cluster, by what stands in their command line.
fn processes(words: &[&str]) -> Vec<i32> {
    let name = layout().name;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let Ok(pid) = entry.unwrap().file_name().to_string_lossy().parse() else {
            continue;
        };
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        if words.iter().all(|word| command.contains(word)) && command.contains(&name) {
            found.push(pid);
        }
    }
    found
}

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn up_on_a_running_cluster_says_where_everything_is() {
    let greeting = succeed(&["up"]);
    assert!(greeting.contains("kubectl apply -f numbers/"), "{greeting}");
    assert!(
        greeting.contains(layout().kubeconfig().to_str().unwrap()),
        "{greeting}"
    );
}

#[test]
fn the_second_of_two_at_once_says_so() {
    let lock = cluster::lock(&layout()).unwrap();
    for command in ["up", "down"] {
        let message = fail(&[command]);
        assert!(
            message.contains("another `lab up` or `lab down` is at work"),
            "{message}"
        );
    }
    drop(lock);
    succeed(&["up"]);
}

#[test]
fn another_network_for_a_cluster_that_runs_is_refused() {
    let message = fail(&["--network", "198.18.0.0/16", "status"]);
    assert!(
        message.contains("has the network 198.19.0.0/16, not 198.18.0.0/16"),
        "{message}"
    );
}

#[test]
fn the_printed_environment_makes_plain_kubectl_work() {
    let script = format!("{}\nkubectl get node --output name", succeed(&["env"]));
    let output = Command::new("bash").args(["-ec", &script]).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        format!("node/{}", layout().name),
        "{output:?}"
    );
}

#[test]
fn logs_are_there_for_each_component_and_for_nothing_else() {
    for component in cluster::COMPONENTS {
        succeed(&["logs", component, "--lines", "1"]);
    }
    let message = fail(&["logs", "kubelett"]);
    assert!(
        message.contains("\"kubelett\" is not possible; allowed: supervisor, etcd"),
        "{message}"
    );
    assert!(fail(&["logs", "etcd", "--lines", "0"]).contains("1..=1000000"));
}

#[test]
fn only_the_owner_reads_what_the_cluster_wrote() {
    let state = layout().state;
    for folder in [
        &state,
        &state.join("pki"),
        &state.join("conf"),
        &state.join("logs"),
    ] {
        let mode = fs::metadata(folder).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{}", folder.display());
    }
    let mut files = 0;
    for folder in [state.clone(), state.join("pki"), state.join("conf")] {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
                assert_eq!(mode, 0o600, "{}", entry.path().display());
                files += 1;
            }
        }
    }
    assert!(files > 30, "only {files} files were looked at");
}

#[test]
fn nothing_listens_but_on_the_link_and_inside() {
    let layout = layout();
    let listeners = |arguments: &[&str]| {
        let output = Command::new(arguments[0]).args(&arguments[1..]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| line.split_whitespace().nth(3).unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let namespace = format!("--net={}", layout.namespace().display());
    let inside = listeners(&[
        "nsenter",
        &namespace,
        "ss",
        "--no-header",
        "--tcp",
        "--listening",
        "--numeric",
    ]);
    assert!(inside.len() > 5, "{inside:?}");
    for address in inside {
        let (ip, _) = address.rsplit_once(':').unwrap();
        assert!(ip == "127.0.0.1" || ip == layout.node().to_string(), "{address}");
    }
}

#[test]
fn dns_answers_with_the_address_of_a_service() {
    let layout = layout();
    let mut query = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in "kubernetes.default.svc.cluster.local".split('.') {
        query.push(u8::try_from(label.len()).unwrap());
        query.extend(label.bytes());
    }
    query.extend([0, 0, 1, 0, 1]);
    let socket = UdpSocket::bind((layout.host(), 0)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let answer = wait_for("an answer of coredns", || {
        let mut buffer = [0; 512];
        socket.send_to(&query, (layout.node(), 53)).ok()?;
        let length = socket.recv(&mut buffer).ok()?;
        Some(buffer[..length].to_vec())
    });
    assert!(
        answer.ends_with(&layout.kubernetes_service().octets()),
        "{answer:?}"
    );
}

/// Our cluster stands for one that somebody else set up, and for one without disks.
#[test]
fn a_cluster_that_is_named_is_looked_at_before_it_is_used() {
    let doctor = |context: &str| {
        Command::new(env!("CARGO_BIN_EXE_lab"))
            .env("KUBECONFIG", layout().kubeconfig())
            .env("NO_PROXY", layout().network.to_string())
            .args(["doctor", "--context", context])
            .output()
            .unwrap()
    };
    let context = layout().name;
    let said = String::from_utf8(doctor(&context).stdout).unwrap();
    assert!(said.contains("has what the chapter needs"), "{said}");
    let classes = kubectl(&["get", "storageclass", "--output=name"]);
    let class = String::from_utf8(classes.stdout).unwrap();
    let mark = |value: &str| {
        let mark = format!("storageclass.kubernetes.io/is-default-class={value}");
        let marked = kubectl(&["annotate", "--overwrite", class.trim(), &mark]);
        assert!(marked.status.success(), "{marked:?}");
    };
    mark("false");
    let output = doctor(&context);
    mark("true");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("missing: the cluster has no default StorageClass"),
        "{said}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_component_that_dies_comes_back() {
    let before = status().components["kube-scheduler"].restarts;
    let [pid] = processes(&["kube-scheduler --kubeconfig"])[..] else {
        panic!("there is not one scheduler")
    };
    kill(pid);
    wait_for("another scheduler", || {
        let scheduler = &status().components["kube-scheduler"];
        (scheduler.restarts == before + 1 && scheduler.pid.is_some()).then_some(())
    });
    let after = status().components["kube-scheduler"].clone();
    assert_eq!(after.last_end.as_deref(), Some("signal: 9 (SIGKILL)"));
}

#[test]
fn a_cluster_that_was_killed_comes_back_with_its_state() {
    let made = kubectl(&["create", "configmap", "kept", "--from-literal=a=b"]);
    assert!(made.status.success(), "{made:?}");
    let supervisors = processes(&["tini", "supervise"]);
    assert!(!supervisors.is_empty());
    supervisors.into_iter().for_each(kill);
    wait_for("the end of all its processes", || {
        processes(&["self-healing-lab"]).is_empty().then_some(())
    });
    let output = lab(&["status"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not running; `lab up` starts it"));
    assert!(fail(&["env"]).contains("is not running"));

    succeed(&["up"]);
    let kept = kubectl(&["get", "configmap", "kept", "--output=jsonpath={.data.a}"]);
    assert_eq!(String::from_utf8_lossy(&kept.stdout), "b", "{kept:?}");
    kubectl(&["delete", "configmap", "kept"]);
}

#[test]
fn an_up_that_is_killed_half_way_can_be_run_again() {
    succeed(&["down"]);
    let kill_when = |what: &str, moment: &dyn Fn() -> bool| {
        let mut half = Command::new(env!("CARGO_BIN_EXE_lab")).arg("up").spawn().unwrap();
        wait_for(what, || moment().then_some(()));
        half.kill().unwrap();
        half.wait().unwrap();
    };
    let certificates = layout().state.join("pki");
    kill_when("the certificates", &|| certificates.exists());
    // The cluster runs on then, without what `up` puts into it at the end.
    kill_when("an answer", &|| {
        kubectl(&["get", "--raw", "/readyz"]).status.success()
    });
    succeed(&["up"]);
    assert!(kubectl(&["get", "nodes"]).status.success());
    let classes = kubectl(&["get", "storageclass", "--output=name"]);
    assert!(!classes.stdout.is_empty(), "{classes:?}");
}

#[test]
fn the_restricted_standard_admits_every_manifest_without_a_warning() {
    let (namespace, k8s) = (
        "restricted",
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../k8s"),
    );
    kubectl(&["delete", "namespace", namespace, "--ignore-not-found"]);
    let enforced = ["enforce", "warn"].map(|mode| format!("pod-security.kubernetes.io/{mode}=restricted"));
    assert!(kubectl(&["create", "namespace", namespace]).status.success());
    let labelled = kubectl(&["label", "namespace", namespace, &enforced[0], &enforced[1]]);
    assert!(labelled.status.success(), "{labelled:?}");
    let mut admitted = 0;
    for folder in [
        "numbers",
        "numbers/update",
        "pi",
        "pi/update",
        "memory-allocator",
        "memory-allocator/update",
        "todo-list/db",
        "todo-list/db/update",
        "todo-list/web",
    ] {
        for entry in fs::read_dir(k8s.join(folder)).unwrap() {
            let file = entry.unwrap().path();
            if file.is_file() {
                let file = file.to_str().unwrap();
                let applied = kubectl(&[
                    "apply",
                    "--dry-run=server",
                    "--namespace",
                    namespace,
                    "--filename",
                    file,
                ]);
                assert!(
                    applied.status.success() && applied.stderr.is_empty(),
                    "{file}: {applied:?}"
                );
                admitted += 1;
            }
        }
    }
    assert!(admitted >= 10, "only {admitted} files");
    kubectl(&["delete", "namespace", namespace]);
}
