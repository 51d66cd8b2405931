//! Why there is no way to a cluster.

use kube::config::KubeconfigError;

/// Why there is no way to a cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no kubeconfig, or it cannot be read.
    #[error("cannot read the kubeconfig (KUBECONFIG says where it is)")]
    Kubeconfig(#[source] KubeconfigError),
    /// The kubeconfig has no such context.
    #[error("the kubeconfig has no context {context:?}; it has: {}", known.join(", "))]
    NoContext {
        /// What was asked for.
        context: String,
        /// The contexts that it has.
        known: Vec<String>,
    },
    /// The cluster does not answer, or stopped answering.
    #[error("the cluster of context {context:?} does not answer: {reason}; is it running?")]
    Unreachable {
        /// The kubeconfig's context.
        context: String,
        /// What the client said.
        reason: String,
    },
}

/// What the cluster answered, or else the innermost cause, which says most: `Connection refused (os error 111)`.
#[must_use]
pub fn plainly(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(kube::Error::Api(status)) = cause.downcast_ref() {
            return status.message.clone();
        }
        match cause.source() {
            Some(source) => cause = source,
            None => return cause.to_string(),
        }
    }
}
