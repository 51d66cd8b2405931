//! A file in the folder where the commands run.

use serde::{Deserialize, Serialize};

use crate::{Claim, Message, Pattern};

/// A file's name and its one line, as a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its name; it stands in the folder where the commands run.
    pub name: String,
    /// What stands in it.
    pub holds: String,
}

impl File {
    /// That the file has this content.
    #[must_use]
    pub fn says(&self, content: &str) -> Message {
        Message::new("file")
            .with("file", &self.name)
            .with("content", content)
    }
}

impl Claim for File {
    fn validate(&self) -> Result<(), String> {
        if self.name.is_empty() || self.name.contains('/') {
            return Err(format!(
                "the file {:?} has to stand in the folder of the commands",
                self.name
            ));
        }
        Pattern::parse(&self.holds).map(drop)
    }

    fn describe(&self) -> Message {
        self.says(&self.holds)
    }

    fn look_at(&self, _: &str) -> Vec<String> {
        // The folder is gone when a person could look.
        vec![]
    }
}
