//! A strict reader of Prometheus' text format 0.0.4
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>), and of how metrics are to be named.

use std::collections::{BTreeMap, BTreeSet};

/// The families of metrics in a text, each with its type.
///
/// # Errors
/// The first line that is not of the format, or is not named as Prometheus asks for, and why.
pub fn families(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut families = BTreeMap::new();
    let mut samples = BTreeSet::new();
    let mut helped: Option<&str> = None;
    let mut family: Option<(&str, &str)> = None;
    if !text.ends_with('\n') {
        return Err("the last line does not end".into());
    }
    for line in text.lines() {
        let wrong = |why: &str| Err(format!("{why}: {line}"));
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            match (words.next(), words.next(), words.next()) {
                (Some("HELP"), Some(name), Some(help)) if is_name(name, ":") => {
                    if help.trim().is_empty() || !escapes_are_known(help, "\\n") {
                        return wrong("no help, or an escape that is unknown");
                    }
                    helped = Some(name);
                }
                (Some("TYPE"), Some(name), Some(kind)) => {
                    if helped != Some(name) {
                        return wrong("TYPE does not follow the HELP of the same family");
                    }
                    if !["counter", "gauge", "histogram", "summary", "untyped"].contains(&kind) {
                        return wrong("there is no such type");
                    }
                    if (kind == "counter") != name.ends_with("_total") {
                        return wrong("counters, and nothing else, end with _total");
                    }
                    if families.insert(name.to_owned(), kind.to_owned()).is_some() {
                        return wrong("a family is there twice");
                    }
                    family = Some((name, kind));
                }
                _ => return wrong("a comment that is neither HELP nor TYPE"),
            }
            continue;
        }
        let (Some((family, kind)), Some((series, value))) = (family, line.rsplit_once(' ')) else {
            return wrong("not a sample of a family");
        };
        let (name, labels) = match series.split_once('{') {
            None => (series, None),
            Some((name, rest)) => match rest.strip_suffix('}') {
                Some(labels) => (name, Some(labels)),
                None => return wrong("its labels do not end"),
            },
        };
        let suffixes: &[&str] = if kind == "histogram" {
            &["_bucket", "_sum", "_count"]
        } else {
            &[""]
        };
        if !name
            .strip_prefix(family)
            .is_some_and(|suffix| suffixes.contains(&suffix))
        {
            return wrong("it does not belong to the family above it");
        }
        if !labels.unwrap_or("a=\"\"").split("\",").all(is_label) {
            return wrong("its labels are not of the format");
        }
        // Rust reads `inf` and `nan` in any case, and a dot that is missing its digits.
        let is_value = ["+Inf", "-Inf", "NaN"].contains(&value)
            || value.starts_with(|first: char| first.is_ascii_digit() || first == '-')
                && value.parse::<f64>().is_ok();
        if !is_value {
            return wrong("its value is no number");
        }
        if !samples.insert(series) {
            return wrong("a series is there twice");
        }
    }
    Ok(families)
}

fn is_name(text: &str, also: &str) -> bool {
    let good =
        |character: char| character.is_ascii_alphanumeric() || character == '_' || also.contains(character);
    !text.is_empty() && !text.starts_with(|first: char| first.is_ascii_digit()) && text.chars().all(good)
}

/// A label, perhaps without the quotation mark at its end.
fn is_label(text: &str) -> bool {
    text.split_once("=\"").is_some_and(|(name, value)| {
        is_name(name, "") && escapes_are_known(value.strip_suffix('"').unwrap_or(value), "\\n\"")
    })
}

fn escapes_are_known(text: &str, known: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\\' && !characters.next().is_some_and(|next| known.contains(next)) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::families;

    #[test]
    fn what_prometheus_documents_is_read() {
        let text = "# HELP calls_total Calls \\\\ of \"all\".\n# TYPE calls_total counter\n\
                    calls_total{path=\"/\\\"a\",method=\"GET\"} 3\ncalls_total 1.5e-3\n\
                    # HELP took_seconds Time.\n# TYPE took_seconds histogram\n\
                    took_seconds_bucket{le=\"+Inf\"} 1\ntook_seconds_sum 0.1\ntook_seconds_count 1\n";
        let families = families(text).unwrap();
        let families: Vec<_> = families.iter().map(|(name, kind)| (&**name, &**kind)).collect();
        assert_eq!(
            families,
            [("calls_total", "counter"), ("took_seconds", "histogram")]
        );
    }

    #[test]
    fn what_is_of_another_format_or_badly_named_is_refused() {
        let gauge = "# HELP a A.\n# TYPE a gauge\n";
        for (text, why) in [
            (
                "# HELP build B.\n# TYPE build info\nbuild_info 1\n",
                "no such type",
            ),
            (&format!("{gauge}a 1\n# EOF\n"), "neither HELP nor TYPE"),
            (
                &format!("{gauge}# UNIT a seconds\na 1\n"),
                "neither HELP nor TYPE",
            ),
            ("# HELP a A.\n# TYPE a counter\na_total 1\n", "_total"),
            ("# TYPE a gauge\na 1\n", "does not follow"),
            (&format!("{gauge}b 1\n"), "belong"),
            (&format!("{gauge}a{{b=c}} 1\n"), "labels"),
            (&format!("{gauge}a one\n"), "no number"),
            (&format!("{gauge}a 1\na 2\n"), "twice"),
            (&format!("{gauge}{gauge}"), "twice"),
            (&format!("{gauge}a 1"), "does not end"),
        ] {
            let error = families(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
