//! Looks, shows, and waits for what is next.

use std::{path::PathBuf, sync::Arc, time::Duration};

use access::Access;
use cluster::Layout;
use console::Key;
use guide::{Exercise, Message};
use jiff::ZonedDateTime;
use kube::{Resource, ResourceExt};
use learner::Position;
use proofs::Place;
use record::Live;
use runner::Signal;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, sleep_until},
};

use super::{
    args::Args,
    files::Files,
    keys::Keys,
    plain::Plain,
    screen::screen,
    terminal::Terminal,
    view::{self, View},
};
use crate::{
    Exit,
    commands::{
        check::{self, advice, look::Look, report::CheckReport, text},
        explain::{
            about::{About, Known, Wanted},
            unknown::Unseen,
        },
        reset,
    },
    target::Target,
};

/// A look takes dozens of requests: no more of them than one in this time.
const PAUSE: Duration = Duration::from_secs(1);
/// What nobody tells of, as another namespace or a Secret, is looked at so often.
const AT_LEAST: Duration = Duration::from_secs(5);
/// How often the files are looked at, and the screen is drawn anew.
const TICK: Duration = Duration::from_secs(1);

/// One learner at one exercise.
pub(super) struct Session<'a> {
    layout: &'a Layout,
    target: &'a Target,
    place: Place,
    root: PathBuf,
    exercise: Exercise,
    live: watch::Receiver<Arc<Live>>,
    args: check::Args,
    files: Files,
    view: View,
    wanted: Wanted,
    known: Known,
    /// The last fact that was heard of.
    last: Option<u64>,
    hints: Hints,
    answered: ZonedDateTime,
}

/// How many hints were asked for at a place.
#[derive(Default)]
struct Hints {
    place: String,
    more: bool,
}

/// What woke it.
enum Sign {
    Live,
    Tick,
    Look,
    Key(Key),
}

impl<'a> Session<'a> {
    pub(super) fn new(
        layout: &'a Layout,
        target: &'a Target,
        access: Access,
        root: PathBuf,
        exercise: Exercise,
        live: watch::Receiver<Arc<Live>>,
        args: Args,
    ) -> anyhow::Result<Self> {
        let manifests = root.join("k8s");
        let about = About::Exercise(exercise.id.clone());
        Ok(Self {
            wanted: about.wanted(&access.namespace, args.lang)?,
            known: Known::default(),
            last: None,
            layout,
            target,
            place: Place::new(access.client, access.namespace, manifests.clone()),
            root,
            args: check::Args::of(&exercise.id, args.context, args.lang),
            exercise,
            live,
            files: Files::new(&manifests),
            view: View::default(),
            hints: Hints::default(),
            answered: ZonedDateTime::now(),
        })
    }

    /// Until a key, or a signal, ends it.
    pub(super) async fn run(mut self) -> anyhow::Result<Exit> {
        let mut terminal = Terminal::enter();
        let mut keys = terminal.is_some().then(Keys::listen);
        let mut plain = Plain::default();
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut versions = vec![];
        let mut due = Instant::now();
        loop {
            self.show(terminal.as_ref(), &mut plain);
            let sign = tokio::select! {
                key = pressed(keys.as_mut()) => Sign::Key(key),
                () = sleep_until(due) => Sign::Look,
                Ok(()) = self.live.changed() => Sign::Live,
                _ = ticks.tick() => Sign::Tick,
            };
            let soon = Instant::now() + PAUSE;
            match sign {
                Sign::Look => {
                    let again = self.look().await;
                    due = Instant::now() + again;
                }
                Sign::Live => {
                    let live = self.live.borrow_and_update().clone();
                    self.hear(&live);
                    let now = versions_of(&live);
                    if now != versions {
                        versions = now;
                        due = due.min(soon);
                    }
                }
                Sign::Tick => {
                    if self.files.look() {
                        due = due.min(soon);
                    }
                }
                Sign::Key(key) => {
                    match (key, self.view.asks) {
                        (Key::CtrlC, _) => return Ok(Exit::Stopped(Signal::Interrupt)),
                        (Key::Char('q') | Key::Escape, false) => break,
                        (Key::Char('r'), true) => {
                            drop(terminal.take());
                            self.start_again().await?;
                            terminal = Terminal::enter();
                        }
                        (key, _) => self.take(&key),
                    }
                    due = Instant::now();
                    if let Some(keys) = &keys {
                        keys.go_on();
                    }
                }
            }
        }
        drop(terminal);
        // What the other screen showed is gone with it.
        if let Some(report) = &self.view.report {
            crate::print::out(format_args!("{}", text::standing(report, self.args.lang)));
        }
        Ok(Exit::Done)
    }

    /// Tells the story anew, if there is more of it.
    fn hear(&mut self, live: &Arc<Live>) {
        self.view.lacks = Unseen::of([&**live]).lacks();
        let last = live.facts.last().map(|fact| fact.id);
        if last == self.last {
            return;
        }
        self.last = last;
        self.known.learn(&self.wanted, &self.place.namespace, &live.now);
        self.known.remember(&self.wanted, &live.facts);
        (self.view.legend, self.view.story) =
            view::story(live, &self.known, &ZonedDateTime::now(), self.args.lang);
    }

    fn take(&mut self, key: &Key) {
        self.view.asks = false;
        match key {
            Key::Char('h') => self.hints.more = true,
            Key::Char('e') => self.view.explains = !self.view.explains,
            Key::Char('n') => self.view.next = !self.view.next,
            Key::Char('r') => self.view.asks = true,
            _ => {}
        }
    }

    /// Deletes what the exercise made, outside of the screen, so that what it says stays there.
    async fn start_again(&mut self) -> anyhow::Result<()> {
        self.view.asks = false;
        let args = reset::Args::agreed(&self.exercise.id, self.args.context.clone());
        reset::run(self.layout, args).await?;
        Ok(())
    }

    /// Looks once; says after how long it is time for the next look, if nothing happens before.
    async fn look(&mut self) -> Duration {
        match self.looked().await {
            Ok(again) => {
                self.answered = ZonedDateTime::now();
                self.view.trouble = None;
                again.map_or(AT_LEAST, |seconds| {
                    Duration::from_secs(seconds.into()).clamp(PAUSE, AT_LEAST)
                })
            }
            Err(error) => {
                let since = self.answered.strftime("%H:%M:%S").to_string();
                let reason = crate::told::reason(&error, self.args.lang);
                // The cluster is not to blame for a manifest that cannot be read.
                self.view.trouble = Some(match error.downcast_ref() {
                    Some(learner::Error::Manifests(_)) => Message::Verbatim(reason),
                    _ => Message::new("watch-silent")
                        .with("reason", reason)
                        .with("since", since),
                });
                PAUSE * 2
            }
        }
    }

    async fn looked(&mut self) -> anyhow::Result<Option<u32>> {
        let exercises = vec![self.exercise.clone()];
        let mut look = Look::of(self.target, self.place.clone(), &self.root, exercises).await?;
        look.remember();
        let (exercise, standing) = &look.standings[0];
        let place = format!("{:?} {:?}", standing.position, standing.step);
        if self.hints.place != place {
            self.view.next = false;
            self.hints = Hints {
                more: self.hints.more,
                place,
            };
        }
        if std::mem::take(&mut self.hints.more) {
            look.memory.next_hint(&exercise.id, &self.hints.place);
        }
        let hints = advice::hints(exercise, standing, self.args.lang);
        // One without asking where something is missing, unless it would only say that there is none.
        let unasked = usize::from(standing.position != Position::At && hints.len() > 1);
        let shown = look.memory.hints(&exercise.id, &self.hints.place).max(unasked);
        let hints = hints.into_iter().take(shown).collect();
        let mut report = CheckReport::new(exercise, standing, &look, &self.args, hints, None);
        report.go_on_with(&guide::list(&self.root, self.args.lang)?, self.args.lang);
        let again = standing.look_again;
        self.view.unapplied = look.learner.unapplied(self.files.saved());
        self.view.report = Some(report);
        // What could not be remembered was said by the first command that tried.
        let _ = look.memory.save(look.now.timestamp());
        Ok(again)
    }

    fn show(&self, terminal: Option<&Terminal>, plain: &mut Plain) {
        let language = self.args.lang;
        match terminal {
            Some(terminal) => terminal.draw(&screen(&self.view, terminal.size(), language)),
            None => {
                for sentence in plain.story(&self.view.story, std::time::Instant::now()) {
                    crate::outln!("{sentence}");
                }
                if let Some(text) = plain.standing(&self.view, &ZonedDateTime::now(), language) {
                    crate::outln!("{text}");
                }
            }
        }
    }
}

async fn pressed(keys: Option<&mut Keys>) -> Key {
    match keys {
        Some(keys) => keys.next().await,
        None => std::future::pending().await,
    }
}

/// What tells whether an object has changed; events change nothing.
fn versions_of(live: &Live) -> Vec<Option<String>> {
    fn of<K: Resource>(objects: &[Arc<K>]) -> impl Iterator<Item = Option<String>> {
        objects.iter().map(|object| object.resource_version())
    }
    let now = &live.now;
    let pods = of(&now.pods).chain(of(&now.slices)).chain(of(&now.services));
    pods.chain(of(&now.deployments))
        .chain(of(&now.replica_sets))
        .collect()
}
