//! `lab explain`: what happened to something, and why.

pub(super) mod about;
mod args;
mod follow;
pub(super) mod recorded;
mod since;
pub(super) mod text;
pub(super) mod unknown;

use cluster::Layout;
use guide::Message;
use jiff::ZonedDateTime;
use record::Look;
use story::{Fact, Settings, Story};

pub(crate) use self::args::Args;
use self::{
    about::{Known, Wanted},
    args::Output,
    recorded::Past,
};
use crate::{Exit, target::Target};

/// Tells what was recorded, or else what objects still carry of the past, and with `--follow` what happens from then on. Changes
/// nothing on the cluster.
///
/// # Errors
/// The cluster does not answer, or fails; there is no such exercise.
pub(crate) async fn run(layout: &Layout, mut args: Args) -> anyhow::Result<Exit> {
    let target = Target::choose(layout, args.context.clone()).await?;
    let access = target.open().await?;
    let namespace = args.namespace.get_or_insert_with(|| access.namespace.clone());
    let wanted = args.about.wanted(namespace, args.lang)?;
    let now = ZonedDateTime::now();
    let past = Past::of(&target, layout, &now);
    if args.follow {
        let reach = target.reach(&access).await?;
        return tokio::select! {
            removed = target.removed(layout) => match removed? {},
            followed = follow::follow(&reach, &wanted, &args, &past) => followed,
        };
    }
    let ahead = record::ahead(&access.client).await?;
    let (look, mut facts, mut known) = looked(&access.client, &wanted).await?;
    let mut settings = Settings::default();
    let mut unknown = carried(&look);
    match past {
        Past::Recorded(recorded) => {
            unknown = recorded::told(&recorded, &now);
            settings.skew = recorded.signs.skew;
            known.remember(&wanted, &recorded.facts);
            facts = recorded.facts.iter().map(|fact| (**fact).clone()).collect();
        }
        Past::Unrecorded(Some(why)) => unknown = Message::joined(" ", [why, unknown]),
        Past::Unrecorded(None) => {}
    }
    if known.is_empty()
        && let Some(reason) = args.unfound(&look.hidden)
    {
        return Ok(args.failed(&reason));
    }
    unknown = Message::joined(
        " ",
        [Some(unknown), unknown::clock(ahead)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>(),
    );
    let beginning = args.since.map(|since| since.before(now.timestamp(), ahead));
    let story = Story::of(facts, &settings)?.about(|fact| {
        let recent = beginning.is_none_or(|beginning| fact.when.latest() >= beginning);
        recent && known.holds(fact)
    });
    match args.output {
        Output::Json => {
            eprintln!("{}", args.lang.tell(&unknown));
            for line in story.lines() {
                crate::outln!("{}", line.json()?);
            }
        }
        Output::Plain => {
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
    use guide::Language;

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
