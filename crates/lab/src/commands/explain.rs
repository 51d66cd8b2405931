//! `lab explain`: what happened to something, and why.

mod since;
mod text;

use cluster::Layout;
use guide::{Language, Message};
use jiff::Timestamp;
use record::{Look, Topic};
use story::{Settings, Story};

use self::since::Since;
use crate::{Exit, target::Target};

/// Options of `lab explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// What to explain: pod/NAME, deploy/NAME or svc/NAME.
    topic: Topic,
    /// Only what happened in this time, and what led to it: 90s, 10m, 2h; up to 24h.
    #[arg(long, allow_hyphen_values = true)]
    since: Option<Since>,
    /// What to print: plain text, or JSON (a line a fact, oldest first).
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The namespace; without it, that of the context.
    #[arg(long, short)]
    namespace: Option<String>,
    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    #[default]
    Plain,
    Json,
}

/// Tells what objects still carry of the past. Changes nothing on the cluster.
///
/// # Errors
/// The cluster does not answer, or fails.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let access = Target::choose(layout, args.context.clone()).await?.open().await?;
    let namespace = args.namespace.as_deref().unwrap_or(&access.namespace);
    let look = record::look(&access.client, namespace).await?;
    let Some(objects) = args.topic.objects(&look.listed) else {
        let reason = unfound(&args.topic, namespace, &look);
        eprintln!(
            "{}",
            args.lang.tell(&Message::new("error").with("reason", reason))
        );
        return Ok(Exit::Failed);
    };
    let beginning = args.since.map(|since| since.before(Timestamp::now()));
    let story = Story::of(look.listed.facts(), &Settings::default())?.about(|fact| {
        let recent = beginning.is_none_or(|beginning| fact.when.latest() >= beginning);
        recent && args.topic.holds(&objects, fact)
    });
    let unknown = unknown(&look);
    match args.output {
        Output::Json => {
            eprintln!("{}", args.lang.tell(&unknown));
            for line in story.lines() {
                crate::outln!("{}", line.json()?);
            }
        }
        Output::Plain => {
            let now = jiff::ZonedDateTime::now();
            crate::print::out(format_args!("{}", text::all(&story, &unknown, &now, args.lang)));
        }
    }
    Ok(Exit::Done)
}

/// What the story cannot know.
fn unknown(look: &Look) -> Message {
    let mut all = vec![Message::new("explain-carried")];
    if !look.hidden.is_empty() {
        all.push(Message::new("explain-hidden").with("kinds", look.hidden.join(", ")));
    }
    if !look.cut.is_empty() {
        let most = record::MOST;
        all.push(
            Message::new("explain-cut")
                .with("kinds", look.cut.join(", "))
                .with("most", most),
        );
    }
    Message::joined(" ", all)
}

fn unfound(topic: &Topic, namespace: &str, look: &Look) -> Message {
    let about = |message: Message| {
        message
            .with("topic", topic.to_string())
            .with("namespace", namespace)
    };
    match look.hidden.join(", ") {
        hidden if hidden.is_empty() => about(Message::new("explain-none")),
        hidden => about(Message::new("explain-none-seen")).with("kinds", hidden),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for good in [
            &["pod/a"][..],
            &["svc/a", "--since", "10m", "-n", "x", "--output", "json"],
        ] {
            Cli::try_parse_from([&["explain"], good].concat()).unwrap();
        }
        let bad: [&[&str]; 7] = [
            &[],
            &["12.1"],
            &["node/a"],
            &["pod/a", "--since", "-5"],
            &["pod/a", "--since", "0"],
            &["pod/a", "--since", "1y"],
            &["pod/a", "--output", "junit"],
        ];
        for bad in bad {
            Cli::try_parse_from([&["explain"], bad].concat()).unwrap_err();
        }
    }

    #[test]
    fn what_may_not_be_seen_is_said_first() {
        let told = |look: &Look| Language::En.tell(&unknown(look));
        let all = told(&Look::default());
        let less = told(&Look {
            hidden: vec!["events".into()],
            cut: vec!["pods".into()],
            ..Look::default()
        });
        assert!(
            less.starts_with(&all) && less.contains("events") && less.contains("10000 pods"),
            "{less}"
        );
        let topic = "pod/a".parse().unwrap();
        let none = Language::En.tell(&unfound(&topic, "x", &Look::default()));
        assert_eq!(none, "there is no pod/a in the namespace x");
    }
}
