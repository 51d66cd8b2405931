//! Holds a pod's namespaces and waits for SIGTERM.
fn main() {}
