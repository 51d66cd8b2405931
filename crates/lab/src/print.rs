//! Printing for readers who may stop reading: `lab list | head` is no reason to panic.

use std::{
    fmt::Arguments,
    io::{Write, stdout},
};

/// Like `println!`, but does nothing once the reader has gone.
#[macro_export]
macro_rules! outln {
    ($($what:tt)*) => { $crate::print::out(format_args!("{}\n", format_args!($($what)*))) };
}

/// Like `print!`, but does nothing once the reader has gone.
pub(crate) fn out(what: Arguments) {
    // The reader has gone away; there is nobody to tell.
    let _ = stdout().write_fmt(what);
}
