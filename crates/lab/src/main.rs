//! Brings up the chapter's cluster and runs its exercises.
fn main() {}
