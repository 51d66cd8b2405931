//! `lab list`: the exercises, and where the learner stands in each.

use cluster::Layout;
use guide::{Exercise, Language, Message};
use proofs::{Learner, Standing, tidies_up};

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

/// Lists the exercises; where a cluster runs, with where the learner stands.
///
/// # Errors
/// The guide cannot be read, or the cluster stopped answering.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    let place = match Target::running(layout, args.context).await? {
        Some(target) => Some(target.learners_place(&root).await?),
        None => None,
    };
    let mut learner = place.as_ref().map(Learner::new);
    for id in guide::list(&root, args.lang)? {
        let exercise = Exercise::load(&root, args.lang, &id)?;
        let standing = match &mut learner {
            Some(learner) => Some(learner.standing(&exercise).await?),
            None => None,
        };
        crate::print::out(format_args!("{}", entry(&exercise, standing.as_ref(), args.lang)));
    }
    if learner.is_none() {
        crate::outln!("{}", args.lang.tell(&Message::new("list-no-cluster")));
    }
    Ok(Exit::Done)
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
    use super::*;

    #[test]
    fn an_entry_fits_80_columns() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
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
