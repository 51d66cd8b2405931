//! The supervisor's view of the components, and asking for it.

use std::{collections::BTreeMap, io};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::{io::AsyncReadExt, net::UnixStream, time::timeout};

use crate::{Error, Layout, Part, client, error::ANSWER_WITHIN};

/// The supervisor's view of the cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// By component, without those that were never started.
    pub components: BTreeMap<String, ComponentStatus>,
}

impl Status {
    /// Why a component cannot be started, if one cannot.
    #[must_use]
    pub fn unstartable(&self) -> Option<Error> {
        let mut components = self.components.iter();
        let (name, component) = components.find(|(_, component)| component.cannot_start)?;
        Some(Error::Unstartable {
            component: name.clone(),
            reason: component.last_end.clone().unwrap_or_default(),
        })
    }
}

/// One process of the cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ComponentStatus {
    /// Its number inside the cluster's PID namespace; none while it is down.
    pub pid: Option<u32>,
    /// When it last started, or ended.
    pub since: Timestamp,
    /// How often it was restarted.
    pub restarts: u32,
    /// Its last exit status, or why it could not be started.
    pub last_end: Option<String>,
    /// Whether its program could not even be started, which waiting does not mend.
    #[serde(default)]
    pub cannot_start: bool,
    /// Its share of memory in bytes (`Pss`: pages that several processes share count once), measured when asked, or up to 2 s
    /// before; none for a process that is younger than that.
    pub memory: Option<u64>,
}

/// The components' status, or nothing when the supervisor does not answer within 5 s.
pub async fn status(layout: &Layout) -> Option<Status> {
    seen(layout).await.ok()
}

/// The components' status.
///
/// # Errors
/// The cluster is not running, or its supervisor does not answer within 5 s.
pub async fn seen(layout: &Layout) -> Result<Status, Error> {
    let ask = async {
        let mut answer = Vec::new();
        let mut stream = UnixStream::connect(layout.status_socket()).await?;
        stream.read_to_end(&mut answer).await?;
        Ok::<_, io::Error>(serde_json::from_slice(&answer)?)
    };
    match timeout(ANSWER_WITHIN, ask).await {
        Ok(Ok(status)) => Ok(status),
        // Nobody listens there.
        Ok(Err(_)) => Err(Error::NotRunning(layout.name.clone())),
        Err(_) => Err(silent(layout, Part::Supervisor, None)),
    }
}

fn silent(layout: &Layout, part: Part, reason: Option<String>) -> Error {
    Error::Silent {
        name: layout.name.clone(),
        part,
        reason,
    }
}

/// Whether the cluster is running and its API server answers, both within 5 s.
pub async fn is_running(layout: &Layout) -> bool {
    running(layout).await.is_ok()
}

/// The same, with what was seen.
///
/// # Errors
/// It is not running, or a part of it does not answer.
pub async fn running(layout: &Layout) -> Result<(), Error> {
    seen(layout).await?;
    let answers = async {
        let client = client(&layout.kubeconfig()).await?;
        client.apiserver_version().await.map_err(Error::from)
    };
    match timeout(ANSWER_WITHIN, answers).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let reason = match &error {
                Error::Api(error) => access::plainly(error),
                error => error.to_string(),
            };
            Err(silent(layout, Part::ApiServer, Some(reason)))
        }
        Err(_) => Err(silent(layout, Part::ApiServer, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_component_that_cannot_be_started_is_reason_enough() {
        let mut status = Status::default();
        for name in ["etcd", "kubelet"] {
            status.components.insert(name.into(), ComponentStatus::default());
        }
        assert!(status.unstartable().is_none());
        let kubelet = status.components.get_mut("kubelet").expect("it was put there");
        kubelet.last_end = Some("exit status: 1".into());
        assert!(status.unstartable().is_none());
        let kubelet = status.components.get_mut("kubelet").expect("it was put there");
        kubelet.last_end = Some("could not be started (/x): Permission denied".into());
        kubelet.cannot_start = true;
        let told = status.unstartable().expect("the kubelet cannot be").to_string();
        assert!(
            told.starts_with("kubelet could not be started (/x): Permission denied. "),
            "{told}"
        );
    }
}
