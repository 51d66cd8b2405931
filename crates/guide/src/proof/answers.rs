//! Requests, and what answers them.

use serde::{Deserialize, Serialize};

/// A path, and the HTTP statuses that are the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The path that is asked for.
    pub get: String,
    /// For a Service: every status that callers meet, and no other; none: nobody gets an answer. For pods: each pod's
    /// status.
    pub answers: Vec<u16>,
}

impl Answers {
    pub(crate) fn validate(&self) -> Result<(), String> {
        let get = &self.get;
        if get.starts_with('/') && get.parse::<http::Uri>().is_ok() {
            return Ok(());
        }
        Err(format!("get: {get:?} is not a path; write one such as /healthz"))
    }

    /// `200, 500`.
    pub(super) fn statuses(&self) -> String {
        let statuses: Vec<_> = self.answers.iter().map(u16::to_string).collect();
        statuses.join(", ")
    }
}
