//! Each manifest of the chapter with each field that matters broken in turn.

use super::*;

/// Where a field is, and what breaks it; none: it is taken away.
type Break = (&'static str, Option<fn(&Value) -> Value>);

const CONTAINER: &str = "/spec/template/spec/containers/0";

/// What can be broken in an object. A field that is not there can be given where that means something.
fn breaks(object: &Value) -> Vec<(String, Value)> {
    let container: &[Break] = &[
        (
            "/image",
            Some(|image| json!(image.as_str().unwrap().replace(":1.", ":9."))),
        ),
        ("/command", Some(|_| json!(["sleep", "1h"]))),
        ("/env/0/value", Some(|_| json!("7"))),
        ("/envFrom/0/configMapRef/name", Some(|_| json!("nothing"))),
        ("/ports/0/containerPort", Some(|_| json!(8099))),
        ("/resources/limits/cpu", Some(|_| json!("77m"))),
        ("/resources/limits/memory", Some(|_| json!("600Mi"))),
        ("/resources", None),
        ("/readinessProbe/httpGet/path", Some(|_| json!("/nothing"))),
        ("/readinessProbe/httpGet/port", Some(|_| json!(8099))),
        ("/readinessProbe/tcpSocket/port", Some(|_| json!(8099))),
        ("/readinessProbe/periodSeconds", Some(|_| json!(600))),
        ("/readinessProbe", None),
        ("/livenessProbe/httpGet/path", Some(|_| json!("/nothing"))),
        ("/livenessProbe/exec/command", Some(|_| json!(["false"]))),
        ("/livenessProbe/failureThreshold", Some(|_| json!(99))),
        ("/livenessProbe", None),
    ];
    let rest: &[Break] = &[
        ("/spec/replicas", Some(|_| json!(0))),
        ("/spec/template/metadata/labels/version", Some(|_| json!("v9"))),
        (
            "/spec/template/spec/volumes/0/secret/secretName",
            Some(|_| json!("nothing")),
        ),
        ("/spec/type", Some(|_| json!("ClusterIP"))),
        ("/spec/selector/app", Some(|_| json!("nothing"))),
        ("/spec/ports/0/targetPort", Some(|_| json!(8099))),
        (
            "/spec/ports/0/port",
            Some(|port| json!(port.as_u64().unwrap() + 1)),
        ),
        ("/spec/hard/limits.cpu", Some(|_| json!("99"))),
        ("/spec/hard/limits.memory", Some(|_| json!("99Gi"))),
        ("/data/PGHOST", Some(|_| json!("nothing"))),
        ("/stringData/password", Some(|_| json!("nothing"))),
    ];
    let inner = container
        .iter()
        .map(|(path, change)| (format!("{CONTAINER}{path}"), change));
    let outer = rest.iter().map(|(path, change)| ((*path).to_owned(), change));
    inner
        .chain(outer)
        .filter_map(|(path, change)| Some((path.clone(), broken(object, &path, *change)?)))
        .collect()
}

/// The object with the field broken; none if it has no such field to break.
fn broken(object: &Value, path: &str, change: Option<fn(&Value) -> Value>) -> Option<Value> {
    let mut object = object.clone();
    let (parent, key) = path.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent)?.as_object_mut();
    match change {
        Some(change) => {
            let parent = parent?;
            // A command can be given to every container, and the number of replicas to every Deployment.
            let may_be_absent = key == "command" || key == "replicas" && parent.contains_key("template");
            let changed = change(parent.get(key).or(may_be_absent.then_some(&Value::Null))?);
            (parent.insert(key.to_owned(), changed.clone()).as_ref() != Some(&changed)).then_some(())?;
        }
        None => drop(parent?.remove(key)?),
    }
    Some(object)
}

/// The stages to break: those of all exercises, but no object of a manifest twice.
fn to_break(lab: &Lab) -> Vec<(&'static str, Stage, ObjectName)> {
    let mut seen = BTreeSet::new();
    let mut all = vec![];
    for id in ["12.1", "12.2", "12.4"] {
        for stage in lab.stages(id).into_iter().skip(1) {
            for (name, manifest) in stage.objects.clone() {
                if name.kind != "Namespace"
                    && seen.insert((manifest.file, name.kind.clone(), name.name.clone()))
                {
                    all.push((id, stage.clone(), name));
                }
            }
        }
    }
    all
}

/// Without the versions before it: the cluster need not keep a hundred.
fn without_history(mut object: Value) -> Value {
    if object["kind"] == "Deployment" {
        object["spec"]["revisionHistoryLimit"] = json!(0);
    }
    object
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn each_field_that_is_broken_is_named() {
    let lab = Lab::new().await;
    // What the fields are is what counts here: without pods a hundred changes take seconds.
    lab.kubectl(&["create", "quota", "no-pods", "--hard=pods=0"]);
    let (mut count, mut wrong) = (0, vec![]);
    let mut made = BTreeSet::new();
    let mut applied: Option<Stage> = None;
    let others: Vec<_> = guide::manifests(&lab.manifests())
        .unwrap()
        .into_iter()
        .map(|(_, manifest)| manifest.body)
        .collect();
    for (id, stage, name) in to_break(&lab) {
        made.extend(Lab::namespaces(&stage));
        let good: Vec<_> = stage
            .objects
            .values()
            .map(|manifest| without_history(manifest.body.clone()))
            .collect();
        if applied.as_ref() != Some(&stage) {
            // What the stage before had, and this one has not, goes.
            let left = applied.iter().flat_map(|stage| stage.objects.keys());
            for gone in left.filter(|name| !stage.objects.contains_key(name) && name.kind != "Namespace") {
                let namespace = gone.namespace.as_deref().unwrap_or(&lab.namespace.0);
                lab.kubectl(&[
                    "--namespace",
                    namespace,
                    "delete",
                    &gone.kind,
                    &gone.name,
                    "--wait=false",
                    "--ignore-not-found",
                ]);
            }
            lab.apply(&namespaces_first(good)).await;
            applied = Some(stage.clone());
        }
        let body = &stage.objects[&name].body;
        for (path, broken) in breaks(body) {
            if others.contains(&broken) {
                // What comes of it is what another step has.
                continue;
            }
            lab.apply(&[without_history(broken)]).await;
            let standing = lab.look(id, None).await;
            let field = path.rsplit('/').find(|part| part.parse::<u8>().is_err()).unwrap();
            let named = found(&standing)
                .iter()
                .any(|id| matches!(*id, "find-differs" | "find-lacks" | "find-extra"))
                && told(&standing).contains(field);
            count += 1;
            if !named || standing.position != Position::Near {
                let told = told(&standing);
                wrong.push(format!(
                    "{id} {name:?} {path}: {:?} {:?}: {told}",
                    standing.position, standing.step
                ));
            }
        }
        lab.apply(&[without_history(body.clone())]).await;
    }
    for namespace in made {
        lab.kubectl(&[
            "delete",
            "namespace",
            &namespace,
            "--wait=false",
            "--ignore-not-found",
        ]);
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= 60, "{count}");
    println!("{count} mistakes, each of them named");
}

/// Namespaces have to be there before what is in them.
fn namespaces_first(mut objects: Vec<Value>) -> Vec<Value> {
    objects.sort_by_key(|object| object["kind"] != "Namespace");
    objects
}
