//! The board without a cluster: what follows from what is known, who may look, and the page in a browser.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

mod accessible;
mod browser;
mod crowd;
mod guard;
mod restarts;
mod scene;
mod served;
mod state;
mod stream;
