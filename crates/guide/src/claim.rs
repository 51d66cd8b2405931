//! What every kind of proof can say without a look at the cluster.

use std::time::Duration;

use crate::Message;

/// What a proof claims, and what follows from that without a look at the cluster.
pub trait Claim {
    /// Refuses a claim that would prove nothing, or could not be looked at.
    ///
    /// # Errors
    /// What is wrong and what is allowed.
    fn validate(&self) -> Result<(), String>;

    /// What is expected, as a sentence without a full stop.
    fn describe(&self) -> Message;

    /// The same without what only time can show: that it stays so, or was so all the time.
    fn wanted_now(&self) -> Message {
        self.describe()
    }

    /// What was seen of it in one look, as a sentence without a full stop.
    fn seen(&self, observed: &Message) -> Message {
        observed.clone()
    }

    /// Commands, beginning with `kubectl`, that show a person what this proof looks at. The namespace comes with
    /// `kubectl`, unless the proof names one.
    fn look_at(&self, kubectl: &str) -> Vec<String>;

    /// The namespace that it names, if it is not the one of the commands.
    fn namespace(&self) -> Option<&str> {
        None
    }

    /// How long it has to stay so.
    fn stays(&self) -> Option<Duration> {
        None
    }

    /// Whether it has to hold before the step, all the time, and after it; other proofs must not hold before.
    fn throughout(&self) -> bool {
        false
    }

    /// Whether it needs a Service's address outside the cluster.
    fn calls_from_outside(&self) -> bool {
        false
    }

    /// Whether it says only that something is not there, as on a cluster where nothing was ever done.
    fn is_absence(&self) -> bool {
        false
    }
}

/// `kubectl` for a proof's own namespace: the last `-n` counts.
pub(crate) fn in_namespace(kubectl: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(
        || kubectl.to_owned(),
        |namespace| format!("{kubectl} -n {namespace}"),
    )
}

/// A name, with the namespace where that is not the one of the commands.
pub(crate) fn place(name: &str, namespace: Option<&str>) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

/// Accepts what names something.
pub(crate) fn named(name: &str, otherwise: &str) -> Result<(), String> {
    if name.is_empty() {
        Err(otherwise.into())
    } else {
        Ok(())
    }
}

/// A namespace, as a goal names it.
pub(crate) fn here(namespace: Option<&str>) -> Message {
    namespace.map_or(Message::new("goal-here"), |namespace| {
        Message::Verbatim(namespace.to_owned())
    })
}

/// Several namespaces, or that of the commands.
pub(crate) fn here_or_all(namespaces: &[String]) -> Message {
    if namespaces.is_empty() {
        return here(None);
    }
    Message::Verbatim(namespaces.join(", "))
}

/// Accepts what can be a namespace's name.
pub(crate) fn namespace_named(namespace: Option<&str>) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match namespace {
        Some(name) if name.is_empty() || name.len() > 63 || !name.chars().all(plain) => {
            Err(format!("namespace: {name:?} is no namespace's name"))
        }
        _ => Ok(()),
    }
}

/// Accepts namespaces of which none comes twice.
pub(crate) fn each_namespace(namespaces: &[String]) -> Result<(), String> {
    for (index, name) in namespaces.iter().enumerate() {
        namespace_named(Some(name))?;
        if namespaces[..index].contains(name) {
            return Err(format!("namespaces: {name:?} stands there twice"));
        }
    }
    Ok(())
}
