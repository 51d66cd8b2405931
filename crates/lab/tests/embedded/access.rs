//! Who reaches it and how: its programs, names, files, and what it asks of a manifest and of another cluster.

use std::{fs, net::UdpSocket, os::unix::fs::PermissionsExt, path::Path, process::Command, time::Duration};

use super::{fail, kubectl, layout, succeed, wait_for};

#[test]
#[ignore = "needs root and a cluster"]
fn the_printed_environment_makes_plain_kubectl_and_lab_work() {
    let script = format!(
        "{}\nkubectl get node --output name; cd /; command -v kubectl helm; lab list --lang en",
        succeed(&["env"])
    );
    let mut shell = Command::new("bash");
    shell.env("XDG_STATE_HOME", env!("CARGO_TARGET_TMPDIR"));
    let output = shell.args(["-ec", &script]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let bin = layout().bin().display().to_string();
    let expected = format!("node/{}\n{bin}/kubectl\n{bin}/helm\n12.1 ", layout().name);
    assert!(text.starts_with(&expected), "{output:?}");
}

#[test]
#[ignore = "needs root and a cluster"]
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
#[ignore = "needs root and a cluster"]
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
    for folder in [
        state.clone(),
        state.join("pki"),
        state.join("conf"),
        state.join("logs"),
    ] {
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
#[ignore = "needs root and a cluster"]
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
#[ignore = "needs root and a cluster"]
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
#[ignore = "needs root and a cluster"]
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
#[ignore = "needs root and a cluster"]
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
