//! Decimals of pi, and what computing them cost.

use serde::{Deserialize, Serialize};

use crate::{
    Claim, Message,
    claim::{in_namespace, place},
};

/// The most decimals that are asked for.
const MAX_DECIMALS: u32 = 100_000;

/// What must be true of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computation {
    /// The Service that is asked from outside.
    pub service: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many decimals, 1 to 100,000.
    pub decimals: u32,
    /// The CPU limit that the answer names, as in a manifest (`250m`), or `none`. With a limit below one processor the
    /// answer has to take at least twice its CPU time, and to say itself that it was held back for this limit.
    pub limit: String,
}

impl Computation {
    /// The limit in processors; none for `none`.
    ///
    /// # Errors
    /// It is neither `none` nor thousandths of a processor.
    pub fn cores(&self) -> Result<Option<f64>, String> {
        if self.limit == "none" {
            return Ok(None);
        }
        let thousandths = self.limit.strip_suffix('m').map(str::parse::<u32>);
        match thousandths {
            Some(Ok(thousandths)) if thousandths > 0 => Ok(Some(f64::from(thousandths) / 1000.0)),
            _ => Err(format!(
                "limit: {:?} is neither none nor thousandths of a processor such as 250m",
                self.limit
            )),
        }
    }

    /// The Service with its namespace.
    #[must_use]
    pub fn place(&self) -> String {
        place(&self.service, self.namespace.as_deref())
    }
}

impl Claim for Computation {
    fn validate(&self) -> Result<(), String> {
        if !(1..=MAX_DECIMALS).contains(&self.decimals) {
            return Err(format!("decimals: write 1 to {MAX_DECIMALS}"));
        }
        self.cores().map(drop)
    }

    fn describe(&self) -> Message {
        let message = match self.cores() {
            Ok(None) => Message::new("computation-unlimited"),
            // One computation uses one processor at most.
            Ok(Some(cores)) if cores >= 1.0 => Message::new("computation-within").with("limit", &self.limit),
            _ => Message::new("computation-limited").with("limit", &self.limit),
        };
        message
            .with("service", self.place())
            .with("decimals", self.decimals)
    }

    fn seen(&self, observed: &Message) -> Message {
        Message::joined(": ", [Message::Verbatim(self.place()), observed.clone()])
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} get service,pods")]
    }

    fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    fn calls_from_outside(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_bounds() {
        let check = |limit: &str| Computation {
            service: "pi-web".into(),
            namespace: None,
            decimals: 4,
            limit: limit.into(),
        };
        for limit in ["", "0m", "250", "-1m", "1e3m", "0.25"] {
            assert!(check(limit).validate().is_err(), "{limit}");
        }
        assert!(check("none").validate().is_ok() && check("250m").validate().is_ok());
    }
}
