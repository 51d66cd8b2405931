//! Keeps the components running. It is the first process, except for `tini`, of a PID namespace of its own: when it ends,
//! by whatever cause, the kernel ends everything in there with it, containers included, and the mounts go too.

mod keeper;
mod log;
mod namespaces;

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::UnixListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::sleep,
};

use crate::{
    Error, Layout, claims, client, components::Component, files::at, layout::CLAIMS, load_balancer, wait,
};

const API_SERVER_WITHIN: Duration = Duration::from_secs(120);
/// The pause after something failed that is tried again at once otherwise.
const PAUSE: Duration = Duration::from_secs(1);

/// Prepares the namespaces that this process was started in, and keeps the components running until SIGTERM.
///
/// # Errors
/// [`Error::Outside`] outside of the cluster's network namespace; a mount was refused, or the status socket could not be
/// made.
pub async fn supervise(layout: Layout) -> Result<(), Error> {
    let file = layout.state.join("components.json");
    let components: Vec<Component> = fs::read(&file)
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(Into::into))
        .map_err(at("reading", &file))?;
    namespaces::verify(&layout)?;
    namespaces::prepare(&layout)?;
    let socket = layout.status_socket();
    let _ = fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).map_err(at("listening on", &socket))?;
    fs::set_permissions(&socket, Permissions::from_mode(0o600)).map_err(at("closing", &socket))?;
    let mut stop = signal(SignalKind::terminate()).map_err(at("waiting for signals with", &socket))?;

    let statuses = keeper::Statuses::default();
    let (api_server_answers, api_server) = watch::channel(false);
    for component in components {
        let log = layout.log(&component.name);
        tokio::spawn(keeper::keep_running(
            component,
            log,
            statuses.clone(),
            api_server.clone(),
        ));
    }
    tokio::spawn(announce_api_server(layout.clone(), api_server_answers));
    tokio::spawn(keep_balancing(layout.clone(), api_server));
    std::thread::spawn(move || {
        if let Err(error) = claims::keep_open(&layout.state.join(CLAIMS)) {
            tracing::warn!("from now on, only root can use new claims: {error}");
        }
    });
    tokio::select! {
        _ = stop.recv() => Ok(()),
        () = answer(&listener, &statuses) => Ok(()),
    }
}

/// Answers each connection with the status.
async fn answer(listener: &UnixListener, statuses: &keeper::Statuses) {
    loop {
        match listener.accept().await {
            Ok((mut stream, _)) => {
                let answer = serde_json::to_vec(&statuses.with_memory()).unwrap_or_default();
                // A client that has gone away needs no answer.
                let _ = stream.write_all(&answer).await;
            }
            Err(error) => {
                tracing::warn!("answering `lab status`: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn announce_api_server(layout: Layout, answers: watch::Sender<bool>) {
    let kubeconfig = layout.state.join("conf/load-balancer.kubeconfig");
    let ready = wait::until(
        "the API server's answer",
        API_SERVER_WITHIN,
        "`lab logs kube-apiserver`",
        || async {
            let client = client(&kubeconfig).await.ok()?;
            let request = http::Request::get("/readyz").body(Vec::new()).ok()?;
            client.request_text(request).await.ok()
        },
    );
    if let Err(error) = ready.await {
        // The others are started all the same: they wait by themselves, and `lab status` shows how they fare.
        tracing::warn!("{error}");
    }
    let _ = answers.send(true);
}

async fn keep_balancing(layout: Layout, mut api_server: watch::Receiver<bool>) {
    if api_server.wait_for(|answers| *answers).await.is_err() {
        return;
    }
    loop {
        if let Err(error) = load_balancer::run(&layout).await {
            tracing::warn!("giving Services addresses: {error}; trying again");
        }
        sleep(PAUSE).await;
    }
}
