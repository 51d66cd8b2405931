//! What is run to be recorded, and what of it.

use std::{io, path::Path};

use guide::{Action, Exercise, Language, Step};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A run that is recorded: one of the guide's sections, or commands of its own where the section is too short to see it.
#[derive(Debug)]
pub struct Take {
    /// Its name, and that of the recording's file: the section's number, with a word where the commands are its own.
    pub id: &'static str,
    /// The commands, where they are not the section's.
    commands: &'static [&'static str],
    /// The labels of the pods that are watched.
    pub pods: &'static str,
    /// The Service whose endpoints are watched.
    pub service: Option<&'static str>,
    /// Whether the kubelet's counters of probes are read.
    pub probes: bool,
    /// What callers from outside ask the Service for all the time.
    pub calls: Option<&'static str>,
    /// Whether the pods' logs are read.
    pub log: bool,
    /// Whether the pods' CPU time is read from the kernel.
    pub cpu: bool,
}

const NOTHING: Take = Take {
    id: "",
    commands: &[],
    pods: "",
    service: None,
    probes: false,
    calls: None,
    log: false,
    cpu: false,
};

/// All runs that are recorded.
pub const TAKES: [Take; 5] = [
    Take {
        id: "12.1",
        pods: "app=numbers-api,version=v2",
        service: Some("numbers-api"),
        probes: true,
        calls: Some("/healthz"),
        ..NOTHING
    },
    Take {
        id: "12.2",
        pods: "app=numbers-api,version=v3",
        service: Some("numbers-api"),
        probes: true,
        ..NOTHING
    },
    Take {
        id: "12.2-restarts",
        commands: &[
            "kubectl apply -f memory-allocator/update/memory-allocator-with-limit.yaml",
            "kubectl apply -f todo-list/db/ -f todo-list/db/update/todo-db-bad-command.yaml",
            "sleep 600",
        ],
        pods: "app in (memory-allocator, todo-db)",
        ..NOTHING
    },
    Take {
        id: "12.4-memory",
        commands: &[
            "kubectl apply -f memory-allocator/",
            "sleep 45",
            "kubectl apply -f memory-allocator/update/memory-allocator-with-limit.yaml",
            "sleep 130",
        ],
        pods: "app=memory-allocator",
        log: true,
        ..NOTHING
    },
    Take {
        id: "12.4-cpu",
        commands: &[
            "kubectl apply -f pi/",
            "kubectl rollout status deployment/pi-web",
            "sleep 5",
            "curl -s \"$(kubectl get svc pi-web -o jsonpath='http://{.status.loadBalancer.ingress[0].*}:8012/?dp=50000')&format=json\"",
            "kubectl apply -f pi/update/web-with-cpu-limit.yaml",
            "kubectl rollout status deployment/pi-web",
            "sleep 5",
            "curl -s \"$(kubectl get svc pi-web -o jsonpath='http://{.status.loadBalancer.ingress[0].*}:8012/?dp=50000')&format=json\"",
        ],
        pods: "app=pi-web",
        cpu: true,
        ..NOTHING
    },
];

impl Take {
    /// The section that it belongs to.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.id.split_once('-').map_or(self.id, |(section, _)| section)
    }

    /// What is run, from the guide of the clone at `root`.
    ///
    /// # Errors
    /// The section cannot be read.
    pub fn exercise(&self, root: &Path) -> Result<Exercise, guide::Error> {
        let section = Exercise::load(root, Language::En, self.section())?;
        if self.commands.is_empty() {
            return Ok(section);
        }
        let steps = self.commands.iter().map(|command| Step {
            section: section.title.clone(),
            line: 1,
            before: String::new(),
            after: String::new(),
            sample: None,
            action: Action {
                commands: vec![(*command).to_owned()],
                ..Action::default()
            },
        });
        Ok(Exercise {
            id: self.id.to_owned(),
            steps: steps.collect(),
            ..section
        })
    }
}

/// A checksum of what an exercise types, of the objects that its manifests below `manifests` put on the cluster by the end of each step,
/// and of what its page quotes from them: a recording with another one is of another run. Comments do not count, and neither does
/// the registry of images, which belongs to a clone.
///
/// # Errors
/// A manifest cannot be read.
pub fn checksum(exercise: &Exercise, manifests: &Path) -> io::Result<String> {
    let mut sum = Sha256::new();
    for command in exercise.commands() {
        sum.update(command);
        sum.update("\n");
    }
    for stage in guide::stages(exercise, manifests)? {
        for mut manifest in stage.objects.into_values() {
            without_registry(&mut manifest.body);
            sum.update(manifest.body.to_string());
            sum.update("\n");
        }
    }
    for excerpt in &exercise.excerpts {
        sum.update(excerpt.path.to_string_lossy().as_bytes());
        for line in &excerpt.lines {
            sum.update("\n");
            sum.update(line.trim());
        }
    }
    Ok(hex::encode(sum.finalize()))
}

/// Leaves of each image its name and its tag.
fn without_registry(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(without_registry),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(image) if name == "image" => {
                        *image = image.rsplit('/').next().unwrap_or_default().to_owned();
                    }
                    field => without_registry(field),
                }
            }
        }
        _ => {}
    }
}
