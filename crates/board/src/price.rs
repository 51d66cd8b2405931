//! What it costs that a pod leaves a Service's traffic only some time after it broke.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use story::{Clock, Fact, Moment, Source, What};

use crate::{Asking, Request};

/// How long after a pod was out a request may still meet it that was sent before kube-proxy's rules were written.
const LATE: SignedDuration = SignedDuration::from_secs(2);
/// How long after that it is known what came of all of them: none is waited for longer.
const ANSWERED: SignedDuration = SignedDuration::from_secs(2);

/// From when on it is known how many callers met a pod that left a Service's traffic; none of what tells of no such pod.
///
/// What objects carried when it began to be watched is from before the first request.
#[must_use]
pub fn settled(left: &Fact) -> Option<Timestamp> {
    let leaves = matches!(left.what, What::Serving { value: false, .. }) && left.write.is_some();
    let settled = left.when.latest().checked_add(LATE + ANSWERED).ok();
    settled.filter(|_| leaves)
}

/// How many callers met a pod that had broken, until it was out of the Service's traffic: from the first to the last of the bad answers
/// that it gave without a good one between them. None if there were none.
///
/// `facts` are all that is known, of which `left` is one. What no answer came of may have met it or another.
#[must_use]
pub fn met(left: &Fact, facts: &[Arc<Fact>], asking: &Asking) -> Option<Fact> {
    let What::Serving {
        value: false,
        service,
        ..
    } = &left.what
    else {
        return None;
    };
    let subject = &left.subject;
    if (&asking.namespace, &asking.service) != (&subject.namespace, service) {
        return None;
    }
    let is_bad = |request: &Request| request.by.as_ref() == Some(&subject.name) && !request.outcome.is_good();
    if !asking.answers().any(is_bad) {
        return None;
    }
    let out = left.when.latest();
    let joined = facts.iter().filter(|fact| fact.id < left.id && joins(fact, left));
    let joined = joined.map(|fact| fact.when.earliest()).max();
    let until = out.checked_add(LATE).ok()?;
    let sent = |request: &&Request| request.at <= until && joined.is_none_or(|joined| joined <= request.at);
    let asked: Vec<_> = asking.answers().filter(sent).collect();
    // The very request that breaks a pod is answered well, and says nothing of others.
    let says = |request: &Request| !request.outcome.is_good() || Some(&request.path) == asking.path.as_ref();
    let by_it = asked
        .iter()
        .rev()
        .filter(|request| request.by.as_ref() == Some(&subject.name) && says(request));
    let bad: Vec<_> = by_it.take_while(|request| !request.outcome.is_good()).collect();
    let (last, first) = (bad.first()?.at, bad.last()?.at);
    let end = last.max(out);
    let between: Vec<_> = asked
        .iter()
        .filter(|request| (first..=end).contains(&request.at))
        .collect();
    let unanswered = between
        .iter()
        .filter(|request| request.by.is_none() && !request.outcome.is_good());
    let what = What::Answered {
        service: service.clone(),
        badly: count(bad.len()),
        unanswered: count(unanswered.count()),
        of: count(between.len()),
    };
    Some(Fact {
        // No other fact has this number: those that are watched are counted from 1.
        id: u64::MAX - left.id,
        what,
        subject: subject.clone(),
        who: None,
        when: Moment::between(last, end, Clock::Here).ok()?,
        source: Source::Requests,
        // What was answered before is not kept.
        at_least: asking.is_full() && asking.answers().next().is_some_and(|oldest| first <= oldest.at),
        write: None,
    })
}

/// Whether the pod began to get the traffic that it left.
fn joins(fact: &Fact, left: &Fact) -> bool {
    match (&fact.what, &left.what) {
        (
            What::Serving {
                value: true, service, ..
            },
            What::Serving { service: of, .. },
        ) => service == of && fact.subject.uid == left.subject.uid,
        _ => false,
    }
}

fn count(requests: usize) -> u32 {
    u32::try_from(requests).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use story::{Subject, Write};

    use super::*;
    use crate::Outcome;

    fn at(seconds: f64) -> Timestamp {
        let begin: Timestamp = "2026-03-01T14:03:00Z".parse().unwrap();
        begin + SignedDuration::from_secs_f64(seconds)
    }

    fn serving(id: u64, value: bool, second: f64) -> Fact {
        Fact {
            id,
            what: What::Serving {
                value,
                service: "api".into(),
                trigger: None,
                share: None,
            },
            subject: Subject {
                kind: "Pod".into(),
                namespace: "default".into(),
                name: "api-b".into(),
                uid: "b".into(),
                ..Subject::default()
            },
            who: None,
            when: Moment::second(at(second), Clock::ApiServer),
            source: Source::Slices,
            at_least: false,
            write: Some(Write {
                kind: "EndpointSlice".into(),
                name: "api-x".into(),
                version: 1,
            }),
        }
    }

    /// Requests, each half a second after the one before: the pod that answered, and the status; none for no answer.
    fn asked(answers: &[Option<(&str, u16)>]) -> Asking {
        let mut asking = Asking::new("default", "api");
        asking.path = Some("/healthz".into());
        for (place, answer) in (0_u32..).zip(answers) {
            asking.push(Request {
                at: at(f64::from(place) / 2.0),
                path: "/healthz".into(),
                outcome: answer.map_or(Outcome::Timeout, |(_, status)| Outcome::Status(status)),
                by: answer.map(|(by, _)| format!("api-{by}")),
            });
        }
        asking
    }

    /// What pod b cost that left in this second: bad, unanswered, all, and whether there may be more.
    fn cost(answers: &[Option<(&str, u16)>], second: f64) -> Option<(u32, u32, u32, bool)> {
        let left = serving(7, false, second);
        met(&left, &[], &asked(answers)).map(|fact| match fact.what {
            What::Answered {
                badly,
                unanswered,
                of,
                ..
            } => (badly, unanswered, of, fact.at_least),
            other => panic!("{other:?}"),
        })
    }

    const A: Option<(&str, u16)> = Some(("a", 200));
    const B: Option<(&str, u16)> = Some(("b", 200));
    const BAD: Option<(&str, u16)> = Some(("b", 500));

    #[test]
    fn callers_are_counted_from_the_first_bad_answer_until_the_pod_is_out() {
        // 0 to 3.5 s; it left in second 3, so that it was out by 4 s.
        assert_eq!(cost(&[A, B, A, BAD, A, BAD, BAD, A], 3.0), Some((3, 0, 5, false)));
        // Requests after that met another.
        assert_eq!(
            cost(&[A, B, A, BAD, A, BAD, BAD, A, A, A, A, A], 3.0),
            Some((3, 0, 6, false))
        );
        assert_eq!(cost(&[A, B, A, A, A], 3.0), None);
        // It was well again.
        assert_eq!(cost(&[A, BAD, B, A], 3.0), None);
        assert_eq!(cost(&[A, BAD, B, BAD], 3.0), Some((1, 0, 1, false)));
    }

    #[test]
    fn the_request_that_breaks_a_pod_does_not_say_that_it_is_well() {
        let mut asking = asked(&[A, BAD]);
        asking.push(Request {
            at: at(0.7),
            path: "/rng".into(),
            outcome: Outcome::Status(200),
            by: Some("api-b".into()),
        });
        let fact = met(&serving(7, false, 3.0), &[], &asking).unwrap();
        assert!(
            matches!(fact.what, What::Answered { badly: 1, of: 2, .. }),
            "{fact:?}"
        );
    }

    #[test]
    fn who_got_no_answer_met_nobody_that_is_known() {
        assert_eq!(cost(&[None, A, BAD, None, A], 3.0), Some((1, 1, 3, false)));
        assert_eq!(cost(&[None, None, A], 3.0), None);
    }

    #[test]
    fn what_is_not_kept_any_more_may_have_been_bad_too() {
        assert_eq!(cost(&[BAD; 200], 100.0), Some((120, 0, 120, true)));
        let mut answers = vec![A];
        answers.extend([BAD; 119]);
        assert_eq!(cost(&answers, 60.0), Some((119, 0, 119, false)));
    }

    #[test]
    fn what_it_answered_before_it_joined_again_is_another_story() {
        let facts = [Arc::new(serving(6, true, 2.0))];
        let asking = asked(&[A, BAD, BAD, A, A, BAD, A]);
        let fact = met(&serving(7, false, 3.0), &facts, &asking).unwrap();
        assert!(
            matches!(fact.what, What::Answered { badly: 1, of: 2, .. }),
            "{fact:?}"
        );
    }

    #[test]
    fn other_services_and_what_was_before_cost_nothing_here() {
        let asking = asked(&[BAD]);
        for change in [
            |fact: &mut Fact| fact.subject.namespace = "other".into(),
            |fact: &mut Fact| fact.subject.name = "api-c".into(),
        ] {
            let mut left = serving(7, false, 3.0);
            change(&mut left);
            assert_eq!(met(&left, &[], &asking), None);
        }
        let mut left = serving(7, false, 3.0);
        assert_eq!(settled(&left), Some(at(8.0)));
        left.write = None;
        assert_eq!(settled(&left), None);
        assert_eq!(settled(&serving(7, true, 3.0)), None);
    }

    #[test]
    fn it_follows_from_the_leaving() {
        use story::{Cause, Settings, Story};

        let left = serving(7, false, 3.0);
        let met = met(&left, &[], &asked(&[A, BAD, A, BAD])).unwrap();
        let id = met.id;
        let story = Story::of(vec![met, left], &Settings::default()).unwrap();
        assert_eq!(
            story.facts().iter().map(|fact| fact.id).collect::<Vec<_>>(),
            [7, id]
        );
        assert!(matches!(story.cause(id), Cause::One(link) if link.cause == 7));
    }
}
