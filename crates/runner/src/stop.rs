//! The one way to stop: whatever waits, waits for this too.

use std::io;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// A signal that ends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed.
    Hangup,
}

impl Signal {
    /// As `kill -l` has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }

    /// The exit code by which shells know it: 128 and the signal's number.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Hangup => 129,
        }
    }
}

/// Tells whether somebody wants the command to stop. Clones tell the same.
#[derive(Clone)]
pub struct Stop(watch::Receiver<Vec<Signal>>);

/// Asks whoever has the [`Stop`] to stop.
pub struct Stopper(watch::Sender<Vec<Signal>>);

impl Stop {
    /// A stop, and the hand on it.
    #[must_use]
    pub fn new() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(vec![]);
        (Stopper(sender), Self(receiver))
    }

    /// Listens to this process's signals from now on; they no longer end it by themselves.
    ///
    /// # Errors
    /// A handler could not be installed.
    pub fn listen() -> io::Result<Self> {
        let (stopper, stop) = Self::new();
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mut hangup = if hangup_is_ignored() {
            None
        } else {
            Some(signal(SignalKind::hangup())?)
        };
        tokio::spawn(async move {
            loop {
                let hung_up = async {
                    match &mut hangup {
                        Some(hangup) => hangup.recv().await,
                        None => std::future::pending().await,
                    }
                };
                stopper.stop(tokio::select! {
                    _ = interrupt.recv() => Signal::Interrupt,
                    _ = terminate.recv() => Signal::Terminate,
                    _ = hung_up => Signal::Hangup,
                });
            }
        });
        Ok(stop)
    }

    /// Waits until somebody asks to stop.
    pub async fn asked(&self) -> Signal {
        self.nth(1).await
    }

    /// The signal with which somebody has asked to stop already.
    #[must_use]
    pub fn came(&self) -> Option<Signal> {
        self.0.borrow().first().copied()
    }

    /// Waits until somebody asks a second time: for those who clean up after the first.
    pub async fn insisted(&self) -> Signal {
        self.nth(2).await
    }

    /// Does something until it is done, or somebody asks to stop.
    ///
    /// # Errors
    /// The signal, if that came first.
    pub async fn or<T>(&self, work: impl Future<Output = T>) -> Result<T, Signal> {
        tokio::select! {
            biased;
            signal = self.asked() => Err(signal),
            done = work => Ok(done),
        }
    }

    async fn nth(&self, count: usize) -> Signal {
        let mut receiver = self.0.clone();
        let signal = match receiver.wait_for(|signals| signals.len() >= count).await {
            Ok(signals) => signals.get(count - 1).copied(),
            // Nobody is left who could ask.
            Err(_) => None,
        };
        match signal {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

impl Stopper {
    /// Asks to stop.
    pub fn stop(&self, signal: Signal) {
        self.0.send_modify(|signals| {
            // The third and every later one changes nothing.
            if signals.len() < 2 {
                signals.push(signal);
            }
        });
    }
}

/// Whether `nohup` started this process, which a handler would undo.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // A bit for each signal, from 1 on; SIGHUP is 1.
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_signal_is_told_from_the_others() {
        let own = rustix::process::getpid();
        for (sent, told) in [
            (rustix::process::Signal::INT, Signal::Interrupt),
            (rustix::process::Signal::TERM, Signal::Terminate),
            (rustix::process::Signal::HUP, Signal::Hangup),
        ] {
            if told == Signal::Hangup && hangup_is_ignored() {
                continue;
            }
            let stop = Stop::listen().unwrap();
            rustix::process::kill_process(own, sent).unwrap();
            assert_eq!(stop.asked().await, told);
        }
    }

    #[tokio::test]
    async fn work_is_done_unless_somebody_asked_to_stop() {
        let (stopper, stop) = Stop::new();
        assert_eq!((stop.or(async { 1 }).await, stop.came()), (Ok(1), None));
        stopper.stop(Signal::Terminate);
        assert_eq!(stop.or(async { 1 }).await, Err(Signal::Terminate));
        stopper.stop(Signal::Interrupt);
        assert_eq!(stop.clone().insisted().await, Signal::Interrupt);
        assert_eq!(stop.came(), Some(Signal::Terminate));
    }
}
