//! The errors that end a service, and their exit codes.

use std::{io, net::SocketAddr, process::ExitCode};

/// The reason why a service ended without being asked to, or could not stop cleanly.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The listening address is unavailable.
    #[error("can't listen on {address}: {source}; {}", listen_advice(source))]
    Listen {
        /// The value of LISTEN.
        address: SocketAddr,
        /// The kernel's error.
        source: io::Error,
    },

    /// The threads, the signal handlers or the like could not be set up.
    #[error("can't {doing}: {source}")]
    Start {
        /// The attempted step, as it follows "can't".
        doing: &'static str,
        /// The kernel's error.
        source: io::Error,
    },

    /// Requests were still open when the time for stopping was over.
    #[error(
        "cut off {connections} connections that were still busy when the time to stop was over; raise STOP_SECONDS if requests need longer"
    )]
    CutOff {
        /// The number of connections that were cut off.
        connections: usize,
    },

    /// A second signal came while the service was stopping.
    #[error("a second signal ({signal}) came while stopping: stopped at once and cut off open requests")]
    SecondSignal {
        /// The signal's number.
        signal: i32,
    },

    /// The service's own part of the start failed.
    #[error("{0:#}")]
    Service(#[from] anyhow::Error),
}

impl Error {
    /// The process's exit code: 1 the service itself could not start, 3 the address can't be listened on, 4 requests
    /// were cut off. clap ends with 2 for bad settings, and a second signal with 128 plus its number.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Service(_) | Self::Start { .. } => 1,
            Self::Listen { .. } => 3,
            Self::CutOff { .. } => 4,
            Self::SecondSignal { signal } => {
                u8::try_from(*signal).map_or(1, |signal| 128_u8.saturating_add(signal))
            }
        })
    }
}

fn listen_advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "another program has this port: stop it, or set LISTEN to a free one",
        io::ErrorKind::AddrNotAvailable => {
            "no interface here has this address: set LISTEN to [::]:PORT or one of this machine's own"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need rights that this process lacks: set LISTEN to a higher one, like [::]:8080"
        }
        _ => "set LISTEN to another address and port, like [::]:8080",
    }
}
