//! A record in files, for whoever looks at it later.

use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File},
    io::{self, Write},
    mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use story::{Fact, Moment, Source, What};
use tokio::{sync::watch::Receiver, time::MissedTickBehavior};

use crate::{
    Live, Recorded, Signs,
    read::meta::gap,
    recorded::{FACTS, SIGNS},
};

/// How often it is written.
const PERIOD: Duration = Duration::from_secs(1);
/// How much may be appended before all is written anew, without what was let go of.
const APPENDED: u64 = 8 << 20;
/// How long it may be before all is written anew.
const ANEW: SignedDuration = SignedDuration::from_mins(5);
/// For how long what an earlier recorder has seen is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// How many bytes of it are kept, as lines of JSON: one recorder after another may have ended within the hour.
const MOST_BYTES: usize = 32 << 20;
/// How long the kubelet takes at most to report that a container has ended: it looks once a second.
const REPORTED: SignedDuration = SignedDuration::from_secs(2);

/// A record in files.
#[derive(Clone, Debug)]
pub struct Tape {
    folder: PathBuf,
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
        let (mut earlier, mut writer): (Option<Earlier>, Option<Writer>) = (None, None);
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while live.changed().await.is_ok() {
            tick.tick().await;
            let known = live.borrow_and_update().clone();
            let now = Timestamp::now();
            let earlier = earlier.get_or_insert_with(|| match self.read() {
                // A recorder that may not see anything has recorded nothing.
                Ok(Some(before)) if !before.signs.heard.is_empty() => Earlier::of(before, &known, now),
                // What cannot be read was another program's, or is damaged: it is replaced.
                _ => Earlier::none(now),
            });
            if known.heard.is_empty() && earlier.facts.is_empty() {
                earlier.since = now;
            }
            match writer.as_mut().filter(|writer| !writer.is_full(now)) {
                Some(writer) => writer.append(earlier.today(&known.facts, writer.last))?,
                None => writer = Some(Writer::begin(&self.folder, earlier.all(&known.facts, now), now)?),
            }
            self.sign(&known, earlier.since, now)?;
        }
        Ok(())
    }

    fn sign(&self, live: &Live, since: Timestamp, written: Timestamp) -> io::Result<()> {
        let signs = Signs {
            since,
            written,
            heard: live.heard.clone(),
            hidden: live.hidden.clone(),
            skew: live.skew,
        };
        replace(&self.folder.join(SIGNS), &serde_json::to_vec(&signs)?)
    }

    /// What was recorded so far; none if nothing was.
    ///
    /// # Errors
    /// The files cannot be read, or hold something else.
    pub fn read(&self) -> io::Result<Option<Recorded>> {
        Recorded::read(&self.folder)
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
    /// When containers still ran whose end it has not told.
    alive: Option<Timestamp>,
}

impl Earlier {
    /// What it left, and that each source told nothing from then until `first`, or `now` if it has not even then.
    fn of(before: Recorded, first: &Live, now: Timestamp) -> Self {
        let mut last = before.facts.iter().map(|fact| fact.id).max().unwrap_or(0);
        let mut facts = newest(before.facts, MOST_BYTES);
        // The kubelet reports an end within moments as long as it lives, and the watch of pods tells of it.
        let [pods, kubelet] = [Source::Pods, Source::Probes].map(|source| before.signs.heard.get(&source));
        let heard = pods.zip(kubelet).map(|(pods, kubelet)| *pods.min(kubelet));
        let alive = heard.and_then(|heard| heard.checked_sub(REPORTED).ok());
        for (source, heard) in before.signs.heard {
            let now = first.heard.get(&source).copied().unwrap_or(now);
            let Some(gap) = gap("", source, heard, now) else {
                continue;
            };
            last += 1;
            facts.push(Arc::new(Fact { id: last, ..gap }));
        }
        Self {
            since: before.signs.since,
            facts,
            last,
            again: None,
            alive,
        }
    }

    /// Nothing.
    fn none(since: Timestamp) -> Self {
        Self {
            since,
            facts: vec![],
            last: 0,
            again: None,
            alive: None,
        }
    }

    /// What is left of it at `now`, and what is known today.
    fn all<'a>(&'a mut self, today: &'a [Arc<Fact>], now: Timestamp) -> impl Iterator<Item = Fact> + 'a {
        // What objects carry was recorded when it happened.
        if self.again.is_none() {
            let mut by_uid: HashMap<&str, Vec<&Fact>> = HashMap::new();
            for fact in &self.facts {
                by_uid.entry(&fact.subject.uid).or_default().push(fact);
            }
            let known = |fact: &Fact| {
                let before = by_uid.get(&*fact.subject.uid);
                before.is_some_and(|before| before.iter().any(|before| is_same(before, fact)))
            };
            let again = today.iter().filter(|fact| known(&self.narrowed(fact)));
            self.again = Some(again.map(|fact| fact.id).collect());
        }
        self.facts
            .retain(|fact| now.duration_since(fact.when.latest()) < KEPT);
        let earlier = self.facts.iter().map(|fact| (**fact).clone());
        earlier.chain(self.today(today, 0))
    }

    /// What is known today and has a number above `written`, with the numbers that follow.
    fn today<'a>(&'a self, today: &'a [Arc<Fact>], written: u64) -> impl Iterator<Item = Fact> + 'a {
        let is_new = move |fact: &&Arc<Fact>| {
            fact.id + self.last > written && self.again.as_ref().is_none_or(|again| !again.contains(&fact.id))
        };
        let new = today.iter().filter(is_new);
        new.map(|fact| Fact {
            id: fact.id + self.last,
            ..self.narrowed(fact)
        })
    }

    /// The fact; an end that nobody saw was not before the container was last known to run.
    fn narrowed(&self, fact: &Fact) -> Fact {
        let when = fact.when;
        let later = self
            .alive
            .filter(|alive| fact.what.is_unseen_end() && when.earliest() < *alive)
            .and_then(|alive| Moment::between(alive, when.latest(), when.clock()).ok());
        Fact {
            when: later.unwrap_or(when),
            ..fact.clone()
        }
    }
}

/// The newest facts that have so many bytes together, at most.
fn newest(mut facts: Vec<Arc<Fact>>, most: usize) -> Vec<Arc<Fact>> {
    let mut bytes = 0;
    let fits = |fact: &&Arc<Fact>| {
        // A fact has nothing that JSON could not have.
        bytes += serde_json::to_string(&***fact).map_or(0, |line| line.len());
        bytes <= most
    };
    let kept = facts.iter().rev().take_while(fits).count();
    facts.drain(..facts.len() - kept);
    facts
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
    let alike = match (&one.what, &other.what) {
        (What::Ready { value, .. }, What::Ready { value: other, .. })
        | (What::Serving { value, .. }, What::Serving { value: other, .. })
        | (What::Gone { asked: value, .. }, What::Gone { asked: other, .. }) => value == other,
        (
            What::Probed { probe, ok, .. },
            What::Probed {
                probe: of, ok: good, ..
            },
        ) => (probe, ok) == (of, good),
        (What::Started { restart, .. }, What::Started { restart: other, .. })
        | (What::Ended { restart, .. }, What::Ended { restart: other, .. })
        | (What::Waits { restart, .. }, What::Waits { restart: other, .. })
        | (What::Scaled { to: restart, .. }, What::Scaled { to: other, .. }) => restart == other,
        (one, other) => mem::discriminant(one) == mem::discriminant(other),
    };
    alike
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
    fn begin(folder: &Path, facts: impl Iterator<Item = Fact>, now: Timestamp) -> io::Result<Self> {
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
    fn append(&mut self, facts: impl Iterator<Item = Fact>) -> io::Result<()> {
        let mut lines = vec![];
        for fact in facts {
            if fact.id <= self.last {
                continue;
            }
            serde_json::to_writer(&mut lines, &fact)?;
            lines.push(b'\n');
            self.last = fact.id;
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
mod tests;
