//! Where a learner stands: at a step, near one with what differs, under way, or nowhere yet.

use std::io;

use guide::Message;
use proofs::goals::GoalVerdict;

use crate::finding::Finding;

/// Why nobody knows where a learner stands.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster does not answer, or refuses.
    #[error(transparent)]
    Cluster(#[from] kube::Error),
    /// A manifest of the clone cannot be read.
    #[error("cannot read the manifests: {0}")]
    Manifests(#[from] io::Error),
}

/// In which way a learner stands where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// No object of the exercise is there.
    #[default]
    Nothing,
    /// All that a step has to prove is so, now.
    At,
    /// What is there is nearest to a step, and differs.
    Near,
    /// What is there may become what a step wants: it is young, or an update goes on.
    UnderWay,
    /// At a step of which not all is so, and nothing was found that explains it: it may want time, or a command more.
    Incomplete,
    /// Nothing was found, and not everything may be looked at.
    Unseen,
    /// At a task, which is judged by its goals.
    Task,
    /// All of the exercise is there.
    Done,
}

/// A proof that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What it claims, now.
    pub claim: Message,
    /// What there is.
    pub observed: Message,
    /// What a learner may look at.
    pub hint: Message,
    /// Commands that show what it looks at.
    pub look_at: Vec<String>,
}

/// Where a learner stands. Steps count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// In which way.
    pub position: Position,
    /// The step.
    pub step: Option<usize>,
    /// What was seen of the step, as it is now.
    pub seen: Vec<Message>,
    /// What it wants and is not so.
    pub missing: Vec<Missing>,
    /// What came of each goal of the exercise's task, in their order; empty where somebody is not at it yet.
    pub goals: Vec<GoalVerdict>,
    /// What differs, and what may explain it.
    pub findings: Vec<Finding>,
    /// The steps whose commands come next, in order.
    pub next: Vec<usize>,
    /// In how many seconds another look makes sense, if something is under way.
    pub look_again: Option<u32>,
}
