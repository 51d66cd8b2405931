//! numbers-api's budgets, measured: requests per second against podinfo's (a well-known small web service in Go), both
//! under the same load in the same run; resident memory; and the time from its start to its first answer.
//!
//! A load generator that shares its processors with the server takes about as much of them as the server does, and that
//! hides a part of what there is between two servers. So the budget is for a server with one processor and the load on
//! another; how they compare when all of it shares all processors is shown beside it.
//!
//! `cargo bench -p numbers-api` builds podinfo from its Go module and needs `go`, `wrk`, `taskset` and two processors. Set
//! `NUMBERS_API` to measure another build than the bench profile's, such as the one for the image.

use std::{
    env,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::thread::{CpuSet, sched_getaffinity};
use testkit::{Budgets, Program, Samples};

const ROUNDS: usize = 7;
const STARTS: usize = 41;
const CONNECTIONS: &str = "64";
const START_DEADLINE: Duration = Duration::from_secs(10);

const LEAST_RATIO: f64 = 2.0;
const MOST_RESIDENT_KIB: f64 = 8.0 * 1024.0;
const LONGEST_START_MS: f64 = 30.0;

fn main() -> Result<ExitCode> {
    Budgets::measured_by(|budgets| {
        let numbers_api = env::var_os("NUMBERS_API")
            .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_numbers-api")), PathBuf::from);
        let podinfo = build_podinfo()?;

        let starts = (0..STARTS)
            .map(|_| Server::numbers_api(&numbers_api, None).map(|server| server.start))
            .collect::<Result<Vec<_>>>()?;
        let starts = Samples::from(starts);
        budgets.at_most(
            &format!("start to first 200, median of {STARTS}"),
            starts.median(),
            "ms",
            LONGEST_START_MS,
        );
        budgets.shown("start to first 200, slowest", starts.largest(), "ms");

        let apart = compare(&numbers_api, &podinfo, Some(&two_processors()?))?;
        apart.show(budgets, "a processor each");
        budgets.at_least(
            "ratio with a processor each",
            apart.ours / apart.theirs,
            "times",
            LEAST_RATIO,
        );

        let sharing = compare(&numbers_api, &podinfo, None)?;
        sharing.show(budgets, "processors shared");
        budgets.shown(
            "ratio with processors shared",
            sharing.ours / sharing.theirs,
            "times",
        );
        let (our_memory, their_memory) = sharing.most_resident_kib;
        budgets.at_most("most resident memory", our_memory, "KiB", MOST_RESIDENT_KIB);
        budgets.shown("most resident memory of podinfo", their_memory, "KiB");
        Ok(())
    })
}

/// Both servers under the same load.
struct Comparison {
    /// Median requests per second.
    ours: f64,
    theirs: f64,
    most_resident_kib: (f64, f64),
}

impl Comparison {
    fn show(&self, budgets: &Budgets, processors: &str) {
        budgets.shown(&format!("numbers-api, {processors}"), self.ours, "requests/s");
        budgets.shown(&format!("podinfo, {processors}"), self.theirs, "requests/s");
    }
}

/// `processors` are the server's and the load's, by the kernel's numbers; without them everything shares all there are.
fn compare(numbers_api: &Path, podinfo: &Path, processors: Option<&[String; 2]>) -> Result<Comparison> {
    let (server, load) = processors
        .map(|[server, load]| (server.as_str(), load.as_str()))
        .unzip();
    let ours = Server::numbers_api(numbers_api, server)?;
    let theirs = Server::podinfo(podinfo, server)?;
    let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
    // By turns, so that a noisy minute of the machine is one for both.
    for _ in 0..ROUNDS {
        our_rates.push(requests_per_second(ours.address, "/rng", load)?);
        their_rates.push(requests_per_second(theirs.address, "/healthz", load)?);
    }
    Ok(Comparison {
        ours: Samples::from(our_rates).median(),
        theirs: Samples::from(their_rates).median(),
        most_resident_kib: (ours.most_resident_kib()?, theirs.most_resident_kib()?),
    })
}

/// Two of the processors that this process may run on, by the kernel's numbers.
fn two_processors() -> Result<[String; 2]> {
    let allowed = sched_getaffinity(None).context("can't ask which processors may be used")?;
    let mut numbers = (0..CpuSet::MAX_CPU)
        .filter(|&number| allowed.is_set(number))
        .map(|number| number.to_string());
    match (numbers.next(), numbers.next()) {
        (Some(first), Some(second)) => Ok([first, second]),
        _ => bail!("one processor is too few to measure: the load needs another one than the server"),
    }
}

/// `program`, kept to one processor if one is given. It has the process id of the command's child.
fn command_on(program: &Path, processor: Option<&str>) -> Command {
    let Some(processor) = processor else {
        return Command::new(program);
    };
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", processor]).arg(program);
    command
}

/// A server that has answered its first request.
struct Server {
    program: Program,
    address: SocketAddr,
    start: Duration,
}

impl Server {
    fn numbers_api(program: &Path, processor: Option<&str>) -> Result<Self> {
        let address = free_address()?;
        Self::start(
            command_on(program, processor).env("LISTEN", address.to_string()),
            address,
            "/rng",
        )
    }

    fn podinfo(program: &Path, processor: Option<&str>) -> Result<Self> {
        let address = free_address()?;
        let mut command = command_on(program, processor);
        command.args([
            "--host",
            "127.0.0.1",
            "--level",
            "error",
            "--port",
            &address.port().to_string(),
        ]);
        Self::start(&mut command, address, "/healthz")
    }

    fn start(command: &mut Command, address: SocketAddr, path: &str) -> Result<Self> {
        let began = Instant::now();
        let program = Program::start(command.stdout(Stdio::null()));
        // Without a pause: it is the time to the first answer that is measured.
        while !answers(address, path) {
            ensure!(began.elapsed() < START_DEADLINE, "{command:?} does not answer");
            std::thread::yield_now();
        }
        Ok(Self {
            program,
            address,
            start: began.elapsed(),
        })
    }

    fn most_resident_kib(&self) -> Result<f64> {
        Ok(self
            .program
            .status("VmHWM")
            .context("no VmHWM in /proc")?
            .parse()?)
    }
}

fn answers(address: SocketAddr, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else {
        return false;
    };
    let mut head = [0; 12];
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"
    )
    .is_ok()
        && stream.read_exact(&mut head).is_ok()
        && head.ends_with(b" 200")
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

fn requests_per_second(address: SocketAddr, path: &str, processor: Option<&str>) -> Result<f64> {
    let url = format!("http://{address}{path}");
    let output = command_on(Path::new("wrk"), processor)
        .args(["-t1", "-d2s", "-c", CONNECTIONS, &url])
        .output()
        .context("can't start the load generator; install it with: apt-get install wrk util-linux")?;
    ensure!(
        output.status.success(),
        "the load generator failed ({}): {}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    let report = String::from_utf8_lossy(&output.stdout);
    if report.contains("Socket errors") || report.contains("Non-2xx") {
        bail!("requests failed under load:\n{report}");
    }
    let rate = report.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(rate
        .with_context(|| format!("wrk reports no rate:\n{report}"))?
        .trim()
        .parse()?)
}

/// podinfo at the version that go.mod beside this file pins, with its checksums in go.sum.
fn build_podinfo() -> Result<PathBuf> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/podinfo");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("podinfo");
    let built = Command::new("go")
        .args(["build", "-C"])
        .arg(&module)
        .arg("-o")
        .arg(&program)
        .arg("github.com/stefanprodan/podinfo/cmd/podinfo")
        .status()
        .context("can't start go, which builds podinfo; install it first")?;
    ensure!(built.success(), "podinfo could not be built");
    Ok(program)
}
