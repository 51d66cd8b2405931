//! What exercises need of a cluster beyond what all of them do.

use guide::Exercise;

/// What some exercises need beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// A Service is called from outside the cluster.
    pub address: bool,
    /// Data are to outlast their pod.
    pub disk: bool,
}

impl Needs {
    /// None.
    pub const NOTHING: Self = Self {
        address: false,
        disk: false,
    };
    /// Those of the whole chapter.
    pub const ALL: Self = Self {
        address: true,
        disk: true,
    };

    /// Those of an exercise: a proof calls from outside, or a chart is installed, which are what has claims.
    #[must_use]
    pub fn of(exercise: &Exercise) -> Self {
        let mut proofs = exercise.steps.iter().flat_map(|step| &step.action.proofs);
        Self {
            address: proofs.any(|proof| proof.claim().calls_from_outside()),
            disk: exercise
                .commands()
                .any(|command| command.starts_with("helm install")),
        }
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            address: self.address || other.address,
            disk: self.disk || other.disk,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use guide::Language;

    use super::*;

    #[test]
    fn an_exercise_needs_what_its_steps_use() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let needs = |id| Needs::of(&Exercise::load(&root, Language::En, id).unwrap());
        let address = Needs {
            address: true,
            ..Needs::NOTHING
        };
        assert_eq!(
            ["12.1", "12.2", "12.3", "12.4", "12.5", "12.6", "12.7", "12.8"].map(needs),
            [
                address,
                address,
                Needs::ALL,
                address,
                Needs::NOTHING,
                address,
                address,
                address
            ]
        );
        assert_eq!(Needs::NOTHING.and(address), address);
    }
}
