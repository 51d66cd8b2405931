#![doc = include_str!("../README.md")]

mod host;
mod item;
mod metrics;
mod page;
mod query;
mod routes;
mod settings;
mod store;
mod watch;

pub use routes::{App, router};
pub use settings::{DatabaseSettings, Settings};
pub use store::{Connection, Error, Password, Server, Store};
