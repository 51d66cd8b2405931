//! What a proof says, asked of a person: something broken that shows, for a while.

use serde::{Deserialize, Serialize};

use crate::{Claim, Message, Proof};

/// Any kind of proof that one look can decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownGoal(pub Proof);

impl Claim for ShownGoal {
    fn validate(&self) -> Result<(), String> {
        let claim = self.0.claim();
        if claim.stays().is_some() || claim.throughout() {
            return Err("for_seconds and throughout: a goal is what somebody sees who looks once".into());
        }
        if claim.is_absence() {
            return Err("this is so where nothing was done; ask for something that shows".into());
        }
        claim.validate()
    }

    fn describe(&self) -> Message {
        self.0.claim().describe()
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        self.0.claim().look_at(kubectl)
    }

    fn namespace(&self) -> Option<&str> {
        self.0.claim().namespace()
    }

    fn calls_from_outside(&self) -> bool {
        self.0.claim().calls_from_outside()
    }
}
