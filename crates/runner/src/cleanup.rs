//! The end of a run: what it has made goes.

use std::time::Instant;

use guide::Language;
use report::Event;

use super::{
    ending::{Outcome, warning},
    error::Error,
    owned::{self, Owned},
    stop::Stop,
};

/// Removes what the run has made, and gives how it went: a cleanup that failed counts for more than what was seen.
pub(super) async fn clean_up(
    owned: &mut Owned,
    result: Result<Outcome, Error>,
    language: Language,
    stop: &Stop,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let began = Instant::now();
    tell(Event::CleanupStarted {
        limit: owned::CLEANUP.as_secs_f64(),
    });
    let unreachable = matches!(result, Err(Error::Access(access::Error::Unreachable { .. })));
    let removed = tokio::select! {
        biased;
        removed = async {
            // It had its time to come back already.
            if unreachable { owned.ask_to_remove().await } else { owned.remove().await }
        } => removed,
        signal = stop.insisted() => owned.ask_to_remove().await.and(Err(Error::Interrupted(signal))),
    };
    tell(Event::CleanupFinished {
        kept: if removed.is_ok() { vec![] } else { owned.names() },
        took: began.elapsed().as_secs_f64(),
    });
    match removed {
        Ok(()) => result,
        // What ended the run says more than that it could not be cleaned up after either.
        Err(error) if unreachable => {
            tell(warning(&error.message(), language));
            result
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use access::fake;
    use guide::Language::En;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_cleanup_that_fails_has_an_end_and_names_what_is_left() {
        let own = json!({ "metadata": { "name": "own", "uid": "1" } });
        let namespace = serde_json::from_value(own.clone()).unwrap();
        let access = fake::access(move |request, _| match request {
            "POST /api/v1/namespaces" | "GET /api/v1/namespaces/own" => (201, own.clone()),
            _ => fake::refusal(403, "you may not"),
        });
        let mut owned = Owned::new(access);
        owned.make(&namespace).await.unwrap();
        let (_stopper, stop) = Stop::new();
        let mut events = vec![];
        let mut tell = |event| events.push(event);
        let result = clean_up(&mut owned, Ok(Outcome::Seen), En, &stop, &mut tell).await;
        assert!(matches!(result, Err(Error::LeftBehind { .. })), "{result:?}");
        assert!(
            matches!(&events[..], [Event::CleanupStarted { .. }, Event::CleanupFinished { kept, .. }] if *kept == ["own"]),
            "{events:?}"
        );
    }
}
