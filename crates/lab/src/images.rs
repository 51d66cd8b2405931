//! The images, built from the one Dockerfile: by Docker, which does everything in a build, or by buildah, of programs compiled
//! here and the database's files from Debian packages. Either way they are kept as archives.

mod archive;
mod builder;
mod cargo_home;
mod compile;
mod content;
mod docker;
mod load;
mod names;
mod pack;

pub use self::{
    archive::Image,
    builder::{Builder, build_program, can_be_built},
    names::names,
};
pub(crate) use self::{builder::usual_time, load::load};
