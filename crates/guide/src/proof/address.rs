//! A Service's address outside the cluster.

use serde::{Deserialize, Serialize};

use crate::{Claim, Message, claim::named};

/// The Service's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(pub String);

impl Claim for Address {
    fn validate(&self) -> Result<(), String> {
        named(&self.0, "an address of which Service?")
    }

    fn describe(&self) -> Message {
        Message::new("address").with("service", &self.0)
    }

    fn seen(&self, url: &Message) -> Message {
        let message = Message::new("address-seen").with("service", &self.0);
        message.with("url", url.clone())
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        vec![format!("{kubectl} get service {}", self.0)]
    }

    fn calls_from_outside(&self) -> bool {
        true
    }
}
