//! The processes of the cluster: what each is called with and the files that it reads.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    Error, Layout,
    files::{private_dir, write_private},
    pki,
};

/// A process that the supervisor keeps running.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Whether it is started only when the API server answers, which it would otherwise give up waiting for.
    pub(crate) needs_api_server: bool,
}

/// The names of all components, for messages and for `lab logs`.
pub const COMPONENTS: [&str; 8] = [
    "etcd",
    "containerd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "coredns",
];

/// Writes the components' files and gives their command lines. `kubernetes` is the program that is all of them.
pub(crate) fn configure(
    layout: &Layout,
    kubernetes: &Path,
    cni_plugins: &Path,
) -> Result<Vec<Component>, Error> {
    let conf = layout.state.join("conf");
    private_dir(&conf)?;
    private_dir(&conf.join("cni"))?;
    for client in [
        "kubelet",
        "kube-controller-manager",
        "kube-scheduler",
        "kube-proxy",
        "coredns",
        "load-balancer",
    ] {
        write_private(
            &conf.join(format!("{client}.kubeconfig")),
            kubeconfig(layout, client),
        )?;
    }
    write_private(&layout.kubeconfig(), kubeconfig(layout, "admin"))?;
    write_private(&conf.join("containerd.toml"), containerd(layout, cni_plugins))?;
    write_private(&conf.join("cni/10-lab.conflist"), cni(layout))?;
    write_private(&conf.join("kubelet.yaml"), kubelet(layout))?;
    write_private(
        &conf.join("resolv.conf"),
        format!("nameserver {}\n", layout.node()),
    )?;
    write_private(&conf.join("kube-proxy.yaml"), kube_proxy(layout))?;
    write_private(&conf.join("Corefile"), corefile(layout))?;

    let state = layout.state.display();
    let pki = layout.state.join(pki::FOLDER);
    let pki = pki.display();
    let node = layout.node();
    let name = &layout.name;
    let services = layout.services();
    let component = |name: &str, needs_api_server, arguments: Vec<String>| Component {
        name: name.into(),
        program: kubernetes.into(),
        arguments: [vec![name.into()], arguments].concat(),
        needs_api_server,
    };
    let controller = |name: &str, more: Vec<String>| {
        let kubeconfig = format!("{state}/conf/{name}.kubeconfig");
        let mut arguments = vec![
            format!("--kubeconfig={kubeconfig}"),
            format!("--authentication-kubeconfig={kubeconfig}"),
            format!("--authorization-kubeconfig={kubeconfig}"),
            "--bind-address=127.0.0.1".into(),
            "--leader-elect=false".into(),
        ];
        arguments.extend(more);
        component(name, true, arguments)
    };
    Ok(vec![
        component(
            "etcd",
            false,
            vec![
                format!("--name={name}"),
                format!("--data-dir={state}/etcd"),
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
            ],
        ),
        Component {
            name: "containerd".into(),
            program: "containerd".into(),
            arguments: vec!["--config".into(), format!("{state}/conf/containerd.toml")],
            needs_api_server: false,
        },
        component(
            "kube-apiserver",
            false,
            vec![
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
            ],
        ),
        controller(
            "kube-controller-manager",
            vec![
                "--use-service-account-credentials".into(),
                format!("--root-ca-file={pki}/ca.crt"),
                format!("--service-account-private-key-file={pki}/service-account.key"),
                "--enable-hostpath-provisioner".into(),
                format!("--flex-volume-plugin-dir={state}/volume-plugins"),
            ],
        ),
        controller("kube-scheduler", Vec::new()),
        component(
            "kubelet",
            true,
            vec![
                format!("--config={state}/conf/kubelet.yaml"),
                format!("--kubeconfig={state}/conf/kubelet.kubeconfig"),
                format!("--root-dir={state}/kubelet"),
                format!("--volume-plugin-dir={state}/volume-plugins"),
                format!("--hostname-override={name}"),
                format!("--node-ip={node}"),
            ],
        ),
        component(
            "kube-proxy",
            true,
            vec![format!("--config={state}/conf/kube-proxy.yaml")],
        ),
        component(
            "coredns",
            true,
            vec!["-conf".into(), format!("{state}/conf/Corefile")],
        ),
    ])
}

fn kubeconfig(layout: &Layout, client: &str) -> String {
    let pki = layout.state.join(pki::FOLDER);
    let (name, server, pki) = (&layout.name, layout.api_server(), pki.display());
    format!(
        "apiVersion: v1
kind: Config
current-context: {name}
contexts:
- name: {name}
  context: {{cluster: {name}, user: {client}}}
clusters:
- name: {name}
  cluster:
    server: {server}
    certificate-authority: {pki}/ca.crt
users:
- name: {client}
  user:
    client-certificate: {pki}/{client}.crt
    client-key: {pki}/{client}.key
"
    )
}

fn containerd(layout: &Layout, cni_plugins: &Path) -> String {
    let (state, socket) = (layout.state.display(), layout.containerd_socket());
    // A machine that withholds CAP_SYS_RESOURCE refuses negative OOM scores, and with them every pod's sandbox.
    format!(
        r#"version = 2
root = "{state}/containerd"
state = "/run/containerd"
[grpc]
address = "{socket}"
[plugins."io.containerd.internal.v1.opt"]
path = "{state}/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{cni_plugins}"
conf_dir = "{state}/conf/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"#,
        socket = socket.display(),
        cni_plugins = cni_plugins.display(),
        pause = crate::PAUSE_IMAGE,
    )
}

fn cni(layout: &Layout) -> String {
    // Point-to-point links need no bridge, and so neither br_netfilter nor hairpins: each packet is routed, and
    // passes kube-proxy's rules on its way.
    serde_json::json!({
        "cniVersion": "0.4.0",
        "name": "lab",
        "plugins": [{
            "type": "ptp",
            "ipMasq": false,
            "ipam": {
                "type": "host-local",
                "ranges": [[{ "subnet": layout.pods() }]],
                "routes": [{ "dst": "0.0.0.0/0" }],
                "dataDir": "/run/cni",
            },
        }],
    })
    .to_string()
}

fn kubelet(layout: &Layout) -> String {
    let (state, node, cgroup) = (layout.state.display(), layout.node(), layout.cgroup());
    let socket = layout.containerd_socket();
    // Images cannot be pulled again, so they are never collected; a nearly full disk is the person's own affair.
    format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: {node}
authentication:
  anonymous: {{enabled: false}}
  webhook: {{enabled: true}}
  x509: {{clientCAFile: {state}/pki/ca.crt}}
authorization: {{mode: Webhook}}
tlsCertFile: {state}/pki/kubelet.crt
tlsPrivateKeyFile: {state}/pki/kubelet.key
containerRuntimeEndpoint: unix://{socket}
cgroupDriver: cgroupfs
cgroupRoot: {cgroup}
failCgroupV1: false
failSwapOn: false
clusterDomain: cluster.local
clusterDNS: [{node}]
resolvConf: {state}/conf/resolv.conf
imageGCHighThresholdPercent: 100
evictionHard: {{memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}}
",
        socket = socket.display(),
    )
}

fn kube_proxy(layout: &Layout) -> String {
    // Rules follow endpoints at once, not up to a second later: a learner's next command would come too early.
    // Zeros for conntrack: kube-proxy would set limits of the whole machine otherwise.
    format!(
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {{kubeconfig: {state}/conf/kube-proxy.kubeconfig}}
hostnameOverride: {name}
mode: iptables
clusterCIDR: {pods}
iptables: {{minSyncPeriod: 10ms}}
metricsBindAddress: 127.0.0.1:10249
healthzBindAddress: 127.0.0.1:10256
conntrack: {{maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}}
",
        state = layout.state.display(),
        name = layout.name,
        pods = layout.pods(),
    )
}

fn corefile(layout: &Layout) -> String {
    format!(
        ".:53 {{
    bind {node}
    errors
    ready 127.0.0.1:8181
    cache 30
    kubernetes cluster.local {network} {{
        kubeconfig {state}/conf/coredns.kubeconfig {name}
        pods insecure
    }}
}}
",
        node = layout.node(),
        network = layout.network,
        state = layout.state.display(),
        name = layout.name,
    )
}
