//! How what is asked for, and what there was, reads as a sentence.

use super::Pods;
use crate::{
    checks::{place, say},
    guide::Language::{self, En, Ko},
};

/// What a check asks for, or what there was, in words.
#[derive(Default)]
pub(super) struct Words {
    pub(super) counts: [Option<usize>; 3],
    pub(super) restarts: Option<String>,
    pub(super) unschedulable: Option<String>,
    pub(super) ended: Option<String>,
    pub(super) each: Option<(String, String)>,
}

impl Pods {
    pub(super) fn sentence(&self, language: Language, words: Words) -> String {
        let mut parts = vec![];
        let names = match language {
            En => ["running", "pending", "ready"],
            Ko => ["실행 중", "대기 중", "준비"],
        };
        for (count, name) in words.counts.into_iter().zip(names) {
            parts.extend(
                count.map(|count| say(language, format!("{count} {name}"), format!("{name} {count}개"))),
            );
        }
        parts.extend(words.restarts);
        parts.extend(words.ended);
        parts.extend(words.unschedulable.map(|reason| {
            say(
                language,
                format!("without a node: {reason}"),
                format!("노드를 얻지 못함: {reason}"),
            )
        }));
        parts.extend(words.each.map(|(path, answers)| {
            say(
                language,
                format!("each asked for {path}: {answers}"),
                format!("파드별 {path} 응답 {answers}"),
            )
        }));
        let of = place(&self.of, self.namespace.as_deref());
        let parts = parts.join(", ");
        say(
            language,
            format!("pods {of}: {parts}"),
            format!("파드 {of}: {parts}"),
        )
    }
}

pub(super) fn times(count: i32) -> String {
    if count == 1 {
        "once".into()
    } else {
        format!("{count} times")
    }
}

pub(super) fn restarts_in_words(language: Language, count: i32) -> String {
    match language {
        En if count == 1 => "1 restart".into(),
        En => format!("{count} restarts"),
        Ko => format!("재시작 {count}회"),
    }
}

pub(super) fn ended_in_words(
    reason: Option<&str>,
    exit_code: Option<i32>,
    language: Language,
) -> Option<String> {
    let code = exit_code.map(|code| say(language, format!("exit code {code}"), format!("종료 코드 {code}")));
    match (reason, code) {
        (None, None) => None,
        (Some(reason), Some(code)) => Some(format!("{reason} ({code})")),
        (Some(reason), None) => Some(reason.to_owned()),
        (None, Some(code)) => Some(code),
    }
}
