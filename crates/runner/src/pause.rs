//! Waiting for a person between what is done, for those who explain it to others.

use std::{
    io::{self, BufRead},
    sync::Arc,
    time::Instant,
};

use guide::{Language, Message};
use report::Event;
use tokio::sync::{
    Mutex,
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::ending::warning;

/// The presses of Enter. Clones take them from each other.
#[derive(Clone, Debug)]
pub struct Enter(Arc<Mutex<UnboundedReceiver<()>>>);

impl Enter {
    /// The presses, and the finger on the key; without that nobody can press it any more.
    #[must_use]
    pub fn new() -> (UnboundedSender<()>, Self) {
        let (finger, presses) = unbounded_channel();
        (finger, Self(Arc::new(Mutex::new(presses))))
    }

    /// Listens to standard input from now on, where each line is a press.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn listen() -> io::Result<Self> {
        let (finger, enter) = Self::new();
        // Reading cannot be stopped, so that it is not a task, which the program's end would wait for.
        std::thread::Builder::new().name("enter".into()).spawn(move || {
            let mut lines = io::stdin().lock().split(b'\n');
            while lines.next().is_some_and(|line| line.is_ok()) && finger.send(()).is_ok() {}
        })?;
        Ok(enter)
    }
}

/// The places where a run waits, if it waits at all.
pub(super) struct Pauses {
    enter: Option<Enter>,
    language: Language,
}

impl Pauses {
    /// Waits for `enter` at each place; nowhere without it.
    pub(super) fn new(enter: Option<Enter>, language: Language) -> Self {
        Self { enter, language }
    }

    /// Whether a person will be waited for.
    pub(super) fn any(&self) -> bool {
        self.enter.is_some()
    }

    /// Says what the guide says and waits for Enter; what was pressed before does not count. Gives whether it waited.
    pub(super) async fn here(&mut self, says: &str, tell: &mut dyn FnMut(Event)) -> bool {
        let Some(Enter(presses)) = self.enter.clone() else {
            return false;
        };
        let mut presses = presses.lock().await;
        while presses.try_recv().is_ok() {}
        tell(Event::Paused {
            says: says.to_owned(),
        });
        let began = Instant::now();
        let pressed = presses.recv().await;
        if pressed.is_none() {
            self.enter = None;
            tell(warning(&Message::new("no-more-enter"), self.language));
        }
        let took = began.elapsed().as_secs_f64();
        tell(Event::Resumed { took });
        true
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use guide::Language::En;

    use super::*;

    #[tokio::test]
    async fn enter_goes_on_once_it_is_asked_for() {
        let (finger, enter) = Enter::new();
        let mut pauses = Pauses::new(Some(enter), En);
        // Pressed too early, twice.
        finger.send(()).unwrap();
        finger.send(()).unwrap();
        let told = RefCell::new(vec![]);
        let mut tell = |event: Event| {
            if let Event::Paused { says } = &event {
                told.borrow_mut().push(says.clone());
                finger.send(()).unwrap();
            } else {
                assert!(matches!(event, Event::Resumed { .. }), "{event:?}");
                told.borrow_mut().push("on".into());
            }
        };
        assert!(pauses.here("Look.", &mut tell).await && pauses.here("", &mut tell).await);
        assert_eq!(*told.borrow(), ["Look.", "on", "", "on"]);
    }

    #[tokio::test]
    async fn nobody_is_waited_for_who_cannot_press() {
        let (finger, enter) = Enter::new();
        drop(finger);
        let mut pauses = Pauses::new(Some(enter), En);
        let mut told = vec![];
        assert!(pauses.here("", &mut |event| told.push(event)).await);
        assert!(
            matches!(
                &told[..],
                [Event::Paused { .. }, Event::Warning { .. }, Event::Resumed { .. }]
            ),
            "{told:?}"
        );
        assert!(!pauses.any() && !pauses.here("", &mut |event| panic!("{event:?}")).await);
    }
}
