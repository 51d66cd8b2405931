//! Clients, all with the same time limits.

use std::{net::SocketAddr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use kube::{
    Client, Config,
    config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError},
};

use crate::{
    Error,
    error::plainly,
    kubeconfig::{Meant, meant},
    plugin,
    token::{Source, Token, renewing},
    url,
};

/// How long the API server may take to accept a connection, and then for one answer. The client itself would wait
/// forever for a server that accepts and stays silent.
pub const ANSWER: Duration = Duration::from_secs(10);

/// What is between this machine and a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Whatever the person's environment and kubeconfig say, a proxy included.
    Person,
    /// A veth pair of this machine: no proxy.
    Direct,
}

/// A way to a cluster that has answered.
#[derive(Clone)]
pub struct Access {
    /// The client.
    pub client: Client,
    /// The kubeconfig's context.
    pub context: String,
    /// The namespace that the context names, or `default`.
    pub namespace: String,
}

/// Opens a way to the cluster of the kubeconfig's current context, and asks it for its version.
///
/// # Errors
/// Those of [`unasked`], or the cluster does not answer within [`ANSWER`], or not to this user.
pub async fn open(kubeconfig: Kubeconfig, route: Route) -> Result<Access, Error> {
    let access = unasked(kubeconfig, route).await?;
    match access.client.apiserver_version().await {
        Ok(_) => Ok(access),
        Err(error) => Err(Error::unanswered(access.context, &error)),
    }
}

/// The same way, without asking whether anybody answers.
///
/// # Errors
/// There is no such context, the kubeconfig says something of it that cannot be used, or its plugin gives no credentials.
pub async fn unasked(kubeconfig: Kubeconfig, route: Route) -> Result<Access, Error> {
    made(kubeconfig, route, &Kind::Answers).await
}

/// A way for watches, on which nothing may come for minutes: only connecting has a time limit.
///
/// # Errors
/// As [`unasked`].
pub async fn for_watches(kubeconfig: Kubeconfig, route: Route) -> Result<Access, Error> {
    made(kubeconfig, route, &Kind::Watches).await
}

/// A client of a kubelet of the cluster, in place of its API server.
pub(crate) async fn of_kubelet(
    kubeconfig: Kubeconfig,
    route: Route,
    address: SocketAddr,
    limit: Duration,
) -> Result<Client, Error> {
    let kind = Kind::Kubelet { address, limit };
    made(kubeconfig, route, &kind).await.map(|access| access.client)
}

/// What a client is for.
enum Kind {
    /// Answers of the API server.
    Answers,
    /// Its watches.
    Watches,
    /// Answers of a kubelet.
    Kubelet { address: SocketAddr, limit: Duration },
}

async fn made(kubeconfig: Kubeconfig, route: Route, kind: &Kind) -> Result<Access, Error> {
    let context = kubeconfig.current_context.clone().unwrap_or_default();
    let invalid = |reason| Error::Invalid {
        context: context.clone(),
        reason,
    };
    let Meant {
        namespace,
        cluster,
        server,
        authorities,
        proxy,
        user,
    } = meant(&kubeconfig)?;
    let proxy = match route {
        Route::Direct => None,
        Route::Person if proxy.is_some() => proxy,
        Route::Person => {
            url::proxy_of_environment(&server, |name| std::env::var(name).ok()).map_err(invalid)?
        }
    };
    #[expect(clippy::disallowed_methods, reason = "this is the one way")]
    let mut config = Config::new(server);
    config.default_namespace = namespace.clone();
    config.root_cert = authorities;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name = cluster.tls_server_name.clone().filter(|name| !name.is_empty());
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.proxy_url = proxy;
    (config.connect_timeout, config.read_timeout) = match kind {
        Kind::Answers => (Some(ANSWER), Some(ANSWER)),
        Kind::Watches => (Some(ANSWER), None),
        Kind::Kubelet { limit, .. } => (Some(*limit), Some(*limit)),
    };
    // Each request has the whole of it. Otherwise a connection that was idle for nine seconds leaves the next one second.
    config.reset_reader_on_write = true;
    if let Kind::Kubelet { address, .. } = kind {
        let url = format!("https://{address}").parse();
        config.cluster_url = url.map_err(|error: http::uri::InvalidUri| invalid(error.to_string()))?;
        // Whatever is said of the API server's certificate is not said of a kubelet's.
        config.accept_invalid_certs = false;
        config.tls_server_name = None;
    }
    // Whoever asks again does so with a deadline. The client would do it for minutes, and for a pod's own 503 as well.
    config.default_retry = false;
    config.auth_info = user;
    let renewed = credentials(&mut config.auth_info, &cluster, invalid).await?;
    let client = Client::try_from(config).map_err(|error| {
        invalid(match &error {
            kube::Error::RustlsTls(reason) => reason.to_string(),
            error => plainly(error),
        })
    })?;
    let client = match renewed {
        Some((source, first)) => renewing(client, source, first),
        None => client,
    };
    Ok(Access {
        client,
        context,
        namespace,
    })
}

/// Gets what a plugin or a file has to give, in place of leaving that to the client.
async fn credentials(
    user: &mut AuthInfo,
    cluster: &Cluster,
    invalid: impl Fn(String) -> Error,
) -> Result<Option<(Source, Token)>, Error> {
    let (file, exec) = (user.token_file.take(), user.exec.take());
    let has_password = user.username.is_some() && user.password.is_some();
    if user.auth_provider.is_some() || user.token.is_some() || has_password {
        return Ok(None);
    }
    if let Some(file) = file {
        let token = Token::of_file(&file).map_err(invalid)?;
        return Ok(Some((Source::File(file), token)));
    }
    let Some(mut exec) = exec else {
        return Ok(None);
    };
    if exec.provide_cluster_info {
        let about = cluster.try_into();
        exec.cluster = Some(about.map_err(|error: KubeconfigError| invalid(plainly(&error)))?);
    }
    let got = plugin::ask(&exec).await?;
    if let Some((certificate, key)) = got.identity {
        user.client_certificate_data = Some(STANDARD.encode(certificate));
        user.client_key_data = Some(STANDARD.encode(key).into());
    }
    let Some(token) = got.token else {
        return Ok(None);
    };
    let token = Token::new(&token, got.expires).map_err(invalid)?;
    Ok(Some((Source::Plugin(Box::new(exec)), token)))
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::{TcpListener, TcpStream},
        sync::oneshot,
        task::spawn_blocking,
        time::{advance, pause},
    };

    use super::*;

    async fn read_request(stream: &mut TcpStream) {
        let mut request = vec![];
        while !request.ends_with(b"\r\n\r\n") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0, "it hung up");
        }
    }

    async fn write_answer(stream: &mut TcpStream) {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(answer).await.unwrap();
    }

    /// A program that looks each few seconds does so over one connection, which is idle in between.
    #[tokio::test]
    async fn a_request_has_its_whole_time_however_long_its_connection_was_idle() {
        let almost = ANSWER - Duration::from_secs(1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let kubeconfig = serde_json::json!({
            "current-context": "here",
            "contexts": [{ "name": "here", "context": { "cluster": "here" } }],
            "clusters": [{ "name": "here", "cluster": { "server": format!("http://{address}") } }],
        });
        let kubeconfig = serde_json::from_value(kubeconfig).unwrap();
        let client = unasked(kubeconfig, Route::Direct).await.unwrap().client;
        // The clock moves by our hand alone: it would move by itself wherever a socket is all that is waited for.
        let (done, held) = std::sync::mpsc::channel::<()>();
        let holding = spawn_blocking(move || held.recv());
        pause();

        let (asked_again, is_asked_again) = oneshot::channel();
        let (answer, is_to_answer) = oneshot::channel();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_request(&mut stream).await;
            write_answer(&mut stream).await;
            read_request(&mut stream).await;
            asked_again.send(()).unwrap();
            is_to_answer.await.unwrap();
            write_answer(&mut stream).await;
        });
        client.apiserver_version().await.unwrap();
        advance(almost).await;
        let asking = tokio::spawn(async move { client.apiserver_version().await });
        is_asked_again.await.unwrap();
        advance(almost).await;
        answer.send(()).unwrap();
        asking.await.unwrap().unwrap();
        server.await.unwrap();
        drop(done);
        holding.await.unwrap().unwrap_err();
    }
}
