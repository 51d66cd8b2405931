//! The processes of the cluster, with their command lines.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Error, Layout, pki};

/// A process that the supervisor keeps running.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Whether to start it only once the API server answers, which it would otherwise give up waiting for.
    pub(crate) needs_api_server: bool,
}

/// A component's name, whether it needs the API server at its start, and its arguments.
type Row = (&'static str, bool, fn(&Layout) -> Vec<String>);

const TABLE: [Row; 9] = [
    ("etcd", false, etcd),
    (CONTAINERD, false, containerd),
    ("kube-apiserver", false, api_server),
    ("kube-controller-manager", true, controller_manager),
    ("kube-scheduler", true, |layout| {
        client_flags(layout, "kube-scheduler")
    }),
    ("kubelet", true, kubelet),
    ("kube-proxy", true, |layout| {
        vec![format!("--config={}", conf(layout, "kube-proxy.json"))]
    }),
    ("coredns", true, |layout| {
        vec!["-conf".into(), conf(layout, "Corefile")]
    }),
    (RECORDER, true, recorder),
];
/// The component that is no part of the one program.
const CONTAINERD: &str = "containerd";
/// The component that is this program: it keeps what happens for whoever asks later.
const RECORDER: &str = "recorder";

/// The names of all components.
pub const COMPONENTS: [&str; TABLE.len()] = {
    let mut names = [""; TABLE.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = TABLE[index].0;
        index += 1;
    }
    names
};

/// Checks that `name` has a log: a component, or `supervisor`.
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
        allowed: format!("supervisor, {}", COMPONENTS.join(", ")),
    })
}

/// All components. `kubernetes` is the program that is most of them, by its first argument; `lab` is this one.
pub(crate) fn components(layout: &Layout, kubernetes: &Path, lab: &Path) -> Vec<Component> {
    let component = |(name, needs_api_server, arguments): Row| {
        let (program, mut words) = match name {
            CONTAINERD => (Path::new(CONTAINERD), vec![]),
            RECORDER => (lab, vec![]),
            _ => (kubernetes, vec![name.to_owned()]),
        };
        words.extend(arguments(layout));
        Component {
            name: name.into(),
            program: program.into(),
            arguments: words,
            needs_api_server,
        }
    };
    TABLE.into_iter().map(component).collect()
}

fn conf(layout: &Layout, file: &str) -> String {
    layout.state.join("conf").join(file).display().to_string()
}

fn etcd(layout: &Layout) -> Vec<String> {
    let (name, data, pki) = (
        &layout.name,
        layout.state.join("etcd"),
        layout.state.join(pki::FOLDER),
    );
    let (data, pki) = (data.display(), pki.display());
    vec![
        format!("--name={name}"),
        format!("--data-dir={data}"),
        "--listen-client-urls=https://127.0.0.1:2379".into(),
        "--advertise-client-urls=https://127.0.0.1:2379".into(),
        "--listen-peer-urls=https://127.0.0.1:2380".into(),
        "--initial-advertise-peer-urls=https://127.0.0.1:2380".into(),
        format!("--initial-cluster={name}=https://127.0.0.1:2380"),
        "--client-cert-auth".into(),
        format!("--trusted-ca-file={pki}/etcd-ca.crt"),
        format!("--cert-file={pki}/etcd.crt"),
        format!("--key-file={pki}/etcd.key"),
        "--peer-client-cert-auth".into(),
        format!("--peer-trusted-ca-file={pki}/etcd-ca.crt"),
        format!("--peer-cert-file={pki}/etcd.crt"),
        format!("--peer-key-file={pki}/etcd.key"),
        "--log-level=warn".into(),
    ]
}

fn containerd(layout: &Layout) -> Vec<String> {
    vec!["--config".into(), conf(layout, "containerd.toml")]
}

fn api_server(layout: &Layout) -> Vec<String> {
    let (node, services, pki) = (layout.node(), layout.services(), layout.state.join(pki::FOLDER));
    let pki = pki.display();
    let mut arguments = vec![
        format!("--bind-address={node}"),
        format!("--advertise-address={node}"),
        "--secure-port=6443".into(),
        "--anonymous-auth=false".into(),
        "--authorization-mode=Node,RBAC".into(),
        "--enable-admission-plugins=NodeRestriction".into(),
        format!("--client-ca-file={pki}/ca.crt"),
        format!("--tls-cert-file={pki}/kube-apiserver.crt"),
        format!("--tls-private-key-file={pki}/kube-apiserver.key"),
        "--etcd-servers=https://127.0.0.1:2379".into(),
        format!("--etcd-cafile={pki}/etcd-ca.crt"),
        format!("--etcd-certfile={pki}/apiserver-etcd-client.crt"),
        format!("--etcd-keyfile={pki}/apiserver-etcd-client.key"),
        format!("--kubelet-certificate-authority={pki}/ca.crt"),
        format!("--kubelet-client-certificate={pki}/apiserver-kubelet-client.crt"),
        format!("--kubelet-client-key={pki}/apiserver-kubelet-client.key"),
        "--kubelet-preferred-address-types=InternalIP".into(),
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local".into(),
        format!("--service-account-key-file={pki}/service-account.pub"),
        format!("--service-account-signing-key-file={pki}/service-account.key"),
        format!("--service-cluster-ip-range={services}"),
    ];
    if layout.audit_policy().exists() {
        arguments.extend(audit_log(layout));
    }
    arguments
}

/// An audit log of at most 200 MB, the older half in a file beside it. A witness may lose nothing, as `batch` does once its buffer is
/// full; requests take no longer with `blocking`, which forces nothing onto the disk.
fn audit_log(layout: &Layout) -> [String; 5] {
    [
        format!("--audit-policy-file={}", layout.audit_policy().display()),
        format!("--audit-log-path={}", layout.audit_log().display()),
        "--audit-log-mode=blocking".into(),
        "--audit-log-maxsize=100".into(),
        "--audit-log-maxbackup=1".into(),
    ]
}

/// The arguments that kube-controller-manager and kube-scheduler have in common.
fn client_flags(layout: &Layout, name: &str) -> Vec<String> {
    let kubeconfig = conf(layout, &format!("{name}.kubeconfig"));
    vec![
        format!("--kubeconfig={kubeconfig}"),
        format!("--authentication-kubeconfig={kubeconfig}"),
        format!("--authorization-kubeconfig={kubeconfig}"),
        "--bind-address=127.0.0.1".into(),
        "--leader-elect=false".into(),
    ]
}

fn controller_manager(layout: &Layout) -> Vec<String> {
    let pki = layout.state.join(pki::FOLDER);
    let pki = pki.display();
    let mut arguments = client_flags(layout, "kube-controller-manager");
    arguments.extend([
        "--use-service-account-credentials".into(),
        // Each of its controllers begins with requests for an account of its own, a hundred in all, for which 20 a second would be
        // allowed: the first pods would wait four seconds longer.
        "--kube-api-qps=200".into(),
        "--kube-api-burst=400".into(),
        format!("--root-ca-file={pki}/ca.crt"),
        format!("--service-account-private-key-file={pki}/service-account.key"),
        "--enable-hostpath-provisioner".into(),
        format!(
            "--flex-volume-plugin-dir={}/volume-plugins",
            layout.state.display()
        ),
    ]);
    arguments
}

fn kubelet(layout: &Layout) -> Vec<String> {
    let state = layout.state.display();
    vec![
        format!("--config={}", conf(layout, "kubelet.json")),
        format!("--kubeconfig={}", conf(layout, "kubelet.kubeconfig")),
        format!("--root-dir={state}/kubelet"),
        format!("--volume-plugin-dir={state}/volume-plugins"),
        format!("--hostname-override={}", layout.name),
        format!("--node-ip={}", layout.node()),
        // How often containers are sampled. With the 10 s that are usual a container that is ended for its memory was last seen far
        // below its limit.
        "--housekeeping-interval=2s".into(),
    ]
}

fn recorder(layout: &Layout) -> Vec<String> {
    let network = layout.network.to_string();
    ["--name", &layout.name, "--network", &network, "record"]
        .map(String::from)
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_log_is_written_where_there_is_a_policy_for_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut layout = Layout::new("lab", crate::DEFAULT_NETWORK).unwrap();
        layout.state = folder.path().into();
        let audited = || {
            let components = components(&layout, Path::new("/kubernetes"), Path::new("/lab"));
            let of = |component: &Component| component.arguments.iter().any(|word| word.contains("audit"));
            let audited = components.into_iter().filter(of);
            audited.map(|component| component.name).collect::<Vec<_>>()
        };
        assert_eq!(audited(), [""; 0]);
        crate::files::private_dir(&folder.path().join("conf")).unwrap();
        crate::configuration::write_audit_policy(&layout).unwrap();
        assert_eq!(audited(), ["kube-apiserver"]);
    }
}
