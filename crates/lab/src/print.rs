//! Printing for readers who may stop reading: `lab list | head` is no reason to panic. What could not be written for another
//! reason, as on a full disk, makes the command fail at its end.

use std::{
    fmt::Arguments,
    io::{self, ErrorKind, Write, stdout},
    sync::{Mutex, PoisonError},
};

/// What kept the answer from being written first.
static FAILED: Mutex<Option<io::Error>> = Mutex::new(None);

/// Like `println!`, but does nothing once the reader has gone.
#[macro_export]
macro_rules! outln {
    ($($what:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($what)*))) };
}

/// Like `print!`, but does nothing once the reader has gone.
pub(crate) fn out(what: Arguments) {
    note(stdout().write_fmt(what));
}

/// Why not all of what was printed has arrived, if it hasn't; writes what is left.
///
/// # Errors
/// The first that came, other than that of a reader who has gone away: then there is nobody to tell.
pub fn all_written() -> io::Result<()> {
    note(stdout().flush());
    let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    failed.take().map_or(Ok(()), Err)
}

/// Takes note of how printing went.
pub fn note(printed: io::Result<()>) {
    let Some(error) = printed
        .err()
        .filter(|error| error.kind() != ErrorKind::BrokenPipe)
    else {
        return;
    };
    let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    failed.get_or_insert(error);
}
