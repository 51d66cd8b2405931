//! The formats of metrics: Prometheus' text format 0.0.4, which everybody reads, and OpenMetrics 1.0 for who asks for it.

use http::{HeaderMap, header::ACCEPT};

use crate::web::Accepted;

/// A format of metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposition {
    /// <https://prometheus.io/docs/instrumenting/exposition_formats/>, the one to fall back to.
    Text,
    /// <https://prometheus.io/docs/specs/om/open_metrics_spec/>
    OpenMetrics,
}

impl Exposition {
    /// OpenMetrics if the client names it and wants text no more than that, as Prometheus does; text for all others.
    pub(crate) fn accepted(headers: &HeaderMap) -> Self {
        let accepted = Accepted::of(headers.get_all(ACCEPT));
        let open = [
            "application/openmetrics-text;version=1.0.0",
            "application/openmetrics-text",
        ];
        let text = ["text/plain;version=0.0.4", "text/plain", "text/*", "*/*"];
        let open = accepted.weight(&open);
        if open > 0.0 && open >= accepted.weight(&text) {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The metrics in this format, from what `prometheus-client` writes, which is OpenMetrics.
    pub(crate) fn of(self, open_metrics: String) -> String {
        match self {
            Self::Text => text(&open_metrics),
            Self::OpenMetrics => open_metrics,
        }
    }
}

/// Samples are written alike in both. Text names a family as its samples are named, has no units, no type for information,
/// and no end.
fn text(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    // OpenMetrics says HELP first, TYPE next: the name in text depends on the type.
    let mut help = "";
    for line in open_metrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("HELP"), Some(_), said) => help = said.unwrap_or_default(),
            (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                let (suffix, kind) = match kind {
                    "counter" => ("_total", "counter"),
                    "info" => ("_info", "gauge"),
                    "unknown" => ("", "untyped"),
                    kind => ("", kind),
                };
                // Here a quotation mark stands for itself.
                let help = help.replace("\\\"", "\"");
                text.push_str(&format!(
                    "# HELP {name}{suffix} {help}\n# TYPE {name}{suffix} {kind}\n"
                ));
            }
            (Some("#"), ..) => {}
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::ACCEPT};

    use super::{Exposition, text};

    #[test]
    fn open_metrics_is_for_who_names_it() {
        let prometheus_2 = "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        let prometheus_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";
        let protobuf_first = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";
        for (accept, open_metrics) in [
            (prometheus_2, true),
            (prometheus_3, true),
            (protobuf_first, true),
            ("application/openmetrics-text", true),
            ("Application/OpenMetrics-Text; version=1.0.0; charset=utf-8", true),
            ("text/plain, application/openmetrics-text", true),
            ("", false),
            ("*/*", false),
            ("text/plain;version=0.0.4", false),
            (
                "text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4",
                false,
            ),
            ("application/openmetrics-text;version=1.0.0;q=0,*/*", false),
            // A version that is not written here.
            (
                "application/openmetrics-text;version=0.0.1,text/plain;q=0.5",
                false,
            ),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            let expected = if open_metrics {
                Exposition::OpenMetrics
            } else {
                Exposition::Text
            };
            assert_eq!(Exposition::accepted(&headers), expected, "{accept}");
        }
    }

    #[test]
    fn text_names_families_as_their_samples() {
        let open_metrics = "# HELP build The program that \\\"runs\\\".\n# TYPE build info\nbuild_info{version=\"1\"} 1\n\
                            # HELP cpu_seconds CPU.\n# TYPE cpu_seconds counter\n# UNIT cpu_seconds seconds\n\
                            cpu_seconds_total 0.5\n# EOF\n";
        let expected = "# HELP build_info The program that \"runs\".\n# TYPE build_info gauge\nbuild_info{version=\"1\"} 1\n\
                        # HELP cpu_seconds_total CPU.\n# TYPE cpu_seconds_total counter\ncpu_seconds_total 0.5\n";
        assert_eq!(text(open_metrics), expected);
    }
}
