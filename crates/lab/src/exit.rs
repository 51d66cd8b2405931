//! Exit codes.

use std::process::ExitCode;

use runner::Signal;

/// How a command ends, for scripts. The numbers are part of the command line's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, and all of it was so.
    Done,
    /// 1: something went wrong, or is missing on this machine or cluster.
    Failed,
    /// 2: bad usage, no such exercise or context, or a kubeconfig that cannot be used. The command line's own errors end so
    /// too.
    Usage,
    /// 3: the cluster is not running, or stopped answering.
    NoCluster,
    /// 4: something that had to be seen was missed, or is not there yet.
    Missed,
    /// 130, 143, 129: a signal ended it (SIGINT, SIGTERM, SIGHUP).
    Stopped(Signal),
}

impl Exit {
    /// The table of exit codes, for `--help`.
    pub const TABLE: &str = "Exit codes:
  0    done, and all of it was so
  1    something went wrong, or is missing on this machine or cluster
  2    bad usage, no such exercise or context, or a kubeconfig that cannot be used
  3    the cluster is not running, or stopped answering
  4    something that had to be seen was missed, or is not there yet
  130  interrupted by SIGINT (Ctrl-C); 143: by SIGTERM; 129: by SIGHUP";

    /// The end of a command that failed with this error.
    #[must_use]
    pub fn of(error: &anyhow::Error) -> Self {
        let of_access = |error: &access::Error| match error {
            access::Error::Unreachable { .. } => Self::NoCluster,
            access::Error::NoContext { .. }
            | access::Error::Kubeconfig(_)
            | access::Error::Invalid { .. } => Self::Usage,
            access::Error::Plugin { .. } | access::Error::Refused { .. } => Self::Failed,
        };
        if let Some(error) = error.downcast_ref() {
            return of_access(error);
        }
        if let Some(error) = error.downcast_ref() {
            return match error {
                runner::Error::Access(error) => of_access(error),
                runner::Error::MaybeMade { .. } => Self::NoCluster,
                runner::Error::Interrupted(signal) => Self::Stopped(*signal),
                _ => Self::Failed,
            };
        }
        if let Some(guide::Error::Unknown { .. }) = error.downcast_ref() {
            return Self::Usage;
        }
        if let Some(learner::Error::Cluster(error)) = error.downcast_ref() {
            return Self::of_cluster(error);
        }
        if let Some(error) = error.downcast_ref() {
            return Self::of_cluster(error);
        }
        match error.downcast_ref() {
            Some(cluster::Error::NotRunning(_) | cluster::Error::Silent { .. }) => Self::NoCluster,
            Some(cluster::Error::Invalid { .. }) => Self::Usage,
            _ => Self::Failed,
        }
    }

    /// A cluster that answered and refused is there; one that did not answer is not.
    pub(crate) fn of_cluster(error: &kube::Error) -> Self {
        match error {
            kube::Error::Api(_) => Self::Failed,
            _ => Self::NoCluster,
        }
    }

    /// The same end where the answer could not be written: nobody has got it.
    #[must_use]
    pub fn unwritten(self) -> Self {
        match self {
            Self::Done | Self::Missed => Self::Failed,
            worse => worse,
        }
    }

    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NoCluster => 3,
            Self::Missed => 4,
            Self::Stopped(signal) => signal.exit_code(),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use cluster::{DEFAULT_NETWORK, Layout};

    use super::*;

    #[test]
    fn a_value_that_is_not_possible_is_bad_usage() {
        let name = Layout::new("../x", DEFAULT_NETWORK).unwrap_err();
        let network = Layout::new("lab", "foo").unwrap_err();
        let component = cluster::known_component("nosuch").unwrap_err();
        for error in [name, network, component] {
            assert_eq!(Exit::of(&error.into()), Exit::Usage);
        }
        let stopped = cluster::Error::NotRunning("lab".into());
        let silent = cluster::Error::Silent {
            name: "lab".into(),
            part: cluster::Part::ApiServer,
            reason: None,
        };
        for error in [stopped, silent] {
            assert_eq!(Exit::of(&error.into()), Exit::NoCluster);
        }
    }

    #[test]
    fn a_kubeconfig_that_cannot_be_used_is_bad_usage_and_a_plugin_that_fails_is_not() {
        let text = String::new;
        let invalid = access::Error::Invalid {
            context: text(),
            reason: text(),
        };
        for error in [access::Error::Kubeconfig(text()), invalid] {
            assert_eq!(Exit::of(&runner::Error::from(error.clone()).into()), Exit::Usage);
            assert_eq!(Exit::of(&error.into()), Exit::Usage);
        }
        let plugin = access::Error::Plugin {
            plugin: text(),
            reason: text(),
        };
        assert_eq!(Exit::of(&plugin.into()), Exit::Failed);
    }

    #[test]
    fn what_nobody_got_is_no_success_and_no_finding() {
        for exit in [Exit::Done, Exit::Missed] {
            assert_eq!(exit.unwritten(), Exit::Failed);
        }
        for exit in [Exit::Usage, Exit::Stopped(Signal::Terminate)] {
            assert_eq!(exit.unwritten(), exit);
        }
    }

    #[test]
    fn the_table_has_every_code() {
        let signals = [Signal::Interrupt, Signal::Terminate, Signal::Hangup].map(Exit::Stopped);
        let others = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::NoCluster,
            Exit::Missed,
        ];
        for exit in others.into_iter().chain(signals) {
            let code = exit.code().to_string();
            let mut numbers = Exit::TABLE.split(|char: char| !char.is_ascii_digit());
            assert!(numbers.any(|number| number == code), "{exit:?}");
        }
    }
}
