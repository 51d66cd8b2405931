//! `lab check`: looks at what a learner did by hand.

use std::process::ExitCode;

use cluster::Layout;
use textwrap::{Options, WordSeparator, WordSplitter, wrap};

use crate::{
    guide::{self, Exercise, Language},
    standing::{Looker, tidies_up},
    target::{Target, not_running},
};

const EXIT_CODES: &str = "Exit codes:
  0  all of the exercise is there
  1  something went wrong
  2  bad usage, or no such exercise
  3  the cluster is not running
  4  something is not there yet";

const USAGE: u8 = 2;
const NOT_YET: u8 = 4;
const WIDTH: usize = 80;

/// Options of `lab check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Args {
    /// Which: a section of the guide, such as 12.2.
    exercise: String,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The guide's language.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
}

/// Says what is there, what is missing next, and one hint. Changes nothing.
///
/// # Errors
/// The guide cannot be read, or the cluster does not answer.
pub async fn run(layout: &Layout, args: Args) -> anyhow::Result<ExitCode> {
    let root = crate::cli::checkout()?;
    let exercise = match Exercise::load(&root, args.lang, &args.exercise) {
        Err(error @ guide::Error::Unknown { .. }) => {
            eprintln!("error: {error}");
            return Ok(ExitCode::from(USAGE));
        }
        exercise => exercise?,
    };
    let Some(target) = Target::choose(layout, args.context).await? else {
        return Ok(not_running(layout));
    };
    let view = target.learners_view(&root).await?;
    let mut looker = Looker::new(&view, args.lang);
    let standing = looker.standing(&exercise).await?;
    let words = words(args.lang);
    crate::outln!("{}  {}", exercise.id, exercise.title);
    crate::outln!(
        "{} {}, {} {}\n",
        words.cluster,
        target.context(),
        words.namespace,
        view.namespace
    );

    match standing.after.and_then(|step| exercise.steps.get(step - 1)) {
        Some(step) => {
            crate::outln!(
                "{}",
                (words.after)(standing.after.unwrap_or_default(), exercise.steps.len())
            );
            for check in &step.action.checks {
                paragraph("✓ ", &check.describe(args.lang));
            }
        }
        None if tidies_up(&exercise) => crate::outln!("{}", words.nothing_or_tidied),
        None => crate::outln!("{}", words.nothing),
    }
    let Some(step) = standing.next.and_then(|step| exercise.steps.get(step - 1)) else {
        crate::outln!("\n{}", words.done);
        return Ok(ExitCode::SUCCESS);
    };
    crate::outln!(
        "\n{} ({}/{}.md:{})",
        words.next,
        args.lang.folder(),
        exercise.id,
        step.line
    );
    for command in &step.action.commands {
        for (index, line) in command.lines().enumerate() {
            crate::outln!("  {} {line}", if index == 0 { '$' } else { ' ' });
        }
    }
    crate::outln!("");
    for check in &step.action.checks {
        let verdict = looker.look(check).await?;
        if !verdict.holds {
            paragraph(words.not_yet, &check.describe(args.lang));
            paragraph(words.observed, &verdict.observed);
            paragraph(words.hint, &verdict.hint);
            break;
        }
    }
    Ok(ExitCode::from(NOT_YET))
}

fn paragraph(first: &str, text: &str) {
    let rest = " ".repeat(console::measure_text_width(first));
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(&rest)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    for line in wrap(text, options) {
        crate::outln!("{line}");
    }
}

struct Words {
    cluster: &'static str,
    namespace: &'static str,
    after: fn(usize, usize) -> String,
    nothing: &'static str,
    nothing_or_tidied: &'static str,
    next: &'static str,
    not_yet: &'static str,
    observed: &'static str,
    hint: &'static str,
    done: &'static str,
}

fn words(language: Language) -> Words {
    match language {
        Language::En => Words {
            cluster: "cluster",
            namespace: "namespace",
            after: |step, steps| format!("You have come as far as step {step} of {steps}:"),
            nothing: "Nothing of this exercise is here yet.",
            nothing_or_tidied: "Nothing of this exercise is here: it is not begun yet, or tidied up already.",
            next: "Next",
            not_yet: "not yet    ",
            observed: "there is   ",
            hint: "hint       ",
            done: "That was the last step: all of it is there.",
        },
        Language::Ko => Words {
            cluster: "클러스터",
            namespace: "네임스페이스",
            after: |step, steps| format!("{steps}단계 중 {step}단계까지 왔습니다:"),
            nothing: "이 실습에서 만든 것이 아직 없습니다.",
            nothing_or_tidied: "이 실습에서 만든 것이 없습니다. 아직 시작하지 않았거나 이미 정리했습니다.",
            next: "다음 단계",
            not_yet: "아직       ",
            observed: "지금은     ",
            hint: "힌트       ",
            done: "마지막 단계였습니다. 모두 확인했습니다.",
        },
    }
}
