//! What a command says itself about the time that it takes.

use std::time::Duration;

/// The times that stand in a command, which somebody who waits for it may be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stated {
    /// How long it takes at least: what it sleeps.
    pub at_least: Duration,
    /// After how long it gives up waiting by itself.
    pub gives_up: Option<Duration>,
}

impl Stated {
    /// Reads `sleep 10` and `--timeout 30s` in a line of the shell. What it cannot read says nothing.
    #[must_use]
    pub fn of(command: &str) -> Self {
        let mut stated = Self::default();
        let words = shell_words::split(command).unwrap_or_default();
        let commands = words.split(|word| matches!(word.as_str(), "|" | "||" | "&" | "&&" | ";"));
        for words in commands {
            if let [sleep, times @ ..] = words
                && sleep == "sleep"
            {
                stated.at_least += times.iter().filter_map(|time| duration(time)).sum::<Duration>();
            }
            let after = |pair: &[String]| (pair[0] == "--timeout").then(|| duration(&pair[1])).flatten();
            let joined = words
                .iter()
                .find_map(|word| duration(word.strip_prefix("--timeout=")?));
            stated.gives_up = stated.gives_up.or(joined).or(words.windows(2).find_map(after));
        }
        stated
    }
}

/// A time as `sleep` and Go have it, of one unit: `10`, `30s`, `2m`.
fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.find(|char: char| !char.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_says_how_long_it_sleeps_and_when_it_gives_up() {
        for (command, at_least, gives_up) in [
            ("sleep 10", 10, None),
            ("curl x; sleep 10", 0, None),
            ("curl x ; sleep 10 && sleep 1m", 70, None),
            (
                "helm upgrade a b \\\n  --wait --timeout 30s \\\n  --values c.yaml",
                0,
                Some(30),
            ),
            ("kubectl wait pod --timeout=2m", 0, Some(120)),
            ("kubectl wait pod --timeout=1m30s", 0, None),
            ("kubectl wait pod --timeout", 0, None),
            ("echo sleep 10 --timeout x", 0, None),
            ("sleep 99999999999999999999h", 0, None),
            ("echo 'not closed", 0, None),
        ] {
            let seconds = |time: Duration| time.as_secs();
            let stated = Stated::of(command);
            assert_eq!(
                (seconds(stated.at_least), stated.gives_up.map(seconds)),
                (at_least, gives_up),
                "{command}"
            );
        }
    }
}
