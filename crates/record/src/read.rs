//! Facts out of objects, one kind a file.

mod container;
pub(super) mod deployment;
pub(super) mod event;
mod meta;
pub(super) mod pod;
mod relations;
pub(super) mod slice;

pub(super) use relations::Relations;
