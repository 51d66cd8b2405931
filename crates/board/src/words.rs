//! Saying things in one language.

use guide::{Language, Message, Value};

/// Says things in one language.
#[derive(Clone, Copy)]
pub(crate) struct Words(pub(crate) Language);

impl Words {
    pub(crate) fn say(&self, id: &'static str) -> String {
        self.0.tell(&Message::new(id))
    }

    pub(crate) fn say_with(&self, id: &'static str, values: &[(&'static str, Value)]) -> String {
        let message = values
            .iter()
            .cloned()
            .fold(Message::new(id), |message, (name, value)| {
                message.with(name, value)
            });
        self.0.tell(&message)
    }
}
