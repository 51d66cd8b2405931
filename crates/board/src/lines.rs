//! The lines of pods on the page.

use guide::Value;

use crate::{Pod, Service, words::Words};

/// Above this many pods, their letters are as large as all else.
const ROOMY: usize = 2;
/// Above this many, there are two in a line.
const TIGHT: usize = 4;
/// Above this many, only those that get no traffic have one, and the others are counted by what made them.
const LINES: usize = 12;
/// How many lines there are at most.
const MOST: usize = 24;
/// From how many seconds on the age of a sample is told.
const FRESH: i64 = 3;

/// A Service's pods, or those of none.
pub(crate) struct Section<'a> {
    pub(crate) name: String,
    pub(crate) headline: String,
    /// Whether some of its pods get no traffic.
    pub(crate) lacks: bool,
    pub(crate) pods: Vec<Line<'a>>,
    pub(crate) class: &'static str,
    /// What the pods without a line are.
    pub(crate) counted: Vec<String>,
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
    pub(crate) memory: Option<Bar>,
    pub(crate) cpu: Option<Bar>,
}

/// A bar from 0 to 100.
pub(crate) struct Bar {
    pub(crate) says: String,
    pub(crate) percent: u32,
}

/// A Service's section.
pub(crate) fn section(service: &Service, words: Words) -> Section<'_> {
    let headline = words.say_with(
        "board-headline",
        &[("ready", service.ready.into()), ("total", service.total.into())],
    );
    let (pods, counted) = lines(&service.pods, true, words);
    Section {
        name: service.name.clone(),
        headline,
        lacks: service.ready < service.total,
        class: class(pods.len()),
        pods,
        counted,
    }
}

/// That of the pods behind no Service.
pub(crate) fn others(pods: &[Pod], words: Words) -> Section<'_> {
    let ready = pods.iter().filter(|pod| pod.ready).count();
    let (lines, counted) = lines(pods, false, words);
    Section {
        name: words.say("board-alone"),
        headline: words.say_with(
            "board-others",
            &[("ready", ready.into()), ("total", pods.len().into())],
        ),
        lacks: ready < pods.len(),
        class: class(lines.len()),
        pods: lines,
        counted,
    }
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

/// The pods that have a line, and what the others are.
fn lines(pods: &[Pod], behind: bool, words: Words) -> (Vec<Line<'_>>, Vec<String>) {
    let good = |pod: &&Pod| if behind { pod.in_traffic } else { pod.ready };
    let has_line = |pod: &&Pod| pods.len() <= LINES || !good(pod);
    let shown: Vec<_> = pods.iter().filter(has_line).take(MOST).collect();
    let mut counted: Vec<(&str, usize, usize)> = vec![];
    for pod in pods.iter().filter(|_| pods.len() > LINES) {
        let owner = pod.owner.as_deref().unwrap_or("?");
        let known = counted.iter().position(|(known, ..)| *known == owner);
        let place = known.unwrap_or_else(|| {
            counted.push((owner, 0, 0));
            counted.len() - 1
        });
        counted[place].1 += usize::from(good(&pod));
        counted[place].2 += 1;
    }
    let count = |(owner, ready, total): &(&str, usize, usize)| {
        let values = [
            ("owner", (*owner).into()),
            ("ready", (*ready).into()),
            ("total", (*total).into()),
        ];
        if behind {
            words.say_with("board-counted", &values)
        } else {
            words.say_with("board-counted-ready", &values)
        }
    };
    let counted = counted.iter().map(count).collect();
    (
        shown.into_iter().map(|pod| line(pod, behind, words)).collect(),
        counted,
    )
}

fn line(pod: &Pod, behind: bool, words: Words) -> Line<'_> {
    let mut details = vec![];
    if let Some(why) = pod.why.as_ref().filter(|_| !pod.ready) {
        details.push(why.clone());
    } else if pod.leaving {
        details.push(words.say("board-why-leaving"));
    }
    if pod.restarts > 0 {
        details.push(words.say_with("board-restarts", &[("count", pod.restarts.into())]));
    }
    match pod.again_in_seconds {
        Some(0) => details.push(words.say("board-again-soon")),
        Some(seconds) => {
            details.push(words.say_with("board-again", &[("seconds", seconds.to_string().into())]));
        }
        None => {}
    }
    let good = pod.probes.iter().filter(|ok| **ok).count();
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
        memory: pod
            .memory_bytes
            // Without a limit, less than a MiB is nothing to look at.
            .filter(|used| pod.memory_limit_bytes.is_some() || *used >= 1 << 20)
            .map(|used| memory(used, pod, words)),
        cpu: pod.throttled_share.map(|share| {
            let percent = percent(share);
            Bar {
                says: words.say_with("board-cpu", &[("percent", percent.to_string().into())]),
                percent,
            }
        }),
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
    Bar { says, percent }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped before, and NaN becomes 0"
)]
fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}
