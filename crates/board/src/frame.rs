//! Frames: the state at a moment, with the parts of the page that show it.

use std::{collections::BTreeSet, sync::Arc};

use guide::{Language, Message};
use jiff::Timestamp;
use tell::Letters;

use crate::{Asking, Known, State, page, state::Frozen};

/// Makes frames, one after another. It gives the letters, which stay, and keeps what has not changed.
#[derive(Debug)]
pub struct Board {
    pub(crate) language: Language,
    title: String,
    letters: Letters,
    last: Arc<Frame>,
}

/// What the board shows at a moment.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Its number, from 1.
    pub number: u64,
    /// When this was so. The state may be older by a second in which nothing came.
    pub at: Timestamp,
    /// The state.
    pub state: Arc<State>,
    /// The parts of the page, by the ids of their elements. What stays the same is the same `Arc` as before.
    pub(crate) parts: Vec<(&'static str, Arc<str>)>,
    /// That it stands still, in words.
    pub(crate) frozen: Option<String>,
    /// The Services of which a pod may be broken.
    pub(crate) breakable: BTreeSet<String>,
}

impl Frame {
    /// The markup of a part of the page, by the id of its element.
    #[must_use]
    pub fn part(&self, id: &str) -> Option<&str> {
        let part = self.parts.iter().find(|(known, _)| *known == id);
        part.map(|(_, text)| &**text)
    }
}

impl Board {
    /// A board that shows nothing as yet. `title` is the exercise's, or the namespace.
    #[must_use]
    pub fn new(title: String, language: Language) -> Self {
        Self {
            language,
            title,
            letters: Letters::default(),
            last: Arc::default(),
        }
    }

    /// The language of all that is said.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The next frame: what follows from what is known at `now`. `silent` is what was not heard of for too long, and since when.
    pub fn frame(
        &mut self,
        known: &[Known<'_>],
        asked: &[Asking],
        silent: Option<(Message, Timestamp)>,
        now: Timestamp,
    ) -> Arc<Frame> {
        for known in known {
            self.meet(known);
        }
        let frozen = silent.map(|(what, since)| Frozen {
            since,
            what: self.language.tell(&what),
        });
        let state = State {
            title: self.title.clone(),
            frozen,
            ..State::of(known, asked, &self.letters, self.language, now)
        };
        let parts = page::parts(&state, self.language).into_iter();
        let parts = parts.map(|(id, text)| (id, self.kept(id, text))).collect();
        let breakable = asked
            .iter()
            .filter(|asking| asking.breakable)
            .map(Asking::id)
            .collect();
        self.last = Arc::new(Frame {
            number: self.last.number + 1,
            parts,
            frozen: state
                .frozen
                .as_ref()
                .map(|frozen| page::frozen(frozen, self.language)),
            breakable,
            at: now,
            state: Arc::new(state),
        });
        Arc::clone(&self.last)
    }

    /// The last frame once more, as nothing has come until `now`: a sign that the board lives.
    pub fn again(&mut self, now: Timestamp) -> Arc<Frame> {
        self.last = Arc::new(Frame {
            number: self.last.number + 1,
            at: now,
            ..(*self.last).clone()
        });
        Arc::clone(&self.last)
    }

    /// Gives the pods that are new their letters, oldest first; then those that are only told of.
    fn meet(&mut self, known: &Known<'_>) {
        let mut new = vec![];
        for meta in known.shown_pods().map(|pod| &pod.metadata) {
            if let (Some(uid), Some(name)) = (&meta.uid, &meta.name)
                && self.letters.letter(uid).is_none()
            {
                new.push((meta.creation_timestamp.as_ref().map(|at| at.0), name, uid));
            }
        }
        new.sort();
        for (_, name, uid) in new {
            self.letters.add(uid, name);
        }
        let told = known.happened.story().facts().iter().map(|fact| &fact.subject);
        for subject in told.filter(|subject| subject.kind == "Pod" && known.is_about(&subject.name)) {
            self.letters.add(&subject.uid, &subject.name);
        }
    }

    fn kept(&self, id: &str, text: String) -> Arc<str> {
        let before = self
            .last
            .parts
            .iter()
            .find(|(known, before)| *known == id && **before == *text);
        before.map_or_else(|| text.into(), |(_, before)| Arc::clone(before))
    }
}
