//! What is said of an error.

use guide::{Language, Message};

/// A line for a person who reads this language; other errors than the usual ones are told in English.
#[must_use]
pub fn told(error: &anyhow::Error, language: Language) -> String {
    after_the_word(&reason(error, language), language)
}

/// A reason may have lines, which a sentence's value would lose.
pub(crate) fn after_the_word(reason: &str, language: Language) -> String {
    format!("{} {reason}", language.tell(&Message::new("error")))
}

/// A line for a person about an answer that could not be written.
#[must_use]
pub fn told_unwritten(error: &std::io::Error, language: Language) -> String {
    let reason = Message::new("error-unwritten").with("reason", error.to_string());
    after_the_word(&language.tell(&reason), language)
}

/// What is said of an error, without saying that it is one.
pub(crate) fn reason(error: &anyhow::Error, language: Language) -> String {
    match message(error) {
        Some(message) => language.tell(&message),
        None => told_once(error),
    }
}

fn message(error: &anyhow::Error) -> Option<Message> {
    if let Some(error) = error.downcast_ref::<runner::Error>() {
        return Some(error.message());
    }
    if let Some(error) = error.downcast_ref() {
        return Some(runner::no_way(error));
    }
    if let Some(guide::Error::Unknown { id, known }) = error.downcast_ref() {
        let message = Message::new("error-no-exercise").with("exercise", format!("{id:?}"));
        return Some(message.with("known", known.join(", ")));
    }
    match error.downcast_ref() {
        Some(error @ cluster::Error::NotRunning(name)) if rustix::process::geteuid().is_root() => {
            let message = Message::new("error-not-running").with("name", format!("{name:?}"));
            Some(message.with("command", error.cure()?))
        }
        Some(error @ cluster::Error::Silent { name, part, reason }) => {
            let message = match part {
                cluster::Part::Supervisor => Message::new("error-silent-supervisor"),
                cluster::Part::ApiServer => Message::new("error-silent-api-server"),
            };
            let how = match reason {
                Some(reason) => Message::Verbatim(reason.clone()),
                None => Message::new("error-silent-within").with("seconds", cluster::ANSWER_WITHIN.as_secs()),
            };
            let message = message.with("name", format!("{name:?}")).with("how", how);
            Some(message.with("command", error.cure()?))
        }
        _ => None,
    }
}

/// The error chain, minus causes that an outer message already contains.
fn told_once(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |told, cause| {
        // The client's own words for a refusal are for debugging.
        let refused = match cause.downcast_ref() {
            Some(learner::Error::Cluster(refused)) => Some(refused),
            _ => cause.downcast_ref::<kube::Error>(),
        };
        let cause = refused.map_or_else(|| cause.to_string(), |refused| access::plainly(refused));
        match told {
            told if told.is_empty() => cause,
            told if told.contains(&cause) => told,
            told => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_its_lines() {
        let error = anyhow::anyhow!("this is missing:\n  - a\n  - b");
        assert_eq!(told(&error, Language::Ko), "오류: this is missing:\n  - a\n  - b");
    }

    #[test]
    fn nothing_is_said_twice() {
        let error = anyhow::anyhow!("no space left")
            .context("writing a: no space left")
            .context("building");
        assert_eq!(
            told(&error, Language::En),
            "error: building: writing a: no space left"
        );
    }

    #[test]
    fn english_is_the_error_itself_and_korean_its_translation() {
        let unknown = guide::Error::Unknown {
            id: "9.9".into(),
            known: vec!["12.1".into(), "12.2".into()],
        };
        let no_context = access::Error::NoContext {
            context: "a".into(),
            known: vec![],
        };
        let stopped = runner::Error::NoProgram("curl".into());
        let silent = |part, reason: Option<&str>| cluster::Error::Silent {
            name: "lab".into(),
            part,
            reason: reason.map(str::to_owned),
        };
        let hangs = silent(cluster::Part::ApiServer, None);
        let stuck = silent(cluster::Part::Supervisor, Some("reset"));
        let english = [
            unknown.to_string(),
            no_context.to_string(),
            stopped.to_string(),
            hangs.to_string(),
            stuck.to_string(),
        ];
        assert!(
            english[3].contains("(within 5 s); `lab status`"),
            "{}",
            english[3]
        );
        let errors: [anyhow::Error; 5] = [
            unknown.into(),
            no_context.into(),
            stopped.into(),
            hangs.into(),
            stuck.into(),
        ];
        for (error, english) in errors.iter().zip(english) {
            assert_eq!(told(error, Language::En), format!("error: {english}"));
            let korean = told(error, Language::Ko);
            assert!(
                korean.starts_with("오류: ") && !korean.contains(&english),
                "{korean}"
            );
        }
    }
}
