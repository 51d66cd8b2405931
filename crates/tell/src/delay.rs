//! How long after its cause something happened.

use guide::Message;
use jiff::{SignedDuration, Timestamp};
use story::{Cause, Fact, Role, Story, What};

use crate::who;

/// What a line without a cause may be off and not say so, as it has a time of whole seconds: one of them, rounded.
const SECOND: SignedDuration = SignedDuration::from_millis(1500);
/// Why a container ended that never started, in the words of runtimes.
const NEVER_STARTED: [&str; 2] = ["StartError", "ContainerCannotRun"];

/// What is said beside a sentence: how long after its cause it was, or that no cause was seen of what always has one.
pub(super) fn beside(story: &Story, fact: &Fact, at: Timestamp) -> Option<Message> {
    // It is told of the time in between, and not of a moment after it.
    if matches!(fact.what, What::Answered { .. }) {
        return None;
    }
    let links = match story.cause(fact.id) {
        Cause::One(link) => std::slice::from_ref(link),
        Cause::OneOf(links) => links,
        Cause::NotSeen => return unlinked(fact, at),
    };
    let min = links.iter().map(|link| link.delay.min).min()?;
    let max = links.iter().map(|link| link.delay.max).max()?;
    let later = Message::new("story-later").with("delay", between(min, max));
    Some(match links.len() {
        1 => later,
        several => Message::new("story-later-than-one-of")
            .with("causes", several)
            .with("later", later),
    })
}

/// What is said of what has no cause; `at` is the time that it is told by.
fn unlinked(fact: &Fact, at: Timestamp) -> Option<Message> {
    if let What::Probed { period, .. } = fact.what {
        return Some(Message::new("story-asks-every").with("seconds", period));
    }
    let container = fact.subject.container.as_ref();
    let is_init = container.is_some_and(|container| container.role == Role::Init);
    match &fact.what {
        What::Gap => return None,
        // People delete things, and the program that was not there is told of by who could not start it.
        What::Gone { asked: true, .. } => return off(fact, at),
        What::Ended { reason, .. } if NEVER_STARTED.contains(&reason.as_str()) => return None,
        // It is there to end, and does so by itself.
        What::Ended { code: 0, .. } if is_init => return None,
        _ => {}
    }
    if who::is_out_of_memory(&fact.what) {
        return Some(Message::new("story-no-memory"));
    }
    let off = off(fact, at);
    match off {
        // A time that is hardly known could prove nothing.
        Some(_) if fact.when.is_vague() || !fact.is_effect() => off,
        Some(off) => Some(Message::new("story-cause-not-seen-off").with("off", off)),
        None => fact.is_effect().then(|| Message::new("story-cause-not-seen")),
    }
}

/// How far off the time may be that it is told by, if that is more than a second.
fn off(fact: &Fact, at: Timestamp) -> Option<Message> {
    let [earlier, later] = [
        fact.when.earliest().duration_until(at),
        at.duration_until(fact.when.latest()),
    ];
    match (earlier > SECOND, later > SECOND) {
        (true, true) => Some(
            Message::new("story-or-around")
                .with("earlier", rounded(earlier))
                .with("later", rounded(later)),
        ),
        (true, false) => Some(Message::new("story-or-earlier").with("seconds", rounded(earlier))),
        (false, true) => Some(Message::new("story-or-later").with("seconds", rounded(later))),
        (false, false) => None,
    }
}

/// `0-1`, `20`, `0.01`: as many digits as mean something.
fn between(min: SignedDuration, max: SignedDuration) -> String {
    let (min, max) = (rounded(min), rounded(max));
    if min == max { max } else { format!("{min}-{max}") }
}

fn rounded(duration: SignedDuration) -> String {
    let seconds = duration.as_secs_f64();
    let text = if seconds < 0.1 {
        format!("{seconds:.2}")
    } else {
        format!("{seconds:.1}")
    };
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short.is_empty() {
        "0".into()
    } else {
        short.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_has_the_digits_that_mean_something() {
        let told = |min, max| between(SignedDuration::from_millis(min), SignedDuration::from_millis(max));
        assert_eq!(told(0, 1000), "0-1");
        assert_eq!(told(19_000, 21_000), "19-21");
        assert_eq!(told(300, 1250), "0.3-1.2");
        assert_eq!(told(10, 10), "0.01");
        assert_eq!(told(0, 0), "0");
    }

    #[test]
    fn a_time_that_is_told_of_a_long_while_says_on_which_side_of_it_that_was() {
        let line = r#"{"id": 1, "what": "asked", "generation": 2, "who": "kubectl", "source": "deployments", "clock": "here",
            "earliest": "2026-03-01T14:00:00Z", "latest": "2026-03-01T14:00:18Z",
            "subject": {"kind": "Deployment", "namespace": "x", "name": "a", "uid": "a"}}"#;
        let fact = Fact::read(&line.replace('\n', " ")).unwrap().remove(0);
        let told = |second: i64| {
            let at = fact.when.earliest() + SignedDuration::from_secs(second);
            guide::Language::En.tell(&unlinked(&fact, at).unwrap())
        };
        assert_eq!(told(0), "or up to 18 s later");
        assert_eq!(told(18), "or up to 18 s earlier");
        assert_eq!(told(8), "or up to 8 s earlier or 10 s later");
    }
}
