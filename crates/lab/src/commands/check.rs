//! `lab check`: looks at what a learner did by hand.

use cluster::Layout;
use guide::{Exercise, Language, Message};
use proofs::{Learner, tidies_up};
use report::paragraph;

use crate::{Exit, target::Target, workspace};

/// Options of `lab check`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// A section of the guide, such as 12.2.
    exercise: String,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The guide's language.
    #[arg(long, value_parser = crate::language::parser(), default_value = "en")]
    lang: Language,
}

/// Says what is there, what is missing next, and one hint. Changes nothing.
///
/// # Errors
/// The guide cannot be read, or the cluster does not answer.
pub(crate) async fn run(layout: &Layout, args: Args) -> anyhow::Result<Exit> {
    let root = workspace::find()?;
    let exercise = Exercise::load(&root, args.lang, &args.exercise)?;
    let target = Target::choose(layout, args.context).await?;
    let place = target.learners_place(&root).await?;
    let mut learner = Learner::new(&place);
    let standing = learner.standing(&exercise).await?;
    let tell = |message: &Message| args.lang.tell(message);
    let there = Message::new("place")
        .with("context", target.context())
        .with("namespace", &place.namespace);
    crate::outln!("{}  {}\n{}\n", exercise.id, exercise.title, tell(&there));

    match standing.after.and_then(|step| exercise.steps.get(step - 1)) {
        Some(step) => {
            let after = Message::new("check-after")
                .with("step", standing.after.unwrap_or_default())
                .with("steps", exercise.steps.len());
            crate::outln!("{}", tell(&after));
            for proof in &step.action.proofs {
                crate::outln!("{}", paragraph("✓ ", &tell(&proof.claim().describe())));
            }
        }
        None if tidies_up(&exercise) => crate::outln!("{}", tell(&Message::new("check-nothing-or-tidied"))),
        None => crate::outln!("{}", tell(&Message::new("check-nothing"))),
    }
    let Some(step) = standing.next.and_then(|step| exercise.steps.get(step - 1)) else {
        crate::outln!("\n{}", tell(&Message::new("check-done")));
        return Ok(Exit::Done);
    };
    let next = tell(&Message::new("check-next"));
    crate::outln!(
        "\n{next} ({}/{}.md:{})",
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
    for proof in &step.action.proofs {
        let verdict = learner.look(proof).await?;
        if let Some(hint) = &verdict.hint {
            for (caption, message) in [
                (Message::new("check-not-yet"), &proof.claim().describe()),
                (Message::new("check-observed"), &verdict.observed),
                (Message::new("check-hint"), hint),
            ] {
                let caption = tell(&caption);
                let label = console::pad_str(&caption, 11, console::Alignment::Left, None);
                crate::outln!("{}", paragraph(&label, &tell(message)));
            }
            break;
        }
    }
    Ok(Exit::Missed)
}
