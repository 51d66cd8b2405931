//! The commands: each has its options and what it does with them.

pub(crate) mod board;
pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod down;
pub(crate) mod env;
pub(crate) mod explain;
pub(crate) mod list;
pub(crate) mod logs;
pub(crate) mod pictures;
pub(crate) mod record;
pub(crate) mod registry;
pub(crate) mod reset;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod up;
pub(crate) mod watch;
