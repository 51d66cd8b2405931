//! What `up` and `down` are doing, told to whoever shows it.

use std::time::Duration;

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looking what the machine lacks.
    Check,
    /// Building Kubernetes.
    BuildKubernetes,
    /// Starting the components.
    Start,
    /// Waiting for the node.
    Node,
    /// Ending the cluster.
    Stop,
}

impl Step {
    /// What is being done, for a person.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Check => "Looking at this machine",
            Self::BuildKubernetes => "Building Kubernetes (once)",
            Self::Start => "Starting the cluster",
            Self::Node => "Waiting for the node",
            Self::Stop => "Stopping the cluster",
        }
    }

    /// How long it takes on two cores, for the time left.
    #[must_use]
    pub fn usual(self) -> Duration {
        Duration::from_secs(match self {
            Self::Check => 1,
            Self::BuildKubernetes => 600,
            Self::Start => 12,
            Self::Node => 6,
            Self::Stop => 5,
        })
    }
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step began.
    Started(Step),
    /// It got further.
    Advanced {
        /// How many parts are done.
        done: usize,
        /// How many parts there are.
        total: usize,
        /// What was done last.
        now: String,
    },
    /// It is done.
    Finished(Step),
}

/// Is told of each [`Event`].
pub type Reporter<'a> = &'a (dyn Fn(Event) + Sync);
