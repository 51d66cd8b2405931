//! Looks, and finds the nearest step.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use access::{is_hidden, plainly};
use futures::future::join_all;
use guide::{Exercise, LEFT_BY_ALL, Message, ObjectName, Stage};
use kube::ResourceExt;
use proofs::{Place, Verdict, goals, probe};

use crate::{
    finding::Finding,
    findings::{self, Files, is_there},
    judged::{Judged, tidied},
    scene::{Scene, elsewhere},
    standing::{Error, Position, Standing},
    waiting::look_again,
};

/// When to look again while things are deleted, in seconds.
const SOON: u32 = 5;
/// How many namespaces are named.
const NAMED: usize = 3;
/// How much a Helm release that should not be there, or should be, counts beside fields that differ.
const RELEASE: usize = 4;
/// One look at the cluster and the folder, for any number of exercises.
pub struct Learner {
    place: Place,
    pub(crate) scene: Scene,
    manifests: PathBuf,
    pub(crate) files: Files,
}

impl Learner {
    /// Looks at all that these exercises may have made; their manifests are below `manifests`. `now` is the time, in Unix seconds,
    /// where the cluster does not tell its own.
    ///
    /// # Errors
    /// The cluster does not answer or refuses, or a manifest cannot be read.
    pub async fn look(
        place: &Place,
        exercises: &[Exercise],
        manifests: &Path,
        now: i64,
    ) -> Result<Self, Error> {
        let mut others = BTreeSet::new();
        for exercise in exercises {
            for stage in guide::stages(exercise, manifests)? {
                others.extend(
                    stage
                        .objects
                        .into_keys()
                        .filter_map(|name| match name.kind.as_str() {
                            "Namespace" => Some(name.name),
                            _ => name.namespace,
                        }),
                );
            }
        }
        let files = guide::manifests(manifests)?;
        let scene = Scene::look(&place.client, &place.namespace, &others, now).await?;
        Ok(Self {
            place: place.for_learner(surplus(&scene, &files)),
            scene,
            manifests: manifests.to_owned(),
            files,
        })
    }

    /// Where the learner stands in an exercise. `reached` is the last step that was seen on another day, if any was.
    ///
    /// # Errors
    /// The cluster does not answer or refuses, or a manifest cannot be read.
    pub async fn standing(&self, exercise: &Exercise, reached: Option<usize>) -> Result<Standing, Error> {
        let stages = guide::stages(exercise, &self.manifests)?;
        let union: BTreeSet<_> = stages
            .iter()
            .flat_map(|stage| stage.objects.keys().cloned())
            .collect();
        let union: Vec<_> = union.into_iter().collect();
        let releases: BTreeSet<_> = stages.iter().flat_map(|stage| &stage.releases).collect();
        let begun = releases.iter().any(|release| self.has_release(release))
            || is_begun(&self.scene, &stages, &union);
        if !begun && let Some(unseen) = self.unseen(&union, &releases) {
            return Ok(unseen);
        }
        if !begun && !tidied(exercise, reached) {
            return Ok(self.nothing(&union, &releases).await);
        }
        if begun && !exercise.goals.is_empty() {
            return self.at_task(exercise, &stages[1]).await;
        }
        // Whether nothing is left takes a look at every kind of object, and matters only where hardly anything is.
        let last = stages.last().map_or(0, |stage| stage.first);
        let may_be_over = !begun || self.tidies(&union, reached, last);
        let verdicts = self.verdicts(exercise, may_be_over).await?;
        let judged = Judged {
            exercise,
            verdicts: &verdicts,
        };
        if !begun && judged.is_tidy() {
            return Ok(judged.done());
        }
        if !begun {
            // Of what somebody has just deleted the last goes after a while.
            return Ok(Standing {
                position: Position::UnderWay,
                step: Some(exercise.steps.len()),
                missing: judged.of_the_end(),
                look_again: Some(SOON),
                ..Standing::default()
            });
        }
        let stage = self.nearest(&stages, &union, &judged, reached);
        let tidied = tidied(exercise, reached);
        Ok(self.within(stage, &union, &judged, tidied, reached))
    }

    fn has_release(&self, release: &str) -> bool {
        let secrets = self
            .scene
            .rooms
            .get(&self.scene.home)
            .map(|room| room.secrets.as_slice());
        secrets.unwrap_or_default().iter().any(|secret| {
            let label = |key: &str| secret.labels().get(key).map(String::as_str);
            label("owner") == Some("helm") && label("name") == Some(release)
        })
    }

    /// Where an exercise is a task: what the first step makes has to be as it makes it, and the rest is judged by the goals.
    async fn at_task(&self, exercise: &Exercise, given: &Stage) -> Result<Standing, Error> {
        let union: Vec<_> = given.objects.keys().cloned().collect();
        let mut findings = findings::all(&self.scene, given, &union, &self.files);
        findings.retain(|finding| finding.wrong || finding.message.id() == Some("find-namespace-goes"));
        if !findings.is_empty() {
            let wrong = findings.iter().any(|finding| finding.wrong);
            return Ok(Standing {
                position: if wrong { Position::Near } else { Position::UnderWay },
                step: Some(given.first),
                findings,
                next: if wrong { vec![given.first] } else { vec![] },
                look_again: look_again(&self.scene, given, &[]),
                ..Standing::default()
            });
        }
        Ok(Standing {
            position: Position::Task,
            goals: goals::judge(&exercise.goals, &self.place).await?,
            ..Standing::default()
        })
    }

    /// What there is to say where nothing was found, and not all of it may be looked at.
    fn unseen(&self, union: &[ObjectName], releases: &BTreeSet<&String>) -> Option<Standing> {
        let room = self.scene.rooms.get(&self.scene.home)?;
        let kinds = union.iter().map(|name| name.kind.as_str());
        let kinds = kinds.chain((!releases.is_empty()).then_some("Secret"));
        let hidden: BTreeSet<_> = kinds.filter(|kind| room.hidden.contains(*kind)).collect();
        let hidden: Vec<_> = hidden.into_iter().collect();
        let message = Message::new("find-no-right").with("kinds", hidden.join(", "));
        (!hidden.is_empty()).then(|| Standing {
            position: Position::Unseen,
            findings: vec![Finding::fact(message.with("namespace", &self.scene.home))],
            ..Standing::default()
        })
    }

    /// The releases of other names, where the exercise is about one.
    fn other_releases(&self, releases: &BTreeSet<&String>) -> Vec<Finding> {
        let Some(wanted) = releases.first() else {
            return vec![];
        };
        let room = self.scene.rooms.get(&self.scene.home);
        let secrets = room.into_iter().flat_map(|room| &room.secrets);
        let helms =
            secrets.filter(|secret| secret.labels().get("owner").is_some_and(|owner| owner == "helm"));
        let names: BTreeSet<_> = helms.filter_map(|secret| secret.labels().get("name")).collect();
        let messages = names.into_iter().map(|name| {
            let message = Message::new("find-other-release");
            message.with("release", name).with("wanted", *wanted)
        });
        messages.map(Finding::fact).collect()
    }

    async fn nothing(&self, union: &[ObjectName], releases: &BTreeSet<&String>) -> Standing {
        let names: BTreeSet<_> = union
            .iter()
            .filter(|name| name.kind == "Deployment" && name.namespace.is_none())
            .map(|name| name.name.as_str())
            .collect();
        let others = elsewhere(&self.place.client, &self.scene, &names).await;
        let mut findings: Vec<_> = named(&others)
            .map(|namespaces| {
                let message = Message::new("find-elsewhere").with("namespaces", namespaces);
                Finding::fact(message.with("home", &self.scene.home))
            })
            .into_iter()
            .collect();
        findings.extend(self.other_releases(releases));
        let home = self.scene.rooms.get(&self.scene.home);
        if home.is_some_and(|room| room.goes() || room.is_missing()) {
            let message = Message::new("find-no-namespace").with("namespace", &self.scene.home);
            findings.push(Finding { message, wrong: true });
        }
        Standing {
            findings,
            next: vec![1],
            ..Standing::default()
        }
    }

    /// What comes of every proof, each looked at once, all at the same time; of those that something is gone only with
    /// `absences`.
    async fn verdicts(&self, exercise: &Exercise, absences: bool) -> Result<HashMap<String, Verdict>, Error> {
        let proofs = exercise.steps.iter().flat_map(|step| &step.action.proofs);
        let proofs = proofs.filter(|proof| absences || !proof.claim().is_absence());
        let unique: BTreeMap<_, _> = proofs.map(|proof| (proof.key(), proof)).collect();
        let looks = unique.into_iter().map(async |(key, proof)| {
            let verdict = match probe(proof).verdict(&self.place).await {
                Err(error) if is_hidden(&error) => Verdict {
                    holds: false,
                    observed: Message::new("not-shown").with("reason", plainly(&error)),
                    hint: Some(Message::new("hint-no-right")),
                },
                verdict => verdict?,
            };
            Ok::<_, kube::Error>((key, verdict))
        });
        let verdicts: Result<HashMap<_, _>, _> = join_all(looks).await.into_iter().collect();
        Ok(verdicts?)
    }

    /// The stage that is nearest to what is there; of those that nothing differs from, the one with the step that is proven.
    fn nearest<'s>(
        &self,
        stages: &'s [Stage],
        union: &[ObjectName],
        judged: &Judged<'_>,
        reached: Option<usize>,
    ) -> &'s Stage {
        let candidates = stages.iter().skip(1).filter(|stage| {
            let tidied = stage.objects.is_empty() && stage.releases.is_empty();
            !tidied || self.tidies(union, reached, stage.first)
        });
        let cost = |stage: &Stage| {
            let all: BTreeSet<_> = stages.iter().flat_map(|stage| &stage.releases).collect();
            let releases = all
                .into_iter()
                .filter(|release| self.has_release(release) != stage.releases.contains(*release));
            findings::cost(&self.scene, stage, union) + releases.count() * RELEASE
        };
        let unproven = |stage: &Stage| judged.last_proven(stage).is_none();
        // Of stages that are as far, the later: a wrong limit is rather a limit that was typed wrong than one too many. Of two
        // that are the same, what an undo brings back comes only after it.
        let order = |stage: &Stage| {
            let same = |other: &&Stage| other.objects == stage.objects && other.releases == stage.releases;
            let earliest = stages.iter().find(same).map_or(0, |same| same.first);
            // Whoever has proven the later of two that are the same has come to it.
            let proven = judged.last_proven(stage).map_or(0, |_| stage.first);
            (Reverse(earliest), Reverse(proven), stage.first)
        };
        let nearest = candidates.min_by_key(|stage| {
            let cost = cost(stage);
            // Where something differs from the files, a proof that holds may hold of what is wrong.
            (cost, cost == 0 && unproven(stage), order(stage))
        });
        nearest.unwrap_or(&stages[0])
    }

    /// Whether somebody who leaves these things is tidying up: came to the step before on another day, or left only what goes
    /// last.
    fn tidies(&self, union: &[ObjectName], reached: Option<usize>, first: usize) -> bool {
        let mut there = union.iter().filter(|name| is_there(&self.scene, name));
        let came = reached.is_some_and(|reached| reached + 1 >= first);
        came || there.all(|name| LEFT_BY_ALL.contains(&name.kind.as_str()))
    }

    /// Where in a stage; `tidied` is whether its end, with nothing left, is known to be the end.
    fn within(
        &self,
        stage: &Stage,
        union: &[ObjectName],
        judged: &Judged<'_>,
        tidied: bool,
        reached: Option<usize>,
    ) -> Standing {
        let mut findings = findings::all(&self.scene, stage, union, &self.files);
        let wrong = findings.iter().any(|finding| finding.wrong);
        let is_end = stage.objects.is_empty() && stage.releases.is_empty();
        let proven = judged
            .last_proven(stage)
            .filter(|_| !wrong && (tidied || !is_end) && !goes(&findings));
        if let Some(step) = proven {
            findings.clear();
            return judged.at(step);
        }
        let step = judged.nearest_step(stage, reached).unwrap_or(stage.first);
        findings.retain(|finding| finding.wrong || !judged.wants(step, finding));
        let look_again = look_again(&self.scene, stage, &self.place.pod_answers());
        let position = match look_again {
            Some(_) if !wrong => Position::UnderWay,
            None if findings.is_empty() => Position::Incomplete,
            _ => Position::Near,
        };
        let (seen, missing) = judged.of(step);
        let first = if findings
            .iter()
            .any(|finding| finding.wrong && finding.message.id() != Some("find-image"))
        {
            stage.first
        } else {
            stage.first + 1
        };
        Standing {
            position,
            step: Some(step),
            seen,
            missing,
            findings,
            next: (first..=step).collect(),
            look_again,
            ..Standing::default()
        }
    }
}

/// Whether a namespace is being deleted, so that what is there now is no news.
fn goes(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.message.id() == Some("find-namespace-goes"))
}

/// Whether anything of an exercise is there, also under another kind, or pods with its labels alone.
fn is_begun(scene: &Scene, stages: &[Stage], union: &[ObjectName]) -> bool {
    let manifests = stages.iter().flat_map(|stage| &stage.objects);
    let selected = |(name, manifest): (&ObjectName, &guide::Manifest)| {
        let wanted = manifest.body["spec"]["selector"]["matchLabels"].as_object();
        let pods = scene
            .room(name)
            .map(|room| room.pods.as_slice())
            .unwrap_or_default();
        wanted.is_some_and(|wanted| {
            pods.iter().any(|pod| {
                wanted
                    .iter()
                    .all(|(key, value)| pod.labels().get(key).map(String::as_str) == value.as_str())
            })
        })
    };
    let other_kind = |name: &ObjectName| {
        name.kind == "Deployment"
            && ["StatefulSet", "DaemonSet", "ReplicaSet"].iter().any(|kind| {
                let name = ObjectName {
                    kind: (*kind).to_owned(),
                    ..name.clone()
                };
                scene.object(&name).is_some()
            })
    };
    union
        .iter()
        .any(|name| scene.object(name).is_some() || other_kind(name))
        || manifests.into_iter().any(selected)
}

/// The first of some names, and that there are more.
fn named(names: &BTreeSet<String>) -> Option<String> {
    let first: Vec<_> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = if names.len() > NAMED { ", …" } else { "" };
    (!names.is_empty()).then(|| first.join(", ") + more)
}

/// How many replicas more than its manifest asks for each Deployment has.
fn surplus(scene: &Scene, files: &Files) -> BTreeMap<(String, String), usize> {
    let replicas = |object: &serde_json::Value| object["spec"]["replicas"].as_u64().unwrap_or(1);
    let deployments = files.iter().filter(|(name, _)| name.kind == "Deployment");
    let more = deployments.filter_map(|(name, manifest)| {
        let there = replicas(scene.object(name)?);
        let more = usize::try_from(there.checked_sub(replicas(&manifest.body))?).ok()?;
        let namespace = name.namespace.clone().unwrap_or_else(|| scene.home.clone());
        Some(((namespace, name.name.clone()), more))
    });
    more.collect()
}

#[cfg(test)]
mod tests;
