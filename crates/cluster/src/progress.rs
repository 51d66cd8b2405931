//! The progress of `up` and `down`, as events for a display.

use std::time::Duration;

/// A part of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Checking the machine.
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
    /// A title for people.
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

    /// Its usual time on two cores, from which the time left is guessed.
    #[must_use]
    pub fn usual(self) -> Duration {
        Duration::from_secs(match self {
            Self::Check => 1,
            Self::BuildKubernetes => 420,
            Self::Start => 4,
            Self::Node => 5,
            Self::Stop => 5,
        })
    }
}

/// A change of a step.
#[derive(Clone, Debug)]
pub enum Event {
    /// A step began.
    Started(Step),
    /// A step got further.
    Advanced {
        /// The number of parts that are done, below `total`.
        done: usize,
        /// The number of parts.
        total: usize,
        /// The last part that was done.
        now: String,
    },
    /// A step is done.
    Finished(Step),
}

/// A function that is called with each [`Event`].
pub type Reporter<'a> = &'a (dyn Fn(Event) + Sync);
