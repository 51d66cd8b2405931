#![doc = include_str!("../README.md")]

mod cgroup;
mod computations;
mod explanation;
mod measure;
mod page;
mod query;
mod routes;
mod settings;
mod split;

pub use cgroup::{Cgroup, Limit, ROOT};
pub use computations::{Computations, Refused, at_once};
pub use explanation::explanation;
pub use measure::{HeldBack, Measured, measure};
pub use query::{DEFAULT_DECIMALS, Query};
pub use routes::{App, router};
pub use settings::{Mode, Settings};
