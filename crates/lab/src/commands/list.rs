//! `lab list`: the exercises, and where the learner stands in each.

use std::path::Path;

use access::plainly;
use cluster::Layout;
use guide::{Exercise, Language, Message};
use jiff::ZonedDateTime;
use proofs::Place;

use crate::{Exit, memory::Memory, stands, surroundings, target::Target, workspace};

pub(crate) mod entry;

/// Options of `lab list`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// Say also what each teaches.
    #[arg(long)]
    long: bool,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The guide's language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
}

/// What is known about the learner, and what is not.
struct Known {
    /// None without a cluster that answers.
    there: Option<(Place, Memory)>,
    /// What is wrong with the shell.
    shell: Vec<Message>,
    /// What a person has to know besides, in order.
    notices: Vec<Message>,
    /// How the command ends so far.
    exit: Exit,
}

/// Lists the exercises, with where the learner stands: now, where a cluster runs and answers, and at best so far.
///
/// # Errors
/// The guide or the kubeconfig cannot be read.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    let now = ZonedDateTime::now();
    let known = know(layout, args.context, &root, &now, args.lang).await?;
    let (text, exit) = all(&root, args.lang, args.long, known, &now).await?;
    crate::print::out(format_args!("{text}"));
    Ok(exit)
}

/// Opens the way to the cluster and to what is remembered of its learner.
async fn know(
    layout: &Layout,
    context: Option<String>,
    root: &Path,
    now: &ZonedDateTime,
    lang: Language,
) -> anyhow::Result<Known> {
    let mut known = Known {
        there: None,
        shell: vec![],
        notices: vec![],
        exit: Exit::Done,
    };
    let target = match Target::choose(layout, context).await {
        Ok(target) => target,
        Err(error) => match error.downcast_ref() {
            Some(cluster::Error::NotRunning(_)) => {
                let up = layout.command("up");
                known
                    .notices
                    .push(Message::new("list-no-cluster").with("command", up));
                return Ok(known);
            }
            Some(cluster::Error::Silent { .. }) => {
                let reason = crate::told::reason(&error, lang);
                known.exit = Exit::of(&error);
                known
                    .notices
                    .push(Message::new("list-unknown").with("reason", reason));
                return Ok(known);
            }
            _ => return Err(error),
        },
    };
    let place = match target.learners_place(root).await {
        Err(
            error @ (access::Error::Unreachable { .. }
            | access::Error::Refused { .. }
            | access::Error::Plugin { .. }),
        ) => {
            let reason = runner::no_way(&error);
            known.exit = Exit::of(&error.into());
            known
                .notices
                .push(Message::new("list-unknown").with("reason", reason));
            return Ok(known);
        }
        place => place?,
    };
    known.shell = surroundings::notices(&target, &place.client).await;
    match target.memory(&place, now.timestamp()).await {
        Ok((memory, warning)) => {
            known.notices.extend(warning);
            known.there = Some((place, memory));
        }
        Err(error) => known.failed(&error),
    }
    Ok(known)
}

impl Known {
    /// Notes that the cluster did not say what it was asked.
    fn failed(&mut self, error: &kube::Error) {
        self.exit = Exit::of_cluster(error);
        let reason = Message::Verbatim(plainly(error));
        self.notices
            .push(Message::new("list-unknown").with("reason", reason));
    }
}

/// All entries, and at the end what a person has to know besides.
async fn all(
    root: &Path,
    language: Language,
    long: bool,
    mut known: Known,
    now: &ZonedDateTime,
) -> anyhow::Result<(String, Exit)> {
    let exercises: Vec<_> = guide::list(root, language)?
        .iter()
        .map(|id| Exercise::load(root, language, id))
        .collect::<Result<_, _>>()?;
    let there = known.there.take();
    let (place, mut memory) = there.map_or((None, None), |(place, memory)| (Some(place), Some(memory)));
    let mut seen = vec![None; exercises.len()];
    if let (Some(place), Some(memory)) = (&place, &mut memory) {
        match stands::look(place, &exercises, root, memory, now.timestamp()).await {
            Ok(there) => seen = there,
            Err(learner::Error::Cluster(error)) => known.failed(&error),
            Err(error) => return Err(error.into()),
        }
    }
    let mut entries = vec![];
    for (exercise, seen) in exercises.iter().zip(seen) {
        let reached = memory.as_ref().and_then(|memory| memory.reached(&exercise.id));
        let state =
            entry::state(exercise, seen, reached, now).or_else(|| seen.map(|_| entry::not_begun(exercise)));
        entries.push(entry::entry(exercise, state, long, language));
    }
    known
        .notices
        .extend(memory.and_then(|mut memory| memory.save(now.timestamp())));
    let paragraph = |message: &Message| report::paragraph("", &language.tell(message));
    let shell = known.shell.iter().map(|notice| paragraph(notice) + "\n\n");
    let mut text = shell.collect::<String>() + &entries.join(if long { "\n" } else { "" });
    for notice in &known.notices {
        text += &format!("\n{}\n", paragraph(notice));
    }
    Ok((text, known.exit))
}

#[cfg(test)]
mod tests {
    use access::fake;

    use super::*;

    #[tokio::test]
    async fn a_cluster_that_stops_answering_hides_no_exercise_and_nothing_remembered() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let place = Place::new(
            fake::api(|_, _| fake::refusal(500, "etcdserver: leader changed")),
            "default".into(),
            root.join("k8s"),
        );
        let folder = tempfile::tempdir().unwrap();
        let now: ZonedDateTime = "2026-03-01T18:26:00Z[UTC]".parse().unwrap();
        let (mut memory, _) = Memory::open_in(folder.path(), "a", "default", now.timestamp());
        memory.reach("12.3", 9, 9, true, now.timestamp());
        let known = Known {
            there: Some((place, memory)),
            shell: vec![Message::Verbatim("Not this shell".into())],
            notices: vec![],
            exit: Exit::Done,
        };
        let (text, exit) = all(&root, Language::En, false, known, &now).await.unwrap();
        assert!(text.starts_with("Not this shell\n\n12.1 "), "{text}");
        for id in guide::list(&root, Language::En).unwrap() {
            assert!(
                text.lines().any(|line| line.starts_with(&format!("{id} "))),
                "{id}: {text}"
            );
        }
        assert_eq!(text.matches("done 18:26").count(), 1, "{text}");
        assert_eq!(text.matches("not begun").count(), 0, "{text}");
        assert!(
            text.ends_with("\nWhere you stand is not known: etcdserver: leader changed\n"),
            "{text}"
        );
        assert_eq!(exit, Exit::Failed);
    }
}
