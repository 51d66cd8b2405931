//! Options of `lab watch`.

use guide::Language;

use crate::Exit;

/// Options of `lab watch`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// A section of the guide, such as 12.2.
    pub(super) exercise: String,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    pub(super) context: Option<String>,
    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
}
