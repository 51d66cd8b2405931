//! What happened, in a sentence.

use std::collections::BTreeMap;

use guide::Message;
use story::{Fact, Kill, Probe, Role, Share, What};

use crate::letters::Letters;

/// How many characters of somebody else's words are told: an event has up to 1024.
const MOST: usize = 300;

/// The sentence of a fact.
pub(super) fn says(fact: &Fact, letters: &Letters) -> Message {
    let name = name(fact, letters);
    let says = match &fact.what {
        // The API server gives the first to what is made.
        What::Asked { generation: 1 } => Message::new("story-created"),
        What::Asked { generation } => Message::new("story-asked").with("generation", generation.to_string()),
        What::Scaled { from, to, .. } => Message::new("story-scaled").with("from", *from).with("to", *to),
        What::Selects { selector } if selector.is_empty() => Message::new("story-selects-none"),
        What::Selects { selector } => Message::new("story-selects").with("labels", labels(selector)),
        What::Sends { port, to } => match to {
            Some(to) => Message::new("story-sends").with("to", plain(to)),
            None => Message::new("story-sends-nowhere"),
        }
        .with("port", plain(port)),
        What::Labelled { labels, .. } => Message::new("story-labelled").with("labels", changes(labels)),
        What::Created => Message::new("story-created"),
        What::Scheduled { node } => Message::new("story-scheduled").with("node", node),
        What::Started { restart: 0, .. } => Message::new("story-started"),
        What::Started { restart, .. } => Message::new("story-restarted").with("restart", *restart),
        What::Probed { .. } => probed(fact),
        What::Unprobed { probe, says } => Message::new("story-unprobed")
            .with("probe", named(*probe))
            .with("words", unasked(says)),
        What::Ready { value: true, .. } => Message::new("story-ready"),
        What::Ready { value: false, .. } => Message::new("story-not-ready"),
        What::Serving {
            value,
            service,
            share,
            ..
        } => serves(*value, *share).with("service", service),
        What::Rules {
            value,
            service,
            last_resort,
        } => match (value, last_resort) {
            (true, false) => Message::new("story-reached"),
            (true, true) => Message::new("story-last-resort"),
            (false, _) => Message::new("story-not-reached"),
        }
        .with("service", service),
        What::KillOrdered { why, grace } => ordered(*why).with("seconds", *grace),
        what if what.is_unseen_end() => Message::new("story-ended-unseen"),
        What::Ended { reason, code, .. } => Message::new("story-ended")
            .with(
                "reason",
                if reason.is_empty() {
                    "?".to_owned()
                } else {
                    plain(reason)
                },
            )
            .with("code", code.to_string()),
        What::Waits { seconds, .. } => Message::new("story-waits").with("seconds", *seconds),
        What::Refused { says, .. } => Message::new("story-refused").with("words", unmade(says)),
        What::Gone {
            asked: true,
            grace: Some(0),
            ..
        } => Message::new("story-deleted-at-once"),
        What::Gone {
            asked: true, grace, ..
        } => match grace {
            Some(grace) => Message::new("story-asked-to-go-within").with("seconds", *grace),
            None => Message::new("story-asked-to-go"),
        },
        What::Gone { asked: false, .. } if fact.subject.kind == "Service" => {
            Message::new("story-gone-service")
        }
        What::Gone { asked: false, .. } if fact.subject.kind == "Deployment" => {
            Message::new("story-gone-deployment")
        }
        What::Gone { asked: false, .. } => Message::new("story-gone"),
        What::Throttled { share } => {
            Message::new("story-throttled").with("percent", format!("{:.0}", share * 100.0))
        }
        What::Memory { used, limit } => memory(*used, *limit),
        What::Answered {
            badly,
            unanswered,
            of,
            ..
        } => met([*badly, *unanswered, *of], fact.at_least, name.clone()),
        What::Gap => Message::new("story-gap").with(
            "seconds",
            format!("{:.0}", fact.when.width().as_secs_f64().ceil()),
        ),
    };
    says.with("name", name)
}

/// Whom it is about: a pod's only container goes by the pod's letter, and all others are named.
fn name(fact: &Fact, letters: &Letters) -> Message {
    let name = Message::Verbatim(letters.name(&fact.subject).into());
    let Some(container) = &fact.subject.container else {
        return name;
    };
    let named = match container.role {
        Role::Only => return name,
        Role::OneOfSeveral => Message::new("story-container"),
        Role::Init => Message::new("story-container-init"),
        Role::Sidecar => Message::new("story-container-sidecar"),
        Role::Ephemeral => Message::new("story-container-ephemeral"),
    };
    named.with("name", name).with("container", &*container.name)
}

fn probed(fact: &Fact) -> Message {
    let What::Probed {
        probe,
        ok,
        run,
        of,
        says,
        ..
    } = &fact.what
    else {
        return Message::Verbatim(String::new());
    };
    let words = says.as_deref().map(short);
    let result = match (ok, words) {
        (true, _) => Message::new("story-probe-good"),
        (false, Some(words)) if !words.is_empty() => {
            Message::new("story-probe-bad-with").with("words", words)
        }
        (false, _) => Message::new("story-probe-bad"),
    };
    let count = match fact.at_least {
        true => Message::new("story-probe-at-least")
            .with("count", *run)
            .with("of", *of),
        false => Message::new("story-probe-run").with("run", *run).with("of", *of),
    };
    Message::new("story-probe")
        .with("probe", named(*probe))
        .with("result", result)
        .with("count", count)
}

fn named(probe: Probe) -> Message {
    match probe {
        Probe::Readiness => Message::new("story-probe-readiness"),
        Probe::Liveness => Message::new("story-probe-liveness"),
        Probe::Startup => Message::new("story-probe-startup"),
    }
}

/// What is new in the kubelet's words of a probe that failed: the status of `HTTP probe failed with statuscode: 500`, and the end of
/// `Get "http://…/healthz": dial tcp …: connect: connection refused`, with or without its first part.
#[must_use]
pub fn short(words: &str) -> String {
    let cause = match words.strip_prefix("HTTP probe failed with statuscode: ") {
        Some(status) => status,
        None if words.starts_with("Get \"") || words.starts_with("dial tcp ") => {
            words.rsplit(": ").next().unwrap_or(words)
        }
        None => words,
    };
    plain(cause)
}

/// What is new in the kubelet's words of a probe that it could not carry out: the end of what the runtime says of a command that is not
/// there, without the number of the attempt, which differs each time.
#[must_use]
pub fn unasked(words: &str) -> String {
    let starts = ["unable to start container process: ", "desc = "];
    let cause = starts
        .iter()
        .find_map(|start| Some(words.rsplit_once(start)?.1))
        .unwrap_or(words);
    plain(cause.strip_suffix(": unknown").unwrap_or(cause))
}

/// What is new in a controller's words of a pod that the API server did not let it make: why not, without the pod's name, which is another
/// each time.
pub(crate) fn unmade(words: &str) -> String {
    let refused = words
        .split_once("Error creating: pods \"")
        .and_then(|(_, refused)| refused.split_once("\" is forbidden: "));
    plain(refused.map_or(words, |(_, why)| why))
}

/// Words that somebody else chose, as text of one line: what would move a cursor or turn the direction of writing is left out, and words
/// that are written from right to left are set apart, so that they turn nothing around them.
///
/// Source of the latter two: Unicode's bidirectional algorithm (UAX #9), explicit formatting characters and isolates.
#[must_use]
pub fn plain(words: &str) -> String {
    let turns = |character| {
        let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
        marks.contains(&character) || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown = words.chars().filter(|character| !turns(*character));
    let shown: String = shown
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(MOST)
        .collect();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    match shown.chars().any(is_from_right_to_left) {
        true => format!("\u{2068}{shown}\u{2069}"),
        false => shown,
    }
}

/// Whether a character is of a block of scripts that are written from right to left, such as Hebrew and Arabic.
///
/// Source: Unicode's `DerivedBidiClass.txt`, the ranges whose unassigned characters are R or AL.
fn is_from_right_to_left(character: char) -> bool {
    matches!(character,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

fn ordered(why: Kill) -> Message {
    match why {
        Kill::Liveness => Message::new("story-kill-liveness"),
        Kill::Startup => Message::new("story-kill-startup"),
        Kill::Deleted => Message::new("story-kill-deleted"),
        Kill::Other => Message::new("story-kill-other"),
    }
}

/// Labels as `kubectl` takes them.
fn labels(all: &BTreeMap<String, String>) -> String {
    let all: Vec<_> = all.iter().map(|(key, value)| format!("{key}={value}")).collect();
    plain(&all.join(","))
}

/// What changed of labels.
fn changes(all: &BTreeMap<String, Option<String>>) -> Message {
    let change = |(key, value): (&String, &Option<String>)| match value {
        Some(value) => Message::Verbatim(plain(&format!("{key}={value}"))),
        None => Message::new("story-label-removed").with("label", plain(key)),
    };
    Message::joined(", ", all.iter().map(change))
}

fn memory(used: u64, limit: Option<u64>) -> Message {
    let mib = |bytes: u64| (bytes >> 20).to_string();
    match limit {
        Some(limit) => Message::new("story-memory-of")
            .with("used", mib(used))
            .with("limit", mib(limit)),
        None => Message::new("story-memory").with("used", mib(used)),
    }
}

/// How many callers met a broken pod.
fn met([badly, unanswered, of]: [u32; 3], at_least: bool, name: Message) -> Message {
    let met = match at_least {
        true => Message::new("story-met-at-least"),
        false => Message::new("story-met").with("of", of),
    };
    let met = met.with("badly", badly);
    match unanswered {
        0 => met,
        unanswered => Message::new("story-met-and-unanswered")
            .with("met", met.with("name", name))
            .with("unanswered", unanswered),
    }
}

fn serves(value: bool, share: Option<Share>) -> Message {
    let Some(Share { serving, of }) = share else {
        return match value {
            true => Message::new("story-joins"),
            false => Message::new("story-leaves"),
        };
    };
    let told = match value {
        true => Message::new("story-joins-share"),
        false if of == 0 => return Message::new("story-leaves-none"),
        false => Message::new("story-leaves-share"),
    };
    told.with("serving", serving).with("of", of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_stay_text_of_one_line() {
        assert_eq!(plain("a\n\u{1b}[31mb\u{202e}c\t d"), "a [31mbc d");
        assert_eq!(short("HTTP probe failed with statuscode: 500\n"), "500");
        let refused = "Get \"http://a:8080/healthz\": dial tcp a:8080: connect: connection refused";
        assert_eq!(short(refused), "connection refused");
        let refused = "dial tcp 192.0.2.1:5432: connect: connection refused";
        assert_eq!(short(refused), "connection refused");
        assert_eq!(short("command failed: no"), "command failed: no");
        let absent = "rpc error: code = Unknown desc = failed to exec in container: failed to start exec \"2d6e\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown";
        assert_eq!(
            unasked(absent),
            "exec: \"nope\": executable file not found in $PATH"
        );
        assert_eq!(
            unasked("rpc error: code = Unknown desc = container is gone"),
            "container is gone"
        );
        let forbidden = "(combined from similar events): Error creating: pods \"pi-web-7db9-ldf2w\" is forbidden: exceeded quota: cpu-quota";
        assert_eq!(unmade(forbidden), "exceeded quota: cpu-quota");
        let unfit = "Error creating: Pod \"a\" is invalid: spec.x: no";
        assert_eq!(unmade(unfit), unfit);
        assert_eq!(
            plain("no \u{5e9}\u{5dc}\u{202e} 5"),
            "\u{2068}no \u{5e9}\u{5dc} 5\u{2069}"
        );
        assert_eq!(plain(&"가".repeat(2000)).chars().count(), MOST);
    }
}
