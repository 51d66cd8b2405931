//! pi-web's budgets, measured on the running program: how long a health answer takes while every processor computes, beside
//! the same on the idle program in the same run, and how long a computation goes on after its client has gone away.
//!
//! Run it with `cargo bench -p pi-web`.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

const PROBES: usize = 301;
const DEPARTURES: usize = 41;
/// Far more than anything should take.
const DEADLINE: Duration = Duration::from_secs(30);
/// Minutes of work.
const ENDLESS: &str = "/?dp=1000000&format=text";
/// With each algorithm seconds of work, in steps that grow with it. By the slow one it is as much as may be asked for
/// unless `PI_MAX_DP` allows more.
const LONG: [(&str, &str); 2] = [
    ("machin", "/?dp=100000&format=text"),
    ("chudnovsky", "/?dp=1000000&algorithm=chudnovsky&format=text"),
];
const RUNNING: &str = "pi_web_computations_running";

const LONGEST_HEALTH: Duration = Duration::from_millis(100);
const LONGEST_AFTER_DEPARTURE: Duration = Duration::from_millis(200);

fn main() -> Result<ExitCode> {
    // `cargo test --benches` starts this too, and wants no measurement.
    if !env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let program = Program::start()?;
    let idle = program.health()?;

    let processors = thread::available_parallelism()?.get();
    let clients = (0..processors)
        .map(|_| program.send(ENDLESS))
        .collect::<Result<Vec<_>>>()?;
    program.wait_for_running(processors)?;
    let busy = program.health()?;
    drop(clients);
    program.wait_for_running(0)?;

    let stops = LONG
        .iter()
        .map(|(algorithm, path)| Ok((algorithm, program.departures(path)?)))
        .collect::<Result<Vec<_>>>()?;

    println!("ms                                    median    slowest");
    print("health answer, idle", &idle, None);
    print(
        &format!("health answer, {processors} of {processors} processors busy"),
        &busy,
        Some(LONGEST_HEALTH),
    );
    println!(
        "{:36}{:8.1} times as long as idle",
        "",
        median(&busy).as_secs_f64() / median(&idle).as_secs_f64()
    );
    for (algorithm, stops) in &stops {
        print(
            &format!("{algorithm} after its client has gone"),
            stops,
            Some(LONGEST_AFTER_DEPARTURE),
        );
    }
    let kept = slowest(&busy) <= LONGEST_HEALTH
        && stops
            .iter()
            .all(|(_, stops)| slowest(stops) <= LONGEST_AFTER_DEPARTURE);
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

fn print(what: &str, sorted: &[Duration], most: Option<Duration>) {
    let most = most.map_or_else(String::new, |most| format!("   at most {}", most.as_millis()));
    println!(
        "{what:36}{:8.2} {:10.2}{most}",
        median(sorted).as_secs_f64() * 1e3,
        slowest(sorted).as_secs_f64() * 1e3
    );
}

fn median(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() / 2]
}

fn slowest(sorted: &[Duration]) -> Duration {
    sorted[sorted.len() - 1]
}

/// It is killed when it goes out of scope.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start() -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pi-web"))
            .envs([
                ("LISTEN", "127.0.0.1:0"),
                ("LOG_FORMAT", "json"),
                ("PI_MAX_DP", "1000000"),
                ("PI_DEADLINE", "3600"),
            ])
            .stderr(Stdio::piped())
            .spawn()?;
        let mut log = BufReader::new(child.stderr.take().context("its log is a pipe")?);
        let mut line = String::new();
        let address = loop {
            line.clear();
            ensure!(log.read_line(&mut line)? > 0, "it ended before it listened");
            let entry: serde_json::Value = serde_json::from_str(&line)?;
            if entry["message"] == "listening" {
                break entry["address"]
                    .as_str()
                    .context("it names no address")?
                    .parse()?;
            }
        };
        // A pipe that nobody reads would fill up and stop the program.
        thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(Self { child, address })
    }

    fn send(&self, path: &str) -> Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: pi\r\nConnection: close\r\n\r\n"
        )?;
        Ok(stream)
    }

    fn get(&self, path: &str) -> Result<String> {
        let mut answer = String::new();
        self.send(path)?.read_to_string(&mut answer)?;
        ensure!(answer.starts_with("HTTP/1.1 200 "), "{path} answered: {answer}");
        Ok(answer)
    }

    /// How long each of many health answers takes, in ascending order. A probe has a connection of its own each time.
    fn health(&self) -> Result<Vec<Duration>> {
        let mut took = (0..PROBES)
            .map(|_| {
                let asked = Instant::now();
                self.get("/healthz")?;
                Ok(asked.elapsed())
            })
            .collect::<Result<Vec<_>>>()?;
        took.sort();
        Ok(took)
    }

    /// How long computations go on after their client has gone away, in ascending order.
    fn departures(&self, path: &str) -> Result<Vec<Duration>> {
        let mut stops = Vec::new();
        for _ in 0..DEPARTURES {
            let client = self.send(path)?;
            self.wait_for_running(1)?;
            let gone = Instant::now();
            drop(client);
            self.wait_for_running(0)?;
            stops.push(gone.elapsed());
        }
        stops.sort();
        Ok(stops)
    }

    fn wait_for_running(&self, count: usize) -> Result<()> {
        let begin = Instant::now();
        let wanted = format!("{RUNNING} {count}");
        while !self.get("/metrics")?.lines().any(|line| line == wanted) {
            ensure!(begin.elapsed() < DEADLINE, "{RUNNING} does not become {count}");
        }
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
