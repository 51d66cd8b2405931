//! Where a learner stands: at a step, near one with what differs, under way, or nowhere yet.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
};

use futures::future::join_all;
use guide::{Exercise, Message, ObjectName, Proof, Stage};
use kube::ResourceExt;
use proofs::{
    Place, Verdict,
    goals::{self, GoalVerdict},
    probe,
};

use crate::{
    finding::Finding,
    findings::{self, Files, is_there},
    scene::{Scene, elsewhere},
    waiting::look_again,
};

/// How much a Helm release that should not be there, or should be, counts beside fields that differ.
const RELEASE: usize = 4;
/// What `kubectl delete all` leaves: where there is nothing else any more, somebody is tidying up.
const LEFT_LAST: [&str; 5] = [
    "Namespace",
    "ResourceQuota",
    "Secret",
    "ConfigMap",
    "PersistentVolumeClaim",
];

/// Why nobody knows where a learner stands.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The cluster does not answer, or refuses.
    #[error(transparent)]
    Cluster(#[from] kube::Error),
    /// A manifest of the clone cannot be read.
    #[error("cannot read the manifests: {0}")]
    Manifests(#[from] io::Error),
}

/// In which way a learner stands where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// No object of the exercise is there.
    #[default]
    Nothing,
    /// All that a step has to prove is so, now.
    At,
    /// What is there is nearest to a step, and differs.
    Near,
    /// What is there may become what a step wants: it is young, or an update goes on.
    UnderWay,
    /// At a task, which is judged by its goals.
    Task,
    /// All of the exercise is there.
    Done,
}

/// A proof that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What it claims, now.
    pub claim: Message,
    /// What there is.
    pub observed: Message,
    /// What a learner may look at.
    pub hint: Message,
    /// Commands that show what it looks at.
    pub look_at: Vec<String>,
}

/// Where a learner stands. Steps count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// In which way.
    pub position: Position,
    /// The step.
    pub step: Option<usize>,
    /// What was seen of the step, as it is now.
    pub seen: Vec<Message>,
    /// What it wants and is not so.
    pub missing: Vec<Missing>,
    /// What came of each goal of the exercise's task, in their order; empty where somebody is not at it yet.
    pub goals: Vec<GoalVerdict>,
    /// What differs, and what may explain it.
    pub findings: Vec<Finding>,
    /// The steps whose commands come next, in order.
    pub next: Vec<usize>,
    /// In how many seconds another look makes sense, if something is under way.
    pub look_again: Option<u32>,
}

/// One look at the cluster and the folder, for any number of exercises.
pub struct Learner {
    place: Place,
    scene: Scene,
    manifests: PathBuf,
    files: Files,
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
        if !begun && !tidied(exercise, reached) {
            return Ok(self.nothing(&union).await);
        }
        if begun && !exercise.goals.is_empty() {
            return self.at_task(exercise, &stages[1]).await;
        }
        let verdicts = self.verdicts(exercise).await?;
        let judged = Judged {
            exercise,
            verdicts: &verdicts,
        };
        if !begun && judged.is_tidy() {
            return Ok(judged.done());
        }
        if !begun {
            return Ok(self.nothing(&union).await);
        }
        let stage = self.nearest(&stages, &union, &judged, reached);
        Ok(self.within(stage, &union, &judged))
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
                next: vec![given.first],
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

    async fn nothing(&self, union: &[ObjectName]) -> Standing {
        let names: BTreeSet<_> = union
            .iter()
            .filter(|name| name.kind == "Deployment" && name.namespace.is_none())
            .map(|name| name.name.as_str())
            .collect();
        let others = elsewhere(&self.place.client, &self.scene, &names).await;
        let mut findings: Vec<_> = others
            .into_iter()
            .map(|namespace| {
                let message = Message::new("find-elsewhere")
                    .with("namespace", namespace)
                    .with("home", &self.scene.home);
                Finding {
                    message,
                    wrong: false,
                }
            })
            .collect();
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

    /// What comes of every proof, each looked at once, all at the same time.
    async fn verdicts(&self, exercise: &Exercise) -> Result<HashMap<String, Verdict>, Error> {
        let proofs = exercise.steps.iter().flat_map(|step| &step.action.proofs);
        let unique: BTreeMap<_, _> = proofs.map(|proof| (proof.key(), proof)).collect();
        let looks = unique.into_iter().map(async |(key, proof)| {
            let verdict = probe(proof).verdict(&self.place).await?;
            Ok::<_, kube::Error>((key, verdict))
        });
        let verdicts: Result<HashMap<_, _>, _> = join_all(looks).await.into_iter().collect();
        Ok(verdicts?)
    }

    /// The stage that is nearest to what is there; of those that are as near, the one with the step that is proven.
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
            findings::cost(&self.scene, stage, union).0 + releases.count() * RELEASE
        };
        let unproven = |stage: &Stage| judged.last_proven(stage).is_none();
        // Of stages that are as far, the later: a wrong limit is rather a limit that was typed wrong than one too many. Of two
        // that are the same, what an undo brings back comes only after it.
        let order = |stage: &Stage| {
            let same = |other: &&Stage| other.objects == stage.objects && other.releases == stage.releases;
            let earliest = stages.iter().find(same).map_or(0, |same| same.first);
            (Reverse(earliest), stage.first)
        };
        let nearest = candidates.min_by_key(|stage| (cost(stage), unproven(stage), order(stage)));
        nearest.unwrap_or(&stages[0])
    }

    /// Whether somebody who leaves these things is tidying up: came to the step before on another day, or left only what goes
    /// last.
    fn tidies(&self, union: &[ObjectName], reached: Option<usize>, first: usize) -> bool {
        let mut there = union.iter().filter(|name| is_there(&self.scene, name));
        let came = reached.is_some_and(|reached| reached + 1 >= first);
        came || there.all(|name| LEFT_LAST.contains(&name.kind.as_str()))
    }

    fn within(&self, stage: &Stage, union: &[ObjectName], judged: &Judged<'_>) -> Standing {
        let mut findings = findings::all(&self.scene, stage, union, &self.files);
        let wrong = findings.iter().any(|finding| finding.wrong);
        if let Some(step) = judged.last_proven(stage).filter(|_| !wrong) {
            findings.clear();
            return judged.at(step);
        }
        let step = judged.nearest_step(stage).unwrap_or(stage.first);
        findings.retain(|finding| finding.wrong || !judged.wants(step, finding));
        let look_again = look_again(&self.scene, stage, &self.place.pod_answers());
        let position = if !wrong && look_again.is_some() {
            Position::UnderWay
        } else {
            Position::Near
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

/// Whether an exercise ends with nothing left, so that its end cannot be told from its beginning.
#[must_use]
pub fn tidies_up(exercise: &Exercise) -> bool {
    let mut steps = exercise.steps.iter().rev().map(|step| &step.action.proofs);
    let last = steps.find(|proofs| !proofs.is_empty());
    last.is_some_and(|proofs| proofs.iter().all(|proof| proof.claim().is_absence()))
}

/// The last step that proves something new of the cluster, 0 if none does.
fn last_telling(exercise: &Exercise) -> usize {
    let last = exercise
        .steps
        .iter()
        .rposition(|step| step.action.proofs.iter().any(tells));
    last.map_or(0, |index| index + 1)
}

/// Whether what is left of an exercise that ends with nothing is its end: it was seen as it is before that.
fn tidied(exercise: &Exercise, reached: Option<usize>) -> bool {
    tidies_up(exercise) && reached.is_some_and(|reached| reached >= last_telling(exercise).max(1))
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

/// An exercise with what came of each of its proofs.
struct Judged<'a> {
    exercise: &'a Exercise,
    verdicts: &'a HashMap<String, Verdict>,
}

impl Judged<'_> {
    fn proofs(&self, step: usize) -> &[Proof] {
        let step = step
            .checked_sub(1)
            .and_then(|index| self.exercise.steps.get(index));
        step.map_or(&[], |step| &step.action.proofs)
    }

    fn holds(&self, proof: &Proof) -> bool {
        self.verdicts
            .get(&proof.key())
            .is_some_and(|verdict| verdict.holds)
    }

    fn all_hold(&self, step: usize) -> bool {
        self.proofs(step).iter().all(|proof| self.holds(proof))
    }

    /// The last step of a stage of which everything is so. Steps that prove nothing about the cluster say nothing about how far
    /// somebody came.
    fn last_proven(&self, stage: &Stage) -> Option<usize> {
        let absence = stage.objects.is_empty() && stage.releases.is_empty();
        let tells = |proof: &Proof| tells(proof) || absence && proof.claim().is_absence();
        (stage.first..=stage.last)
            .rev()
            .find(|step| self.proofs(*step).iter().any(tells) && self.all_hold(*step))
    }

    /// The step of a stage of which the least is missing, the first of several.
    fn nearest_step(&self, stage: &Stage) -> Option<usize> {
        let steps = (stage.first..=stage.last).filter(|step| self.proofs(*step).iter().any(not_a_file));
        steps.min_by_key(|step| {
            self.proofs(*step)
                .iter()
                .filter(|proof| !self.holds(proof))
                .count()
        })
    }

    /// Whether all is so that has to be so after the last step that proves something new.
    fn is_tidy(&self) -> bool {
        let last = self.exercise.steps.len();
        (last_telling(self.exercise) + 1..=last).all(|step| self.all_hold(step))
    }

    fn done(&self) -> Standing {
        Standing {
            position: Position::Done,
            step: Some(self.exercise.steps.len()),
            ..Standing::default()
        }
    }

    fn at(&self, step: usize) -> Standing {
        let last = self.exercise.steps.len();
        let later = (step + 1..=last).find(|later| !self.all_hold(*later));
        // What a step wrote is used by the later ones; a file that was lost is written again.
        let again = (1..=step).filter(|earlier| {
            self.proofs(*earlier)
                .iter()
                .any(|proof| !not_a_file(proof) && !self.holds(proof))
        });
        let mut next: Vec<_> = again.collect();
        let (seen, _) = self.of(step);
        let missing = next
            .iter()
            .chain(&later)
            .flat_map(|step| self.of(*step).1)
            .collect();
        let position = if later.is_none() && next.is_empty() {
            Position::Done
        } else {
            Position::At
        };
        next.extend(later.into_iter().flat_map(|later| step + 1..=later));
        Standing {
            position,
            step: Some(if position == Position::Done { last } else { step }),
            seen,
            missing,
            next,
            ..Standing::default()
        }
    }

    /// What is so of a step, and what is not.
    fn of(&self, step: usize) -> (Vec<Message>, Vec<Missing>) {
        let (mut seen, mut missing) = (vec![], vec![]);
        for proof in self.proofs(step) {
            let Some(verdict) = self.verdicts.get(&proof.key()) else {
                continue;
            };
            match &verdict.hint {
                None => seen.push(proof.claim().seen(&verdict.observed)),
                Some(hint) => missing.push(Missing {
                    claim: proof.claim().wanted_now(),
                    observed: verdict.observed.clone(),
                    hint: hint.clone(),
                    look_at: proof.claim().look_at("kubectl"),
                }),
            }
        }
        (seen, missing)
    }

    /// Whether a step is about what was found, such as pods that are refused.
    fn wants(&self, step: usize, finding: &Finding) -> bool {
        let id = finding.message.id().unwrap_or_default();
        self.proofs(step).iter().any(|proof| match proof {
            Proof::Replicas(replicas) => id == "find-refused" && replicas.refused.is_some(),
            Proof::Pods(pods) => {
                id == "find-crash" && (pods.ended.is_some() || pods.restarted.is_some())
                    || id == "find-unschedulable" && pods.unschedulable.is_some()
            }
            _ => false,
        })
    }
}

/// Whether it says that somebody did something to the cluster: something new, and not that something is gone. A file may be
/// left from another day.
fn tells(proof: &Proof) -> bool {
    let claim = proof.claim();
    !claim.throughout() && !claim.is_absence() && not_a_file(proof)
}

fn not_a_file(proof: &Proof) -> bool {
    !matches!(proof, Proof::File(_))
}

#[cfg(test)]
mod tests;
