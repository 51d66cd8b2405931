#![doc = include_str!("../README.md")]

mod axis;
mod canvas;
mod caption;
mod cpu;
mod facts;
mod letters;
mod memory;
mod probes;
pub mod recording;
mod refusals;
mod restarts;
mod storyboard;
mod take;
mod traffic;
mod update;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use guide::Language;

use canvas::Drawn;
use recording::Recording;

pub use canvas::{Label, WIDTH};
pub use take::{TAKES, Take, checksum};

/// Largest recording that is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// Why pictures cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A recording is not there, or cannot be read.
    #[error("cannot read {}: {reason}; `cargo lab pictures {take}` records it", path.display())]
    Unreadable {
        /// Its file.
        path: PathBuf,
        /// What is recorded in it.
        take: &'static str,
        /// The cause.
        reason: io::Error,
    },
    /// A recording lacks what a picture shows.
    #[error(
        "the recording {take} does not show what {picture} needs; record it again: `cargo lab pictures {take}`"
    )]
    NotSeen {
        /// The picture.
        picture: &'static str,
        /// What was recorded.
        take: &'static str,
    },
}

/// A picture in one language.
pub struct Picture {
    /// Its file in the clone.
    pub file: PathBuf,
    /// What stands in it.
    pub svg: String,
    /// How high it is; all are as wide as [`WIDTH`].
    pub height: f64,
    /// The texts in it.
    pub labels: Vec<Label>,
}

fn read(path: &Path) -> io::Result<Recording> {
    if fs::metadata(path)?.len() > MAX_SIZE {
        return Err(io::Error::other(
            "larger than 1 MiB, which no recording should be",
        ));
    }
    Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
}

/// Draws from a recording; none if that does not show what is to be drawn.
type Draw = fn(&Recording, Language) -> Option<Drawn>;

/// The timelines: the name, what is recorded for it, and how it is drawn.
const TIMELINES: [(&str, &str, Draw); 5] = [
    ("12.1-traffic", "12.1", traffic::draw),
    ("12.2-probes", "12.2", probes::draw),
    ("12.2-restarts", "12.2-restarts", restarts::draw),
    ("12.4-memory", "12.4-memory", memory::draw),
    ("12.4-cpu", "12.4-cpu", cpu::draw),
];

/// Where a recording is kept in the clone at `root`.
#[must_use]
pub fn recorded(root: &Path, take: &str) -> PathBuf {
    root.join("guide/pictures/recorded").join(format!("{take}.json"))
}

impl Recording {
    /// As it is kept: an entry a line.
    ///
    /// # Errors
    /// Never, for what is a number.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut lines = vec![];
        let value = serde_json::to_value(self)?;
        for (name, value) in value.as_object().into_iter().flatten() {
            let text = match value.as_array() {
                Some(entries) => {
                    let entries: Vec<_> = entries.iter().map(|entry| format!("    {entry}")).collect();
                    format!("[\n{}\n  ]", entries.join(",\n"))
                }
                None => value.to_string(),
            };
            lines.push(format!("  {name:?}: {text}"));
        }
        Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
    }

    /// Reads the recording of a take in the clone at `root`.
    ///
    /// # Errors
    /// It is not there, or is no recording.
    pub fn load(root: &Path, take: &'static str) -> Result<Self, Error> {
        let path = recorded(root, take);
        read(&path).map_err(|reason| Error::Unreadable { path, take, reason })
    }
}

/// Draws what no run can show.
type DrawDiagram = fn(Language) -> Drawn;

/// The diagrams: the name, and how it is drawn.
const DIAGRAMS: [(&str, DrawDiagram); 3] = [
    ("12.1-endpoints", storyboard::draw),
    ("12.3-update", update::draw),
    ("12.4-refusals", refusals::draw),
];

/// Draws all pictures, in all languages, from the recordings in the clone at `root`.
///
/// # Errors
/// A recording cannot be read, or does not show what is to be drawn.
pub fn draw(root: &Path) -> Result<Vec<Picture>, Error> {
    let mut pictures = vec![];
    for (name, draw) in DIAGRAMS {
        pictures.extend(Language::ALL.map(|language| picture(name, language, draw(language))));
    }
    for (name, take, draw) in TIMELINES {
        let recording = Recording::load(root, take)?;
        for language in Language::ALL {
            let drawn = draw(&recording, language).ok_or(Error::NotSeen { picture: name, take })?;
            pictures.push(picture(name, language, drawn));
        }
    }
    Ok(pictures)
}

/// What is recorded for a picture, by its name; none for a diagram, or where there is no such picture.
#[must_use]
pub fn take_of(picture: &str) -> Option<&'static Take> {
    let (_, take, _) = TIMELINES.iter().find(|(name, ..)| *name == picture)?;
    TAKES.iter().find(|known| known.id == *take)
}

fn picture(name: &str, language: Language, drawn: Drawn) -> Picture {
    Picture {
        file: PathBuf::from(format!("guide/pictures/{name}.{}.svg", language.code())),
        svg: drawn.svg,
        height: drawn.height,
        labels: drawn.labels,
    }
}
