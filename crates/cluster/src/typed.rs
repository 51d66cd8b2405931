//! Commands that a person is told to type.

/// The name of a cluster that nobody named.
pub const DEFAULT_NAME: &str = "lab";

/// A command of the lab for the cluster of this name.
pub(crate) fn command(name: &str, words: &str) -> String {
    if name == DEFAULT_NAME {
        format!("lab {words}")
    } else {
        format!("lab --name {name} {words}")
    }
}

#[cfg(test)]
mod tests {
    use crate::Error;

    #[test]
    fn what_starts_a_cluster_names_it() {
        let says = |name: &str| Error::NotRunning(name.into()).to_string();
        assert!(says("lab").contains("; `lab up` starts it"), "{}", says("lab"));
        assert!(
            says("foo").contains("; `lab --name foo up` starts it"),
            "{}",
            says("foo")
        );
    }
}
