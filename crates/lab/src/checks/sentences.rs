//! Checks and what was seen, in a person's words.

use super::{Check, Expected, Service};
use crate::guide::Language::{self, En, Ko};

impl Check {
    /// What is expected, as a sentence without a full stop.
    #[must_use]
    pub fn describe(&self, language: Language) -> String {
        match self {
            Self::Address(name) => address(language, name),
            Self::File(file) => holds(language, &file.name, &file.holds),
            Self::Service(service) => {
                let mut parts = vec![];
                if let Some(count) = service.endpoints {
                    parts.push(endpoints(
                        language,
                        &service.name,
                        count,
                        service.labels.as_deref(),
                    ));
                }
                if let Some(expected) = &service.callers {
                    parts.push(callers(
                        language,
                        service,
                        &expected.get,
                        &statuses(&expected.answers),
                    ));
                }
                if let Some(seconds) = service.for_seconds {
                    parts.push(match language {
                        En => format!("so it stays for {seconds} s"),
                        Ko => format!("{seconds}초 동안 그대로"),
                    });
                }
                parts.join("; ")
            }
            Self::Pods(check) => pods(
                language,
                &check.of,
                [check.running, check.ready].map(|count| count.map(|count| count.to_string())),
                check.restarts,
                check
                    .each
                    .as_ref()
                    .map(|Expected { get, answers }| (get.as_str(), statuses(answers))),
            ),
        }
    }
}

/// Several HTTP statuses: `200, 500`.
pub(super) fn statuses(statuses: &[u16]) -> String {
    statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn address(language: Language, service: &str) -> String {
    match language {
        En => format!("{service} has an address outside the cluster"),
        Ko => format!("{service}에 클러스터 바깥 주소가 있음"),
    }
}

pub(super) fn holds(language: Language, file: &str, content: &str) -> String {
    match language {
        En => format!("{file} holds {content}"),
        Ko => format!("{file}의 내용: {content}"),
    }
}

pub(super) fn endpoints(language: Language, service: &str, count: usize, labels: Option<&str>) -> String {
    let labels = labels.map(|labels| format!(" ({labels})")).unwrap_or_default();
    match language {
        En if count == 1 => format!("{service} has 1 ready endpoint{labels}"),
        En => format!("{service} has {count} ready endpoints{labels}"),
        Ko => format!("{service}의 준비된 엔드포인트 {count}개{labels}"),
    }
}

pub(super) fn callers(language: Language, service: &Service, path: &str, answers: &str) -> String {
    let name = &service.name;
    match (language, answers.is_empty()) {
        (En, false) => format!("callers of {name}{path} get {answers}"),
        (En, true) => format!("callers of {name}{path} get no answer"),
        (Ko, false) => format!("{name}{path} 호출 응답 {answers}"),
        (Ko, true) => format!("{name}{path}를 호출해도 응답 없음"),
    }
}

pub(super) fn pods(
    language: Language,
    of: &str,
    [running, ready]: [Option<String>; 2],
    restarts: Option<i32>,
    each: Option<(&str, String)>,
) -> String {
    let mut parts = vec![];
    parts.extend(running.map(|count| match language {
        En => format!("{count} running"),
        Ko => format!("실행 중 {count}개"),
    }));
    parts.extend(ready.map(|count| match language {
        En => format!("{count} ready"),
        Ko => format!("준비 {count}개"),
    }));
    parts.extend(restarts.map(|count| match language {
        En if count == 1 => "1 restart".to_owned(),
        En => format!("{count} restarts"),
        Ko => format!("재시작 {count}회"),
    }));
    parts.extend(each.map(|(path, answers)| match language {
        En => format!("each asked for {path}: {answers}"),
        Ko => format!("파드별 {path} 응답 {answers}"),
    }));
    match language {
        En => format!("pods {of}: {}", parts.join(", ")),
        Ko => format!("파드 {of}: {}", parts.join(", ")),
    }
}
