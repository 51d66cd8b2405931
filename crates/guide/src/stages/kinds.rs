//! The names that kubectl takes for kinds.

/// Kinds, by the names under which the chapter's commands have them.
const KINDS: [(&str, &[&str]); 13] = [
    (
        "Deployment",
        &["deploy", "deployment", "deployments", "deployment.apps"],
    ),
    ("Service", &["svc", "service", "services"]),
    ("Namespace", &["ns", "namespace", "namespaces"]),
    ("Secret", &["secret", "secrets"]),
    ("ConfigMap", &["cm", "configmap", "configmaps"]),
    (
        "PersistentVolumeClaim",
        &["pvc", "persistentvolumeclaim", "persistentvolumeclaims"],
    ),
    ("ResourceQuota", &["quota", "resourcequota", "resourcequotas"]),
    (
        "PodDisruptionBudget",
        &["pdb", "poddisruptionbudget", "poddisruptionbudgets"],
    ),
    ("StatefulSet", &["sts", "statefulset", "statefulsets"]),
    ("Pod", &["po", "pod", "pods"]),
    ("Job", &["job", "jobs", "job.batch"]),
    ("LimitRange", &["limits", "limitrange", "limitranges"]),
    (
        "PriorityClass",
        &[
            "pc",
            "priorityclass",
            "priorityclasses",
            "priorityclass.scheduling.k8s.io",
        ],
    ),
];

/// The kind that a word of a command means, if the chapter has it.
pub(super) fn kind_of(word: &str) -> Option<&'static str> {
    let mut kinds = KINDS.iter();
    kinds
        .find(|(_, words)| words.contains(&word))
        .map(|(kind, _)| *kind)
}
