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
    /// answer has to take at least twice its CPU time.
    pub limit: String,
}

/// pi-web's JSON answer, as far as it is needed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Answer {
    pi: String,
    wall_seconds: f64,
    cpu_seconds: f64,
    cpu_limit: Option<f64>,
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
}

impl Kind for Computation {
    type Facts = Option<Answer>;

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
        let uri = format!("{base}/?dp={}&format=json", self.decimals);
        let answer = get(&uri, PATIENCE).await;
        Ok(answer.and_then(|(_, body)| serde_json::from_slice(&body).ok()))
    }

    fn judge(&self, answer: &Self::Facts, language: Language) -> Verdict {
        let Some(answer) = answer else {
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
        let limit = answer
            .cpu_limit
            .map_or_else(|| "none".into(), |cores| format!("{:.0}m", cores * 1000.0));
        let (wall, cpu) = (answer.wall_seconds, answer.cpu_seconds);
        let times = wall / cpu.max(1e-9);
        let limited = self.cores().ok().flatten();
        let held_back = limited.is_none_or(|cores| cores >= 1.0 || times >= HELD_BACK);
        let observed = say(
            language,
            format!("{decimals} decimals, {cpu:.2} s of CPU time in {wall:.2} s, limit {limit}"),
            format!("소수점 아래 {decimals}자리, CPU 시간 {cpu:.2}초에 {wall:.2}초 걸림, 제한 {limit}"),
        );
        let holds = u32::try_from(decimals) == Ok(self.decimals)
            && answer.pi.starts_with("3.14")
            && limit == self.limit
            && held_back;
        Verdict::new(holds, observed, || {
            if limit == self.limit {
                say(
                    language,
                    "The limit was not felt. Ask for more decimals: a short computation is over before it is used up.",
                    "제한이 느껴지지 않았습니다. 자릿수를 늘려 보세요. 짧은 계산은 제한을 다 쓰기 전에 끝납니다.",
                )
            } else {
                say(
                    language,
                    format!(
                        "The pod that answered has the limit {limit}, not {}: is the update applied, and its pod ready?",
                        self.limit
                    ),
                    format!(
                        "응답한 파드의 제한은 {}이(가) 아니라 {limit}입니다. 업데이트를 적용했는지, 새 파드가 준비되었는지 \
                         확인하세요.",
                        self.limit
                    ),
                )
            }
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

    fn answer(wall_seconds: f64, cpu_limit: Option<f64>) -> Answer {
        Answer {
            pi: "3.1415".into(),
            wall_seconds,
            cpu_seconds: 0.5,
            cpu_limit,
        }
    }

    #[test]
    fn a_limit_has_to_be_felt() {
        let holds = |limit, answer| check(limit).judge(&Some(answer), Language::En).holds;
        assert!(holds("none", answer(0.5, None)));
        assert!(holds("none", answer(5.0, None)));
        assert!(!holds("none", answer(2.0, Some(0.25))));
        assert!(holds("250m", answer(2.0, Some(0.25))));
        assert!(!holds("250m", answer(0.6, Some(0.25))));
        assert!(!holds("250m", answer(0.5, None)));
        assert!(!check("250m").judge(&None, Language::En).holds);
        let more = Computation {
            decimals: 5,
            ..check("none")
        };
        assert!(!more.judge(&Some(answer(0.5, None)), Language::En).holds);
    }

    #[test]
    fn limits_have_bounds() {
        for limit in ["", "0m", "250", "-1m", "1e3m", "0.25"] {
            assert!(check(limit).validate().is_err(), "{limit}");
        }
        assert!(check("none").validate().is_ok() && check("250m").validate().is_ok());
    }
}
