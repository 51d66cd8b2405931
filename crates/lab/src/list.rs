//! `lab list`: the exercises, and where the learner stands in each.

use std::process::ExitCode;

use cluster::Layout;

use crate::{
    guide::{self, Exercise, Language},
    standing::{Looker, Standing, tidies_up},
    target::Target,
};

/// Options of `lab list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The guide's language.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
}

/// Lists the exercises; where a cluster runs, with where the learner stands.
///
/// # Errors
/// The guide cannot be read, or the cluster stopped answering.
pub async fn run(layout: &Layout, args: Args) -> anyhow::Result<ExitCode> {
    let root = crate::cli::checkout()?;
    let view = match Target::choose(layout, args.context).await? {
        Some(target) => Some(target.learners_view(&root).await?),
        None => None,
    };
    let mut looker = view.as_ref().map(|view| Looker::new(view, args.lang));
    for id in guide::list(&root, args.lang)? {
        let exercise = Exercise::load(&root, args.lang, &id)?;
        let standing = match &mut looker {
            Some(looker) => Some(looker.standing(&exercise).await?),
            None => None,
        };
        crate::print::out(format_args!("{}", entry(&exercise, standing.as_ref(), args.lang)));
    }
    if looker.is_none() {
        crate::outln!(
            "{}",
            match args.lang {
                Language::En => "No cluster is running, so nobody knows where you stand: lab up",
                Language::Ko => "실행 중인 클러스터가 없어 어디까지 했는지 알 수 없습니다: lab up",
            }
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn entry(exercise: &Exercise, standing: Option<&Standing>, language: Language) -> String {
    let steps = exercise.steps.len();
    let stands = standing.map(|standing| match (standing, language) {
        (Standing { next: None, .. }, Language::En) => "all of it is there".to_owned(),
        (Standing { next: None, .. }, Language::Ko) => "모두 확인".to_owned(),
        (
            Standing {
                after: Some(step), ..
            },
            Language::En,
        ) => format!("step {step} of {steps}"),
        (
            Standing {
                after: Some(step), ..
            },
            Language::Ko,
        ) => format!("{steps}단계 중 {step}단계"),
        (_, Language::En) if tidies_up(exercise) => "not begun, or tidied up".to_owned(),
        (_, Language::En) => "not begun".to_owned(),
        (_, Language::Ko) if tidies_up(exercise) => "시작 전이거나 정리함".to_owned(),
        (_, Language::Ko) => "시작 전".to_owned(),
    });
    let minutes = exercise.seconds.div_ceil(60);
    let time = match language {
        Language::En => format!("lab run takes {minutes} min"),
        Language::Ko => format!("lab run으로 {minutes}분"),
    };
    let facts: Vec<_> = [Some(time), stands].into_iter().flatten().collect();
    let options = textwrap::Options::new(80)
        .initial_indent("      ")
        .subsequent_indent("      ")
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    format!(
        "{:5} {}\n{}\n      {}\n\n",
        exercise.id,
        exercise.title,
        textwrap::fill(&exercise.teaches, options),
        facts.join(", ")
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
