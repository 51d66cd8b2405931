//! What a kubeconfig says of one context, checked before a client is made of it: the client would panic at some values, and
//! say of others what only its authors understand.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Uri;
use kube::config::{AuthInfo, Cluster, ExecConfig, Kubeconfig};
use secrecy::ExposeSecret;

use crate::{Error, url};

/// The longest file that a kubeconfig may name, in bytes. Bundles of all the world's certificates have a quarter of it.
const FILE_LIMIT: u64 = 1 << 20;
/// What an exec plugin may speak.
const PLUGIN_VERSIONS: [&str; 2] = [
    "client.authentication.k8s.io/v1",
    "client.authentication.k8s.io/v1beta1",
];

/// A context's cluster and user, as they can be used.
#[derive(Debug)]
pub(crate) struct Meant {
    pub(crate) namespace: String,
    pub(crate) cluster: Cluster,
    pub(crate) server: Uri,
    /// The authorities that the cluster's certificate may be of, in DER; none for those of this machine.
    pub(crate) authorities: Option<Vec<Vec<u8>>>,
    /// None if only the environment may name a proxy.
    pub(crate) proxy: Option<Uri>,
    /// Its `exec` and `token_file` are known to be usable.
    pub(crate) user: AuthInfo,
}

/// What the kubeconfig says of its current context.
///
/// # Errors
/// There is no such context, or something that it names is missing or cannot be used; nobody was asked anything.
pub(crate) fn meant(kubeconfig: &Kubeconfig) -> Result<Meant, Error> {
    let context = kubeconfig.current_context.clone().unwrap_or_default();
    let known: Vec<_> = kubeconfig
        .contexts
        .iter()
        .map(|known| known.name.clone())
        .collect();
    if !known.contains(&context) {
        return Err(Error::NoContext { context, known });
    }
    checked(kubeconfig, &context).map_err(|reason| Error::Invalid { context, reason })
}

/// The exec plugin that the current context's user is asked of, if there is one: it may have to wait for a person.
#[must_use]
pub fn plugin_of(kubeconfig: &Kubeconfig) -> Option<String> {
    meant(kubeconfig).ok()?.user.exec?.command
}

fn checked(kubeconfig: &Kubeconfig, context: &str) -> Result<Meant, String> {
    let body = kubeconfig.contexts.iter().find(|known| known.name == context);
    let Some(body) = body.and_then(|known| known.context.as_ref()) else {
        return Err("it names no cluster; write `context: {cluster: NAME, user: NAME}` in its entry".into());
    };
    let clusters = kubeconfig.clusters.iter();
    let clusters = clusters.map(|known| (known.name.as_str(), known.cluster.clone()));
    let cluster = named("cluster", &body.cluster, clusters)?;
    // As for kubectl, a context without a user is one without credentials.
    let user = match body.user.as_deref().filter(|user| !user.is_empty()) {
        None => AuthInfo::default(),
        Some(user) => {
            let users = kubeconfig.auth_infos.iter();
            named(
                "user",
                user,
                users.map(|known| (known.name.as_str(), known.auth_info.clone())),
            )?
        }
    };
    let in_cluster = |reason| format!("in the cluster {}, {reason}", url::shown(&body.cluster));
    let in_user = |reason| {
        let user = body.user.as_deref().unwrap_or_default();
        format!("in the user {}, {reason}", url::shown(user))
    };
    let namespace = body.namespace.clone().filter(|namespace| !namespace.is_empty());
    Ok(Meant {
        namespace: namespace.unwrap_or_else(|| "default".into()),
        server: url::server(cluster.server.as_deref().unwrap_or_default()).map_err(in_cluster)?,
        authorities: authorities(&cluster).map_err(in_cluster)?,
        proxy: match set(cluster.proxy_url.as_deref()) {
            Some(proxy) => Some(url::proxy("proxy-url", proxy).map_err(in_cluster)?),
            None => None,
        },
        user: person(user).map_err(in_user)?,
        cluster,
    })
}

/// The entry of a list that a context names.
fn named<'a, T>(
    kind: &str,
    name: &str,
    known: impl Iterator<Item = (&'a str, Option<T>)>,
) -> Result<T, String> {
    let mut names = vec![];
    for (known, entry) in known {
        match entry {
            Some(entry) if known == name => return Ok(entry),
            None if known == name => {
                return Err(format!("the entry of its {kind} {} is empty", url::shown(name)));
            }
            _ => names.push(known),
        }
    }
    let names = match names.as_slice() {
        [] => "none".into(),
        names => names.join(", "),
    };
    Err(format!(
        "it names the {kind} {}, which the kubeconfig does not have; it has {names}",
        url::shown(name)
    ))
}

fn authorities(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, String> {
    let (data, file) = (
        set(cluster.certificate_authority_data.as_deref()),
        set(cluster.certificate_authority.as_deref()),
    );
    let Some((field, text)) = content("certificate-authority", data, file)? else {
        return Ok(None);
    };
    if cluster.insecure_skip_tls_verify == Some(true) {
        return Err(format!(
            "insecure-skip-tls-verify and {field} contradict each other; leave out one of the two"
        ));
    }
    let found = sections(&field, &text, "certificates", |tag| tag == "CERTIFICATE")?;
    Ok(Some(found))
}

fn person(mut user: AuthInfo) -> Result<AuthInfo, String> {
    // What is written as nothing counts as not written, as for kubectl; and of the two, the file counts.
    for text in [
        &mut user.token_file,
        &mut user.username,
        &mut user.client_certificate,
        &mut user.client_certificate_data,
        &mut user.client_key,
    ] {
        text.take_if(|text| text.is_empty());
    }
    for secret in [&mut user.token, &mut user.password, &mut user.client_key_data] {
        secret.take_if(|secret| secret.expose_secret().is_empty());
    }
    if let Some(provider) = &user.auth_provider {
        let has_token = provider
            .config
            .get("id-token")
            .is_some_and(|token| is_token(token));
        if provider.name != "oidc" || !has_token {
            return Err(format!(
                "auth-provider is {}; allowed: \"oidc\" with an id-token; for all others there are exec plugins",
                url::shown(&provider.name)
            ));
        }
    }
    if let Some(file) = &user.token_file {
        token(file)?;
        user.token = None;
    }
    if user
        .token
        .as_ref()
        .is_some_and(|token| !is_token(token.expose_secret()))
    {
        return Err(
            "token has characters that no token has (spaces, ends of lines, or not ASCII); copy it anew"
                .into(),
        );
    }
    identity(&user)?;
    if let Some(exec) = &user.exec {
        plugin(exec)?;
    }
    Ok(user)
}

/// Whether a text can be sent as a token.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The token in a file. The ends of lines that editors and `echo` write belong to no token.
///
/// # Errors
/// The file cannot be read, or has none.
pub(crate) fn token(file: &str) -> Result<String, String> {
    let text = read("tokenFile", file)?;
    let text = String::from_utf8(text).unwrap_or_default();
    match text.trim() {
        token if is_token(token) => Ok(token.to_owned()),
        _ => Err(format!(
            "tokenFile: {file} has no token, which is one word in ASCII"
        )),
    }
}

fn identity(user: &AuthInfo) -> Result<(), String> {
    let (certificate, key) = ("client-certificate", "client-key");
    let data = user.client_certificate_data.as_deref();
    let chain = content(certificate, data, user.client_certificate.as_deref())?;
    let data = user.client_key_data.as_ref().map(ExposeSecret::expose_secret);
    let secret = content(key, data, user.client_key.as_deref())?;
    match (chain, secret) {
        (None, None) => Ok(()),
        (Some((field, _)), None) => Err(format!("{field} has no {key} beside it; both are needed")),
        (None, Some((field, _))) => Err(format!("{field} has no {certificate} beside it; both are needed")),
        (Some((field, chain)), Some((key_field, secret))) => {
            sections(&field, &chain, "certificates", |tag| tag == "CERTIFICATE")?;
            let is_key = |tag: &str| ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].contains(&tag);
            sections(&key_field, &secret, "private key without a passphrase", is_key)?;
            Ok(())
        }
    }
}

fn plugin(exec: &ExecConfig) -> Result<(), String> {
    if exec.command.as_deref().unwrap_or_default().is_empty() {
        return Err("exec has no command; name the plugin's program".into());
    }
    let version = exec.api_version.as_deref().unwrap_or_default();
    if !PLUGIN_VERSIONS.contains(&version) {
        return Err(format!(
            "exec has the apiVersion {}; allowed: {}",
            url::shown(version),
            PLUGIN_VERSIONS.join(" or ")
        ));
    }
    Ok(())
}

/// A value, unless it is empty.
fn set(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

/// What a field says itself, in Base64, or else the file that it names; with it, where that stood.
fn content(field: &str, data: Option<&str>, file: Option<&str>) -> Result<Option<(String, Vec<u8>)>, String> {
    if let Some(data) = data {
        let field = format!("{field}-data");
        return match STANDARD.decode(data) {
            Ok(bytes) => Ok(Some((field, bytes))),
            Err(reason) => Err(format!(
                "{field} is not Base64 ({reason}); `base64 --wrap=0` makes it of a PEM file"
            )),
        };
    }
    match file {
        Some(file) => Ok(Some((format!("{field}: {file}"), read(field, file)?))),
        None => Ok(None),
    }
}

/// A file that a field names.
fn read(field: &str, file: &str) -> Result<Vec<u8>, String> {
    let about = |reason: &dyn std::fmt::Display| format!("{field}: {file}: {reason}");
    let data = fs::metadata(file).map_err(|error| about(&error))?;
    if !data.is_file() {
        return Err(about(&"it is no file"));
    }
    if data.len() > FILE_LIMIT {
        return Err(about(&format!(
            "it has {} bytes; allowed: up to {FILE_LIMIT}",
            data.len()
        )));
    }
    fs::read(file).map_err(|error| about(&error))
}

/// The sections of a PEM text with such tags, in DER.
fn sections(
    field: &str,
    text: &[u8],
    wanted: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Vec<u8>>, String> {
    let all = pem::parse_many(text).map_err(|reason| format!("{field} is not PEM: {reason}"))?;
    let found = all.into_iter().filter(|section| is_wanted(section.tag()));
    let found: Vec<_> = found.map(pem::Pem::into_contents).collect();
    if found.is_empty() {
        return Err(format!("{field} holds no {wanted} in PEM (-----BEGIN …-----)"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
