//! The option `--since`.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

/// The longest time that can be asked for, in seconds: no event is as old, and few changes are told of after a day.
const LONGEST: i64 = 24 * 60 * 60;

/// How far back a story goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Since(SignedDuration);

impl Since {
    /// When that was by the clock of a cluster that is so far ahead.
    pub(super) fn before(self, now: Timestamp, ahead: SignedDuration) -> Timestamp {
        now.checked_sub(self.0.saturating_sub(ahead))
            .unwrap_or(Timestamp::MIN)
    }
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.char_indices().last().and_then(|(end, unit)| {
            let unit = match unit {
                's' => 1,
                'm' => 60,
                'h' => 3600,
                _ => return None,
            };
            let number = text.get(..end)?;
            // `parse` would take a sign.
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse::<i64>().ok().filter(|_| digits)?.checked_mul(unit)
        });
        match seconds {
            Some(seconds @ 1..=LONGEST) => Ok(Self(SignedDuration::from_secs(seconds))),
            _ => Err("allowed: a whole number with s, m or h, such as 90s, 10m or 2h, from 1s to 24h".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_counted_by_the_clusters_clock() {
        let at = |text: &str| format!("2026-03-01T{text}:00Z").parse::<Timestamp>().unwrap();
        let since: Since = "10m".parse().unwrap();
        let hour = SignedDuration::from_hours(1);
        assert_eq!(since.before(at("14:30"), SignedDuration::ZERO), at("14:20"));
        assert_eq!(since.before(at("14:30"), hour), at("15:20"));
        assert_eq!(since.before(at("14:30"), -hour), at("13:20"));
    }

    #[test]
    fn a_time_has_a_number_and_a_unit_and_ends_after_a_day() {
        for (text, seconds) in [
            ("1s", 1),
            ("90s", 90),
            ("10m", 600),
            ("24h", 86_400),
            ("1440m", 86_400),
        ] {
            assert_eq!(
                text.parse(),
                Ok(Since(SignedDuration::from_secs(seconds))),
                "{text}"
            );
        }
        let bad = [
            "",
            "0",
            "-5",
            "0s",
            "-5s",
            "+5s",
            "5",
            "1y",
            "1d",
            "25h",
            "1.5h",
            "s",
            "9999999999999999999s",
            "5 m",
            "5시",
            "오분",
            "٣m",
            "１０m",
            "10ｍ",
            "1e9h",
            "1h30m",
            "\u{202e}m01",
        ];
        for bad in bad {
            let refused = bad.parse::<Since>().unwrap_err();
            assert!(refused.contains("10m"), "{bad:?}: {refused}");
        }
    }
}
