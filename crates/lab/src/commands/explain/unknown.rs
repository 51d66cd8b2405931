//! What a story cannot know.

use guide::Message;
use jiff::SignedDuration;

/// That kinds may not be listed.
pub(super) fn hidden(kinds: &[String]) -> Option<Message> {
    (!kinds.is_empty()).then(|| Message::new("explain-hidden").with("kinds", kinds.join(", ")))
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
