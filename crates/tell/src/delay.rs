//! How long after its cause something happened.

use guide::Message;
use jiff::SignedDuration;
use story::{Cause, Fact, Role, Story, What};

use crate::who;

/// What is said beside a sentence: how long after its cause it was, or that no cause was seen of what always has one.
pub(super) fn beside(story: &Story, fact: &Fact) -> Option<Message> {
    // It is told of the time in between, and not of a moment after it.
    if matches!(fact.what, What::Answered { .. }) {
        return None;
    }
    let links = match story.cause(fact.id) {
        Cause::One(link) => std::slice::from_ref(link),
        Cause::OneOf(links) => links,
        Cause::NotSeen => return unlinked(fact),
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

fn unlinked(fact: &Fact) -> Option<Message> {
    if let What::Probed { period, .. } = fact.what {
        return Some(Message::new("story-asks-every").with("seconds", period));
    }
    let container = fact.subject.container.as_ref();
    let is_init = container.is_some_and(|container| container.role == Role::Init);
    match fact.what {
        What::Gap => return None,
        // It is there to end, and does so by itself.
        What::Ended { code: 0, .. } if is_init => return None,
        _ => {}
    }
    if who::is_out_of_memory(&fact.what) {
        return Some(Message::new("story-no-memory"));
    }
    if fact.when.is_vague() {
        let seconds = rounded(fact.when.width());
        return Some(Message::new("story-or-later").with("seconds", seconds));
    }
    fact.is_effect().then(|| Message::new("story-cause-not-seen"))
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
}
