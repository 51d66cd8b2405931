//! A component's log: a file that only its owner reads, replaced when it is full.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use file_rotate::{ContentLimit, FileRotate, compression::Compression, suffix::AppendCount};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// A log is at most this large, and one older one is kept.
const BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<FileRotate<AppendCount>>>);

impl Log {
    pub(super) fn new(file: PathBuf) -> Self {
        let mut open = OpenOptions::new();
        open.read(true).create(true).append(true).mode(0o600);
        let (limit, kept) = (ContentLimit::BytesSurpassed(BYTES), AppendCount::new(1));
        let rotated = FileRotate::new(file, kept, limit, Compression::None, Some(open));
        Self(Arc::new(Mutex::new(rotated)))
    }

    /// Appends everything that comes, line by line, so that two streams do not mix within one.
    pub(super) async fn copy(self, from: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(from).split(b'\n');
        while let Ok(Some(mut line)) = lines.next_segment().await {
            line.push(b'\n');
            // A log that cannot be written, on a full disk say, is no reason to stop a component.
            let _ = self
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write_all(&line);
        }
    }
}
