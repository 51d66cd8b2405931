//! Decimals of pi, and what computing them cost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Kind, Verdict, View, http::get, in_namespace, place, say};
use crate::guide::Language;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most decimals that are asked for.
const MAX_DECIMALS: u32 = 100_000;
/// From how many times its CPU time on an answer was held back: far more than a busy machine costs.
const HELD_BACK: f64 = 2.0;
/// As many decimals as anybody can look up.
const PI: &str = "3.14159265358979323846264338327950288419716939937510";

/// What must be true of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Computation {
    /// The Service that is asked from outside.
    pub service: String,
    /// Its namespace, if not that of the commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// How many decimals.
    pub decimals: u32,
    /// The CPU limit that the answer names, as in a manifest (`250m`), or `none`. With a limit below one processor the
    /// answer has to take at least twice its CPU time, and to say itself that it was held back for this limit.
    pub limit: String,
}

/// pi-web's JSON answer, as far as it is needed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Answer {
    pi: String,
    wall_seconds: f64,
    cpu_seconds: f64,
    /// What the container's own cgroup counts, which may be little where the kernel counts at the pod's.
    throttled_seconds: Option<f64>,
    cpu_limit: Option<f64>,
    explanation: String,
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
    NotSaid,
    Page,
}

impl Computation {
    /// In processors; none for `none`.
    fn cores(&self) -> Result<Option<f64>, String> {
        if self.limit == "none" {
            return Ok(None);
        }
        let thousandths = self.limit.strip_suffix('m').map(str::parse::<u32>);
        match thousandths {
            Some(Ok(thousandths)) if thousandths > 0 => Ok(Some(f64::from(thousandths) / 1000.0)),
            _ => Err(format!(
                "limit: {:?} is neither none nor thousandths of a processor such as 250m",
                self.limit
            )),
        }
    }

    fn place(&self) -> String {
        place(&self.service, self.namespace.as_deref())
    }

    fn fault(&self, answer: &Answer, page: Option<&Page>) -> Option<Fault> {
        let decimals = answer.pi.strip_prefix("3.").unwrap_or_default();
        let known = PI.len().min(answer.pi.len());
        if u32::try_from(decimals.len()) != Ok(self.decimals) || answer.pi.get(..known) != PI.get(..known) {
            return Some(Fault::Digits);
        }
        if limit(answer) != self.limit {
            return Some(Fault::Limit);
        }
        if self
            .cores()
            .is_ok_and(|cores| cores.is_some_and(|cores| cores < 1.0))
        {
            if answer.wall_seconds < answer.cpu_seconds * HELD_BACK {
                return Some(Fault::NotFelt);
            }
            // "The container may use ... (250m), and the kernel made it wait ...".
            if !answer.explanation.contains(&self.limit) || !answer.explanation.contains("made it wait") {
                return Some(Fault::NotSaid);
            }
        }
        match page {
            Some(page) if page.time && page.decimals == decimals => None,
            _ => Some(Fault::Page),
        }
    }

    fn hint(&self, language: Language, fault: &Fault, there: &str) -> String {
        let wanted = &self.limit;
        match fault {
            Fault::Digits => say(
                language,
                "These are not the decimals that were asked for: does something else answer at this address?",
                "요청한 자릿수의 원주율이 아닙니다. 이 주소에서 다른 것이 응답하고 있지 않은지 확인하세요.",
            ),
            Fault::Limit => say(
                language,
                format!(
                    "The pod that answered has the limit {there}, not {wanted}: is the update applied, and its pod ready?"
                ),
                format!(
                    "응답한 파드의 제한은 {wanted}이(가) 아니라 {there}입니다. 업데이트를 적용했는지, 새 파드가 준비되었는지 \
                     확인하세요."
                ),
            ),
            Fault::NotFelt => say(
                language,
                "The limit was not felt. Ask for more decimals: a short computation is over before it is used up.",
                "제한이 느껴지지 않았습니다. 자릿수를 늘려 보세요. 짧은 계산은 제한을 다 쓰기 전에 끝납니다.",
            ),
            Fault::NotSaid => say(
                language,
                "It took long, but not for the limit, as the answer itself says: the machine is busy with something else.",
                "오래 걸렸지만 응답에 따르면 제한 때문이 아닙니다. 기계가 다른 일로 바쁩니다.",
            ),
            Fault::Page => say(
                language,
                "The page for browsers has not the same decimals, or not the time they took: open it, and see what it says.",
                "브라우저용 페이지에 같은 숫자나 걸린 시간이 없습니다. 페이지를 열어 무엇이 나오는지 보세요.",
            ),
        }
    }
}

/// The limit that an answer names, as a manifest has it.
fn limit(answer: &Answer) -> String {
    answer
        .cpu_limit
        .map_or_else(|| "none".into(), |cores| format!("{:.0}m", cores * 1000.0))
}

impl Page {
    /// Reads it: decimals stand in groups, and the times in a list.
    fn of(html: &str) -> Self {
        let groups = html.split("<span>").skip(1);
        let decimals = groups
            .filter_map(|group| group.split_once('<'))
            .map(|(group, _)| group);
        let time = html
            .split_once("Time taken</dt><dd>")
            .and_then(|(_, rest)| rest.split_once(" s<"));
        Self {
            decimals: decimals.collect(),
            time: time.is_some_and(|(time, _)| time.parse::<f64>().is_ok()),
        }
    }
}

impl Kind for Computation {
    /// The page is asked for only where there is an answer that could be the right one.
    type Facts = Option<(Answer, Option<Page>)>;

    fn validate(&self) -> Result<(), String> {
        if !(1..=MAX_DECIMALS).contains(&self.decimals) {
            return Err(format!("decimals: write 1 to {MAX_DECIMALS}"));
        }
        self.cores().map(drop)
    }

    fn describe(&self, language: Language) -> String {
        let (name, decimals, limit) = (self.place(), self.decimals, &self.limit);
        if limit == "none" {
            return say(
                language,
                format!("{name} computes {decimals} decimals of pi, without a CPU limit"),
                format!("{name}이(가) CPU 제한 없이 원주율을 소수점 아래 {decimals}자리까지 계산함"),
            );
        }
        say(
            language,
            format!("{name} computes {decimals} decimals of pi, held back by a CPU limit of {limit}"),
            format!("{name}이(가) CPU 제한 {limit}에 묶여 원주율을 소수점 아래 {decimals}자리까지 계산함"),
        )
    }

    async fn look(&self, view: &View) -> Result<Self::Facts, kube::Error> {
        let Some(base) = view.outside(&self.service, self.namespace.as_deref()).await? else {
            return Ok(None);
        };
        let uri = format!("{base}/?dp={}", self.decimals);
        let answer = get(&uri, "application/json", PATIENCE).await;
        let Some(answer) = answer.and_then(|(_, body)| serde_json::from_slice::<Answer>(&body).ok()) else {
            return Ok(None);
        };
        let page = match self.fault(&answer, None) {
            Some(Fault::Page) => get(&uri, "text/html", PATIENCE).await,
            _ => None,
        };
        let page = page.map(|(_, body)| Page::of(&String::from_utf8_lossy(&body)));
        Ok(Some((answer, page)))
    }

    fn judge(&self, facts: &Self::Facts, language: Language) -> Verdict {
        let Some((answer, page)) = facts else {
            let name = self.place();
            return Verdict::new(
                false,
                say(
                    language,
                    format!("{name} answered nothing of that kind"),
                    format!("{name}에서 그런 응답이 없음"),
                ),
                || {
                    say(
                        language,
                        "Is the pod ready, and has the Service an address (kubectl get service)?",
                        "파드가 준비 상태인지, 서비스에 주소가 있는지(kubectl get service) 확인하세요.",
                    )
                },
            );
        };
        let decimals = answer.pi.strip_prefix("3.").map_or(0, str::len);
        let (limit, wall, cpu) = (limit(answer), answer.wall_seconds, answer.cpu_seconds);
        let throttled = answer.throttled_seconds.unwrap_or_default();
        let observed = say(
            language,
            format!(
                "{decimals} decimals, {cpu:.2} s of CPU time in {wall:.2} s, {throttled:.2} s throttled, limit {limit}"
            ),
            format!(
                "소수점 아래 {decimals}자리, CPU 시간 {cpu:.2}초에 {wall:.2}초 걸림, 스로틀링 {throttled:.2}초, 제한 {limit}"
            ),
        );
        let fault = self.fault(answer, page.as_ref());
        Verdict::new(fault.is_none(), observed, || {
            fault
                .map(|fault| self.hint(language, &fault, &limit))
                .unwrap_or_default()
        })
    }

    fn look_at(&self, kubectl: &str) -> Vec<String> {
        let kubectl = in_namespace(kubectl, self.namespace.as_deref());
        vec![format!("{kubectl} get service,pods")]
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

    const HELD: &str =
        "The container may use 0.25 of a processor (250m), and the kernel made it wait each time";

    fn answer(wall_seconds: f64, cpu_limit: Option<f64>, explanation: &str) -> Answer {
        Answer {
            pi: "3.1415".into(),
            wall_seconds,
            cpu_seconds: 0.5,
            throttled_seconds: None,
            cpu_limit,
            explanation: explanation.into(),
        }
    }

    fn page(decimals: &str) -> String {
        format!("<div><dt class=\"taken\">Time taken</dt><dd>2.512 s</dd></div><p><b>1</b>{decimals}</p>")
    }

    fn judge(check: &Computation, answer: Answer) -> Verdict {
        let page = Page::of(&page("<span>14</span><span>15</span>"));
        check.judge(&Some((answer, Some(page))), Language::En)
    }

    #[test]
    fn a_limit_has_to_be_felt_and_said() {
        let holds = |limit, answer| judge(&check(limit), answer).holds;
        assert!(holds("none", answer(0.5, None, "")));
        assert!(holds("none", answer(5.0, None, "")));
        assert!(!holds("none", answer(2.0, Some(0.25), HELD)));
        assert!(holds("250m", answer(2.0, Some(0.25), HELD)));
        assert!(!check("250m").judge(&None, Language::En).holds);
    }

    #[test]
    fn each_way_to_fail_has_a_hint_of_its_own() {
        let right = || answer(2.0, Some(0.25), HELD);
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
            check("250m").judge(&Some((right(), page)), Language::En)
        };
        assert_eq!(
            judge(&check("250m"), digits.clone()).hint,
            judge(&more, right()).hint
        );
        assert_eq!(
            without(&page("<span>1416</span>")).hint,
            without("<span>1415</span>").hint
        );
        let mut hints = std::collections::BTreeSet::new();
        for bad in [
            check("250m").judge(&None, Language::En),
            judge(&check("250m"), digits),
            judge(&check("250m"), answer(0.5, None, HELD)),
            judge(&check("250m"), answer(0.6, Some(0.25), HELD)),
            judge(&check("250m"), answer(2.0, Some(0.25), "the machine was busy")),
            without("<span>1415</span>"),
        ] {
            assert!(!bad.holds && hints.insert(bad.hint.clone()), "{bad:?}");
        }
    }

    #[test]
    fn limits_have_bounds() {
        for limit in ["", "0m", "250", "-1m", "1e3m", "0.25"] {
            assert!(check(limit).validate().is_err(), "{limit}");
        }
        assert!(check("none").validate().is_ok() && check("250m").validate().is_ok());
    }
}
