//! Who did something, as people say it in a narrow column.

use guide::Message;
use story::What;

/// A component, or the tool of a person.
pub(super) fn who(name: &str) -> Message {
    let short = match name {
        "endpointslice-controller" => "EndpointSlice c.",
        "replicaset-controller" => "ReplicaSet c.",
        "deployment-controller" => "Deployment c.",
        "kube-scheduler" => "scheduler",
        "garbage-collector" => "garbage coll.",
        // kubectl-client-side-apply, kubectl-edit, …
        name if name == "kubectl" || name.starts_with("kubectl-") => "kubectl",
        name => name,
    };
    Message::Verbatim(short.into())
}

/// Whether the kernel ended a container, as it found no memory for it.
pub(super) fn is_out_of_memory(what: &What) -> bool {
    matches!(what, What::Ended { reason, .. } if reason == "OOMKilled")
}
