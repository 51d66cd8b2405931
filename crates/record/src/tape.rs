//! A record in files, for whoever looks at it later.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use story::{Clock, Fact, Moment, Source, Subject, What};
use tokio::{sync::watch::Receiver, time::MissedTickBehavior};

use crate::Live;

/// The facts, a line of JSON each.
const FACTS: &str = "facts.jsonl";
/// What is known beside them.
const SIGNS: &str = "signs.json";
/// How often it is written.
const PERIOD: Duration = Duration::from_secs(1);
/// How much may be appended before all is written anew, without what was let go of.
const APPENDED: u64 = 8 << 20;
/// How long it may be before all is written anew.
const ANEW: SignedDuration = SignedDuration::from_mins(5);
/// For how long what an earlier recorder has seen is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// A record that was not written for longer is that of a recorder that has stopped.
const STOPPED: SignedDuration = SignedDuration::from_secs(15);

/// A record in files.
#[derive(Clone, Debug)]
pub struct Tape {
    folder: PathBuf,
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What happened: an hour of it, or 32 MiB, and up to five minutes or 8 MiB more.
    pub facts: Vec<Fact>,
    /// What is known beside that.
    pub signs: Signs,
}

/// What is known beside facts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signs {
    /// When the recorder began to watch. What happened before is what objects carried then.
    pub since: Timestamp,
    /// When this was written.
    pub written: Timestamp,
    /// When each source last gave a sign of life.
    pub heard: BTreeMap<Source, Timestamp>,
    /// The sources of which nothing, or not everything, is seen, and why.
    pub hidden: BTreeMap<Source, String>,
    /// How far clocks were seen to be apart.
    pub skew: SignedDuration,
}

impl Signs {
    /// Whether the recorder had stopped by `now`.
    #[must_use]
    pub fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.written) > STOPPED
    }
}

impl Tape {
    /// A record in the files of a folder, which need not be there yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Writes what is told from now on, after what was recorded before, until nobody tells any more.
    ///
    /// # Errors
    /// The files cannot be written.
    pub async fn keep(&self, mut live: Receiver<Arc<Live>>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let began = Timestamp::now();
        // What cannot be read was another program's, or is damaged: it is replaced.
        let mut earlier = match self.read().ok().flatten() {
            Some(before) => Earlier::of(before, began),
            None => Earlier::none(began),
        };
        let since = earlier.since;
        let mut writer: Option<Writer> = None;
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while live.changed().await.is_ok() {
            tick.tick().await;
            let known = live.borrow_and_update().clone();
            let now = Timestamp::now();
            match writer.as_mut().filter(|writer| !writer.is_full(now)) {
                Some(writer) => writer.append(earlier.today(&known.facts))?,
                None => writer = Some(Writer::begin(&self.folder, earlier.all(&known.facts, now), now)?),
            }
            self.sign(&known, since, now)?;
        }
        Ok(())
    }

    fn sign(&self, live: &Live, since: Timestamp, written: Timestamp) -> io::Result<()> {
        let hidden = live.hidden.iter().map(|(source, why)| (*source, why.to_string()));
        let signs = Signs {
            since,
            written,
            heard: live.heard.clone(),
            hidden: hidden.collect(),
            skew: live.skew,
        };
        replace(&self.folder.join(SIGNS), &serde_json::to_vec(&signs)?)
    }

    /// What was recorded so far; none if nothing was.
    ///
    /// # Errors
    /// The files cannot be read, or hold something else.
    pub fn read(&self) -> io::Result<Option<Recorded>> {
        let signs = match fs::read(self.folder.join(SIGNS)) {
            Ok(signs) => serde_json::from_slice(&signs)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let text = fs::read_to_string(self.folder.join(FACTS))?;
        // The last line may be half written.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let facts = Fact::read(whole).map_err(io::Error::other)?;
        Ok(Some(Recorded { facts, signs }))
    }
}

/// What an earlier recorder has left: it was ended, and started again.
struct Earlier {
    since: Timestamp,
    facts: Vec<Arc<Fact>>,
    /// The number of the last of them, after which those of today are numbered.
    last: u64,
    /// Which of today's say again what was known.
    again: Option<BTreeSet<u64>>,
}

impl Earlier {
    /// What it left, and that nothing was seen from then until `now`.
    fn of(before: Recorded, now: Timestamp) -> Self {
        let mut last = before.facts.iter().map(|fact| fact.id).max().unwrap_or(0);
        let mut facts: Vec<_> = before.facts.into_iter().map(Arc::new).collect();
        for (source, heard) in before.signs.heard {
            let Ok(when) = Moment::between(heard, now.max(heard), Clock::Here) else {
                continue;
            };
            last += 1;
            facts.push(Arc::new(Fact {
                id: last,
                what: What::Gap,
                subject: Subject {
                    kind: "Namespace".into(),
                    ..Subject::default()
                },
                who: None,
                when,
                source,
                at_least: false,
                write: None,
            }));
        }
        Self {
            since: before.signs.since,
            facts,
            last,
            again: None,
        }
    }

    /// Nothing.
    fn none(since: Timestamp) -> Self {
        Self {
            since,
            facts: vec![],
            last: 0,
            again: None,
        }
    }

    /// What is left of it at `now`, and what is known today.
    fn all<'a>(
        &'a mut self,
        today: &'a [Arc<Fact>],
        now: Timestamp,
    ) -> impl Iterator<Item = (u64, &'a Arc<Fact>)> {
        // What objects carry was recorded when it happened.
        if self.again.is_none() {
            let known = |fact: &&Arc<Fact>| self.facts.iter().any(|before| is_same(before, fact));
            self.again = Some(today.iter().filter(known).map(|fact| fact.id).collect());
        }
        self.facts
            .retain(|fact| now.duration_since(fact.when.latest()) < KEPT);
        let earlier = self.facts.iter().map(|fact| (fact.id, fact));
        earlier.chain(self.today(today))
    }

    /// What is known today, with the numbers that follow.
    fn today<'a>(&'a self, today: &'a [Arc<Fact>]) -> impl Iterator<Item = (u64, &'a Arc<Fact>)> {
        let is_new = |fact: &&Arc<Fact>| self.again.as_ref().is_none_or(|again| !again.contains(&fact.id));
        let new = today.iter().filter(is_new);
        new.map(|fact| (fact.id + self.last, fact))
    }
}

/// Whether two facts say the same of the same, at times that may be one.
fn is_same(one: &Fact, other: &Fact) -> bool {
    let of = |fact: &Fact| {
        let container = fact
            .subject
            .container
            .as_ref()
            .map(|container| container.name.clone());
        (fact.subject.uid.clone(), container)
    };
    // What a watch tells more exactly is the same all the same.
    mem::discriminant(&one.what) == mem::discriminant(&other.what)
        && of(one) == of(other)
        && one.when.earliest() <= other.when.latest()
        && other.when.earliest() <= one.when.latest()
}

/// The file of facts while it is added to.
struct Writer {
    file: File,
    begun: Timestamp,
    /// The number of the last fact in it.
    last: u64,
    /// How much was added to what it began with.
    appended: u64,
}

impl Writer {
    /// A file with what is known, each fact with its number, in place of the one that was there.
    fn begin<'a>(
        folder: &Path,
        facts: impl Iterator<Item = (u64, &'a Arc<Fact>)>,
        now: Timestamp,
    ) -> io::Result<Self> {
        let path = folder.join(FACTS);
        let new = path.with_extension("new");
        let mut writer = Self {
            file: File::create(&new)?,
            begun: now,
            last: 0,
            appended: 0,
        };
        writer.append(facts)?;
        writer.appended = 0;
        fs::rename(new, path)?;
        Ok(writer)
    }

    fn is_full(&self, now: Timestamp) -> bool {
        self.appended > APPENDED || now.duration_since(self.begun) > ANEW
    }

    /// Adds those that are not in it yet.
    fn append<'a>(&mut self, facts: impl Iterator<Item = (u64, &'a Arc<Fact>)>) -> io::Result<()> {
        let mut lines = vec![];
        for (id, fact) in facts {
            if id <= self.last {
                continue;
            }
            let numbered = Fact {
                id,
                ..(**fact).clone()
            };
            serde_json::to_writer(&mut lines, &numbered)?;
            lines.push(b'\n');
            self.last = id;
        }
        self.file.write_all(&lines)?;
        self.appended += lines.len() as u64;
        Ok(())
    }
}

/// Writes a file as a whole: whoever reads it finds the old one or the new one.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, content)?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use tokio::sync::watch::channel;

    use super::*;

    fn fact(id: u64) -> Arc<Fact> {
        let line = format!(
            r#"{{"id":{id},"what":"created","subject":{{"kind":"Pod","namespace":"x","name":"a","uid":"u"}},"who":null,
            "earliest":"2026-03-01T14:03:10Z","latest":"2026-03-01T14:03:11Z","clock":"api_server","source":"pods"}}"#
        );
        Arc::new(Fact::read(&line.replace('\n', " ")).unwrap().remove(0))
    }

    fn own(facts: &[Arc<Fact>]) -> impl Iterator<Item = (u64, &Arc<Fact>)> {
        facts.iter().map(|fact| (fact.id, fact))
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
        begin(&[fact(4), fact(5)]).unwrap();
        assert_eq!(ids(&tape), [4, 5]);

        // A line that is being written is none yet.
        let path = folder.path().join(FACTS);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 20]).unwrap();
        assert_eq!(ids(&tape), [4]);
        fs::write(&path, "nonsense\n").unwrap();
        assert!(tape.read().is_err());
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
        let mut earlier = Earlier::of(tape.read().unwrap().unwrap(), now);
        assert_eq!(earlier.since, begun);
        let other = Arc::new(Fact {
            what: What::Gone { asked: false },
            ..(*fact(2)).clone()
        });
        // The first says again what was known; numbers go on.
        let today = [fact(1), other];
        let all: Vec<_> = earlier
            .all(&today, now)
            .map(|(id, fact)| (id, Arc::clone(fact)))
            .collect();
        let ids: Vec<_> = all.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [3, 5, 6, 8]);
        let gap = &all[2].1;
        assert_eq!((&gap.what, gap.source), (&What::Gap, Source::Pods));
        assert_eq!((gap.when.earliest(), gap.when.latest()), (ended, now));
        // After an hour only what is newer is left.
        let later = at("2026-03-01T15:04:30Z");
        let left: Vec<_> = earlier.all(&[], later).map(|(id, _)| id).collect();
        assert_eq!(left, [6]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_told_is_kept_until_nobody_tells_more() {
        let folder = tempfile::tempdir().unwrap();
        let tape = Tape::new(&folder.path().join("new"));
        let (send, live) = channel(Arc::default());
        let keeping = tape.keep(live);
        let telling = async {
            send.send_replace(Arc::new(Live {
                facts: vec![fact(7)],
                ..Live::default()
            }));
            while tape.read().ok().flatten().is_none() {
                tokio::time::sleep(PERIOD).await;
            }
            drop(send);
        };
        let (kept, ()) = tokio::join!(keeping, telling);
        kept.unwrap();
        assert_eq!(ids(&tape), [7]);
        let signs = tape.read().unwrap().unwrap().signs;
        assert!(!signs.is_old(signs.written) && signs.is_old(signs.written + STOPPED * 2));
    }
}
