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
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use rustix::thread::{CpuSet, sched_getaffinity};

const ROUNDS: usize = 7;
const STARTS: usize = 41;
const CONNECTIONS: &str = "64";
const START_DEADLINE: Duration = Duration::from_secs(10);

const LEAST_RATIO: f64 = 2.0;
const MOST_RESIDENT_KIB: u64 = 8 * 1024;
const LONGEST_START: Duration = Duration::from_millis(30);

fn main() -> Result<ExitCode> {
    // `cargo test --benches` starts this too, and wants no measurement.
    if !env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let numbers_api = env::var_os("NUMBERS_API")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_numbers-api")), PathBuf::from);
    let podinfo = build_podinfo()?;

    let mut starts = (0..STARTS)
        .map(|_| Server::numbers_api(&numbers_api, None).map(|server| server.start))
        .collect::<Result<Vec<_>>>()?;
    starts.sort();
    let start = starts[STARTS / 2];

    let apart = compare(&numbers_api, &podinfo, Some(&two_processors()?))?;
    let sharing = compare(&numbers_api, &podinfo, None)?;
    let (our_memory, their_memory) = sharing.most_resident_kib;

    println!("                              numbers-api      podinfo");
    println!("requests per second, median of {ROUNDS}");
    println!(
        "  a processor for each     {:14.0} {:12.0}   ratio {:.2}; at least {LEAST_RATIO}",
        apart.ours,
        apart.theirs,
        apart.ratio()
    );
    println!(
        "  shared with the load     {:14.0} {:12.0}   ratio {:.2}",
        sharing.ours,
        sharing.theirs,
        sharing.ratio()
    );
    println!("most resident memory, KiB  {our_memory:14} {their_memory:12}   at most {MOST_RESIDENT_KIB}");
    println!(
        "start to first 200, ms     {:14.1}                median of {STARTS}, slowest {:.1}; at most {}",
        start.as_secs_f64() * 1e3,
        starts[STARTS - 1].as_secs_f64() * 1e3,
        LONGEST_START.as_millis()
    );
    let kept = apart.ratio() >= LEAST_RATIO && our_memory <= MOST_RESIDENT_KIB && start <= LONGEST_START;
    println!(
        "{}",
        if kept {
            "All budgets are kept."
        } else {
            "A budget is not kept."
        }
    );
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Both servers under the same load.
struct Comparison {
    /// Median requests per second.
    ours: f64,
    theirs: f64,
    most_resident_kib: (u64, u64),
}

impl Comparison {
    fn ratio(&self) -> f64 {
        self.ours / self.theirs
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
        ours: median(our_rates),
        theirs: median(their_rates),
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

/// A server that has answered its first request. It is killed when it goes out of scope.
struct Server {
    child: Child,
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
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("can't start {command:?}"))?;
        let mut server = Self {
            child,
            address,
            start: Duration::ZERO,
        };
        while !answers(address, path) {
            ensure!(began.elapsed() < START_DEADLINE, "{command:?} does not answer");
            std::thread::yield_now();
        }
        server.start = began.elapsed();
        Ok(server)
    }

    fn most_resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .context("no VmHWM in /proc")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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
