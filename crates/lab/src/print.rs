//! Printing for readers who may stop reading: `lab list | head` is no reason to panic.

use std::{
    fmt::Arguments,
    io::{Write, stdout},
};

/// As `println!`, but when nobody reads any more, nothing happens.
#[macro_export]
macro_rules! outln {
    ($($what:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($what)*))) };
}

/// As `print!`, but when nobody reads any more, nothing happens.
pub(crate) fn out(what: Arguments) {
    // Whoever could be told has gone.
    let _ = stdout().write_fmt(what);
}
