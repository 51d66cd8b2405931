//! The metrics of every service, under Prometheus' usual names.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use http::{Method, StatusCode};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric},
    metrics::{
        counter::{ConstCounter, Counter},
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};
use rustix::{
    param::page_size,
    time::{ClockId, clock_gettime},
};

/// Upper bounds in seconds: the usual ones, and some below, for answers of well under a millisecond.
const DURATION_BUCKETS: [f64; 14] = [
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// Counts and times of the requests of one process.
#[derive(Clone, Debug)]
pub(crate) struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    durations: Family<DurationLabels, Histogram>,
    in_flight: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    path: Arc<str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    method: &'static str,
    path: Arc<str>,
}

impl HttpMetrics {
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS)),
            in_flight: Gauge::default(),
        };
        registry.register(
            "http_requests",
            "HTTP requests answered",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "http_request_duration",
            "Time from the request's head to the answer's",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "HTTP requests being worked on",
            metrics.in_flight.clone(),
        );
        metrics
    }

    /// Counts a request as in flight until the returned value is dropped, which happens too when its client goes away.
    pub(crate) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight {
            gauge: self.in_flight.clone(),
            began: Instant::now(),
        }
    }

    /// Counts an answered request. The path is the route's template, never what a client typed, so that nobody can
    /// make the number of time series grow.
    pub(crate) fn answered(
        &self,
        request: &InFlight,
        method: &'static str,
        path: Arc<str>,
        status: StatusCode,
    ) {
        let elapsed = request.began.elapsed().as_secs_f64();
        self.durations
            .get_or_create(&DurationLabels {
                method,
                path: Arc::clone(&path),
            })
            .observe(elapsed);
        self.requests
            .get_or_create(&RequestLabels {
                method,
                path,
                status: status.as_u16(),
            })
            .inc();
    }
}

/// A request between its head and the answer's.
#[derive(Debug)]
pub(crate) struct InFlight {
    gauge: Gauge,
    began: Instant,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

/// The method as a label: those of RFC 9110 and PATCH by their names, whatever else a client makes up as `OTHER`.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "OTHER",
    }
}

/// The name and version of the program that runs, as an info metric.
pub(crate) fn register_build_info(registry: &mut Registry, program: &'static str, version: &'static str) {
    registry.register(
        "build",
        "The program that runs, and its version",
        Info::new(vec![("program", program), ("version", version)]),
    );
}

/// Memory, CPU time and start of this process, looked up at each scrape.
#[derive(Debug)]
pub(crate) struct ProcessCollector {
    started: Duration,
}

impl ProcessCollector {
    pub(crate) fn new() -> Self {
        Self {
            started: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }
}

impl Collector for ProcessCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let cpu = clock_gettime(ClockId::ProcessCPUTime);
        let cpu = ConstCounter::new(
            Duration::new(
                cpu.tv_sec.try_into().unwrap_or_default(),
                cpu.tv_nsec.try_into().unwrap_or_default(),
            )
            .as_secs_f64(),
        );
        cpu.encode(encoder.encode_descriptor(
            "process_cpu",
            "CPU time spent, user and system",
            Some(&Unit::Seconds),
            cpu.metric_type(),
        )?)?;
        let started = ConstGauge::new(self.started.as_secs_f64());
        started.encode(encoder.encode_descriptor(
            "process_start_time",
            "Start of the process since the Unix epoch",
            Some(&Unit::Seconds),
            started.metric_type(),
        )?)?;
        // Without /proc there is no such line, rather than a wrong one.
        if let Some(bytes) = resident_bytes() {
            let resident = ConstGauge::new(bytes);
            resident.encode(encoder.encode_descriptor(
                "process_resident_memory",
                "Memory that the process has in RAM",
                Some(&Unit::Bytes),
                resident.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

/// Resident memory of this process in bytes, from the second field of `/proc/self/statm` (proc_pid_statm(5)), which
/// counts pages. None where there is no such file.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_ascii_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(page_size()).ok()?)
}
