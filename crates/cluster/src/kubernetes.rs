//! Building Kubernetes from its published Go modules, once for each version.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process::Stdio,
};

use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::{
    Error, Event, KUBERNETES_VERSION, Layout, Reporter, Step,
    command::{command, failed, run},
    files::{at, private_dir, remove_dir, write_private},
};

const SOURCES: [(&str, &str); 3] = [
    ("go.mod", include_str!("../kubernetes/go.mod")),
    ("go.sum", include_str!("../kubernetes/go.sum")),
    ("main.go", include_str!("../kubernetes/main.go")),
];

/// The package that everything is linked into, as `go.mod` names it.
const MODULE: &str = "self-healing-lab/kubernetes";

/// The folder of this version's build.
fn folder(layout: &Layout) -> PathBuf {
    let mut sources = Sha256::new();
    for (_, content) in SOURCES {
        sources.update(content);
    }
    let short: String = hex(&sources.finalize()).chars().take(12).collect();
    layout
        .cache
        .join(format!("kubernetes-{KUBERNETES_VERSION}-{short}"))
}

/// The built program, if it is there. [`ensure`] also looks whether it is whole.
#[must_use]
pub(crate) fn program(layout: &Layout) -> Option<PathBuf> {
    Some(folder(layout).join("kubernetes")).filter(|program| program.exists())
}

/// The program that is all of Kubernetes, from the cache or built now.
///
/// # Errors
/// Go failed, or a file could not be read or written.
pub(crate) async fn ensure(layout: &Layout, report: Reporter<'_>) -> Result<PathBuf, Error> {
    let folder = folder(layout);
    let (program, checksum) = (folder.join("kubernetes"), folder.join("kubernetes.sha256"));
    if program.exists()
        && fs::read_to_string(&checksum).is_ok_and(|sum| sha256(&program).is_ok_and(|is| is == sum))
    {
        return Ok(program);
    }
    report(Event::Started(Step::BuildKubernetes));
    private_dir(&folder)?;
    for (name, content) in SOURCES {
        write_private(&folder.join(name), content)?;
    }
    let unfinished = folder.join("kubernetes.unfinished");
    build(layout, &folder, &unfinished, report).await?;
    write_private(
        &checksum,
        sha256(&unfinished).map_err(at("reading", &unfinished))?,
    )?;
    fs::rename(&unfinished, &program).map_err(at("renaming", &unfinished))?;
    report(Event::Finished(Step::BuildKubernetes));
    Ok(program)
}

async fn build(layout: &Layout, sources: &Path, output: &Path, report: Reporter<'_>) -> Result<(), Error> {
    let go = |arguments: &[&str]| {
        // If this process is killed, the compilers are not to go on for minutes.
        let words = ["--pdeathsig", "TERM", "--", "go"].iter().chain(arguments);
        let mut command = command("setpriv", words);
        command
            .current_dir(sources)
            .env("CGO_ENABLED", "0")
            .env("GOMODCACHE", layout.cache.join("go/mod"))
            .env("GOCACHE", layout.cache.join("go/build"))
            // So that removing the cache needs no more than removing files.
            .env("GOFLAGS", "-modcacherw -mod=readonly -buildvcs=false -trimpath")
            .env("GO111MODULE", "on")
            // A workspace of the person's, somewhere above, is not ours.
            .env("GOWORK", "off")
            .env_remove("GOOS")
            .env_remove("GOARCH");
        command
    };
    let total = run(go(&["list", "-deps", "."])).await?.lines().count().max(1);
    let package = "k8s.io/component-base/version";
    let mut numbers = KUBERNETES_VERSION.split('.');
    let (major, minor) = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    let ldflags = format!(
        "-s -w -X {package}.gitVersion=v{KUBERNETES_VERSION} -X {package}.gitMajor={major} \
         -X {package}.gitMinor={minor} -X {package}.gitTreeState=clean"
    );
    let mut command = go(&[
        "build",
        "-v",
        // A sixth of the time: functions are not inlined, which a cluster for one person does not feel, and nothing is
        // written for debuggers, which the linker would leave out anyway.
        "-gcflags=all=-l -dwarf=false",
        "-ldflags",
        &ldflags,
        "-o",
        &output.to_string_lossy(),
        ".",
    ]);
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&command, format!("did not start: {error}"), &[]))?;
    let mut printed = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        // With -v, go prints the name of each package as it compiles it.
        while let Ok(Some(line)) = lines.next_line().await {
            printed.push(line.clone());
            // The program's own package comes last; what remains is linking.
            let now = if line == MODULE { "linking".into() } else { line };
            report(Event::Advanced {
                done: printed.len().min(total - 1),
                total,
                now,
            });
        }
    }
    let status = child
        .wait()
        .await
        .map_err(|error| failed(&command, error.to_string(), &[]))?;
    if status.success() {
        Ok(())
    } else {
        Err(failed(
            &command,
            status.to_string(),
            printed.join("\n").as_bytes(),
        ))
    }
}

fn sha256(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut buffer) = (fs::File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses where another cluster runs on the builds.
pub(crate) fn can_be_purged(layout: &Layout) -> Result<(), Error> {
    layout
        .others()
        .next()
        .map_or(Ok(()), |name| Err(Error::InUse(name)))
}

/// Removes all builds, with what Go downloaded and compiled for them.
pub(crate) fn purge(layout: &Layout) -> Result<(), Error> {
    remove_dir(&layout.cache)
}
