//! What the board shows, as data.

use std::{collections::BTreeSet, sync::Arc};

use access::{gets_traffic, is_ready, service_of};
use guide::Language;
use jiff::Timestamp;
use k8s_openapi::api::{core, discovery::v1::EndpointSlice};
use serde::Serialize;
use story::{Fact, What};
use tell::{Letters, News, sentences};

use crate::{Asking, Known, Outcome, happened::is_news, pods::Seen, restarts::Again};

/// How many sentences of the story are shown.
const SENTENCES: usize = 4;
/// How many requests are told one by one.
const REQUESTS: usize = 24;
/// How many that failed.
const FAILURES: usize = 3;

/// What the board shows; `GET /state` answers it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct State {
    /// The exercise, or the namespace.
    pub title: String,
    /// When this was so.
    pub at: Timestamp,
    /// Since when nothing is heard of what is shown; none while all of it is heard of.
    pub frozen: Option<Frozen>,
    /// The Services that select pods.
    pub services: Vec<Service>,
    /// The pods behind none of them.
    pub other_pods: Vec<Pod>,
    /// What is asked of the Services.
    pub requests: Vec<Requests>,
    /// What is not seen of what happens, in a person's language.
    pub lacks: Vec<String>,
    /// What happened last, newest first.
    pub story: Vec<Told>,
}

/// Since when nothing is heard of what is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frozen {
    /// Since when.
    pub since: Timestamp,
    /// Of what, such as `the cluster`, in a person's language.
    pub what: String,
}

/// A Service with its pods.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// How many of its pods get its traffic.
    pub ready: usize,
    /// How many pods it has; those that are being deleted and get no traffic do not count.
    pub total: usize,
    /// All of them.
    pub pods: Vec<Pod>,
}

/// A pod.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// The letter that people call it by. As long as the board runs no other pod gets it.
    pub letter: String,
    /// Its condition `Ready`.
    pub ready: bool,
    /// Whether it gets traffic, by what the EndpointSlices say.
    pub in_traffic: bool,
    /// Whether it is being deleted.
    pub leaving: bool,
    /// How many times its containers were started again.
    pub restarts: u32,
    /// Why one of them was started again last, in a person's language, while all of them run.
    pub restarted_as: Option<String>,
    /// Why it is not ready, in a person's language, as far as that is known.
    pub why: Option<String>,
    /// In how many seconds its container starts again at the earliest; none unless the kubelet waits.
    pub again_in_seconds: Option<i64>,
    /// Whether that is only what a kubelet usually does: it tells how long it waits some seconds after the end.
    pub again_is_guess: bool,
    /// Whether its last readiness probes succeeded, oldest first; empty where nobody counts them.
    pub probes: Vec<bool>,
    /// How much memory it uses; none where that is not known.
    pub memory_bytes: Option<u64>,
    /// How much it may use.
    pub memory_limit_bytes: Option<u64>,
    /// How many processors it used on average between the last two samples; none where that is not known.
    pub cpu_cores: Option<f64>,
    /// How many it may use.
    pub cpu_limit_cores: Option<f64>,
    /// In which share of the periods, from 0 to 1, the kernel held it back, as it had used up its CPU.
    pub throttled_share: Option<f64>,
    /// How many seconds ago that was sampled; a kubelet as it comes does so each 10 to 15 s.
    pub sampled_seconds_ago: Option<i64>,
    /// What made it, such as a ReplicaSet.
    pub owner: Option<String>,
}

/// What is asked of a Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Requests {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub service: String,
    /// The path that is asked twice a second; none if nothing is.
    pub path: Option<String>,
    /// Why nothing is asked, in a person's language.
    pub why_not: Option<String>,
    /// Whether the teacher may break a pod of it.
    pub breakable: bool,
    /// How many requests were sent in the last minute.
    pub asked: usize,
    /// How many of them failed: without an answer, or with a status of 400 and more.
    pub failed: usize,
    /// The last of them, newest first.
    pub last: Vec<Answer>,
    /// The last that failed, newest first.
    pub failures: Vec<Answer>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// When it was sent.
    pub at: Timestamp,
    /// Its path.
    pub path: String,
    /// Its status; none without an answer.
    pub status: Option<u16>,
    /// `answered`, `refused`, `unreachable`, `timeout` or `broken`.
    pub outcome: &'static str,
    /// Whether it was good: answered, with a status below 400.
    pub ok: bool,
    /// The letter of the pod that answered; none where the answer does not say it.
    pub by: Option<String>,
}

/// A sentence of the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// When it happened, at the earliest.
    pub at: Timestamp,
    /// Who did it.
    pub who: String,
    /// What happened.
    pub says: String,
}

impl State {
    /// The state that follows from what is known. `letters` has a letter for each pod.
    pub(crate) fn of(
        known: &[Known<'_>],
        asked: &[Asking],
        letters: &Letters,
        language: Language,
        now: Timestamp,
    ) -> Self {
        let mut services = vec![];
        for known in known {
            for service in known.shown_services() {
                let name = service.metadata.name.as_deref().unwrap_or_default();
                let serving = serving(known.slices, name);
                let pods = known.pods_of(service);
                let pods = pods_of(pods, known, letters, language, now, |uid| serving.contains(uid));
                services.push(Service {
                    namespace: known.namespace.into(),
                    name: name.into(),
                    ready: pods.iter().filter(|pod| pod.in_traffic).count(),
                    total: pods.iter().filter(|pod| pod.in_traffic || !pod.leaving).count(),
                    pods,
                });
            }
        }
        let others = known
            .iter()
            .flat_map(|known| pods_of(known.pods_of_none(), known, letters, language, now, |_| false));
        Self {
            title: String::new(),
            at: now,
            frozen: None,
            other_pods: others.collect(),
            services,
            requests: asked
                .iter()
                .map(|asking| requests(asking, known, letters, language))
                .collect(),
            lacks: lacks(known, language),
            story: story(known, letters, language),
        }
    }
}

/// Whether all of a pod's containers have ended for good, as those of a Job do.
fn is_over(pod: &core::v1::Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed")) && !is_ready(pod)
}

/// The uids of the pods that a Service's slices call ready.
fn serving(slices: &[Arc<EndpointSlice>], service: &str) -> BTreeSet<String> {
    let of_it = slices.iter().filter(|slice| service_of(slice) == Some(service));
    let endpoints = of_it.flat_map(|slice| &slice.endpoints).flatten();
    endpoints
        .filter(|endpoint| gets_traffic(endpoint))
        .filter_map(|endpoint| endpoint.target_ref.as_ref()?.uid.clone())
        .collect()
}

/// Pods as they are shown, in the order of their letters.
fn pods_of<'a>(
    pods: impl Iterator<Item = &'a Arc<core::v1::Pod>>,
    known: &Known<'_>,
    letters: &Letters,
    language: Language,
    now: Timestamp,
    in_traffic: impl Fn(&str) -> bool,
) -> Vec<Pod> {
    let shown = |pod: &Arc<core::v1::Pod>| {
        let seen = Seen::of(pod, known);
        let uid = pod.metadata.uid.clone().unwrap_or_default();
        let again = |again: Again| again.at.duration_since(now).as_secs().max(0);
        Pod {
            name: pod.metadata.name.clone().unwrap_or_default(),
            letter: letters.letter(&uid).unwrap_or("?").into(),
            ready: seen.ready,
            in_traffic: in_traffic(&uid),
            leaving: seen.leaving,
            restarts: seen.restarts,
            restarted_as: seen.restarted_as.map(|why| language.tell(&why)),
            why: seen.why.map(|why| language.tell(&why)),
            again_in_seconds: seen.again.map(again),
            again_is_guess: seen.again.is_some_and(|again| again.is_guess),
            probes: seen.probes,
            memory_bytes: seen.memory_bytes,
            memory_limit_bytes: seen.memory_limit_bytes,
            cpu_cores: seen.cpu_cores,
            cpu_limit_cores: seen.cpu_limit_cores,
            throttled_share: seen.throttled_share,
            sampled_seconds_ago: seen.sampled_at.map(|at| now.duration_since(at).as_secs().max(0)),
            owner: seen.owner,
        }
    };
    let mut all: Vec<_> = pods.filter(|pod| !is_over(pod)).map(shown).collect();
    // A comes before B, and Z before AA.
    all.sort_by(|one, other| {
        let place = |pod: &Pod| pod.letter.len();
        (place(one), &one.letter, &one.name).cmp(&(place(other), &other.letter, &other.name))
    });
    all
}

fn requests(asking: &Asking, known: &[Known<'_>], letters: &Letters, language: Language) -> Requests {
    let here = known.iter().find(|known| known.namespace == asking.namespace);
    // A name is all that an answer tells; of two pods that had it, the one that is there is meant.
    let letter = |name: &String| {
        let there = here.into_iter().flat_map(|known| known.pods);
        let uid = there
            .filter(|pod| pod.metadata.name.as_ref() == Some(name))
            .find_map(|pod| pod.metadata.uid.as_deref());
        let letter = uid.and_then(|uid| letters.letter(uid));
        let gone = || {
            letters
                .pods()
                .iter()
                .rev()
                .find(|(_, known)| known == name)
                .map(|(letter, _)| &**letter)
        };
        letter.or_else(gone).map(str::to_owned)
    };
    let answer = |request: &crate::Request| Answer {
        at: request.at,
        path: request.path.clone(),
        status: match request.outcome {
            Outcome::Status(status) => Some(status),
            Outcome::Refused | Outcome::Unreachable | Outcome::Timeout | Outcome::Broken => None,
        },
        outcome: match request.outcome {
            Outcome::Status(_) => "answered",
            Outcome::Refused => "refused",
            Outcome::Unreachable => "unreachable",
            Outcome::Timeout => "timeout",
            Outcome::Broken => "broken",
        },
        ok: request.outcome.is_good(),
        by: request.by.as_ref().and_then(letter),
    };
    Requests {
        namespace: asking.namespace.clone(),
        service: asking.service.clone(),
        path: asking.path.clone(),
        why_not: asking.why_not.as_ref().map(|why| language.tell(why)),
        breakable: asking.breakable,
        asked: asking.answers().len(),
        failed: asking
            .answers()
            .filter(|request| !request.outcome.is_good())
            .count(),
        last: asking.answers().rev().take(REQUESTS).map(answer).collect(),
        failures: asking
            .answers()
            .rev()
            .filter(|request| !request.outcome.is_good())
            .take(FAILURES)
            .map(answer)
            .collect(),
    }
}

/// What is not seen, once where several namespaces lack the same.
fn lacks(known: &[Known<'_>], language: Language) -> Vec<String> {
    let mut all: Vec<String> = vec![];
    for lack in known.iter().flat_map(|known| known.lacks) {
        let told = language.tell(lack);
        if !all.contains(&told) {
            all.push(told);
        }
    }
    all
}

/// What happened last, in all namespaces, newest first.
fn story(known: &[Known<'_>], letters: &Letters, language: Language) -> Vec<Told> {
    let told = known.iter().flat_map(|known| {
        let all = sentences(known.happened.story(), letters).into_iter();
        let about = |fact: &Fact| fact.what == What::Gap || known.is_about(&fact.subject.name);
        all.filter(move |sentence| is_news(sentence.fact) && about(sentence.fact))
            .enumerate()
    });
    let mut told: Vec<_> = told.collect();
    // Causes stand before effects in each story, whatever their seconds say.
    told.sort_by_key(|(place, sentence)| (sentence.at, *place));
    let mut news = News::default();
    told.retain(|(_, sentence)| news.is_new(sentence.fact));
    let told = told.iter().rev().take(SENTENCES);
    told.map(|(_, sentence)| Told {
        at: sentence.at,
        who: language.tell(&sentence.who),
        says: language.tell(&sentence.says),
    })
    .collect()
}
