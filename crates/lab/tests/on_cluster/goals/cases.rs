//! Solutions of the exercise, right and wrong, each with what is to be said of it.

mod right;
mod wrong;

use serde_json::Value;

pub(super) use self::{right::RIGHT, wrong::WRONG};
use super::manifests::{Team, deployment, limited};

/// A solution in one namespace.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// What is there, with four ready pods, before the rest is applied.
    pub(super) before: Option<fn(&Team) -> Vec<Value>>,
    pub(super) applied: fn(&Team) -> Vec<Value>,
    /// Kinds of goals, each with `met` or the reason why it is not.
    pub(super) expected: &'static [(&'static str, &'static str)],
}

const fn case(
    name: &'static str,
    expected: &'static [(&'static str, &'static str)],
    applied: fn(&Team) -> Vec<Value>,
) -> Case {
    Case {
        name,
        before: None,
        applied,
        expected,
    }
}

/// A fifth of the share for each of four pods, which is what most do.
fn four(team: &Team) -> Value {
    deployment("web", 4, &limited(team.share / 5))
}
