//! What is in the files of a record, read once and then on and on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use story::{Fact, Source};

use crate::{Hidden, Live, live::expected};

/// The facts, a line of JSON each.
pub(crate) const FACTS: &str = "facts.jsonl";
/// What is known beside them.
pub(crate) const SIGNS: &str = "signs.json";
/// It is written once a second.
pub(crate) const LATE: SignedDuration = SignedDuration::from_secs(4);
/// How far clocks may be apart: by more, no story can be told.
const LARGEST: SignedDuration = SignedDuration::from_hours(24);
/// A record that was not written for longer is that of a recorder that has stopped; a watch gives a sign of life in 5 s.
pub(crate) const STOPPED: SignedDuration = SignedDuration::from_secs(15);

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What happened: an hour of it, or 32 MiB, and up to five minutes or 8 MiB more.
    pub facts: Vec<Arc<Fact>>,
    /// What is known beside that.
    pub signs: Signs,
    folder: PathBuf,
    place: Place,
}

/// Up to where a file of facts was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    /// Its number in the file system, and since when it is: another file takes its place when what is too old leaves.
    file: (u64, Option<SystemTime>),
    byte: u64,
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
    pub hidden: BTreeMap<Source, Hidden>,
    /// How far clocks were seen to be apart.
    pub skew: SignedDuration,
}

impl Signs {
    /// Whether the recorder had stopped by `now`.
    #[must_use]
    pub fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.written) > STOPPED
    }

    /// Since when nothing was recorded by `now`: the recorder hangs, or has just ended.
    #[must_use]
    pub fn unrecorded(&self, now: Timestamp) -> Option<Timestamp> {
        (now.duration_since(self.written) > LATE).then_some(self.written)
    }

    /// The sources of which the recorder has heard nothing for long by `now`, and since when: it does not hear the API server.
    #[must_use]
    pub fn unheard(&self, now: Timestamp) -> Option<(BTreeSet<Source>, Timestamp)> {
        let late: BTreeMap<_, _> = expected(&self.heard, &self.hidden)
            .filter(|(source, heard)| source.is_watched() && now.duration_since(**heard) > STOPPED)
            .collect();
        let since = **late.values().min()?;
        Some((late.into_keys().copied().collect(), since))
    }

    fn read(folder: &Path) -> io::Result<Self> {
        let signs: Self = serde_json::from_slice(&fs::read(folder.join(SIGNS))?)?;
        if signs.skew.abs() > LARGEST {
            let skew = signs.skew;
            return Err(io::Error::other(format!("clocks that are {skew:#} apart")));
        }
        Ok(signs)
    }
}

impl Recorded {
    /// What is in a folder; none if nothing is.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let signs = match Signs::read(folder) {
            Ok(signs) => signs,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut recorded = Self::empty(folder, signs);
        recorded.read_facts()?;
        Ok(Some(recorded))
    }

    /// Nothing so far.
    pub(crate) fn empty(folder: &Path, signs: Signs) -> Self {
        Self {
            facts: vec![],
            signs,
            folder: folder.to_owned(),
            place: Place::default(),
        }
    }

    /// Reads what was written since; says whether anything had happened.
    ///
    /// # Errors
    /// The files cannot be read, or hold something else. What was read before is kept.
    pub fn read_on(&mut self) -> io::Result<bool> {
        // In this order, whoever is said to have been heard is in the facts.
        let signs = Signs::read(&self.folder)?;
        let new = self.read_facts()?;
        self.signs = signs;
        Ok(new)
    }

    fn read_facts(&mut self) -> io::Result<bool> {
        let mut file = File::open(self.folder.join(FACTS))?;
        let metadata = file.metadata()?;
        let this = (metadata.ino(), metadata.created().ok());
        // A shorter one was damaged, and is read anew.
        let goes_on = self.place.file == this && self.place.byte <= metadata.len();
        let begin = if goes_on { self.place.byte } else { 0 };
        file.seek(SeekFrom::Start(begin))?;
        let mut bytes = vec![];
        file.read_to_end(&mut bytes)?;
        // The last line may be half written.
        bytes.truncate(
            bytes
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1),
        );
        let text = std::str::from_utf8(&bytes).map_err(io::Error::other)?;
        let new = Fact::read(text).map_err(io::Error::other)?;
        let any = begin == 0 || !new.is_empty();
        if begin == 0 {
            self.facts.clear();
        }
        self.facts.extend(new.into_iter().map(Arc::new));
        self.place = Place {
            file: this,
            byte: begin + bytes.len() as u64,
        };
        Ok(any)
    }

    /// Lets go of what is of another namespace. What happened to the whole of the cluster belongs to each.
    pub(crate) fn keep_only(&mut self, namespace: &str) {
        self.facts
            .retain(|fact| [namespace, ""].contains(&&*fact.subject.namespace));
    }

    /// What was recorded, with the objects that are there now, and with who is heard now.
    pub(crate) fn live(&self, now: &Live, at: Timestamp) -> Live {
        let of_kubelets = self.signs.heard.iter();
        let of_kubelets = of_kubelets.filter(|(source, _)| matches!(source, Source::Probes | Source::Usage));
        let heard = now.heard.iter().chain(of_kubelets);
        Live {
            now: now.now.clone(),
            facts: self.facts.clone(),
            heard: heard.map(|(source, heard)| (*source, *heard)).collect(),
            hidden: self.signs.hidden.clone(),
            skew: self.signs.skew,
            unrecorded: self.signs.unrecorded(at),
            usage: now.usage.clone(),
        }
    }
}
