//! A Postgres server of a test's own, to be ended in all the ways in which servers end.

use std::{
    fs,
    os::unix::fs::chown,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;
use testkit::{DEADLINE, eventually_async};
use todo_web::{Password, Server, Store};

/// Who the server runs as where the test is root, as whom it refuses to run: nobody.
const NOBODY: u32 = 65534;
pub(crate) const PASSWORD: &str = "geheim";

/// A server that listens on a Unix socket, with no items. It is killed when the test ends.
pub(crate) struct Postgres {
    folder: TempDir,
    process: Option<Child>,
}

impl Postgres {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        if geteuid().is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let made = as_nobody("initdb")
            .args([
                "--auth=scram-sha-256",
                "--username=todo",
                "--encoding=UTF8",
                "--no-sync",
            ])
            .arg("--pwfile")
            .arg(&password)
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut server = Self {
            folder,
            process: None,
        };
        server.restart().await;
        server
    }

    /// Starts the server on the data that are there, and waits until it answers.
    pub(crate) async fn restart(&mut self) {
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = as_nobody("postgres");
        command
            .args(["-c", "listen_addresses=", "-D"])
            .arg(self.folder.path().join("data"));
        command
            .arg("-k")
            .arg(self.folder.path())
            .stderr(log)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let store = self.store();
        let process = self.process.insert(command.spawn().unwrap());
        let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        eventually_async("the server answers", DEADLINE, || {
            let ended = process.try_wait().unwrap();
            assert!(ended.is_none(), "the server ended: {}", log());
            async {
                store
                    .connect()
                    .await
                    .map_err(|error| format!("{error}: {}", log()))
            }
        })
        .await;
    }

    /// What it takes to get in.
    pub(crate) fn server(&self) -> Server {
        Server {
            host: self.host().to_owned(),
            port: 5432,
            database: "postgres".into(),
            user: "todo".into(),
            password: Password::Text(PASSWORD.into()),
        }
    }

    pub(crate) fn store(&self) -> Store {
        Store::postgres(self.server()).unwrap()
    }

    /// The folder of its socket.
    pub(crate) fn host(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// Runs a statement of the test.
    pub(crate) async fn run(&self, statement: &'static str) {
        let todo_web::Connection::Postgres(mut connection) = self.store().connect().await.unwrap() else {
            unreachable!("the store is one of Postgres")
        };
        sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    }

    /// Ends all of its processes at once, as a machine that loses its power does.
    pub(crate) async fn kill(&mut self) {
        let processes = self.processes();
        self.signal(Signal::KILL);
        if let Some(mut server) = self.process.take() {
            server.wait().unwrap();
        }
        eventually_async("the end of all killed processes", DEADLINE, || async {
            !processes.iter().any(|pid| is_running(*pid))
        })
        .await;
    }

    /// Holds the server: its socket takes connections, and nobody answers on them.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        for pid in self.processes() {
            // One that has just ended is no mistake.
            let _ = kill_process(pid, signal);
        }
    }

    /// The server, first, and the processes that it started.
    fn processes(&self) -> Vec<Pid> {
        let Some(server) = &self.process else {
            return vec![];
        };
        let id = server.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let children = children
            .split_whitespace()
            .map(|pid| Pid::from_raw(pid.parse().unwrap()).unwrap());
        [Pid::from_child(server)].into_iter().chain(children).collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        if let Some(mut server) = self.process.take() {
            let _ = server.wait();
        }
    }
}

/// Whether a process is there and does something yet.
fn is_running(pid: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid()));
    status.is_ok_and(|status| !status.rsplit(") ").next().unwrap().starts_with('Z'))
}

/// A program of the newest Postgres on this machine.
fn as_nobody(program: &str) -> Command {
    let program = programs().join(program);
    if !geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([
        "--clear-groups",
        &format!("--reuid={NOBODY}"),
        &format!("--regid={NOBODY}"),
    ]);
    command.arg(program);
    command
}

fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let programs = versions.map(|version| version.unwrap().path().join("bin"));
    let newest = programs.filter(|folder| folder.join("postgres").is_file()).max();
    newest.unwrap_or_else(|| panic!("there is no Postgres server here: install Debian's postgresql-15"))
}
