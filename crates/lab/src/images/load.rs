//! Loading images into the embedded cluster.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt, time::Duration};

use anyhow::Context;
use cluster::Layout;

use super::archive::Image;
use crate::progress::StepProgress;

/// Loads the images that the embedded cluster does not have.
///
/// # Errors
/// containerd refused one.
pub(crate) async fn load(layout: &Layout, images: &[Image], progress: &StepProgress) -> anyhow::Result<()> {
    for image in images {
        let mark = layout.state.join(format!("loaded-{}", image.checksum));
        if !mark.exists() {
            progress.start(&format!("Loading {}", image.name), Duration::from_secs(1));
            cluster::load_image(layout, &image.archive).await?;
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&mark)
                .with_context(|| format!("writing {}", mark.display()))?;
            progress.finish();
        }
    }
    Ok(())
}
