#![doc = include_str!("../README.md")]

mod client;
mod error;
#[cfg(feature = "fake")]
pub mod fake;
mod kinds;
mod kubeconfig;
mod kubelets;
mod person;
mod plugin;
mod predicates;
mod token;
mod url;
pub mod wait;

pub use client::{ANSWER, Access, Route, for_watches, open, unasked};
pub use error::{Error, plainly};
pub use kinds::{is_hidden, kinds, labelled};
pub use kubeconfig::plugin_of;
pub use kubelets::Kubelets;
pub use person::{person, read};
pub use plugin::PLUGIN;
pub use predicates::{
    Conditions, gets_traffic, has_address, has_image, has_volumes, is_ready, last_seen, outside_url,
    selector_of, selects, service_of, without_node,
};
