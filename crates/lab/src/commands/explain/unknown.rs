//! What a story cannot know.

use std::collections::BTreeSet;

use guide::Message;
use jiff::{SignedDuration, Timestamp, ToSpan, ZonedDateTime};
use record::{Hidden, Live};
use story::Source;

/// That kinds may not be listed.
pub(super) fn hidden(kinds: &[String]) -> Option<Message> {
    (!kinds.is_empty()).then(|| Message::new("explain-hidden").with("kinds", kinds.join(", ")))
}

/// That the recorder does not see kinds, or not all of their objects.
pub(super) fn unrecorded(sources: &BTreeSet<Source>) -> Option<Message> {
    (!sources.is_empty()).then(|| Message::new("explain-unrecorded").with("kinds", names(sources).join(", ")))
}

/// That there are more objects of some kinds than are looked at.
pub(super) fn cut(kinds: &[String]) -> Option<Message> {
    (!kinds.is_empty()).then(|| {
        Message::new("explain-cut")
            .with("kinds", kinds.join(", "))
            .with("most", record::MOST)
    })
}

/// That clocks differ.
pub(super) fn skew(skew: SignedDuration) -> Option<Message> {
    (!skew.is_zero())
        .then(|| Message::new("explain-skew").with("seconds", format!("{:.0}", skew.as_secs_f64())))
}

/// That this machine's clock is not the cluster's, by whose clock a story is told.
pub(super) fn clock(ahead: SignedDuration) -> Option<Message> {
    let seconds = ahead.abs().as_secs();
    let told = match ahead.is_positive() {
        true => Message::new("explain-clock-behind"),
        false => Message::new("explain-clock-ahead"),
    };
    // Whoever looks at a clock on the wall sees no second.
    (seconds > 1).then(|| told.with("seconds", seconds.to_string()))
}

/// That the recorder has not written anything since then.
pub(super) fn unwritten(since: Timestamp, now: &ZonedDateTime) -> Message {
    Message::new("explain-recorder-late").with("since", time(since, now))
}

/// A time of the last day without its date.
pub(super) fn time(at: Timestamp, now: &ZonedDateTime) -> String {
    let is_near = now
        .checked_sub(1.day())
        .is_ok_and(|yesterday| at > yesterday.timestamp());
    let format = if is_near { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.to_zoned_datetime(now.time_zone().clone())
        .strftime(format)
        .to_string()
}

/// What is not seen of namespaces that are watched.
#[derive(Default)]
pub(crate) struct Unseen {
    hidden: BTreeSet<Source>,
    cut: BTreeSet<Source>,
    /// Why nobody counts probes.
    uncounted: Option<String>,
    /// How far clocks are apart.
    pub(super) skew: SignedDuration,
    /// Since when the record stands still.
    pub(super) unrecorded: Option<Timestamp>,
    /// When the API server was last heard.
    pub(super) heard: Option<Timestamp>,
}

impl Unseen {
    /// What is not seen of any of these.
    pub(crate) fn of<'a>(watched: impl IntoIterator<Item = &'a Live>) -> Self {
        let mut unseen = Self::default();
        for live in watched {
            for (source, why) in &live.hidden {
                match (source, why) {
                    (Source::Probes, why) => unseen.uncounted = Some(why.to_string()),
                    (Source::Usage | Source::Proxy, _) => {}
                    (source, Hidden::Cut) => drop(unseen.cut.insert(*source)),
                    (source, _) => drop(unseen.hidden.insert(*source)),
                }
            }
            unseen.skew = unseen.skew.max(live.skew);
            unseen.unrecorded = unseen.unrecorded.or(live.unrecorded);
            let of_server = live.heard.iter().filter(|(source, _)| source.is_watched());
            unseen.heard = unseen.heard.max(of_server.map(|(_, at)| *at).max());
        }
        unseen
    }

    /// The kinds that may not be listed, as the API calls them.
    pub(super) fn hidden(&self) -> Vec<String> {
        names(&self.hidden)
    }

    /// In sentences.
    pub(crate) fn lacks(&self) -> Vec<Message> {
        let mut lacks: Vec<_> = hidden(&self.hidden()).into_iter().collect();
        lacks.extend(cut(&names(&self.cut)));
        if let Some(why) = &self.uncounted {
            let told = match self.hidden.contains(&Source::Events) {
                true => Message::new("explain-unprobed"),
                false => Message::new("explain-uncounted"),
            };
            lacks.push(told.with("reason", why));
        }
        lacks.extend(skew(self.skew));
        lacks.extend(
            self.unrecorded
                .map(|since| unwritten(since, &ZonedDateTime::now())),
        );
        lacks
    }
}

/// The sources as the API calls them.
pub(crate) fn names(sources: &BTreeSet<Source>) -> Vec<String> {
    let name = |source: &Source| match source {
        Source::Pods => "pods",
        Source::Slices => "endpointslices",
        Source::Deployments => "deployments",
        Source::ReplicaSets => "replicasets",
        Source::Services => "services",
        Source::Events => "events",
        Source::Probes | Source::Usage | Source::Proxy | Source::Requests => "metrics",
    };
    sources.iter().map(|source| name(source).to_owned()).collect()
}
