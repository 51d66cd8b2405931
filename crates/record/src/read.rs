//! Facts out of objects, one kind a file.

pub(super) mod container;
pub(super) mod deployment;
pub(super) mod event;
pub(super) mod meta;
pub(super) mod objects;
pub(super) mod pod;
pub(super) mod slice;

pub(super) use objects::Objects;
