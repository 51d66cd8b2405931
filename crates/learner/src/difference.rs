//! How an object on the cluster differs from its manifest.
//!
//! What a manifest says must be so. What it does not say may be filled in by the API server; only where an absence means
//! something (no probe, no limit, no command) must there be nothing either.

use serde_json::{Map, Value};

/// The longest value that is told.
const SHOWN: usize = 60;
/// Maps in which nothing may be that the manifest does not have, by the end of their path.
const EXACT: [&str; 8] = [
    "spec.selector",
    "spec.selector.matchLabels",
    "spec.template.metadata.labels",
    "spec.hard",
    "data",
    "resources",
    "resources.limits",
    "resources.requests",
];
/// What means something where a manifest does not have it, by the map that it is in.
const MEANS_SOMETHING: [(&str, &[&str]); 4] = [
    // Whether it ends before the next starts, or goes on beside it.
    (
        "initContainers[]",
        &["args", "command", "restartPolicy", "startupProbe"],
    ),
    (
        "containers[]",
        &[
            "args",
            "command",
            "env",
            "envFrom",
            "lifecycle",
            "livenessProbe",
            "readinessProbe",
            "resources",
            "startupProbe",
            "workingDir",
        ],
    ),
    (
        "spec.template.spec",
        &["affinity", "initContainers", "nodeName", "nodeSelector"],
    ),
    (
        "spec",
        &[
            "minReadySeconds",
            "paused",
            "replicas",
            "type",
            "scopes",
            "scopeSelector",
        ],
    ),
];
/// By which the API server says that a LimitRange has set resources of a pod.
const LIMIT_RANGER: &str = "kubernetes.io/limit-ranger";
/// Labels that the API server adds to a Job's pods.
const OF_A_JOB: [&str; 4] = [
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];
/// What the API server fills in (Kubernetes, `pkg/apis/*/v1/defaults.go`), and what says the same as nothing.
const DEFAULTS: [(&str, &str); 12] = [
    ("replicas", "1"),
    ("type", "ClusterIP"),
    ("scheme", "HTTP"),
    ("timeoutSeconds", "1"),
    ("periodSeconds", "10"),
    ("successThreshold", "1"),
    ("failureThreshold", "3"),
    ("initialDelaySeconds", "0"),
    ("minReadySeconds", "0"),
    ("paused", "false"),
    ("resources", "{}"),
    ("protocol", "TCP"),
];

/// A field that is not as a manifest has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Such as `containers[api].readinessProbe.httpGet.path`.
    pub(crate) field: String,
    /// What the manifest has; none if it has nothing there.
    pub(crate) wanted: Option<String>,
    /// What is there; none if nothing is.
    pub(crate) there: Option<String>,
}

impl Difference {
    /// Whether there are more replicas than asked for, which is as right.
    pub(crate) fn is_surplus(&self) -> bool {
        let number = |text: &Option<String>| text.as_deref().unwrap_or("1").parse::<u32>().ok();
        self.field == "replicas"
            && matches!((number(&self.wanted), number(&self.there)), (Some(wanted), Some(there)) if there > wanted)
    }
}

/// All fields of `there` that are not as in `manifest`.
pub(crate) fn differences(manifest: &Value, there: &Value) -> Vec<Difference> {
    let mut found = Found(vec![]);
    if manifest["kind"] == "Secret" {
        found.secret(manifest, there);
        return found.0;
    }
    for part in ["spec", "data", "value", "preemptionPolicy"] {
        match (&manifest[part], &there[part]) {
            (Value::Null, _) => {}
            (wanted, there) => found.compare(part, wanted, there),
        }
    }
    if let Some(labels) = manifest["metadata"]["labels"].as_object() {
        for (key, value) in labels {
            found.compare(
                &format!("metadata.labels.{key}"),
                value,
                &there["metadata"]["labels"][key],
            );
        }
    }
    let set = &there["metadata"]["annotations"][LIMIT_RANGER];
    if set.is_string() {
        // What a LimitRange has set is the namespace's, and not the learner's.
        found
            .0
            .retain(|one| one.wanted.is_some() || !one.field.contains("].resources"));
    }
    found.0
}

struct Found(Vec<Difference>);

impl Found {
    fn add(&mut self, path: &str, wanted: Option<String>, there: Option<String>) {
        let field = path
            .strip_prefix("spec.template.spec.")
            .or_else(|| path.strip_prefix("spec."))
            .unwrap_or(path);
        self.0.push(Difference {
            field: field.to_owned(),
            wanted,
            there,
        });
    }

    fn compare(&mut self, path: &str, wanted: &Value, there: &Value) {
        match (wanted, there) {
            (Value::Object(wanted), Value::Object(there)) => self.maps(path, wanted, there),
            (Value::Array(wanted), Value::Array(there)) => self.lists(path, wanted, there),
            (wanted, there) if same(path, wanted, there) => {}
            (wanted, there) => self.add(path, Some(shown(wanted)), some(there).map(shown)),
        }
    }

    fn maps(&mut self, path: &str, wanted: &Map<String, Value>, there: &Map<String, Value>) {
        for (key, value) in wanted {
            self.compare(
                &format!("{path}.{key}"),
                value,
                there.get(key).unwrap_or(&Value::Null),
            );
        }
        for (key, value) in there.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
            if counts(path, key) && !is_default(key, value) {
                self.add(&format!("{path}.{key}"), None, Some(shown(value)));
            }
        }
    }

    /// Lists of things with names, whose order means nothing; or else one by one.
    fn lists(&mut self, path: &str, wanted: &[Value], there: &[Value]) {
        let name = |value: &Value| value["name"].as_str().map(str::to_owned);
        if wanted.is_empty() || !wanted.iter().all(|value| name(value).is_some()) {
            if wanted.len() != there.len() {
                let (wanted, there) = (Value::from(wanted), Value::from(there));
                self.add(path, Some(shown(&wanted)), Some(shown(&there)));
                return;
            }
            for (index, (wanted, there)) in wanted.iter().zip(there).enumerate() {
                self.compare(&format!("{path}[{index}]"), wanted, there);
            }
            return;
        }
        for value in wanted {
            let own = name(value).unwrap_or_default();
            let same = there.iter().find(|other| name(other).as_ref() == Some(&own));
            self.compare(&format!("{path}[{own}]"), value, same.unwrap_or(&Value::Null));
        }
        let known: Vec<_> = wanted.iter().map(name).collect();
        for other in there.iter().filter(|other| !known.contains(&name(other))) {
            let own = name(other).unwrap_or_default();
            self.add(&format!("{path}[{own}]"), None, Some(shown(other)));
        }
    }

    /// What a Secret holds is compared and not told.
    fn secret(&mut self, manifest: &Value, there: &Value) {
        let Some(wanted) = manifest["stringData"].as_object() else {
            return;
        };
        for (key, value) in wanted {
            let held = there["data"][key].as_str().and_then(decoded);
            if held.as_deref() != value.as_str() {
                let held = held.map(|_| "…".to_owned());
                self.add(&format!("data.{key}"), Some("…".into()), held);
            }
        }
    }
}

fn some(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// Whether a manifest that does not have `key` wants nothing there.
fn counts(path: &str, key: &str) -> bool {
    let general = general(path);
    if general == "spec.template.metadata.labels" && OF_A_JOB.contains(&key) {
        return false;
    }
    EXACT
        .iter()
        .any(|exact| general == *exact || general.ends_with(&format!(".{exact}")))
        || general.ends_with("Probe")
        || general.ends_with("Probe.httpGet")
        || MEANS_SOMETHING.iter().any(|(place, keys)| {
            let here = if *place == "spec" {
                general == *place
            } else {
                general.ends_with(place)
            };
            here && keys.contains(&key)
        })
}

/// The path without the names in its brackets.
fn general(path: &str) -> String {
    let mut parts = path.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |so_far, part| {
        let rest = part.split_once(']').map_or("", |(_, rest)| rest);
        format!("{so_far}[]{rest}")
    })
}

fn is_default(key: &str, value: &Value) -> bool {
    let text = shown(value);
    DEFAULTS.contains(&(key, text.as_str())) || value.as_object().is_some_and(Map::is_empty)
}

fn same(path: &str, wanted: &Value, there: &Value) -> bool {
    if wanted == there {
        return true;
    }
    let key = path.rsplit('.').next().unwrap_or_default();
    if there.is_null() {
        return is_default(key, wanted);
    }
    let amounts = ["resources", "spec.hard"]
        .iter()
        .any(|place| path.contains(place));
    match (plain(wanted), plain(there)) {
        (Some(wanted), Some(there)) if amounts => {
            wanted == there || amount(&wanted).is_some_and(|wanted| Some(wanted) == amount(&there))
        }
        (Some(wanted), Some(there)) => wanted == there,
        _ => false,
    }
}

/// A number, text, or truth as text: `8080` is `"8080"`.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// An amount of Kubernetes in thousandths: `0.5` and `500m` are the same, `1Gi` and `1024Mi` too.
pub(crate) fn amount(text: &str) -> Option<i128> {
    const UNITS: [(&str, i128); 12] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("Pi", 1 << 50),
        ("Ei", 1 << 60),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("P", 1_000_000_000_000_000),
        ("E", 1_000_000_000_000_000_000),
    ];
    if let Some(thousandths) = text.strip_suffix('m') {
        return thousandths.parse().ok();
    }
    let unit = UNITS
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (number, factor) = unit.unwrap_or((text, 1));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if part.len() > 9 {
        return None;
    }
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let scale = 10_i128.pow(u32::try_from(part.len()).ok()?);
    Some(digits.checked_mul(factor)?.checked_mul(1000)? / scale)
}

fn shown(value: &Value) -> String {
    let text = plain(value).unwrap_or_else(|| value.to_string());
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN - 1).chain(['…']).collect()
}

/// Base64, as the API server has the contents of Secrets.
fn decoded(text: &str) -> Option<String> {
    let bytes: k8s_openapi::ByteString = serde_json::from_value(Value::from(text)).ok()?;
    String::from_utf8(bytes.0).ok()
}

#[cfg(test)]
mod tests;
