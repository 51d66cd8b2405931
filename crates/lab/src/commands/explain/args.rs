//! The options of `lab explain`.

use guide::{Language, Message};

use super::{about::About, since::Since};
use crate::Exit;

/// Options of `lab explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// What to explain: pod/NAME, deploy/NAME or svc/NAME, or an exercise such as 12.1 with all that its commands make.
    pub(super) about: About,
    /// Go on with what happens from now on, until Ctrl-C.
    #[arg(long, short)]
    pub(super) follow: bool,
    /// Only what happened in this time, and what led to it: 90s, 10m, 2h; up to 24h.
    #[arg(long, allow_hyphen_values = true)]
    pub(super) since: Option<Since>,
    /// What to print: plain text, or JSON (a line a fact, oldest first).
    #[arg(long, value_enum, default_value_t)]
    pub(super) output: Output,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    pub(super) context: Option<String>,
    /// The namespace; without it, that of the context.
    #[arg(long, short, value_parser = crate::namespace::named)]
    pub(super) namespace: Option<String>,
    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    #[default]
    Plain,
    Json,
}

impl Args {
    /// Why there is nothing to tell of; none for an exercise, which may only begin.
    pub(super) fn unfound(&self, hidden: &[String]) -> Option<Message> {
        let About::Object(topic) = &self.about else {
            return None;
        };
        let about = |message: Message| {
            let namespace = self.namespace.as_deref().unwrap_or_default();
            message
                .with("topic", topic.to_string())
                .with("namespace", namespace)
        };
        Some(match hidden.join(", ") {
            hidden if hidden.is_empty() => about(Message::new("explain-none")),
            hidden => about(Message::new("explain-none-seen")).with("kinds", hidden),
        })
    }

    pub(super) fn failed(&self, reason: &Message) -> Exit {
        eprintln!(
            "{}",
            crate::told::after_the_word(&self.lang.tell(reason), self.lang)
        );
        Exit::Failed
    }
}
