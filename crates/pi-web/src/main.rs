//! Pi as a web page that costs real CPU time.
fn main() {}
