//! The cluster's own certificates, with the identities that Kubernetes' built-in roles are bound to
//! (<https://kubernetes.io/docs/setup/best-practices/certificates/>).

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::{
    Error, Layout,
    files::{at, private_dir, remove_dir, write_private},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A cluster older than this has to be replaced.
const VALID: Duration = DAY.saturating_mul(3650);

/// Their folder in the state folder, with a `NAME.crt` and a `NAME.key` each.
pub(crate) const FOLDER: &str = "pki";

struct Identity {
    authority: &'static str,
    file: &'static str,
    user: String,
    group: Option<&'static str>,
    /// Names and addresses of a server; none for a client.
    serves: Vec<String>,
    client: bool,
}

fn identities(layout: &Layout) -> Vec<Identity> {
    let make = |authority, file, user: &str, group, serves: &[&str], client| Identity {
        authority,
        file,
        user: user.into(),
        group,
        serves: serves.iter().copied().map(String::from).collect(),
        client,
    };
    let client = |file, user: &str, group| make("ca", file, user, group, &[], true);
    let (node, service) = (layout.node().to_string(), layout.kubernetes_service().to_string());
    let kubernetes = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        &node,
        &service,
    ];
    let kubelet = format!("system:node:{}", layout.name);
    let nodes = Some("system:nodes");
    vec![
        make("ca", "kube-apiserver", "kube-apiserver", None, &kubernetes, false),
        make("ca", "kubelet", &kubelet, nodes, &[&layout.name, &node], true),
        client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", None),
        client("kube-controller-manager", "system:kube-controller-manager", None),
        client("kube-scheduler", "system:kube-scheduler", None),
        client("kube-proxy", "system:kube-proxy", None),
        client("coredns", "lab:coredns", None),
        client("load-balancer", "lab:load-balancer", None),
        client("recorder", "lab:recorder", None),
        client("admin", "lab:admin", Some("system:masters")),
        make("etcd-ca", "etcd", "etcd", None, &["127.0.0.1"], true),
        make(
            "etcd-ca",
            "apiserver-etcd-client",
            "kube-apiserver",
            None,
            &[],
            true,
        ),
    ]
}

/// Makes all certificates and keys, unless they are there already. After an interruption there are all of them or none.
pub(crate) async fn ensure(layout: &Layout, now: SystemTime) -> Result<(), Error> {
    let folder = layout.state.join(FOLDER);
    if folder.exists() {
        return Ok(());
    }
    let unfinished = layout.state.join("pki.unfinished");
    remove_dir(&unfinished).await?;
    private_dir(&unfinished)?;
    for authority in ["ca", "etcd-ca"] {
        let issuer = make_authority(&unfinished, authority, now)?;
        for identity in identities(layout).iter().filter(|one| one.authority == authority) {
            make_certificate(&unfinished, identity, &issuer, now)?;
        }
    }
    let accounts = KeyPair::generate()?;
    write_private(&unfinished.join("service-account.key"), accounts.serialize_pem())?;
    write_private(&unfinished.join("service-account.pub"), accounts.public_key_pem())?;
    // The folder's new name is not to reach the disk before the names in it.
    let synced = fs::File::open(&unfinished).and_then(|folder| folder.sync_all());
    synced
        .and_then(|()| fs::rename(&unfinished, &folder))
        .map_err(at("renaming", &unfinished))
}

fn make_authority(folder: &Path, name: &str, now: SystemTime) -> Result<Issuer<'static, KeyPair>, Error> {
    let mut params = parameters(Vec::new(), &format!("self-healing-lab {name}"), now)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?.pem();
    write_private(&folder.join(format!("{name}.crt")), certificate)?;
    write_private(&folder.join(format!("{name}.key")), key.serialize_pem())?;
    Ok(Issuer::new(params, key))
}

fn make_certificate(
    folder: &Path,
    identity: &Identity,
    issuer: &Issuer<'static, KeyPair>,
    now: SystemTime,
) -> Result<(), Error> {
    let mut params = parameters(identity.serves.clone(), &identity.user, now)?;
    if let Some(group) = identity.group {
        params.distinguished_name.push(DnType::OrganizationName, group);
    }
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    let usages = &mut params.extended_key_usages;
    usages.extend(identity.client.then_some(ExtendedKeyUsagePurpose::ClientAuth));
    usages.extend((!identity.serves.is_empty()).then_some(ExtendedKeyUsagePurpose::ServerAuth));
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?.pem();
    write_private(&folder.join(format!("{}.crt", identity.file)), certificate)?;
    write_private(
        &folder.join(format!("{}.key", identity.file)),
        key.serialize_pem(),
    )
}

fn parameters(serves: Vec<String>, common_name: &str, now: SystemTime) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(serves)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    // A day's grace for a clock that is set back.
    params.not_before = (now - DAY).into();
    params.not_after = (now + VALID).into();
    Ok(params)
}
