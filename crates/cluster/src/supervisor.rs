//! Keeps the components running. It is the first process, but for `tini`, of a PID namespace of its own: when it ends,
//! however it ends, the kernel ends everything in there with it, containers included, and the mounts go too.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    net::UnixListener,
    process::Command,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::sleep,
};

use crate::{Error, Layout, claims, components::Component, files::at, load_balancer, wait};

/// A component that has run for this long is well again, and its next end is its first.
const STEADY: Duration = Duration::from_secs(60);
const FIRST_DELAY: Duration = Duration::from_millis(500);
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// A log is at most this large, and one older one is kept.
const LOG_BYTES: usize = 8 * 1024 * 1024;
const API_SERVER_WITHIN: Duration = Duration::from_secs(120);

/// What runs, as the supervisor sees it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// By component.
    pub components: BTreeMap<String, ComponentStatus>,
}

/// One process of the cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComponentStatus {
    /// Its number inside the cluster's PID namespace; none while it is down.
    pub pid: Option<u32>,
    /// When it was last started, or when it ended.
    pub since: Timestamp,
    /// How often it has been started again.
    pub restarts: u32,
    /// How it last ended.
    pub last_end: Option<String>,
    /// Its share of memory in bytes (`Pss`: what several processes share counts once), as it was when asked.
    pub memory: Option<u64>,
}

type Shared = Arc<Mutex<Status>>;

/// Prepares the namespaces that this process was started in, and keeps `components` running until SIGTERM.
///
/// # Errors
/// A mount was refused, or the status socket could not be made.
pub async fn supervise(layout: Layout) -> Result<(), Error> {
    let file = layout.state.join("components.json");
    let components: Vec<Component> = fs::read(&file)
        .and_then(|bytes| serde_json::from_slice(&bytes).map_err(Into::into))
        .map_err(at("reading", &file))?;
    in_namespace_of(&layout)?;
    prepare_namespaces(&layout)?;
    let socket = layout.status_socket();
    let _ = fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).map_err(at("listening on", &socket))?;

    let status = Shared::default();
    let (api_server_answers, api_server) = watch::channel(false);
    for component in components {
        tokio::spawn(keep_running(
            component,
            layout.clone(),
            status.clone(),
            api_server.clone(),
        ));
    }
    tokio::spawn(announce_api_server(layout.clone(), api_server_answers));
    tokio::spawn(keep_balancing(layout.clone(), api_server));
    std::thread::spawn(move || {
        if let Err(error) = claims::keep_open(&layout.state.join(CLAIMS)) {
            tracing::warn!("claims that are made from now on can only be used by root: {error}");
        }
    });
    let mut stop = signal(SignalKind::terminate()).map_err(at("waiting for signals with", &socket))?;
    loop {
        tokio::select! {
            _ = stop.recv() => return Ok(()),
            connection = listener.accept() => {
                let Ok((mut stream, _)) = connection else { continue };
                let answer = serde_json::to_vec(&with_memory(&status)).unwrap_or_default();
                // Whoever asked and went away needs no answer.
                let _ = stream.write_all(&answer).await;
            }
        }
    }
}

/// Refuses to mount anything where the whole machine would see it: this is for `up` alone to call.
fn in_namespace_of(layout: &Layout) -> Result<(), Error> {
    let identity = |path: &Path| {
        fs::metadata(path)
            .map(|file| (file.dev(), file.ino()))
            .map_err(at("looking at", path))
    };
    if identity(Path::new("/proc/self/ns/net"))? == identity(&layout.namespace())? {
        return Ok(());
    }
    Err(Error::Outside(layout.name.clone()))
}

/// What the components write in fixed places goes into the state folder, or into memory that goes with the namespace.
#[cfg(target_os = "linux")]
fn prepare_namespaces(layout: &Layout) -> Result<(), Error> {
    use rustix::mount::{MountFlags, mount, mount_bind};

    use crate::files::private_dir;

    // Kubelet and containerd choose modes for their files; a strict mask would take what pods need to read.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let run = Path::new("/run");
    mount(
        "tmpfs",
        run,
        "tmpfs",
        MountFlags::NOSUID | MountFlags::NODEV,
        Some(c"mode=755"),
    )
    .map_err(|error| at("mounting memory on", run)(error.into()))?;
    for (fixed, ours) in MOUNTS {
        let (fixed, ours) = (Path::new(fixed), layout.state.join(ours));
        private_dir(&ours)?;
        fs::create_dir_all(fixed).map_err(at("making the folder", fixed))?;
        mount_bind(&ours, fixed).map_err(|error| at("mounting a folder of ours on", fixed)(error.into()))?;
    }
    // Of the namespace alone: packets go on to pods, and each refused connection is told so at once, not one a second.
    for (setting, value) in [("ip_forward", "1"), ("icmp_ratelimit", "0")] {
        let path = Path::new("/proc/sys/net/ipv4").join(setting);
        fs::write(&path, value).map_err(at("setting", &path))?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn prepare_namespaces(_: &Layout) -> Result<(), Error> {
    Err(Error::Requirements(
        crate::requirements::wrong_machine().into_iter().collect(),
    ))
}

/// Folders whose place a component does not let one choose, and those of the state folder that stand in for them:
/// pods' logs, results of network plugins, device plugins' sockets (which a kubelet removes when it starts, another
/// cluster's too), volumes of kube-controller-manager's host path provisioner.
pub(crate) const MOUNTS: [(&str, &str); 4] = [
    ("/var/log", "log"),
    ("/var/lib/cni", "cni"),
    ("/var/lib/kubelet", "devices"),
    ("/tmp/hostpath_pv", CLAIMS),
];
const CLAIMS: &str = "claims";

async fn keep_running(
    component: Component,
    layout: Layout,
    status: Shared,
    mut api_server: watch::Receiver<bool>,
) {
    let suffix = AppendCount::new(1);
    let mut open = fs::OpenOptions::new();
    open.read(true).create(true).append(true).mode(0o600);
    let log = FileRotate::new(
        layout.log(&component.name),
        suffix,
        ContentLimit::BytesSurpassed(LOG_BYTES),
        Compression::None,
        Some(open),
    );
    let log = Arc::new(Mutex::new(log));
    if component.needs_api_server && api_server.wait_for(|answers| *answers).await.is_err() {
        return;
    }
    let mut restarts = 0;
    let mut delay = FIRST_DELAY;
    loop {
        let started = Timestamp::now();
        let end = run_once(&component, &log, |pid| {
            set(&status, &component.name, |now| {
                *now = ComponentStatus {
                    pid,
                    since: started,
                    restarts,
                    ..now.clone()
                }
            });
        })
        .await;
        let ended = Timestamp::now();
        let lived = Duration::try_from(ended.duration_since(started)).unwrap_or_default();
        tracing::warn!(
            component = component.name,
            end,
            ?lived,
            "ended; it is started again"
        );
        set(&status, &component.name, |now| {
            *now = ComponentStatus {
                pid: None,
                since: ended,
                last_end: Some(end),
                ..now.clone()
            };
        });
        delay = if lived > STEADY {
            FIRST_DELAY
        } else {
            (delay * 2).min(LONGEST_DELAY)
        };
        restarts += 1;
        sleep(delay).await;
    }
}

fn set(status: &Shared, name: &str, change: impl FnOnce(&mut ComponentStatus)) {
    let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
    let fresh = ComponentStatus {
        pid: None,
        since: Timestamp::now(),
        restarts: 0,
        last_end: None,
        memory: None,
    };
    change(status.components.entry(name.into()).or_insert(fresh));
}

type Log = Arc<Mutex<FileRotate<AppendCount>>>;

async fn run_once(component: &Component, log: &Log, started: impl FnOnce(Option<u32>)) -> String {
    let mut command = Command::new(&component.program);
    command
        .args(&component.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Of the person's environment nothing else: a proxy has no business between the components, and XDG_RUNTIME_DIR, where
    // containerd would put files, is hidden by our own /run.
    command.env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    let mut child = match command.kill_on_drop(true).spawn() {
        Ok(child) => child,
        Err(error) => return format!("could not be started: {error}"),
    };
    started(child.id());
    if let Some(stdout) = child.stdout.take() {
        tokio::spawn(copy_lines(stdout, log.clone()));
    }
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(copy_lines(stderr, log.clone()));
    }
    match child.wait().await {
        Ok(status) => status.to_string(),
        Err(error) => format!("lost sight of it: {error}"),
    }
}

async fn copy_lines(from: impl AsyncRead + Unpin, log: Log) {
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(mut line)) = lines.next_segment().await {
        line.push(b'\n');
        // A log that cannot be written, on a full disk say, is no reason to stop a component.
        let _ = std::io::Write::write_all(&mut *log.lock().unwrap_or_else(PoisonError::into_inner), &line);
    }
}

fn with_memory(status: &Shared) -> Status {
    let mut status = status.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for component in status.components.values_mut() {
        component.memory = component.pid.and_then(|pid| {
            let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
            let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            pss.trim()
                .strip_suffix(" kB")?
                .parse::<u64>()
                .ok()
                .map(|kib| kib * 1024)
        });
    }
    status
}

async fn announce_api_server(layout: Layout, answers: watch::Sender<bool>) {
    let kubeconfig = layout.state.join("conf/load-balancer.kubeconfig");
    let ready = wait::until(
        "the API server's answer",
        API_SERVER_WITHIN,
        "`lab logs kube-apiserver`",
        || async {
            let client = crate::client(&kubeconfig).await.ok()?;
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
            tracing::warn!("giving Services addresses: {error}; it is tried again");
        }
        sleep(LONGEST_DELAY / 10).await;
    }
}
