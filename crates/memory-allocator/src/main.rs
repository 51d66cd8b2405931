//! Takes memory until it is killed.
fn main() {}
