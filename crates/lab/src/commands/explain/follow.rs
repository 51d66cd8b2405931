//! Telling what happens as it happens.

use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    sync::Arc,
    time::Duration,
};

use futures::future::try_join_all;
use guide::Message;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use record::{Live, Reach};
use story::{Fact, Settings, Source, Story};
use tokio::{
    sync::watch::{Receiver, channel},
    time::{Instant, MissedTickBehavior, interval},
};

use super::{
    about::{Known, Wanted},
    args::{Args, Output},
    recorded::{self, Past},
    text::Teller,
    unknown::{self, Unseen},
};
use crate::Exit;

/// How long a fact waits before it is told: what caused it may become known later, as kubelets are asked once a second, and some
/// events wait half of one for what they are about.
const HOLD: Duration = Duration::from_secs(2);
/// How often is looked for what can be told.
const PERIOD: Duration = Duration::from_millis(500);
/// How long is waited at first until it is known whether kubelets answer: they may take 3 s.
const FIRST: Duration = Duration::from_secs(4);
/// For how long a source may be silent: watches are renewed after 5 s.
const SILENCE: SignedDuration = SignedDuration::from_secs(15);

/// Tells the story so far and then goes on, until it is dropped.
///
/// # Errors
/// The first lists fail.
pub(super) async fn follow(reach: &Reach, wanted: &Wanted, args: &Args, past: &Past) -> anyhow::Result<Exit> {
    let (senders, watched): (Vec<_>, Vec<_>) = wanted
        .namespaces()
        .map(|namespace| {
            let (sender, receiver) = channel(Arc::default());
            ((namespace, sender), (namespace, receiver))
        })
        .unzip();
    let watching = senders
        .iter()
        .map(|(namespace, sender)| recorded::watch(reach, namespace, past, sender));
    let watching = try_join_all(watching);
    let ahead = record::ahead(&reach.answers).await?;
    let beginning = args.since.map(|since| since.before(Timestamp::now(), ahead));
    let follower = Follower::new(wanted, args, past, beginning);
    tokio::select! {
        never = watching => {
            let never: Vec<Infallible> = never?;
            drop(never);
            Ok(Exit::Done)
        }
        ended = follower.tell(watched, ahead) => ended,
    }
}

/// What was told so far.
struct Follower<'a> {
    wanted: &'a Wanted,
    args: &'a Args,
    past: &'a Past,
    beginning: Option<Timestamp>,
    known: Known,
    /// When each fact was first seen.
    seen: BTreeMap<u64, Instant>,
    told: BTreeSet<u64>,
    /// The facts of which it is known whether they are to be told: they have waited.
    decided: BTreeSet<u64>,
    teller: Teller,
    /// Whether it was said that nothing is heard.
    silent: bool,
    /// Whether it was said that the record stands still.
    unrecorded: bool,
    skew_told: bool,
}

impl<'a> Follower<'a> {
    fn new(wanted: &'a Wanted, args: &'a Args, past: &'a Past, beginning: Option<Timestamp>) -> Self {
        Self {
            wanted,
            args,
            past,
            beginning,
            known: Known::default(),
            seen: BTreeMap::new(),
            told: BTreeSet::new(),
            decided: BTreeSet::new(),
            teller: Teller::default(),
            silent: false,
            unrecorded: false,
            skew_told: false,
        }
    }

    async fn tell(
        mut self,
        mut watched: Vec<(&str, Receiver<Arc<Live>>)>,
        ahead: SignedDuration,
    ) -> anyhow::Result<Exit> {
        let first = begin(&mut watched).await;
        let unseen_first = unseen(&first);
        self.learn(&first);
        if self.known.is_empty()
            && let Some(reason) = self.args.unfound(&unseen_first.hidden())
        {
            return Ok(self.args.failed(&reason));
        }
        self.head(&unseen_first, ahead);
        self.go_on(&first, unseen_first.skew, Duration::ZERO)?;
        let mut tick = interval(PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            let now: Vec<_> = watched
                .iter_mut()
                .map(|(namespace, live)| (*namespace, live.borrow_and_update().clone()))
                .collect();
            let unseen = unseen(&now);
            self.notes(&unseen);
            self.go_on(&now, unseen.skew, HOLD)?;
        }
    }

    fn learn(&mut self, now: &[(&str, Arc<Live>)]) {
        for (namespace, live) in now {
            self.known.learn(self.wanted, namespace, &live.now);
            self.known.remember(self.wanted, &live.facts);
        }
    }

    /// The facts of all namespaces together. Each namespace has numbers of its own, but for those of one record.
    fn numbered<'n>(&self, now: &'n [(&str, Arc<Live>)]) -> BTreeMap<u64, &'n Arc<Fact>> {
        let many = match self.past {
            Past::Recorded(_) => 1,
            Past::Unrecorded(_) => u64::try_from(now.len()).unwrap_or(1),
        };
        let lives = (0..many).cycle().zip(now);
        let facts = lives.flat_map(|(place, (_, live))| {
            let facts = live.facts.iter();
            facts.map(move |fact| (fact.id * many + place, fact))
        });
        facts.collect()
    }

    /// What cannot be known.
    fn head(&mut self, unseen: &Unseen, ahead: SignedDuration) {
        let mut parts: Vec<_> = match self.past {
            Past::Recorded(recorded) => {
                let told = recorded::told(recorded, &ZonedDateTime::now());
                vec![told, Message::new("explain-live-recorded")]
            }
            Past::Unrecorded(why) => {
                let live = Message::new("explain-live");
                why.iter().cloned().chain([live]).chain(unseen.lacks()).collect()
            }
        };
        parts.extend(unknown::clock(ahead));
        self.skew_told = !unseen.skew.is_zero();
        let head = Message::joined(" ", parts);
        match self.args.output {
            Output::Json => eprintln!("{}", self.args.lang.tell(&head)),
            Output::Plain => crate::print::out(format_args!("{}", Teller::head(&head, self.args.lang))),
        }
    }

    /// What became known of what cannot be known.
    fn notes(&mut self, unseen: &Unseen) {
        let silent = unseen
            .heard
            .is_some_and(|heard| Timestamp::now().duration_since(heard) > SILENCE);
        let mut notes = vec![];
        if silent && !self.silent {
            notes.push(Message::new("explain-silent"));
        }
        self.silent = silent;
        if let Some(since) = unseen.unrecorded.filter(|_| !self.unrecorded) {
            notes.push(unknown::unwritten(since, &ZonedDateTime::now()));
        }
        self.unrecorded = unseen.unrecorded.is_some();
        if !self.skew_told && !unseen.skew.is_zero() {
            self.skew_told = true;
            notes.extend(unknown::skew(unseen.skew));
        }
        for note in notes {
            eprintln!("{}", self.args.lang.tell(&note));
        }
    }

    /// Tells what has waited for long enough, and what caused it.
    fn go_on(
        &mut self,
        now: &[(&str, Arc<Live>)],
        skew: SignedDuration,
        hold: Duration,
    ) -> anyhow::Result<()> {
        let at = Instant::now();
        let numbered = self.numbered(now);
        let ids: BTreeSet<_> = numbered.keys().copied().collect();
        self.told.retain(|id| ids.contains(id));
        self.decided.retain(|id| ids.contains(id));
        self.seen.retain(|id, _| ids.contains(id));
        for id in &ids {
            self.seen.entry(*id).or_insert(at);
        }
        let waited: BTreeSet<u64> = self
            .seen
            .iter()
            .filter(|(_, seen)| at - **seen >= hold)
            .map(|(id, _)| *id)
            .collect();
        if self.decided == waited {
            return Ok(());
        }
        self.learn(now);
        let settings = Settings::with_skew(skew);
        let facts = numbered.into_iter().map(|(id, fact)| Fact {
            id,
            ..(**fact).clone()
        });
        let story = Story::of(facts.collect(), &settings)?;
        let ripe = |fact: &Fact| {
            let recent = self
                .beginning
                .is_none_or(|beginning| fact.when.latest() >= beginning);
            waited.contains(&fact.id) && recent && self.known.holds(fact)
        };
        let story = story.about(ripe);
        let new: BTreeSet<_> = story
            .facts()
            .iter()
            .map(|fact| fact.id)
            .filter(|id| !self.told.contains(id))
            .collect();
        match self.args.output {
            Output::Json => {
                for line in story.lines().filter(|line| new.contains(&line.fact.id)) {
                    crate::outln!("{}", line.json()?);
                }
            }
            Output::Plain => {
                let now = ZonedDateTime::now();
                let text = self.teller.lines(&story, &new, &now, self.args.lang);
                crate::print::out(format_args!("{text}"));
            }
        }
        self.told.extend(new);
        self.decided = waited;
        Ok(())
    }
}

/// Waits until everything was listed, and until it is known whether kubelets answer.
async fn begin<'a>(watched: &mut [(&'a str, Receiver<Arc<Live>>)]) -> Vec<(&'a str, Arc<Live>)> {
    let mut first = vec![];
    for (namespace, live) in watched {
        let listed = live.wait_for(|live| !live.heard.is_empty() || !live.hidden.is_empty());
        // Whoever sends is waited for beside this.
        drop(listed.await);
        let answered = live.wait_for(|live| {
            let probes =
                live.heard.contains_key(&Source::Probes) || live.hidden.contains_key(&Source::Probes);
            probes || live.now.pods.is_empty()
        });
        drop(tokio::time::timeout(FIRST, answered).await);
        first.push((*namespace, live.borrow_and_update().clone()));
    }
    first
}

fn unseen(now: &[(&str, Arc<Live>)]) -> Unseen {
    Unseen::of(now.iter().map(|(_, live)| &**live))
}
