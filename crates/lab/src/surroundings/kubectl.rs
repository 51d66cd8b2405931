//! The kubectl that the shell finds.

use std::{fmt, path::Path, process::Stdio, time::Duration};

use programs::{Reach, command, environment};
use serde::Deserialize;
use tokio::{io::AsyncReadExt, time::timeout};

/// It only has to print.
const ANSWERS_WITHIN: Duration = Duration::from_millis(800);
/// Some thirty times what it prints.
const LONGEST: u64 = 1 << 14;

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kubectl {
    /// None on the PATH.
    Missing,
    /// One of this version.
    Found(Version),
}

/// Major and minor number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Version {
    major: u32,
    minor: u32,
}

/// What `kubectl version --client -o json` prints.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    client_version: Client,
}

#[derive(Deserialize)]
struct Client {
    major: String,
    minor: String,
}

/// Asks the kubectl on the PATH for its version; none if it does not say.
pub(super) async fn find() -> Option<Kubectl> {
    match which::which("kubectl") {
        Ok(program) => ask(&program).await.map(Kubectl::Found),
        Err(_) => Some(Kubectl::Missing),
    }
}

async fn ask(program: &Path) -> Option<Version> {
    let asking = async {
        let mut kubectl = command(program, ["version", "--client", "--output=json"]);
        let mut child = kubectl
            .envs(environment(Reach::Person))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut text = String::new();
        let output = child.stdout.take()?;
        output.take(LONGEST).read_to_string(&mut text).await.ok()?;
        parse(&text)
    };
    timeout(ANSWERS_WITHIN, asking).await.ok().flatten()
}

fn parse(text: &str) -> Option<Version> {
    let Printed { client_version } = serde_json::from_str(text).ok()?;
    Version::of(&client_version.major, &client_version.minor)
}

impl Version {
    /// Distributions add letters of their own to the minor: `27-gke.1400`, `27+`.
    pub(super) fn of(major: &str, minor: &str) -> Option<Self> {
        let number = minor.split(|letter: char| !letter.is_ascii_digit()).next()?;
        Some(Self {
            major: major.parse().ok()?,
            minor: number.parse().ok()?,
        })
    }

    /// Whether Kubernetes does not promise that a kubectl of this version works with a server of the other.
    pub(super) fn is_far_from(self, server: Self) -> bool {
        self.major != server.major || self.minor.abs_diff(server.minor) > 1
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn versions_of_distributions_are_understood() {
        let printed = |minor: &str| {
            format!(
                "{{\"clientVersion\": {{\"major\": \"1\", \"minor\": {minor:?}, \"gitVersion\": \"x\"}}, \"kustomizeVersion\": \"v5\"}}"
            )
        };
        assert_eq!(parse(&printed("32+")), Version::of("1", "32"));
        assert_eq!(parse(&printed("27-gke.1400")), Version::of("1", "27"));
        assert_eq!(parse(&printed("")), None);
        assert_eq!(parse("Client Version: v1.32.4"), None);
    }

    #[test]
    fn one_minor_version_is_near() {
        let far = |minor| {
            Version::of("1", minor)
                .unwrap()
                .is_far_from(Version::of("1", "37").unwrap())
        };
        assert_eq!(
            ["35", "36", "37", "38", "39"].map(far),
            [true, false, false, false, true]
        );
        assert!(
            Version::of("2", "37")
                .unwrap()
                .is_far_from(Version::of("1", "37").unwrap())
        );
    }

    /// The answer of a program that is this script.
    async fn answer(script: &str) -> Option<Version> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("kubectl");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        ask(&program).await
    }

    #[tokio::test]
    async fn what_answers_nothing_or_without_end_is_not_waited_for() {
        assert_eq!(answer("exec sleep 60").await, None);
        assert_eq!(answer("exec yes '{\"clientVersion\":'").await, None);
        assert_eq!(answer("exit 1").await, None);
    }
}
