//! `lab explain`: what happened to something, and why.

mod about;
mod follow;
mod since;
mod text;
mod unknown;

use cluster::Layout;
use guide::{Language, Message};
use jiff::Timestamp;
use record::Look;
use story::{Fact, Settings, Story};

use self::{
    about::{About, Known, Wanted},
    since::Since,
};
use crate::{Exit, target::Target};

/// Options of `lab explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// What to explain: pod/NAME, deploy/NAME or svc/NAME, or an exercise such as 12.1 with all that its commands make.
    about: About,
    /// Go on with what happens from now on, until Ctrl-C.
    #[arg(long, short)]
    follow: bool,
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

impl Args {
    /// Why there is nothing to tell of; none for an exercise, which may only begin.
    fn unfound(&self, hidden: &[String]) -> Option<Message> {
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

    fn failed(&self, reason: &Message) -> Exit {
        eprintln!(
            "{}",
            crate::told::after_the_word(&self.lang.tell(reason), self.lang)
        );
        Exit::Failed
    }
}

/// Tells what objects still carry of the past, and with `--follow` what happens from then on. Changes nothing on the cluster.
///
/// # Errors
/// The cluster does not answer, or fails; there is no such exercise.
pub(crate) async fn run(layout: &Layout, mut args: Args) -> anyhow::Result<Exit> {
    let target = Target::choose(layout, args.context.clone()).await?;
    let access = target.open().await?;
    let namespace = args.namespace.get_or_insert_with(|| access.namespace.clone());
    let wanted = args.about.wanted(namespace, args.lang)?;
    if args.follow {
        let reach = target.reach(&access).await?;
        return follow::follow(&reach, &wanted, &args).await;
    }
    let (look, facts, known) = looked(&access.client, &wanted).await?;
    if known.is_empty()
        && let Some(reason) = args.unfound(&look.hidden)
    {
        return Ok(args.failed(&reason));
    }
    let beginning = args.since.map(|since| since.before(Timestamp::now()));
    let story = Story::of(facts, &Settings::default())?.about(|fact| {
        let recent = beginning.is_none_or(|beginning| fact.when.latest() >= beginning);
        recent && known.holds(fact)
    });
    let unknown = carried(&look);
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

/// Looks at each namespace once. The facts of all of them are numbered together.
async fn looked(client: &kube::Client, wanted: &Wanted) -> Result<(Look, Vec<Fact>, Known), kube::Error> {
    let (mut all, mut facts, mut known) = (Look::default(), vec![], Known::default());
    for namespace in wanted.namespaces() {
        let look = record::look(client, namespace).await?;
        known.learn(wanted, namespace, &look.listed);
        facts.extend(look.listed.facts());
        for (these, those) in [(&mut all.hidden, look.hidden), (&mut all.cut, look.cut)] {
            those.into_iter().for_each(|kind| {
                if !these.contains(&kind) {
                    these.push(kind);
                }
            });
        }
    }
    for (id, fact) in (1..).zip(&mut facts) {
        fact.id = id;
    }
    Ok((all, facts, known))
}

/// What a look at what objects carry cannot know.
fn carried(look: &Look) -> Message {
    let all = [
        Some(Message::new("explain-carried")),
        unknown::hidden(&look.hidden),
        unknown::cut(&look.cut),
    ];
    Message::joined(" ", all.into_iter().flatten().collect::<Vec<_>>())
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
            &["12.1", "--follow"],
            &["svc/a", "--since", "10m", "-n", "x", "--output", "json"],
        ] {
            Cli::try_parse_from([&["explain"], good].concat()).unwrap();
        }
        let bad: [&[&str]; 7] = [
            &[],
            &["12"],
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
        let told = |look: &Look| Language::En.tell(&carried(look));
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
        let args = Cli::try_parse_from(["explain", "pod/a", "-n", "x"]).unwrap().args;
        let none = Language::En.tell(&args.unfound(&[]).unwrap());
        assert_eq!(none, "there is no pod/a in the namespace x");
    }
}
