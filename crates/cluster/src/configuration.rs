//! The files that components read. JSON wherever they take it (JSON is YAML): it needs no quoting by hand.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    Error, Layout,
    files::{private_dir, write_json, write_private},
    pki,
};

/// The image of the process that holds a pod's namespaces. It has to be loaded before the first pod.
pub const PAUSE_IMAGE: &str = "localhost/lab/pause:1.0.0";

/// The clients inside the cluster, each with a certificate and a kubeconfig.
const CLIENTS: [&str; 7] = [
    "kubelet",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "coredns",
    "load-balancer",
    "recorder",
];

/// Writes the components' files, and the kubeconfig of the cluster's user.
pub(crate) fn write(layout: &Layout, cni_plugins: &Path) -> Result<(), Error> {
    let conf = layout.state.join("conf");
    private_dir(&conf)?;
    private_dir(&conf.join("cni"))?;
    for client in CLIENTS {
        write_json(
            &conf.join(format!("{client}.kubeconfig")),
            &kubeconfig(layout, client),
        )?;
    }
    write_json(&layout.kubeconfig(), &kubeconfig(layout, "admin"))?;
    write_json(&conf.join("cni/10-lab.conflist"), &cni(layout))?;
    write_json(&conf.join("kubelet.json"), &kubelet(layout))?;
    write_json(&conf.join("kube-proxy.json"), &kube_proxy(layout))?;
    write_private(&conf.join("containerd.toml"), containerd(layout, cni_plugins))?;
    write_private(
        &conf.join("resolv.conf"),
        format!("nameserver {}\n", layout.node()),
    )?;
    write_private(&conf.join("Corefile"), corefile(layout))
}

/// Has the API server write an audit log from its next start on: each write of what `record` reads, with the object that came of
/// it, as only that carries the version.
pub(crate) fn write_audit_policy(layout: &Layout) -> Result<(), Error> {
    let policy = json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "omitManagedFields": true,
        "rules": [
            {
                "level": "RequestResponse",
                "verbs": ["create", "update", "patch", "delete", "deletecollection"],
                "resources": [
                    { "group": "", "resources": ["pods", "pods/status", "pods/binding", "services"] },
                    { "group": "apps", "resources": [
                        "deployments", "deployments/status", "deployments/scale",
                        "replicasets", "replicasets/status", "replicasets/scale",
                    ] },
                    { "group": "discovery.k8s.io", "resources": ["endpointslices"] },
                ],
            },
            { "level": "None" },
        ],
    });
    write_json(&layout.audit_policy(), &policy)
}

fn kubeconfig(layout: &Layout, client: &str) -> Value {
    let (name, pki) = (&layout.name, layout.state.join(pki::FOLDER));
    let server = format!("https://{}:6443", layout.node());
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{ "name": name, "context": { "cluster": name, "user": client } }],
        "clusters": [{
            "name": name,
            "cluster": { "server": server, "certificate-authority": pki.join("ca.crt") },
        }],
        "users": [{
            "name": client,
            "user": {
                "client-certificate": pki.join(format!("{client}.crt")),
                "client-key": pki.join(format!("{client}.key")),
            },
        }],
    })
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
sandbox_image = "{PAUSE_IMAGE}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{cni_plugins}"
conf_dir = "{state}/conf/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"#,
        socket = socket.display(),
        cni_plugins = cni_plugins.display(),
    )
}

fn cni(layout: &Layout) -> Value {
    // Point-to-point links need no bridge, and so neither br_netfilter nor hairpins: each packet is routed, and
    // passes kube-proxy's rules on its way.
    json!({
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
}

fn kubelet(layout: &Layout) -> Value {
    let (conf, pki) = (layout.state.join("conf"), layout.state.join(pki::FOLDER));
    let node = layout.node();
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node,
        "authentication": {
            "anonymous": { "enabled": false },
            "webhook": { "enabled": true },
            "x509": { "clientCAFile": pki.join("ca.crt") },
        },
        "authorization": { "mode": "Webhook" },
        "tlsCertFile": pki.join("kubelet.crt"),
        "tlsPrivateKeyFile": pki.join("kubelet.key"),
        "containerRuntimeEndpoint": format!("unix://{}", layout.containerd_socket().display()),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": layout.cgroup(),
        "failCgroupV1": false,
        "failSwapOn": false,
        "clusterDomain": "cluster.local",
        "clusterDNS": [node],
        "resolvConf": conf.join("resolv.conf"),
        // Images cannot be pulled again, so they are never collected; a nearly full disk is the person's own affair. Where
        // it is really full, the kubelet would take the images first: not by a share, which is gigabytes of a large disk.
        "imageGCHighThresholdPercent": 100,
        "evictionHard": { "memory.available": "100Mi", "nodefs.available": "100Mi", "imagefs.available": "100Mi" },
    })
}

fn kube_proxy(layout: &Layout) -> Value {
    json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": { "kubeconfig": layout.state.join("conf/kube-proxy.kubeconfig") },
        "hostnameOverride": layout.name,
        "mode": "iptables",
        "clusterCIDR": layout.pods(),
        // Rules follow endpoints at once, not up to a second later: a learner's next command would come too early.
        "iptables": { "minSyncPeriod": "10ms" },
        "metricsBindAddress": "127.0.0.1:10249",
        "healthzBindAddress": "127.0.0.1:10256",
        // kube-proxy would set limits of the whole machine otherwise.
        "conntrack": { "maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s" },
    })
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
