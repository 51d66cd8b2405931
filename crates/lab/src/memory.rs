//! What a learner has reached, kept from one command to the next, because exercises end with nothing left in the cluster.
//!
//! One small file for each cluster and namespace. Nothing else depends on it: it may be deleted at any time, and a command
//! that cannot read or write it says so and does its work.

mod record;
mod store;

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use guide::Message;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client, config::Kubeconfig};

pub use record::Reached;
use record::{Change, Record};
use store::Store;

/// What was reached in one namespace of one cluster.
#[derive(Debug)]
pub struct Memory {
    record: Record,
    /// What [`Memory::save`] has yet to write.
    changes: Vec<Change>,
    /// None where nothing can be kept, of which the person was told.
    store: Option<Store>,
}

impl Memory {
    /// Reads what is kept about `namespace` of `cluster`, an [`identity`]; with it, what a person has to know.
    #[must_use]
    pub fn open(cluster: &str, namespace: &str, now: Timestamp) -> (Self, Option<Message>) {
        match state_folder(env::var_os("XDG_STATE_HOME"), env::home_dir()) {
            Ok(folder) => Self::open_in(&folder, cluster, namespace, now),
            Err(reason) => (Self::nowhere(), Some(unusable(&reason))),
        }
    }

    /// The same in a folder of the caller's choice.
    #[must_use]
    pub fn open_in(folder: &Path, cluster: &str, namespace: &str, now: Timestamp) -> (Self, Option<Message>) {
        let store = Store::new(folder, cluster, namespace);
        match store.read(now) {
            Ok((record, warning)) => {
                let memory = Self {
                    record,
                    changes: vec![],
                    store: Some(store),
                };
                (memory, warning)
            }
            Err(reason) => (Self::nowhere(), Some(unusable(&Message::Verbatim(reason)))),
        }
    }

    /// One that forgets everything when the command ends.
    fn nowhere() -> Self {
        Self {
            record: Record::default(),
            changes: vec![],
            store: None,
        }
    }

    /// Keeps that `step` of `of` is there now, 0 for none, and whether the exercise is finished. What was reached before
    /// stays, however little is there now.
    pub fn reach(&mut self, exercise: &str, step: usize, of: usize, finished: bool, at: Timestamp) {
        self.change(Change::Reach {
            exercise: exercise.into(),
            step,
            of,
            finished,
            at,
        });
    }

    /// How far an exercise was done at some time; none if it was not begun.
    #[must_use]
    pub fn reached(&self, exercise: &str) -> Option<Reached> {
        self.record.reached(exercise)
    }

    /// Keeps that a goal was met.
    pub fn goal(&mut self, exercise: &str, key: &str) {
        self.change(Change::Goal {
            exercise: exercise.into(),
            key: key.into(),
        });
    }

    /// The goals of an exercise that were met at some time.
    pub fn goals(&self, exercise: &str) -> impl Iterator<Item = &str> {
        self.record.goals(exercise)
    }

    /// How many hints were shown for a place in an exercise, since the learner came to the step where that is.
    #[must_use]
    pub fn hints(&self, exercise: &str, key: &str) -> usize {
        self.record.hints(exercise, key)
    }

    /// Counts one more hint for a place.
    pub fn next_hint(&mut self, exercise: &str, key: &str) {
        self.change(Change::Hint {
            exercise: exercise.into(),
            key: key.into(),
        });
    }

    /// Forgets all about an exercise, except when it was finished.
    pub fn forget(&mut self, exercise: &str) {
        self.change(Change::Forget {
            exercise: exercise.into(),
        });
    }

    /// Writes what changed since it was opened, on top of what others have written meanwhile; what a person has to know if
    /// that did not work.
    pub fn save(&mut self, now: Timestamp) -> Option<Message> {
        let changes = std::mem::take(&mut self.changes);
        let store = self.store.as_ref().filter(|_| !changes.is_empty())?;
        match store.update(&changes, now) {
            Ok((record, warning)) => {
                self.record = record;
                warning
            }
            Err(reason) => Some(unusable(&Message::Verbatim(reason))),
        }
    }

    fn change(&mut self, change: Change) {
        self.record.apply(&change);
        self.changes.push(change);
    }
}

/// Tells one cluster from another: by the namespace that each has from its first second to its last, or by `server`, its
/// URL, where that may not be read. So a cluster that is made anew under an old name begins with nothing.
///
/// # Errors
/// The cluster does not answer, or fails.
pub async fn identity(client: &Client, server: &str) -> Result<String, kube::Error> {
    match Api::<Namespace>::all(client.clone()).get_opt("kube-system").await {
        Ok(namespace) => Ok(namespace
            .and_then(|namespace| namespace.metadata.uid)
            .unwrap_or_else(|| server.to_owned())),
        Err(error) if access::is_hidden(&error) => Ok(server.to_owned()),
        Err(error) => Err(error),
    }
}

/// The URL of the cluster that a kubeconfig's current context names; empty if it names none.
#[must_use]
pub fn server(kubeconfig: &Kubeconfig) -> &str {
    let context = kubeconfig
        .contexts
        .iter()
        .find(|context| Some(&context.name) == kubeconfig.current_context.as_ref())
        .and_then(|context| context.context.as_ref());
    context
        .and_then(|context| {
            kubeconfig
                .clusters
                .iter()
                .find(|known| known.name == context.cluster)
        })
        .and_then(|known| known.cluster.as_ref()?.server.as_deref())
        .unwrap_or_default()
}

/// `$XDG_STATE_HOME/self-healing-lab`, or the same in `~/.local/state`. A home that is not there is not made: nobody would look
/// for what is in it.
fn state_folder(named: Option<OsString>, home: Option<PathBuf>) -> Result<PathBuf, Message> {
    let named = named.filter(|named| !named.is_empty()).map(PathBuf::from);
    let base = match named {
        Some(named) => absolute("XDG_STATE_HOME", named)?,
        None => {
            let home = home.filter(|home| !home.as_os_str().is_empty());
            let home = absolute("HOME", home.ok_or(Message::new("memory-no-home"))?)?;
            if !home.is_dir() {
                return Err(about(Message::new("memory-home-absent"), "HOME", &home));
            }
            home.join(".local/state")
        }
    };
    Ok(base.join("self-healing-lab"))
}

fn absolute(variable: &str, folder: PathBuf) -> Result<PathBuf, Message> {
    if folder.is_absolute() {
        Ok(folder)
    } else {
        Err(about(Message::new("memory-relative"), variable, &folder))
    }
}

fn about(message: Message, variable: &str, folder: &Path) -> Message {
    message
        .with("variable", variable)
        .with("folder", folder.to_string_lossy().into_owned())
}

fn unusable(reason: &Message) -> Message {
    Message::new("memory-unusable").with("reason", reason.clone())
}

#[cfg(test)]
mod tests;
