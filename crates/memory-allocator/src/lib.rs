#![doc = include_str!("../README.md")]

mod limit;
mod memory;
mod plan;
mod run;
mod settings;

pub use limit::{machine_memory, memory_limit};
pub use memory::Memory;
pub use plan::{Ceiling, Plan, Step};
pub use run::{Wait, allocate, run};
pub use settings::{Arguments, Settings};
