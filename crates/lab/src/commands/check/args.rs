//! Options of `lab check`.

use guide::Language;

use crate::Exit;

/// Options of `lab check`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// A section of the guide, such as 12.2, or all; without it, the one that you are at.
    pub(crate) exercise: Option<String>,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    pub(crate) context: Option<String>,
    /// The guide's language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
    /// Check what the section leaves to try: this item of "Try it yourself", or each of them.
    #[arg(long = "try", value_name = "ITEM", requires = "exercise", conflicts_with_all = ["solution", "lasting"])]
    pub(super) tried: Option<Option<usize>>,
    /// Show one more hint, the smallest first.
    #[arg(long)]
    pub(crate) hint: bool,
    /// Show the commands of a task's solution.
    #[arg(long)]
    pub(crate) solution: bool,
    /// Watch what has to last for as long as it has to.
    #[arg(long)]
    pub(crate) lasting: bool,
    /// What to print: text, or JSON (a list of one object for each exercise).
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Output {
    #[default]
    Text,
    Json,
}

impl Args {
    /// For one exercise, without anything more.
    pub(crate) fn of(exercise: &str, context: Option<String>, lang: Language) -> Self {
        Self {
            exercise: Some(exercise.to_owned()),
            context,
            lang,
            hint: false,
            solution: false,
            lasting: false,
            tried: None,
            output: Output::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn an_item_to_try_is_one_of_a_section() {
        for (line, tried) in [
            ("check 12.1", None),
            ("check 12.1 --try", Some(None)),
            ("check 12.1 --try 2 --hint", Some(Some(2))),
            ("check --try 2 12.1", Some(Some(2))),
        ] {
            assert_eq!(
                Cli::try_parse_from(line.split(' ')).unwrap().args.tried,
                tried,
                "{line}"
            );
        }
        for line in [
            "check --try",
            "check --try 2",
            "check --try 12.1",
            "check 12.1 --try x",
            "check 12.1 --try -1",
            "check 12.1 --try 1 --lasting",
            "check 12.1 --try 1 --solution",
        ] {
            assert!(Cli::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
