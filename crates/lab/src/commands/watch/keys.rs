//! Keys, read by a thread of their own: reading one blocks.

use std::sync::mpsc as blocking;

use console::{Key, Term};
use tokio::sync::mpsc;

/// The keys of a terminal, one at a time: the next is read only once [`Keys::go_on`] was called, so that nothing reads, and
/// changes the terminal for it, while something else has it.
pub(super) struct Keys {
    pressed: mpsc::Receiver<Key>,
    go_on: blocking::Sender<()>,
}

impl Keys {
    /// Those of this process's terminal.
    pub(super) fn listen() -> Self {
        let (send, pressed) = mpsc::channel(1);
        let (go_on, wait) = blocking::channel();
        std::thread::spawn(move || {
            let term = Term::stdout();
            while wait.recv().is_ok() {
                let Ok(key) = term.read_key_raw() else { return };
                if send.blocking_send(key).is_err() {
                    return;
                }
            }
        });
        let keys = Self { pressed, go_on };
        keys.go_on();
        keys
    }

    /// The next key; forever none once the terminal has gone.
    pub(super) async fn next(&mut self) -> Key {
        match self.pressed.recv().await {
            Some(key) => key,
            None => std::future::pending().await,
        }
    }

    /// Lets the next key be read.
    pub(super) fn go_on(&self) {
        // A terminal that has gone has no keys.
        let _ = self.go_on.send(());
    }
}
