//! Decimals of pi, and what computing them cost.

use std::time::Duration;

use guide::{Message, proof::Computation};
use serde::Deserialize;

use super::{Kind, Place, Verdict};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same while a learner waits: enough for what the guide asks for, below the limits that it sets.
const SHORT_PATIENCE: Duration = Duration::from_secs(4);
/// From how many times its CPU time on an answer was held back: far more than a busy machine costs.
const HELD_BACK: f64 = 2.0;
/// As many decimals as anybody can look up.
const PI: &str = "3.14159265358979323846264338327950288419716939937510";

/// pi-web's JSON answer, as far as it is needed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Answer {
    pi: String,
    wall_seconds: f64,
    cpu_seconds: f64,
    /// What the container's own cgroup counts, which may be little where the kernel counts at the pod's.
    throttled_seconds: Option<f64>,
    cpu_limit: Option<f64>,
    held_back: HeldBack,
}

/// pi-web's own verdict on why the computation waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum HeldBack {
    Limit,
    Busy,
    No,
}

/// The same for people: a page.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// The decimals that stand on it.
    decimals: String,
    /// Whether it says how long they took.
    time: bool,
}

/// What is wrong with an answer.
enum Fault {
    Digits,
    Limit,
    NotFelt,
    Busy,
    Page,
}

impl Kind for Computation {
    /// The page is asked for only where there is an answer that could be the right one.
    type Facts = Option<(Answer, Option<Page>)>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let Some(base) = place.outside(&self.service, self.namespace.as_deref()).await? else {
            return Ok(None);
        };
        let uri = format!("{base}/?dp={}", self.decimals);
        let patience = if place.is_lenient() {
            SHORT_PATIENCE
        } else {
            PATIENCE
        };
        let answer = place.body(&uri, "application/json", patience).await;
        let Some(answer) = answer.and_then(|(_, body)| serde_json::from_slice::<Answer>(&body).ok()) else {
            return Ok(None);
        };
        let page = match fault(self, &answer, None) {
            // A learner waits for one computation and not for two: the page is taken for granted, and nothing is said of it.
            Some(Fault::Page) if place.is_lenient() => {
                let page = Page {
                    decimals: answer.pi.strip_prefix("3.").unwrap_or_default().to_owned(),
                    time: true,
                };
                return Ok(Some((answer, Some(page))));
            }
            Some(Fault::Page) => place.body(&uri, "text/html", patience).await,
            _ => None,
        };
        let page = page.map(|(_, body)| Page::of(&String::from_utf8_lossy(&body)));
        Ok(Some((answer, page)))
    }

    fn judge(&self, facts: &Self::Facts) -> Verdict {
        let Some((answer, page)) = facts else {
            return Verdict::missed(
                Message::new("computation-none").with("service", self.place()),
                Message::new("hint-computation-none"),
            );
        };
        let seconds = |seconds: f64| format!("{seconds:.2}");
        let limit = limit(answer);
        let observed = Message::new("computation")
            .with("decimals", answer.pi.strip_prefix("3.").map_or(0, str::len))
            .with("cpu", seconds(answer.cpu_seconds))
            .with("wall", seconds(answer.wall_seconds))
            .with("throttled", seconds(answer.throttled_seconds.unwrap_or_default()))
            .with("limit", &limit);
        let fault = fault(self, answer, page.as_ref());
        Verdict::of(observed, fault.map(|fault| hint(self, &fault, &limit)))
    }
}

fn fault(expected: &Computation, answer: &Answer, page: Option<&Page>) -> Option<Fault> {
    let decimals = answer.pi.strip_prefix("3.").unwrap_or_default();
    let known = PI.len().min(answer.pi.len());
    if u32::try_from(decimals.len()) != Ok(expected.decimals) || answer.pi.get(..known) != PI.get(..known) {
        return Some(Fault::Digits);
    }
    if limit(answer) != expected.limit {
        return Some(Fault::Limit);
    }
    let is_part = |cores: Option<f64>| cores.is_some_and(|cores| cores < 1.0);
    if expected.cores().is_ok_and(is_part) {
        let long = answer.wall_seconds >= answer.cpu_seconds * HELD_BACK;
        match answer.held_back {
            HeldBack::Limit if long => {}
            HeldBack::Busy => return Some(Fault::Busy),
            HeldBack::Limit | HeldBack::No => return Some(Fault::NotFelt),
        }
    }
    match page {
        Some(page) if page.time && page.decimals == decimals => None,
        _ => Some(Fault::Page),
    }
}

fn hint(expected: &Computation, fault: &Fault, there: &str) -> Message {
    match fault {
        Fault::Digits => Message::new("hint-computation-digits"),
        Fault::Limit => Message::new("hint-computation-limit")
            .with("there", there)
            .with("limit", &expected.limit),
        Fault::NotFelt => Message::new("hint-computation-not-felt"),
        Fault::Busy => Message::new("hint-computation-busy"),
        Fault::Page => Message::new("hint-computation-page"),
    }
}

/// The limit that an answer names, as a manifest has it.
fn limit(answer: &Answer) -> String {
    answer
        .cpu_limit
        .map_or_else(|| "none".into(), |cores| format!("{:.0}m", cores * 1000.0))
}

impl Page {
    /// Reads it by the attributes that pi-web keeps for programs.
    fn of(html: &str) -> Self {
        let after = |attribute| html.split_once(attribute).map(|(_, rest)| rest);
        let section = after(" data-decimals").and_then(|rest| rest.split_once("</section>"));
        let groups = section.map_or("", |(section, _)| section).split("<span>").skip(1);
        let decimals = groups
            .filter_map(|group| group.split_once('<'))
            .map(|(group, _)| group);
        let time = after(" data-wall-seconds=\"").and_then(|rest| rest.split_once('"'));
        Self {
            decimals: decimals.collect(),
            time: time.is_some_and(|(time, _)| time.parse::<f64>().is_ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(limit: &str) -> Computation {
        Computation {
            service: "pi-web".into(),
            namespace: None,
            decimals: 4,
            limit: limit.into(),
        }
    }

    fn answer(wall_seconds: f64, cpu_limit: Option<f64>, held_back: HeldBack) -> Answer {
        Answer {
            pi: "3.1415".into(),
            wall_seconds,
            cpu_seconds: 0.5,
            throttled_seconds: None,
            cpu_limit,
            held_back,
        }
    }

    const TIME: &str = r#"<div><dt>Dauer</dt><dd data-wall-seconds="2.512">2,512 s</dd></div>"#;

    fn page(decimals: &str) -> String {
        format!(
            "<p><span>27</span></p>{TIME}<section data-decimals><p><b>1</b>{decimals}</p></section><span>18</span>"
        )
    }

    fn judge(check: &Computation, answer: Answer) -> Verdict {
        let page = Page::of(&page("<span>14</span><span>15</span>"));
        check.judge(&Some((answer, Some(page))))
    }

    #[test]
    fn a_limit_has_to_be_felt_and_said() {
        let holds = |limit, answer| judge(&check(limit), answer).holds;
        assert!(holds("none", answer(0.5, None, HeldBack::No)));
        assert!(holds("none", answer(5.0, None, HeldBack::Busy)));
        assert!(!holds("none", answer(2.0, Some(0.25), HeldBack::Limit)));
        assert!(holds("250m", answer(2.0, Some(0.25), HeldBack::Limit)));
        assert!(!check("250m").judge(&None).holds);
    }

    #[test]
    fn the_answer_is_read_by_its_words_for_programs() {
        for (word, expected) in [
            ("limit", Some(HeldBack::Limit)),
            ("busy", Some(HeldBack::Busy)),
            ("no", Some(HeldBack::No)),
            ("Limit", None),
        ] {
            let json = serde_json::json!({
                "pi": "3.1415", "dp": 4, "wall_seconds": 2.0, "cpu_seconds": 0.5, "throttled_seconds": null,
                "cpu_limit": null, "held_back": word, "explanation": "in no language that a test knows",
            });
            let answer: Option<Answer> = serde_json::from_value(json).ok();
            assert_eq!(answer.map(|answer| answer.held_back), expected, "{word}");
        }
    }

    #[test]
    fn each_way_to_fail_has_a_hint_of_its_own() {
        let right = || answer(2.0, Some(0.25), HeldBack::Limit);
        let digits = Answer {
            pi: "3.1416".into(),
            ..right()
        };
        let more = Computation {
            decimals: 5,
            ..check("250m")
        };
        let without = |html: &str| {
            let page = Some(Page::of(html));
            check("250m").judge(&Some((right(), page)))
        };
        assert_eq!(
            judge(&check("250m"), digits.clone()).hint,
            judge(&more, right()).hint
        );
        let only_decimals = "<section data-decimals><span>1415</span></section>";
        for page in [&page("<span>1416</span>"), TIME, only_decimals] {
            assert_eq!(without(page).hint, without("").hint, "{page}");
        }
        let mut hints = std::collections::BTreeSet::new();
        for bad in [
            check("250m").judge(&None),
            judge(&check("250m"), digits),
            judge(&check("250m"), answer(0.5, None, HeldBack::No)),
            judge(&check("250m"), answer(0.6, Some(0.25), HeldBack::Limit)),
            judge(&check("250m"), answer(2.0, Some(0.25), HeldBack::Busy)),
            without(""),
        ] {
            assert!(
                !bad.holds && hints.insert(bad.hint.as_ref().and_then(Message::id)),
                "{bad:?}"
            );
        }
    }
}
