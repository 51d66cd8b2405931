//! How the lab calls other programs: with an environment made for them, so that what a person has set changes nothing
//! that is built or proven, and with errors that show the command and its last output.

mod call;
mod environment;

pub use call::{Failed, command, ended, failed, persons_command, run, run_group, tied_command};
pub use environment::{Reach, environment, find, set_umask};
