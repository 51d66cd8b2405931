//! The schema of what `lab run --output json` prints.

use std::{fs, path::Path};

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, from_str, to_string_pretty};

use super::*;

/// The schema of a language, for [`Event`].
pub(crate) fn language(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Language::ALL })
}

/// The schema as the types have it.
fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Stamped>();
    schema.insert("title".into(), "A line of lab run --output json".into());
    schema.to_value()
}

/// Each event in JSON, and each ending.
fn lines() -> Vec<Value> {
    let mut events = a_miss(Language::Ko);
    events.push(Event::Warning {
        message: "the node has little memory".into(),
    });
    let endings = [
        Ending::Seen,
        Ending::Interrupted { signal: "SIGINT" },
        Ending::Failed { error: "gone".into() },
    ];
    events.extend(endings.map(|ending| Event::RunFinished {
        exercise: "12.1".into(),
        ending,
        seen: 0,
        took: 0.0,
        times: Times::default(),
    }));
    events.extend(command("sleep 600", "", None));
    events.push(Event::CommandFinished {
        command: "kubectl get pods".into(),
        output: "NAME".into(),
        shown: vec![0],
        exit_code: Some(0),
        took: 0.1,
    });
    events.push(Event::Paused { says: String::new() });
    events.push(Event::Resumed { took: 2.5 });
    json(&events)
        .lines()
        .map(|line| from_str(line).unwrap())
        .collect()
}

#[test]
fn the_schema_in_the_repository_is_that_of_the_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("events.schema.json");
    let is = fs::read_to_string(&file).unwrap_or_default();
    let should_be = to_string_pretty(&schema()).unwrap() + "\n";
    if is != should_be {
        fs::write(&file, should_be).unwrap();
        panic!("{} was out of date; it has been written anew", file.display());
    }
}

#[test]
fn each_event_is_as_the_schema_says() {
    let schema = schema();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let lines = lines();
    for line in &lines {
        let faults: Vec<_> = validator
            .iter_errors(line)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{line}: {faults:?}");
    }
    let kinds = schema["oneOf"].as_array().unwrap();
    for kind in kinds {
        let kind = &kind["properties"]["event"]["const"];
        assert!(lines.iter().any(|line| line["event"] == *kind), "no {kind}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_event() {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema())
        .unwrap();
    for line in lines() {
        for name in line.as_object().unwrap().keys() {
            let mut without = line.clone();
            without.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&without), "{without}");
        }
        for (name, value) in [("at", "yesterday"), ("elapsed", "1 s"), ("event", "pod_started")] {
            let mut other = line.clone();
            other[name] = value.into();
            assert!(!validator.is_valid(&other), "{other}");
        }
    }
}
