//! `lab list`: the exercises, and where the learner stands in each.

use std::path::Path;

use access::plainly;
use cluster::Layout;
use guide::{Exercise, Language, Message};
use proofs::{Learner, Place, Standing, tidies_up};

use crate::{Exit, target::Target, workspace};

/// Options of `lab list`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The guide's language.
    #[arg(long, value_parser = crate::language::parser(), default_value = "en")]
    lang: Language,
}

/// Lists the exercises; where a cluster runs and answers, with where the learner stands.
///
/// # Errors
/// The guide or the kubeconfig cannot be read.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    let place = match Target::running(layout, args.context).await? {
        None => Err(Message::new("list-no-cluster")),
        Some(target) => match target.learners_place(&root).await {
            Err(error @ access::Error::Unreachable { .. }) => {
                Err(unknown(runner::Error::from(error).message()))
            }
            place => Ok(place?),
        },
    };
    let text = all(&root, args.lang, place.as_ref().map_err(Message::clone)).await?;
    crate::print::out(format_args!("{text}"));
    Ok(Exit::Done)
}

/// All entries, and at the end why nobody knows where the learner stands, if so.
async fn all(root: &Path, language: Language, place: Result<&Place, Message>) -> anyhow::Result<String> {
    let mut learner = place.map(Learner::new);
    let mut text = String::new();
    for id in guide::list(root, language)? {
        let exercise = Exercise::load(root, language, &id)?;
        let mut stands = None;
        if let Ok(there) = &mut learner {
            match there.standing(&exercise).await {
                Ok(standing) => stands = Some(standing),
                Err(error) => learner = Err(unknown(Message::Verbatim(plainly(&error)))),
            }
        }
        text += &entry(&exercise, stands.as_ref(), language);
    }
    if let Err(reason) = learner {
        text += &format!("{}\n", language.tell(&reason));
    }
    Ok(text)
}

fn unknown(reason: Message) -> Message {
    Message::new("list-unknown").with("reason", reason)
}

fn entry(exercise: &Exercise, standing: Option<&Standing>, language: Language) -> String {
    let stands = standing.map(|standing| match standing {
        Standing { next: None, .. } => Message::new("list-done"),
        Standing {
            after: Some(step), ..
        } => Message::new("list-step")
            .with("step", *step)
            .with("steps", exercise.steps.len()),
        _ if tidies_up(exercise) => Message::new("list-not-begun-or-tidied"),
        _ => Message::new("list-not-begun"),
    });
    let time = Message::new("list-time").with("minutes", exercise.seconds.div_ceil(60));
    let facts = Message::joined(", ", [Some(time), stands].into_iter().flatten());
    let options = textwrap::Options::new(80)
        .initial_indent("      ")
        .subsequent_indent("      ")
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    format!(
        "{:5} {}\n{}\n      {}\n\n",
        exercise.id,
        exercise.title,
        textwrap::fill(&exercise.teaches, options),
        language.tell(&facts)
    )
}

#[cfg(test)]
mod tests {
    use access::fake;

    use super::*;

    #[tokio::test]
    async fn a_cluster_that_stops_answering_hides_no_exercise() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let place = Place::new(
            fake::api(|_, _| fake::refusal(500, "etcdserver: leader changed")),
            "default".into(),
            root.join("k8s"),
        );
        let text = all(&root, Language::En, Ok(&place)).await.unwrap();
        for id in guide::list(&root, Language::En).unwrap() {
            assert!(
                text.lines().any(|line| line.starts_with(&format!("{id} "))),
                "{id}: {text}"
            );
        }
        assert!(
            text.ends_with("Where you stand is not known: etcdserver: leader changed\n"),
            "{text}"
        );
    }

    #[test]
    fn an_entry_fits_80_columns() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for language in Language::ALL {
            for id in guide::list(&root, language).unwrap() {
                let exercise = Exercise::load(&root, language, &id).unwrap();
                for (after, next) in [(None, Some(1)), (Some(2), Some(3)), (Some(2), None)] {
                    let standing = Standing { after, next };
                    let text = entry(&exercise, Some(&standing), language);
                    assert!(
                        text.lines().all(|line| console::measure_text_width(line) <= 80),
                        "{text}"
                    );
                }
            }
        }
    }
}
