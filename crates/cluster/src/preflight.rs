//! Whether this machine can run the cluster. Each answer is tried rather than guessed.

mod disk;
mod home;
mod limits;
mod range;

use programs::{Reach, command, environment, run};

use crate::{Error, Layout, Problem, cgroups, kubernetes, packages, trials};

pub(crate) use self::home::homeless;
pub use self::{disk::crowded, range::disconnected};

const GO: (u32, u32) = (1, 26);

/// Everything that keeps the cluster from running here, or from being reached where it runs. Dropping the future leaves
/// nothing behind.
pub async fn preflight(layout: &Layout) -> Vec<Problem> {
    if let Some(problem) = wrong_machine() {
        return vec![problem];
    }
    let mut problems = of_shell();
    if !problems.is_empty() {
        return problems;
    }
    let packages = packages::missing();
    problems.extend(packages::problem(&packages));
    problems.extend(homeless(layout));
    problems.extend(disk::impossible_cache(layout));
    if kubernetes::program(layout).is_none() {
        problems.extend(go().await);
        problems.extend(disk::crowded_cache(layout));
    }
    problems.extend(crowded(layout));
    // Without the programs, these checks would fail whatever the machine is.
    if packages.is_empty() {
        problems.extend(trials::problems(layout).await);
        problems.extend(range::problem(layout).await);
        problems.extend(disconnected(layout).await);
    }
    problems.extend(disk::without_types(layout));
    problems.extend(limits::few_watchers(layout));
    problems.extend(cgroups::problem());
    problems
}

/// Verifies that programs can do their work in this shell: what they fail at otherwise would be blamed on the machine.
///
/// # Errors
/// [`Error::Machine`] with the limits that are too low, or a PATH without the system's programs.
pub fn verify_shell() -> Result<(), Error> {
    let problems = of_shell();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Machine(problems))
    }
}

fn of_shell() -> Vec<Problem> {
    let limits = limits::of_shell().into_iter();
    limits.chain(packages::pathless()).collect()
}

/// What the cluster can live with here, but a person should know.
#[must_use]
pub fn advice(layout: &Layout) -> Vec<Problem> {
    [
        home::somebody_elses(),
        home::moved_cache(layout),
        limits::swap_without_account(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The problems that neither a package nor a setting cures.
pub(crate) fn wrong_machine() -> Option<Problem> {
    let (what, cure) = if !cfg!(target_os = "linux") {
        (
            "it does not run Linux, which Kubernetes' nodes need",
            "Use a Linux machine, real or virtual.",
        )
    } else if !rustix::process::geteuid().is_root() {
        (
            "you are not root, and only root may make network namespaces and cgroups",
            "Become root with your Rust and Go, and run the same command there: \
             sudo env PATH=\"$PATH\" RUSTUP_HOME=\"${RUSTUP_HOME:-$HOME/.rustup}\" bash",
        )
    } else {
        return None;
    };
    Some(Problem {
        what: what.into(),
        cure: cure.into(),
    })
}

async fn go() -> Option<Problem> {
    let mut go = command("go", ["env", "GOVERSION"]);
    go.envs(environment(Reach::Registries));
    let what = match run(go).await {
        Err(_) => "there is no Go on the PATH".into(),
        Ok(version) if is_new_enough(version.trim()) => return None,
        Ok(version) => format!("its Go is {}", version.trim()),
    };
    let (major, minor) = GO;
    Some(Problem {
        what,
        cure: format!(
            "Install Go {major}.{minor} or newer and put it on the PATH; it builds Kubernetes, once."
        ),
    })
}

fn is_new_enough(version: &str) -> bool {
    // Of a release candidate, `go1.27rc1`, the numbers before its own count.
    let numbers = version
        .trim_start_matches("go")
        .split(|character: char| !character.is_ascii_digit());
    let mut numbers = numbers.map_while(|number| number.parse::<u32>().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= GO
}

#[cfg(test)]
mod tests {
    use super::is_new_enough;

    #[test]
    fn a_go_is_new_enough_by_its_first_two_numbers() {
        assert!(
            ["go1.26", "go1.26.4", "go1.27rc1", "go2.0", "go1.27-abc"]
                .into_iter()
                .all(is_new_enough)
        );
        assert!(!["go1.25.9", "go1.9", "devel", ""].into_iter().any(is_new_enough));
    }
}
