//! The names of the images, and of the programs in them.

use std::path::Path;

use crate::image_source;

pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The image of pods' sandboxes, which no manifest names.
pub(super) const PAUSE: &str = "pause";
/// The database, which is not compiled here.
pub(super) const DATABASE: &str = "todo-db";
/// Its images: the tag, and the Debian suite that Postgres is taken from. The second has a newer one.
pub(super) const DATABASES: [(&str, &str); 2] = [("1.0.0", "bookworm"), ("1.1.0", "bookworm-security")];

/// The programs that images are made of: the services, and the sandbox's.
pub(super) const PROGRAMS: [&str; 5] = {
    let [first, second, third, fourth] = image_source::SERVICES;
    [first, second, third, fourth, PAUSE]
};

/// The names of all images that the manifests name.
///
/// # Errors
/// The manifests cannot be read.
pub fn names(checkout: &Path) -> anyhow::Result<Vec<String>> {
    let registry = image_source::current(checkout)?;
    let services = image_source::SERVICES.map(|service| format!("{registry}/{service}:{VERSION}"));
    let databases = DATABASES.map(|(tag, _)| format!("{registry}/{DATABASE}:{tag}"));
    Ok(services.into_iter().chain(databases).collect())
}
