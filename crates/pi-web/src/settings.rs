//! The settings of pi-web.

use std::path::PathBuf;

use clap::{CommandFactory, Parser, ValueEnum, error::ErrorKind};
use pi_digits::{Algorithm, Decimals};

use crate::query::decimals;

/// Computes pi, for a page that costs real CPU time.
///
/// GET /?dp=50000 returns a page, plain text or JSON; /healthz and /readyz are for probes, /metrics is for Prometheus.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Settings {
    /// Serve pages, print digits, or write them to a file.
    #[arg(long, value_enum, default_value = "web")]
    pub mode: Mode,
    /// Decimals to print or write, up to --max-dp; in mode web the request names them. Default: 6.
    #[arg(long, allow_negative_numbers = true)]
    pub dp: Option<String>,
    /// Algorithm for the digits to print or write: machin or chudnovsky.
    #[arg(long, default_value_t, value_parser = |name: &str| name.parse::<Algorithm>())]
    pub algorithm: Algorithm,
    /// File to write in mode file.
    #[arg(long, default_value = "pi.txt")]
    pub out: PathBuf,
    /// Most decimals that a request may ask for (0 to 1000000).
    #[arg(long, env = "PI_MAX_DP", default_value = "100000", value_parser = service::whole(0..=Decimals::MAX), allow_negative_numbers = true)]
    pub max_dp: u32,
    /// Most computations that may wait while as many run as the CPU limit allows (0 to 1000).
    #[arg(long, env = "PI_QUEUE", default_value = "4", value_parser = service::whole(0..=1000_u32), allow_negative_numbers = true)]
    pub queue: u32,
    /// Seconds after which a computation is given up, its time in the queue included (1 to 3600).
    #[arg(long, env = "PI_DEADLINE", default_value = "60", value_parser = service::whole(1..=3600_u32), allow_negative_numbers = true)]
    pub deadline: u32,
    /// The settings of every service.
    #[command(flatten)]
    pub service: service::Settings,
}

impl Settings {
    /// The decimals to print or write. The bound depends on another setting, so clap itself cannot check it.
    ///
    /// # Errors
    /// The value is not a whole number up to `max_dp`.
    pub fn decimals(&self) -> Result<Decimals, clap::Error> {
        decimals(self.dp.as_deref(), self.max_dp)
            .map_err(|message| Self::command().error(ErrorKind::ValueValidation, message))
    }
}

/// The use of pi-web.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Serves pages.
    Web,
    /// Prints digits.
    Console,
    /// Writes digits to a file.
    File,
}
