//! Building Kubernetes from its published Go modules, once for each version.

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
};

use programs::{Reach, command, environment, failed, run, tied_command};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader},
    process::Command,
};

use crate::{
    Error, Event, Layout, Reporter, Step,
    files::{at, private_dir, remove_dir, write_private},
};

/// The version of Kubernetes that is built, as in `kubernetes/go.mod`.
const VERSION: &str = "1.37.2";

const SOURCES: [(&str, &str); 3] = [
    ("go.mod", include_str!("../kubernetes/go.mod")),
    ("go.sum", include_str!("../kubernetes/go.sum")),
    ("main.go", include_str!("../kubernetes/main.go")),
];

/// What decides where Go takes modules from (`go help environment`).
const REGISTRIES: [&str; 8] = [
    "GOAUTH",
    "GOINSECURE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "GOVCS",
];

/// The package that everything is linked into, as `go.mod` names it.
const MODULE: &str = "self-healing-lab/kubernetes";

/// The folder of this version's build.
fn folder(layout: &Layout) -> PathBuf {
    let mut sources = Sha256::new();
    for (_, content) in SOURCES {
        sources.update(content);
    }
    let short = hex::encode(&sources.finalize()[..6]);
    layout.cache.join(format!("kubernetes-{VERSION}-{short}"))
}

/// The built program, if it is there. [`ensure`] also verifies that it is whole.
pub(crate) fn program(layout: &Layout) -> Option<PathBuf> {
    Some(folder(layout).join("kubernetes")).filter(|program| program.exists())
}

/// The program that is all of Kubernetes, from the cache or built now. Dropping the future ends the build, and the next
/// call continues with the packages compiled by then.
pub(crate) async fn ensure(layout: &Layout, report: Reporter<'_>) -> Result<PathBuf, Error> {
    let folder = folder(layout);
    let (program, checksum) = (folder.join("kubernetes"), folder.join("kubernetes.sha256"));
    let recorded = fs::read_to_string(&checksum).ok();
    if recorded.is_some() && recorded == sha256(&program).await.ok() {
        return Ok(program);
    }
    report(Event::Started(Step::BuildKubernetes));
    private_dir(&folder)?;
    for (name, content) in SOURCES {
        write_private(&folder.join(name), content)?;
    }
    let unfinished = folder.join("kubernetes.unfinished");
    build(layout, &folder, &unfinished, report).await?;
    fs::set_permissions(&unfinished, Permissions::from_mode(0o700)).map_err(at("closing", &unfinished))?;
    let sum = sha256(&unfinished).await.map_err(at("reading", &unfinished))?;
    write_private(&checksum, sum)?;
    fs::rename(&unfinished, &program).map_err(at("renaming", &unfinished))?;
    report(Event::Finished(Step::BuildKubernetes));
    Ok(program)
}

async fn build(layout: &Layout, sources: &Path, output: &Path, report: Reporter<'_>) -> Result<(), Error> {
    let temporary = layout.cache.join("go/tmp");
    remove_dir(&temporary).await?;
    private_dir(&temporary)?;
    let registries = registries().await?;
    let go = || {
        let mut go = tied_command("go");
        go.current_dir(sources)
            .envs(environment(Reach::Registries))
            .envs(&registries)
            // The file that `go env -w` writes, which could have another architecture.
            .env("GOENV", "off")
            .env("CGO_ENABLED", "0")
            .env("GOMODCACHE", layout.cache.join("go/mod"))
            .env("GOCACHE", layout.cache.join("go/build"))
            // The next build removes whatever a killed one left here.
            .env("GOTMPDIR", &temporary)
            .env("TMPDIR", &temporary)
            // So that removing the cache needs no more than removing files.
            .env("GOFLAGS", "-modcacherw -mod=readonly -buildvcs=false -trimpath")
            // A seventh of the time: the compiler collects its garbage less often, and takes a few hundred MiB more.
            .env("GOGC", "400")
            // A workspace of the person's, somewhere above, is not ours.
            .env("GOWORK", "off");
        go
    };
    let mut list = go();
    list.args(["list", "-deps", "."]);
    let packages = run(list).await?.lines().count();
    let mut compile = go();
    // A sixth of the time: functions are not inlined, which a cluster for one person does not feel, and nothing is
    // written for debuggers, which the linker would leave out anyway.
    compile
        .args([
            "build",
            "-v",
            "-gcflags=all=-l -dwarf=false",
            "-ldflags",
            &ldflags(),
            "-o",
        ])
        .args([output, Path::new(".")]);
    follow(compile, packages, report).await
}

/// Where Go takes modules from, and how it verifies them, as the person has set it: with variables or with `go env -w`.
async fn registries() -> Result<BTreeMap<String, String>, Error> {
    let mut ask = command("go", ["env", "-json"]);
    ask.args(REGISTRIES).envs(environment(Reach::Registries)).envs(
        REGISTRIES
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?))),
    );
    let printed = run(ask).await?;
    serde_json::from_str(&printed).map_err(|error| at("reading", Path::new("go env"))(error.into()))
}

/// Without these, the programs would report the version v0.0.0-master.
fn ldflags() -> String {
    let mut numbers = VERSION.split('.');
    let mut next = || numbers.next().unwrap_or_default();
    let set = [
        ("gitVersion", format!("v{VERSION}")),
        ("gitMajor", next().into()),
        ("gitMinor", next().into()),
        ("gitTreeState", "clean".into()),
    ];
    let set = set.map(|(name, value)| format!(" -X k8s.io/component-base/version.{name}={value}"));
    format!("-s -w{}", set.concat())
}

/// Runs a `go build -v`, which prints the name of each package as it compiles it, and reports them.
async fn follow(mut build: Command, packages: usize, report: Reporter<'_>) -> Result<(), Error> {
    let spawned = build.stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| failed(&build, format!("did not start: {error}"), &[]))?;
    let mut printed = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        printed = report_lines(stderr, packages, report).await;
    }
    let outcome = match child.wait().await {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => programs::ended(status),
        Err(error) => error.to_string(),
    };
    Err(failed(&build, outcome, printed.join("\n").as_bytes()).into())
}

async fn report_lines(stderr: impl AsyncRead + Unpin, packages: usize, report: Reporter<'_>) -> Vec<String> {
    let mut lines = BufReader::new(stderr).lines();
    let mut printed = Vec::new();
    while let Ok(Some(line)) = lines.next_line().await {
        printed.push(line.clone());
        // The program's own package comes last; what remains is linking.
        let now = if line == MODULE { "linking".into() } else { line };
        report(Event::Advanced {
            done: printed.len().min(packages.saturating_sub(1)),
            total: packages.max(1),
            now,
        });
    }
    printed
}

async fn sha256(path: &Path) -> io::Result<String> {
    let mut file = tokio::fs::File::open(path).await?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).await? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_that_the_build_claims_is_the_version_that_it_has() {
        let kubernetes = SOURCES[0]
            .1
            .lines()
            .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"));
        assert_eq!(kubernetes, Some(VERSION));
        assert!(
            ldflags().contains("gitVersion=v1.") && ldflags().contains("gitMajor=1 "),
            "{}",
            ldflags()
        );
    }
}
