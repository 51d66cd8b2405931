//! Random numbers, until it breaks on purpose.
fn main() {}
