//! The lines of pods on the page.

use std::collections::BTreeMap;

use guide::Value;

use crate::{Pod, Service, words::Words};

/// Above this many pods, their letters are as large as all else.
const ROOMY: usize = 2;
/// Above this many, there are two in a line.
const TIGHT: usize = 4;
/// Above this many, only those that are not ready or get no traffic have one, and the others are counted by what made them.
const LINES: usize = 12;
/// How many lines there are then at most.
const MOST: usize = 6;
/// Up to this many, squares have letters.
const LETTERS: usize = 60;
/// Above this many, pods are counted, and not drawn.
const SQUARES: usize = 200;
/// From how many seconds on the age of a sample is told.
const FRESH: i64 = 5;

/// A Service's pods, or those of none.
pub(crate) struct Section<'a> {
    pub(crate) name: String,
    pub(crate) headline: String,
    /// Whether some of its pods get no traffic.
    pub(crate) lacks: bool,
    pub(crate) pods: Vec<Line<'a>>,
    pub(crate) class: &'static str,
    /// All of them, where not each has a line.
    pub(crate) counted: Vec<Counted<'a>>,
    /// That more of them are out than have a line.
    pub(crate) more: Option<String>,
}

/// How many of the pods that one thing has made are good.
pub(crate) struct Counted<'a> {
    pub(crate) says: String,
    /// Whether some are not.
    pub(crate) lacks: bool,
    /// Each as a square; none where there are too many.
    pub(crate) squares: Vec<Square<'a>>,
}

/// A pod, as small as it can be seen.
pub(crate) struct Square<'a> {
    /// Its letter; empty where there is no room for letters.
    pub(crate) letter: &'a str,
    /// Whether it is ready, and gets traffic where there is any.
    pub(crate) is_good: bool,
}

/// A pod's line.
pub(crate) struct Line<'a> {
    pub(crate) pod: &'a Pod,
    /// Its name, and the end of it that tells it from others.
    pub(crate) name: (&'a str, &'a str),
    /// `in`, `out`, or `alone` for a pod of no Service.
    pub(crate) class: &'static str,
    pub(crate) word: &'static str,
    pub(crate) traffic: Option<String>,
    pub(crate) details: Vec<String>,
    pub(crate) marks: Vec<bool>,
    pub(crate) marks_say: String,
    /// What it uses: of memory, and of CPU.
    pub(crate) bars: Vec<Bar>,
}

/// A bar from 0 to 100, the limit. One of 0 is not drawn.
pub(crate) struct Bar {
    pub(crate) says: String,
    pub(crate) percent: u32,
    /// How much of it is hatched, at its end.
    pub(crate) hatched: u32,
}

/// A Service's section.
pub(crate) fn section(service: &Service, name: String, words: Words) -> Section<'_> {
    let headline = words.say_with(
        "board-headline",
        &[("ready", service.ready.into()), ("total", service.total.into())],
    );
    Section {
        lacks: service.ready < service.total,
        ..of(name, headline, &service.pods, true, words)
    }
}

/// That of the pods behind no Service.
pub(crate) fn others(pods: &[Pod], words: Words) -> Section<'_> {
    let ready = pods.iter().filter(|pod| pod.ready).count();
    let headline = words.say_with(
        "board-others",
        &[("ready", ready.into()), ("total", pods.len().into())],
    );
    of(words.say("board-alone"), headline, pods, false, words)
}

fn class(pods: usize) -> &'static str {
    if pods <= ROOMY {
        "roomy"
    } else if pods <= TIGHT {
        "tight"
    } else {
        "many"
    }
}

/// A section of its own for these pods.
fn of<'a>(name: String, headline: String, pods: &'a [Pod], behind: bool, words: Words) -> Section<'a> {
    let is_good = |pod: &&Pod| is_good(pod, behind);
    let lacks = !pods.iter().all(|pod| is_good(&pod));
    if pods.len() <= LINES {
        return Section {
            name,
            headline,
            lacks,
            class: class(pods.len()),
            pods: pods
                .iter()
                .map(|pod| line(pod, behind, pods.len() <= ROOMY, words))
                .collect(),
            counted: vec![],
            more: None,
        };
    }
    let out: Vec<_> = pods.iter().filter(|pod| !pod.ready || !is_good(pod)).collect();
    // Of many, what they are is enough.
    let short = |pod: &&'a Pod| Line {
        marks: vec![],
        bars: vec![],
        ..line(pod, behind, false, words)
    };
    let more = out.len().saturating_sub(MOST);
    Section {
        name,
        headline,
        lacks,
        class: "few",
        pods: out.iter().take(MOST).map(short).collect(),
        counted: counted(pods, behind, words),
        more: (more > 0).then(|| words.say_with("board-more", &[("count", more.into())])),
    }
}

/// The pods by what made them, in the order of its name, so that none changes its place as pods come and go.
fn counted<'a>(pods: &'a [Pod], behind: bool, words: Words) -> Vec<Counted<'a>> {
    let mut by: BTreeMap<&str, Vec<&'a Pod>> = BTreeMap::new();
    for pod in pods {
        by.entry(pod.owner.as_deref().unwrap_or("?"))
            .or_default()
            .push(pod);
    }
    let count = |(owner, of_it): (&str, Vec<&'a Pod>)| {
        let good = of_it.iter().filter(|pod| is_good(pod, behind)).count();
        let values = [
            ("owner", owner.into()),
            ("ready", good.into()),
            ("total", of_it.len().into()),
        ];
        let squares = of_it.iter().filter(|_| pods.len() <= SQUARES).map(|pod| Square {
            letter: if pods.len() <= LETTERS { &pod.letter } else { "" },
            is_good: pod.ready && is_good(pod, behind),
        });
        Counted {
            says: if behind {
                words.say_with("board-counted", &values)
            } else {
                words.say_with("board-counted-ready", &values)
            },
            lacks: good < of_it.len(),
            squares: squares.collect(),
        }
    };
    by.into_iter().map(count).collect()
}

fn is_good(pod: &Pod, behind: bool) -> bool {
    if behind { pod.in_traffic } else { pod.ready }
}

/// `roomy` says whether there is room for why it was restarted.
fn line(pod: &Pod, behind: bool, roomy: bool, words: Words) -> Line<'_> {
    let mut details = vec![];
    if let Some(why) = pod.why.as_ref().filter(|_| !pod.ready) {
        details.push(why.clone());
    } else if pod.leaving {
        details.push(words.say("board-why-leaving"));
    }
    if pod.restarts > 0 {
        let restarts = words.say_with("board-restarts", &[("count", pod.restarts.into())]);
        details.push(match pod.restarted_as.as_ref().filter(|_| roomy) {
            Some(why) => words.say_with(
                "board-restarts-last",
                &[("restarts", restarts.into()), ("why", why.as_str().into())],
            ),
            None => restarts,
        });
    }
    match pod.again_in_seconds {
        Some(0) => details.push(words.say("board-again-soon")),
        Some(seconds) => {
            let seconds = [("seconds", seconds.to_string().into())];
            details.push(match pod.again_is_guess {
                true => words.say_with("board-again-about", &seconds),
                false => words.say_with("board-again", &seconds),
            });
        }
        None => {}
    }
    let good = pod.probes.iter().filter(|ok| **ok).count();
    // Without a limit, less than a MiB is nothing to look at.
    let told = pod
        .memory_bytes
        .filter(|used| pod.memory_limit_bytes.is_some() || *used >= 1 << 20);
    let memory = told.map(|used| memory(used, pod, words)).into_iter();
    Line {
        pod,
        name: split(&pod.name),
        class: match (behind, pod.in_traffic) {
            (true, true) => "in",
            (true, false) => "out",
            (false, _) if pod.ready => "alone",
            (false, _) => "out",
        },
        word: if pod.ready { "READY" } else { "NOT READY" },
        traffic: behind.then(|| {
            if pod.in_traffic {
                words.say("board-in")
            } else {
                words.say("board-out")
            }
        }),
        details,
        marks: pod.probes.clone(),
        marks_say: words.say_with(
            "board-probes",
            &[("good", good.into()), ("total", pod.probes.len().into())],
        ),
        bars: memory.chain(cpu(pod, words)).collect(),
    }
}

/// A name up to its last hyphen, and the rest, unless that is long.
fn split(name: &str) -> (&str, &str) {
    let end = name.rfind('-').filter(|end| name.len() - end <= 12);
    name.split_at(end.unwrap_or(name.len()))
}

fn memory(used: u64, pod: &Pod, words: Words) -> Bar {
    let mib = |bytes: u64| Value::from((bytes >> 20).to_string());
    // A bar up to nothing would say something that is not so.
    let (says, percent) = match pod.memory_limit_bytes {
        Some(limit) => {
            let percent = u32::try_from(used.saturating_mul(100) / limit.max(1))
                .unwrap_or(100)
                .min(100);
            (
                words.say_with("board-memory-of", &[("used", mib(used)), ("limit", mib(limit))]),
                percent,
            )
        }
        None => (words.say_with("board-memory", &[("used", mib(used))]), 0),
    };
    let says = match pod.sampled_seconds_ago.filter(|seconds| *seconds >= FRESH) {
        Some(seconds) => words.say_with(
            "board-sampled",
            &[("what", says.into()), ("seconds", seconds.to_string().into())],
        ),
        None => says,
    };
    Bar {
        says,
        percent,
        hatched: 0,
    }
}

/// What it uses of its limit, hatched as far as it would have used more: of a pod with a limit.
fn cpu(pod: &Pod, words: Words) -> Option<Bar> {
    let held = pod.throttled_share;
    let used = pod.cpu_cores.zip(pod.cpu_limit_cores);
    let used = used.map(|(cores, limit)| cores / limit);
    let value = |share| Value::from(percent(share).to_string());
    let says = match (used, held) {
        (Some(used), Some(held)) => {
            words.say_with("board-cpu", &[("used", value(used)), ("held", value(held))])
        }
        (Some(used), None) => words.say_with("board-cpu-used", &[("used", value(used))]),
        (None, Some(held)) => words.say_with("board-cpu-held", &[("held", value(held))]),
        (None, None) => return None,
    };
    let used = used.unwrap_or_default().min(1.0);
    Some(Bar {
        says,
        percent: percent(used),
        hatched: percent(used * held.unwrap_or_default()),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped before, and NaN becomes 0"
)]
fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}
