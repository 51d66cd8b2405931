//! Amounts as Kubernetes writes them: `250m`, `2`, `128Mi`.

use guide::goal::Resource;

/// What stands behind a number, and how much it makes of it.
const SUFFIXES: [(&str, f64); 15] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
];

/// The amount; none if it is not one.
pub(super) fn amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let (number, factor) = SUFFIXES
        .iter()
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1.0));
    // Not `inf` and `NaN`, which are numbers to Rust.
    let plain = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    let number: f64 = number.chars().all(plain).then(|| number.parse().ok())??;
    (number.is_finite() && number >= 0.0).then_some(number * factor)
}

/// The same for people, as manifests have it: `500m` or `2`, `512Mi`.
pub(super) fn written(resource: Resource, amount: f64) -> String {
    match resource {
        Resource::Cpu => {
            let thousandths = (amount * 1000.0).round();
            if thousandths % 1000.0 == 0.0 {
                format!("{:.0}", thousandths / 1000.0)
            } else {
                format!("{thousandths:.0}m")
            }
        }
        Resource::Memory => format!("{:.0}Mi", amount / 1_048_576.0),
    }
}

/// How many percent one amount is of another, with a decimal only where it says something: `25`, `24.8`.
pub(super) fn percent(part: f64, whole: f64) -> String {
    let percent = if whole > 0.0 { part / whole * 100.0 } else { 0.0 };
    let text = format!("{percent:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_kubernetes_writes_them() {
        for (text, expected) in [
            ("2", Some(2.0)),
            ("0", Some(0.0)),
            ("500m", Some(0.5)),
            ("0.5", Some(0.5)),
            ("3920000000n", Some(3.92)),
            ("2k", Some(2000.0)),
            ("1e3", Some(1000.0)),
            ("128Mi", Some(134_217_728.0)),
            ("", None),
            ("m", None),
            ("two", None),
            ("inf", None),
            ("NaN", None),
            ("-1", None),
            ("1e999", None),
        ] {
            let read = amount(text);
            let near = read
                .zip(expected)
                .is_some_and(|(read, expected)| (read - expected).abs() < 1e-9);
            assert!(near || read == expected, "{text}: {read:?}");
        }
    }

    #[test]
    fn amounts_are_written_as_manifests_have_them() {
        assert_eq!(written(Resource::Cpu, 0.5), "500m");
        assert_eq!(written(Resource::Cpu, 2.0), "2");
        assert_eq!(written(Resource::Memory, 536_870_912.0), "512Mi");
        assert_eq!(percent(0.5, 2.0), "25");
        assert_eq!(percent(0.496, 2.0), "24.8");
        assert_eq!(percent(64.0, 2.0), "3200");
        assert_eq!(percent(1.0, 0.0), "0");
    }
}
