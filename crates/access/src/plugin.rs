//! Exec plugins: programs that a kubeconfig names, and that print credentials. The client's own call of them would wait
//! forever, take any amount of output and hold up signals.

use std::{
    io::{self, ErrorKind, IsTerminal, Write},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use jiff::Timestamp;
use kube::config::{ExecConfig, ExecInteractiveMode};
use programs::persons_command;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::timeout,
};

use crate::{Error, kubeconfig::is_token};

/// How long a plugin may take; with a browser and a person in it, most of a minute can go by.
pub const PLUGIN: Duration = Duration::from_secs(60);
/// The longest output that is read, in bytes. Certificates have some thousands.
const OUTPUT_LIMIT: usize = 1 << 20;
/// How much of what it says on standard error is kept, in bytes.
const SAID_LIMIT: usize = 4096;
/// How many of the last lines of that are shown.
const SHOWN_LINES: usize = 3;
/// How long the rest of standard error is read once a plugin has ended: what it has started may hold it open.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a plugin printed.
pub(crate) struct Credentials {
    pub(crate) token: Option<String>,
    /// A certificate and its key, in PEM.
    pub(crate) identity: Option<(String, String)>,
    pub(crate) expires: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    kind: Option<String>,
    api_version: Option<String>,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
    expiration_timestamp: Option<String>,
}

/// Calls the plugin, and kills it if it takes too long or nobody waits for it any more.
///
/// # Errors
/// It is not there, fails, takes longer than [`PLUGIN`], or prints no credentials that can be used now.
pub(crate) async fn ask(exec: &ExecConfig) -> Result<Credentials, Error> {
    let name = exec.command.as_deref().unwrap_or_default();
    let asked = called(exec, name).await;
    let credentials = asked.and_then(|printed| credentials(exec, &printed, Timestamp::now()));
    credentials.map_err(|reason| Error::Plugin {
        plugin: name.into(),
        reason,
    })
}

/// What the plugin prints.
async fn called(exec: &ExecConfig, name: &str) -> Result<Vec<u8>, String> {
    let at_terminal = io::stdin().is_terminal();
    let interactive = match exec.interactive_mode {
        Some(ExecInteractiveMode::Never) => false,
        Some(ExecInteractiveMode::Always) if !at_terminal => {
            return Err(
                "it has to ask a person (interactiveMode: Always), and standard input is no terminal; \
                        type the command in one"
                    .into(),
            );
        }
        _ => at_terminal,
    };
    let mut command = command(exec, name, interactive)?;
    let child = command.spawn().map_err(|error| {
        let hint = exec.install_hint.as_deref().unwrap_or_default().trim();
        let hint = if hint.is_empty() {
            "install it".into()
        } else {
            plain(hint)
        };
        match error.kind() {
            ErrorKind::NotFound if name.contains('/') => format!("there is no such program; {hint}"),
            ErrorKind::NotFound => format!("it is not on the PATH; {hint}"),
            _ => format!("it cannot be started: {error}"),
        }
    })?;
    let mut said = vec![];
    let ended = timeout(PLUGIN, ended(child, interactive, &mut said)).await;
    let (status, printed) = match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) => return Err(format!("its output cannot be read: {error}")),
        Err(_) => {
            return Err(format!(
                "it did not end within {} s and was stopped{}; if it waits for you to log in, do that first with \
                 kubectl (`kubectl get namespaces`)",
                PLUGIN.as_secs(),
                last_lines(&said)
            ));
        }
    };
    if printed.len() > OUTPUT_LIMIT {
        return Err(format!(
            "it printed more than {} KiB and was stopped; credentials have a few",
            OUTPUT_LIMIT >> 10
        ));
    }
    match status {
        Some(status) if !status.success() => Err(format!("it failed ({status}){}", last_lines(&said))),
        _ => Ok(printed),
    }
}

fn command(exec: &ExecConfig, name: &str, interactive: bool) -> Result<Command, String> {
    let mut spec = json!({ "interactive": interactive });
    if let Some(cluster) = &exec.cluster {
        spec["cluster"] = serde_json::to_value(cluster).map_err(|error| error.to_string())?;
    }
    let info = json!({ "apiVersion": exec.api_version, "kind": "ExecCredential", "spec": spec });
    let mut command = persons_command(name);
    command
        .args(exec.args.iter().flatten())
        .env("KUBERNETES_EXEC_INFO", info.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(name, value);
        }
    }
    if interactive {
        command.stdin(Stdio::inherit());
    } else {
        // Only what reads no terminal may leave the terminal's process group.
        command.process_group(0);
    }
    Ok(command)
}

/// Waits for the end: its status, none where it was not waited for since it printed too much, and what it printed.
async fn ended(
    mut child: Child,
    interactive: bool,
    said: &mut Vec<u8>,
) -> io::Result<(Option<ExitStatus>, Vec<u8>)> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut group = Group {
        child,
        has_own: !interactive,
    };
    let listening = listen(stderr, interactive, said);
    tokio::pin!(listening);
    let working = async {
        let mut printed = vec![];
        if let Some(stdout) = stdout {
            let mut stdout = stdout.take(OUTPUT_LIMIT as u64 + 1);
            stdout.read_to_end(&mut printed).await?;
        }
        if printed.len() > OUTPUT_LIMIT {
            return Ok((None, printed));
        }
        Ok((Some(group.child.wait().await?), printed))
    };
    tokio::pin!(working);
    let ended = tokio::select! {
        ended = &mut working => ended,
        () = &mut listening => return working.await,
    };
    // What it says is not needed where it held out.
    let _ = timeout(LAST_WORDS, listening).await;
    ended
}

/// Keeps the last of what a plugin says; where it may ask a person, they see it at once.
async fn listen(stderr: Option<impl AsyncRead + Unpin>, shows: bool, said: &mut Vec<u8>) {
    let Some(mut stderr) = stderr else { return };
    let mut part = [0; 1024];
    while let Ok(length @ 1..) = stderr.read(&mut part).await {
        if shows {
            // Where nobody can read it, the plugin still does its work.
            let _ = io::stderr().write_all(&part[..length]);
        }
        said.extend_from_slice(&part[..length]);
        said.drain(..said.len().saturating_sub(SAID_LIMIT));
    }
}

/// A plugin, with all that it started if it has a process group of its own.
struct Group {
    child: Child,
    has_own: bool,
}

impl Drop for Group {
    fn drop(&mut self) {
        // None once it was waited for.
        let id = self.child.id().filter(|_| self.has_own);
        if let Some(group) = id.and_then(|id| Pid::from_raw(id.cast_signed())) {
            // It may have ended meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

fn credentials(exec: &ExecConfig, printed: &[u8], now: Timestamp) -> Result<Credentials, String> {
    // What it printed is not shown: it may be a token.
    let printed = serde_saphyr::from_slice::<Printed>(printed);
    let printed = printed
        .ok()
        .filter(|printed| printed.kind.is_some() || printed.api_version.is_some())
        .ok_or("what it printed is no ExecCredential in JSON")?;
    let wanted = exec.api_version.as_deref().unwrap_or_default();
    if printed.kind.as_deref() != Some("ExecCredential") || printed.api_version.as_deref() != Some(wanted) {
        let text = |text: &Option<String>| crate::url::shown(text.as_deref().unwrap_or_default());
        return Err(format!(
            "it printed the kind {} of apiVersion {}; the kubeconfig asks for \"ExecCredential\" of {wanted:?}",
            text(&printed.kind),
            text(&printed.api_version)
        ));
    }
    let nothing = "what it printed has neither a status.token nor a certificate with its key";
    let status = printed.status.ok_or(nothing)?;
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let credentials = Credentials {
        token: text(status.token),
        identity: text(status.client_certificate_data).zip(text(status.client_key_data)),
        expires: match text(status.expiration_timestamp) {
            None => None,
            Some(time) => Some(time.parse().map_err(|_| {
                format!(
                    "its expirationTimestamp is {}; allowed: such as 2030-01-01T00:00:00Z",
                    crate::url::shown(&time)
                )
            })?),
        },
    };
    if credentials.token.is_none() && credentials.identity.is_none() {
        return Err(nothing.into());
    }
    if credentials.token.as_deref().is_some_and(|token| !is_token(token)) {
        return Err(
            "its token has characters that no token has (spaces, ends of lines, or not ASCII)".into(),
        );
    }
    if let Some(expires) = credentials.expires.filter(|expires| *expires <= now) {
        return Err(format!(
            "its credentials expired at {expires}, and this machine's clock says {now:.0}; log in again, or set the clock"
        ));
    }
    Ok(credentials)
}

/// The last lines that a plugin said, for the middle of a sentence; nothing if it said none.
fn last_lines(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let lines: Vec<_> = said.lines().map(plain).filter(|line| !line.is_empty()).collect();
    match &lines[lines.len().saturating_sub(SHOWN_LINES)..] {
        [] => String::new(),
        last => format!(": {}", last.join("; ")),
    }
}

/// Somebody else's line without what moves a terminal's cursor.
fn plain(line: &str) -> String {
    let printable = line
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char });
    printable.collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
