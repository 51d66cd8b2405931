//! The file that a record is kept in.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use cluster::files;
use guide::Message;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::record::{Change, Record};

/// The version of the format: another number whenever an older program would misread the file.
const VERSION: u32 = 1;
/// Many times what the guide's exercises need.
const LARGEST: u64 = 1 << 20;

/// The place of a record.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    path: PathBuf,
    /// For the person who looks into the file.
    cluster: String,
    namespace: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    cluster: String,
    namespace: String,
    exercises: Record,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Store {
    /// Names of clusters and namespaces come from outside and may be anything, so that the file's name is a sum of them.
    pub(super) fn new(folder: &Path, cluster: &str, namespace: &str) -> Self {
        let sum = Sha256::digest(format!("{cluster}\n{namespace}"));
        Self {
            folder: folder.into(),
            path: folder.join(format!("{}.json", hex::encode(&sum[..8]))),
            cluster: cluster.into(),
            namespace: namespace.into(),
        }
    }

    /// What is kept, nothing if there is no file. One that cannot be understood is set aside, which the message says.
    pub(super) fn read(&self, now: Timestamp) -> Result<(Record, Option<Message>), String> {
        let text = match self.bytes() {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Record::default(), None)),
            Err(error) => return Err(self.says(&error)),
        };
        match parse(&text) {
            Ok(record) => Ok((record, None)),
            Err(reason) => {
                let aside = self
                    .path
                    .with_extension(format!("{}.aside", now.as_millisecond()));
                match fs::rename(&self.path, &aside) {
                    Ok(()) => {}
                    // Another command was faster.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(format!("{reason}; {}", self.says(&error))),
                }
                let warning = Message::new("memory-set-aside")
                    .with("reason", reason)
                    .with("path", aside.to_string_lossy().into_owned());
                Ok((Record::default(), Some(warning)))
            }
        }
    }

    /// Reads, changes and writes, while others wait.
    pub(super) fn update(
        &self,
        changes: &[Change],
        now: Timestamp,
    ) -> Result<(Record, Option<Message>), String> {
        files::private_dir(&self.folder).map_err(|error| error.to_string())?;
        let lock = files::private_file(&self.folder.join("lock")).map_err(|error| error.to_string())?;
        // Where there are no locks, the worst is that one of two commands at once is forgotten: a file is written whole.
        let _ = lock.lock();
        let (before, warning) = self.read(now)?;
        let mut record = before.clone();
        for change in changes {
            record.apply(change);
        }
        if record != before {
            let content = Content {
                version: VERSION,
                cluster: self.cluster.clone(),
                namespace: self.namespace.clone(),
                exercises: record.clone(),
            };
            files::write_json(&self.path, &content).map_err(|error| error.to_string())?;
        }
        Ok((record, warning))
    }

    fn bytes(&self) -> io::Result<Vec<u8>> {
        // Opening a pipe would wait for somebody who writes into it.
        if !fs::metadata(&self.path)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut text = vec![];
        File::open(&self.path)?.take(LARGEST + 1).read_to_end(&mut text)?;
        Ok(text)
    }

    fn says(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.path.display())
    }
}

fn parse(text: &[u8]) -> Result<Record, String> {
    if text.len() as u64 > LARGEST {
        return Err(format!("it is larger than {} KiB", LARGEST >> 10));
    }
    let said = |error: serde_json::Error| error.to_string();
    let Version { version } = serde_json::from_slice(text).map_err(said)?;
    if version != VERSION {
        return Err(format!(
            "it has version {version}, and this program writes {VERSION}"
        ));
    }
    let content: Content = serde_json::from_slice(text).map_err(said)?;
    Ok(content.exercises)
}
