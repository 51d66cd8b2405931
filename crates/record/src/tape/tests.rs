//! What is recorded, and how one record goes on after another.

use std::collections::BTreeMap;

use story::Clock;
use tokio::sync::watch::channel;

use super::*;
use crate::recorded::{LATE, STOPPED};

fn fact(id: u64) -> Arc<Fact> {
    let line = format!(
        r#"{{"id":{id},"what":"created","subject":{{"kind":"Pod","namespace":"x","name":"a","uid":"u"}},"who":null,
        "earliest":"2026-03-01T14:03:10Z","latest":"2026-03-01T14:03:11Z","clock":"api_server","source":"pods"}}"#
    );
    Arc::new(Fact::read(&line.replace('\n', " ")).unwrap().remove(0))
}

fn own(facts: &[Arc<Fact>]) -> impl Iterator<Item = Fact> {
    facts.iter().map(|fact| (**fact).clone())
}

fn ids(tape: &Tape) -> Vec<u64> {
    let recorded = tape.read().unwrap().unwrap();
    recorded.facts.iter().map(|fact| fact.id).collect()
}

#[test]
fn facts_are_added_and_those_let_go_of_leave_with_the_next_file() {
    let folder = tempfile::tempdir().unwrap();
    let begun: Timestamp = "2026-03-01T14:00:00Z".parse().unwrap();
    let tape = Tape::new(folder.path());
    assert!(tape.read().unwrap().is_none());
    let begin = |facts: &[Arc<Fact>]| Writer::begin(folder.path(), own(facts), begun);
    let mut writer = begin(&[fact(1), fact(2)]).unwrap();
    tape.sign(&Live::default(), begun, begun).unwrap();
    writer.append(own(&[fact(2), fact(4)])).unwrap();
    assert_eq!(ids(&tape), [1, 2, 4]);
    assert!(!writer.is_full(begun) && writer.is_full(begun + ANEW * 2));
    let mut recorded = tape.read().unwrap().unwrap();
    let mut writer = begin(&[fact(4), fact(5)]).unwrap();
    assert_eq!(ids(&tape), [4, 5]);
    let mut read_on = || {
        recorded.read_on().unwrap();
        recorded.facts.iter().map(|fact| fact.id).collect::<Vec<_>>()
    };
    assert_eq!(read_on(), [4, 5]);
    writer.append(own(&[fact(6)])).unwrap();
    assert_eq!((read_on(), read_on()), (vec![4, 5, 6], vec![4, 5, 6]));

    // A line that is being written is none yet.
    let path = folder.path().join(FACTS);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    assert_eq!(ids(&tape), [4, 5]);
    fs::write(&path, "nonsense\n").unwrap();
    assert!(tape.read().is_err() && recorded.read_on().is_err());
    assert_eq!(recorded.facts.len(), 3);
}

#[test]
fn a_recorder_that_starts_again_goes_on_after_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let (begun, ended, now) = (
        at("2026-03-01T14:00:00Z"),
        at("2026-03-01T14:04:00Z"),
        at("2026-03-01T14:05:00Z"),
    );
    let tape = Tape::new(folder.path());
    Writer::begin(folder.path(), own(&[fact(3), fact(5)]), begun).unwrap();
    let live = Live {
        heard: BTreeMap::from([(Source::Pods, ended)]),
        ..Live::default()
    };
    tape.sign(&live, begun, ended).unwrap();
    // It begins to see again with its first list, which may take its time.
    let listed = at("2026-03-01T14:05:20Z");
    let first = Live {
        heard: BTreeMap::from([(Source::Pods, listed)]),
        ..Live::default()
    };
    let mut earlier = Earlier::of(tape.read().unwrap().unwrap(), &first, now);
    assert_eq!(earlier.since, begun);
    let other = Arc::new(Fact {
        what: What::Gone {
            asked: false,
            grace: None,
            idle: false,
        },
        ..(*fact(2)).clone()
    });
    // The first says again what was known; numbers go on.
    let today = [fact(1), other];
    let all: Vec<_> = earlier.all(&today, now).collect();
    let ids: Vec<_> = all.iter().map(|fact| fact.id).collect();
    assert_eq!(ids, [3, 5, 6, 8]);
    let gap = &all[2];
    assert_eq!((&gap.what, gap.source), (&What::Gap, Source::Pods));
    assert_eq!((gap.when.earliest(), gap.when.latest()), (ended, listed));
    // After an hour only what is newer is left.
    let later = at("2026-03-01T15:04:30Z");
    let left: Vec<_> = earlier.all(&[], later).map(|fact| fact.id).collect();
    assert_eq!(left, [6]);
}

#[test]
fn of_too_much_the_oldest_goes() {
    let facts: Vec<_> = (1..=9).map(fact).collect();
    let line = serde_json::to_string(&*facts[0]).unwrap().len();
    let kept = newest(facts.clone(), 3 * line);
    assert_eq!(kept.iter().map(|fact| fact.id).collect::<Vec<_>>(), [7, 8, 9]);
    assert_eq!(newest(facts, usize::MAX).len(), 9);
}

#[test]
fn a_second_flip_in_a_second_is_another_fact() {
    let ready = |value| Fact {
        what: What::Ready { value, created: None },
        ..(*fact(1)).clone()
    };
    assert!(is_same(&ready(true), &ready(true)));
    assert!(!is_same(&ready(true), &ready(false)));
}

#[test]
fn an_end_that_nobody_saw_was_after_the_last_report() {
    let at = |text: &str| format!("2026-03-01T{text}Z").parse::<Timestamp>().unwrap();
    let end = |earliest: &str, reason: &str| {
        let when = Moment::between(at(earliest), at("14:20:00"), Clock::Runtime).unwrap();
        let what = What::Ended {
            restart: 0,
            started: None,
            reason: reason.into(),
            code: 255,
        };
        Arc::new(Fact {
            what,
            when,
            ..(*fact(1)).clone()
        })
    };
    let told = |heard: &[(Source, Timestamp)], fact: &Arc<Fact>| {
        let signs = Signs {
            since: at("14:00:00"),
            written: at("14:10:00"),
            heard: heard.iter().copied().collect(),
            hidden: BTreeMap::new(),
            skew: SignedDuration::ZERO,
        };
        let before = Recorded::empty(Path::new("/none"), signs);
        let earlier = Earlier::of(before, &Live::default(), at("14:21:00"));
        earlier.narrowed(fact).when.earliest()
    };
    let heard = [(Source::Pods, at("14:10:00")), (Source::Probes, at("14:09:30"))];
    assert_eq!(told(&heard, &end("14:03:10", "Unknown")), at("14:09:28"));
    // Nobody knows whether the kubelet still lived.
    assert_eq!(told(&heard[..1], &end("14:03:10", "Unknown")), at("14:03:10"));
    // It began later, or somebody saw it.
    assert_eq!(told(&heard, &end("14:15:00", "Unknown")), at("14:15:00"));
    assert_eq!(told(&heard, &end("14:03:10", "Error")), at("14:03:10"));
}

#[tokio::test(start_paused = true)]
async fn what_is_told_is_kept_until_nobody_tells_more() {
    let folder = tempfile::tempdir().unwrap();
    let tape = Tape::new(&folder.path().join("new"));
    let (send, live) = channel(Arc::default());
    let keeping = tape.keep(live);
    let telling = async {
        // It may not see anything yet: what it records begins later.
        let mut since = BTreeSet::new();
        for _look in 0..5 {
            send.send_replace(Arc::default());
            tokio::time::sleep(PERIOD * 2).await;
            since.insert(tape.read().unwrap().unwrap().signs.since);
        }
        assert!(since.len() > 1, "{since:?}");
        send.send_replace(Arc::new(Live {
            facts: vec![fact(7)],
            heard: BTreeMap::from([(Source::Pods, Timestamp::now())]),
            ..Live::default()
        }));
        while ids(&tape) != [7] {
            tokio::time::sleep(PERIOD).await;
        }
        drop(send);
    };
    let (kept, ()) = tokio::join!(keeping, telling);
    kept.unwrap();
    assert_eq!(ids(&tape), [7]);
    let mut signs = tape.read().unwrap().unwrap().signs;
    let written = signs.written;
    assert!(!signs.is_old(written) && signs.is_old(written + STOPPED * 2));
    // It hangs for some seconds.
    assert_eq!(signs.unrecorded(written + LATE), None);
    assert_eq!(signs.unrecorded(written + LATE * 2), Some(written));
    // It hears kubelets alone.
    signs.heard = BTreeMap::from([(Source::Pods, written - STOPPED), (Source::Probes, written)]);
    assert_eq!(signs.unheard(written), None);
    let pods = BTreeSet::from([Source::Pods]);
    assert_eq!(signs.unheard(written + LATE), Some((pods, written - STOPPED)));
    // It may not see them any more, which is said.
    signs.hidden = BTreeMap::from([(Source::Pods, crate::Hidden::Forbidden)]);
    assert_eq!(signs.unheard(written + LATE), None);
}
