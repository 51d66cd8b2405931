//! Fields of an object, as `kubectl explain` writes them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Message;

/// The longest path, in names.
const DEEPEST: usize = 12;

/// What a field is; exactly one of `is`, `never` and `there` is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its path, with dots, and through lists without a word: `spec.containers.resources.limits.cpu`.
    pub field: String,
    /// Its value, in one element at least of the lists on the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// A value that it has in none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<String>,
    /// Whether it is there at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub there: Option<bool>,
}

impl Field {
    pub(super) fn validate(&self) -> Result<(), String> {
        let plain =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ':');
        let names = self.field.split('.');
        if names.clone().count() > DEEPEST || !names.clone().all(plain) {
            return Err(format!(
                "field: {:?} is not like spec.containers.resources.limits.cpu",
                self.field
            ));
        }
        let written = [self.is.is_some(), self.never.is_some(), self.there.is_some()];
        if written.iter().filter(|written| **written).count() != 1 {
            return Err(format!(
                "{}: write exactly one of is, never and there",
                self.field
            ));
        }
        Ok(())
    }

    pub(super) fn describe(&self) -> Message {
        let message = match (&self.is, &self.never, self.there) {
            (Some(value), ..) => Message::new("object-field-is").with("value", value),
            (_, Some(value), _) => Message::new("object-field-never").with("value", value),
            (.., Some(false)) => Message::new("object-field-gone"),
            _ => Message::new("object-field-there"),
        };
        message.with("field", &self.field)
    }

    /// The values that an object has there, as text.
    #[must_use]
    pub fn values(&self, object: &Value) -> Vec<String> {
        let mut found = vec![object];
        for name in self.field.split('.') {
            let inside = found.into_iter().flat_map(|value| match value {
                Value::Array(list) => list.iter().filter_map(|one| one.get(name)).collect(),
                value => value.get(name).into_iter().collect::<Vec<_>>(),
            });
            found = inside.collect();
        }
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        found.into_iter().map(text).collect()
    }

    /// Whether it is so of an object.
    #[must_use]
    pub fn holds(&self, object: &Value) -> bool {
        let values = self.values(object);
        let has = |wanted: &String| values.contains(wanted);
        self.is.as_ref().is_none_or(has)
            && !self.never.as_ref().is_some_and(has)
            && self.there.is_none_or(|there| there != values.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_found_through_lists() {
        let pod = json!({ "spec": { "replicas": 0, "containers": [
            { "name": "a", "env": [{ "name": "X" }] },
            { "name": "b", "resources": { "limits": { "cpu": "250m" } } },
        ] } });
        let field = |text: &str| -> Field { serde_saphyr::from_str(text).unwrap() };
        for (text, holds) in [
            ("{field: spec.containers.name, is: b}", true),
            ("{field: spec.containers.name, is: c}", false),
            ("{field: spec.replicas, is: '0'}", true),
            ("{field: spec.containers.env.name, never: X}", false),
            ("{field: spec.containers.env.name, never: Y}", true),
            ("{field: spec.containers.resources.limits.cpu, there: true}", true),
            (
                "{field: spec.containers.resources.limits.memory, there: true}",
                false,
            ),
            ("{field: spec.containers.lifecycle.preStop, there: false}", true),
            ("{field: spec.containers, there: false}", false),
            ("{field: metadata.name, is: a}", false),
        ] {
            assert_eq!(field(text).holds(&pod), holds, "{text}");
            assert!(field(text).validate().is_ok(), "{text}");
        }
        for text in [
            "{field: a..b, is: c}",
            "{field: a}",
            "{field: a, is: b, never: c}",
        ] {
            assert!(field(text).validate().is_err(), "{text}");
        }
    }
}
