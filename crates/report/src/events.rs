//! Events of a run, for reporters.

use guide::Language;
use serde::Serialize;

/// Something that happened. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A run begins.
    RunStarted {
        /// The section's number.
        exercise: String,
        /// Its title.
        title: String,
        /// The language of the guide and of all sentences.
        #[cfg_attr(test, schemars(schema_with = "crate::tests::schema::language"))]
        language: Language,
        /// How many steps it has.
        steps: usize,
        /// How long a run of it usually takes, as it was measured for the guide.
        usual: f64,
        /// The kubeconfig context of the cluster.
        context: String,
        /// The namespace made for the run.
        namespace: String,
    },
    /// A step begins.
    StepStarted {
        /// Its number, from 1.
        step: usize,
        /// The heading that it stands under in the guide.
        section: String,
    },
    /// A command begins.
    CommandStarted {
        /// As it is typed.
        command: String,
        /// At least how long it takes, as it says itself (`sleep 10`); 0 where it does not.
        at_least: f64,
        /// After how long it gives up by itself, where it says so (`--timeout 30s`).
        gives_up: Option<f64>,
        /// At most how long it may take.
        limit: f64,
    },
    /// A command ended.
    CommandFinished {
        /// As it was typed.
        command: String,
        /// What it printed, on standard output and standard error.
        output: String,
        /// Which lines of that the guide shows, from 0; none where it shows nothing, or something else.
        shown: Vec<usize>,
        /// Its exit code; none when a signal or the limit ended it.
        exit_code: Option<i32>,
        /// How long it took.
        took: f64,
    },
    /// Looking for something begins.
    ProofStarted {
        /// What has to be seen.
        expected: String,
        /// At least how long that takes: as long as it has to stay so.
        at_least: f64,
        /// At most how long it is looked for.
        limit: f64,
    },
    /// It was seen.
    Seen {
        /// What had to be seen.
        expected: String,
        /// The state that was seen.
        observed: String,
        /// How long it took.
        took: f64,
    },
    /// It was not seen.
    Missed(Miss),
    /// A step ended.
    StepFinished {
        /// Its number, from 1.
        step: usize,
    },
    /// The run waits for a person to press Enter.
    Paused {
        /// What the guide says here, as plain text; it may be nothing.
        says: String,
    },
    /// The run goes on.
    Resumed {
        /// How long the person took, during which no deadline ran.
        took: f64,
    },
    /// Everything that the run made is being deleted.
    CleanupStarted {
        /// At most how long it may take.
        limit: f64,
    },
    /// It is gone, or kept as asked, or nobody waits for it any more.
    CleanupFinished {
        /// The namespaces that were kept, or may still be there.
        kept: Vec<String>,
        /// How long it took.
        took: f64,
    },
    /// Something that a person should know, and that ended nothing.
    Warning {
        /// A sentence in the run's language.
        message: String,
    },
    /// The run is over.
    RunFinished {
        /// The section's number.
        exercise: String,
        /// Its result.
        ending: Ending,
        /// How many proofs were seen.
        seen: usize,
        /// How long it took, without the time in which a person was waited for.
        took: f64,
        /// Where most of that went.
        times: Times,
    },
    /// All runs are over; there may have been one.
    AllFinished {
        /// How long they took together, which is less than their sum where they ran at the same time.
        took: f64,
    },
}

/// Where the time of a run went, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Times {
    /// Commands, with what they wait for themselves.
    pub commands: f64,
    /// Waiting for what had to be seen after them.
    pub waiting: f64,
    /// Deleting what the run made.
    pub cleaning_up: f64,
}

/// Something that had to be seen and was not.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Miss {
    /// What had to be seen.
    pub expected: String,
    /// What was there instead.
    pub observed: String,
    /// Where in the guide it stands.
    pub guide: String,
    /// Commands that show more, while the namespace is there.
    pub look_at: Vec<String>,
    /// The state of each pod, a line each.
    pub pods: Vec<String>,
    /// The cluster's last events, a line each.
    pub events: Vec<String>,
    /// What happened before and why, a line each, where it was recorded: first the letters of pods, then the last sentences.
    pub story: Vec<String>,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Ending {
    /// Everything was seen.
    Seen,
    /// Something was not.
    Missed,
    /// A signal ended it.
    Interrupted {
        /// Its name.
        signal: &'static str,
    },
    /// It could not go on.
    Failed {
        /// The cause, as a sentence.
        error: String,
    },
}
