//! The cluster's own certificates: who may speak to whom, and as whom.
//!
//! Identities are those that Kubernetes' built-in roles are bound to
//! (<https://kubernetes.io/docs/setup/best-practices/certificates/>).

use std::{fs, path::Path, time::SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::{
    Error, Layout,
    files::{at, private_dir, remove_dir, write_private},
};

/// A cluster that is older than this has to be made anew.
const VALID_DAYS: u32 = 3650;

/// The folder in the state folder that holds them: `NAME.crt` with `NAME.key`.
pub(crate) const FOLDER: &str = "pki";

struct Identity {
    file: &'static str,
    authority: &'static str,
    user: String,
    group: Option<&'static str>,
    /// Names and addresses it answers at; none for a client.
    serves: Vec<String>,
    client: bool,
}

fn identities(layout: &Layout) -> Vec<Identity> {
    let client = |file, user: &str, group| Identity {
        file,
        authority: "ca",
        user: user.into(),
        group,
        serves: Vec::new(),
        client: true,
    };
    let node = layout.node().to_string();
    let api_server_names = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        &node,
        &layout.kubernetes_service().to_string(),
    ];
    vec![
        Identity {
            file: "kube-apiserver",
            authority: "ca",
            user: "kube-apiserver".into(),
            group: None,
            serves: api_server_names.map(String::from).to_vec(),
            client: false,
        },
        Identity {
            file: "kubelet",
            authority: "ca",
            user: format!("system:node:{}", layout.name),
            group: Some("system:nodes"),
            serves: vec![layout.name.clone(), node],
            client: true,
        },
        client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", None),
        client("kube-controller-manager", "system:kube-controller-manager", None),
        client("kube-scheduler", "system:kube-scheduler", None),
        client("kube-proxy", "system:kube-proxy", None),
        client("coredns", "lab:coredns", None),
        client("load-balancer", "lab:load-balancer", None),
        client("admin", "lab:admin", Some("system:masters")),
        Identity {
            file: "etcd",
            authority: "etcd-ca",
            user: "etcd".into(),
            group: None,
            serves: vec!["127.0.0.1".into()],
            client: true,
        },
        Identity {
            file: "apiserver-etcd-client",
            authority: "etcd-ca",
            user: "kube-apiserver".into(),
            group: None,
            serves: Vec::new(),
            client: true,
        },
    ]
}

/// Makes all certificates and keys, unless they are there already. All or none: an interruption leaves nothing half.
pub(crate) fn ensure(layout: &Layout, now: SystemTime) -> Result<(), Error> {
    let folder = layout.state.join(FOLDER);
    if folder.exists() {
        return Ok(());
    }
    let unfinished = layout.state.join("pki.unfinished");
    remove_dir(&unfinished)?;
    private_dir(&unfinished)?;
    for authority in ["ca", "etcd-ca"] {
        let issuer = make_authority(&unfinished, authority, now)?;
        for identity in identities(layout)
            .iter()
            .filter(|identity| identity.authority == authority)
        {
            make_certificate(&unfinished, identity, &issuer, now)?;
        }
    }
    let service_accounts = KeyPair::generate()?;
    write_private(
        &unfinished.join("service-account.key"),
        service_accounts.serialize_pem(),
    )?;
    write_private(
        &unfinished.join("service-account.pub"),
        service_accounts.public_key_pem(),
    )?;
    fs::rename(&unfinished, &folder).map_err(at("renaming", &unfinished))
}

fn make_authority(folder: &Path, name: &str, now: SystemTime) -> Result<Issuer<'static, KeyPair>, Error> {
    let mut params = parameters(Vec::new(), &format!("self-healing-lab {name}"), now)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
    let key = KeyPair::generate()?;
    write_private(
        &folder.join(format!("{name}.crt")),
        params.self_signed(&key)?.pem(),
    )?;
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
    if identity.client {
        params
            .extended_key_usages
            .push(ExtendedKeyUsagePurpose::ClientAuth);
    }
    if !identity.serves.is_empty() {
        params
            .extended_key_usages
            .push(ExtendedKeyUsagePurpose::ServerAuth);
    }
    let key = KeyPair::generate()?;
    write_private(
        &folder.join(format!("{}.crt", identity.file)),
        params.signed_by(&key, issuer)?.pem(),
    )?;
    write_private(
        &folder.join(format!("{}.key", identity.file)),
        key.serialize_pem(),
    )
}

fn parameters(serves: Vec<String>, common_name: &str, now: SystemTime) -> Result<CertificateParams, Error> {
    const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);
    let mut params = CertificateParams::new(serves)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    // A day's grace for a clock that is set back.
    params.not_before = (now - DAY).into();
    params.not_after = (now + DAY * VALID_DAYS).into();
    Ok(params)
}
