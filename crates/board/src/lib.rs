#![doc = include_str!("../README.md")]

mod frame;
mod guard;
mod happened;
mod known;
mod lines;
mod page;
mod pods;
mod price;
mod requests;
mod restarts;
mod server;
mod state;
mod stream;
mod token;
mod words;

pub use frame::{Board, Frame};
pub use happened::Happened;
pub use known::{Known, Usage};
pub use price::{met, settled};
pub use requests::{Asking, Outcome, Request};
pub use server::{Break, Pressed, Server};
pub use state::{Frozen, Pod, Service, State, Told};
pub use token::Token;
