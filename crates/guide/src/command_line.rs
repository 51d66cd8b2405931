//! The command lines of kubectl and helm, read as those two read them.

/// A call of one of the two.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Such as `apply`.
    pub verb: String,
    /// The words after the verb that are neither flags nor their values.
    pub arguments: Vec<String>,
    /// The flags that have values, by their long names where they have one here.
    flags: Vec<(String, String)>,
}

/// A program, and the flags that the verbs used here have.
struct Program {
    name: &'static str,
    /// The long names of the short flags that are asked for.
    short: &'static [(&'static str, &'static str)],
    /// The flags whose value may be the next word.
    valued: &'static [&'static str],
    /// The flags that stand alone, or have their value after `=`.
    alone: &'static [&'static str],
}

const PROGRAMS: [Program; 2] = [
    Program {
        name: "kubectl",
        short: &[
            ("f", "filename"),
            ("n", "namespace"),
            ("l", "selector"),
            ("p", "patch"),
        ],
        #[rustfmt::skip]
        valued: &[
            "filename", "namespace", "selector", "o", "output", "L", "label-columns", "v", "s", "server", "as", "cluster",
            "context", "field-manager", "field-selector", "grace-period", "kubeconfig", "patch",
            "request-timeout", "sort-by", "subresource", "template", "timeout", "token", "user",
        ],
        #[rustfmt::skip]
        alone: &[
            "A", "all-namespaces", "R", "recursive", "w", "watch", "all", "cascade", "dry-run", "force",
            "force-conflicts", "ignore-not-found", "no-headers", "now", "overwrite", "prune", "save-config",
            "server-side", "show-labels", "validate", "wait",
        ],
    },
    Program {
        name: "helm",
        short: &[("f", "values"), ("n", "namespace")],
        #[rustfmt::skip]
        valued: &[
            "values", "namespace", "set", "set-file", "set-json", "set-literal", "set-string", "description",
            "history-max", "kube-context", "kubeconfig", "l", "labels", "o", "output", "repo", "timeout", "version",
        ],
        #[rustfmt::skip]
        alone: &[
            "i", "install", "atomic", "cleanup-on-fail", "create-namespace", "debug", "dependency-update", "dry-run",
            "force", "force-conflicts", "force-replace", "no-hooks", "replace", "reset-then-reuse-values",
            "reset-values", "reuse-values", "rollback-on-failure", "skip-crds", "take-ownership", "wait",
            "wait-for-jobs",
        ],
    },
];

impl Call {
    /// The values of a flag, by its long name.
    pub fn values(&self, flag: &str) -> impl DoubleEndedIterator<Item = &str> {
        let flags = self.flags.iter().filter(move |(name, _)| name == flag);
        flags.map(|(_, value)| value.as_str())
    }
}

/// The calls of kubectl and helm in a shell's line whose verbs are among `verbs`.
///
/// # Errors
/// A quote is not closed, or one of them has a flag of which it is not known whether the next word is its value.
pub fn calls(line: &str, verbs: &[&str]) -> Result<Vec<Call>, String> {
    let words = shell_words::split(line).map_err(|error| format!("`{line}`: {error}"))?;
    words
        .split(|word| matches!(word.as_str(), "|" | "||" | "&" | "&&" | ";"))
        .filter_map(|words| call(words, verbs).transpose())
        .collect::<Result<_, _>>()
        .map_err(|error| format!("`{line}`: {error}"))
}

/// The first program that a shell's line calls, which the shell may not find; none in what it refuses itself.
pub fn first_program(line: &str) -> Option<String> {
    let words = shell_words::split(line).ok()?;
    without_assignments(&words).first().cloned()
}

/// A command's words without the variables that are set for it.
fn without_assignments(words: &[String]) -> &[String] {
    let is_assignment = |word: &String| {
        word.split_once('=').is_some_and(|(name, _)| {
            name.bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
                && name.starts_with(|first: char| !first.is_ascii_digit())
        })
    };
    let first = words.iter().position(|word| !is_assignment(word));
    &words[first.unwrap_or(words.len())..]
}

fn call(words: &[String], verbs: &[&str]) -> Result<Option<Call>, String> {
    let mut words = without_assignments(words).iter().map(String::as_str);
    let name = words.next();
    let Some(program) = PROGRAMS.iter().find(|program| name == Some(program.name)) else {
        return Ok(None);
    };
    let mut call = Call::default();
    while let Some(word) = words.next() {
        let Some((flag, value)) = flag(word) else {
            if !call.verb.is_empty() {
                call.arguments.push(word.to_owned());
            } else if verbs.contains(&word) {
                word.clone_into(&mut call.verb);
            } else {
                return Ok(None);
            }
            continue;
        };
        let mut long = program.short.iter().filter(|(short, _)| *short == flag);
        let flag = long.next().map_or(flag, |(_, long)| long);
        let value = match value {
            Some(value) if word.contains('=') || program.valued.contains(&flag) => value,
            None if program.alone.contains(&flag) => continue,
            None if program.valued.contains(&flag) => {
                words.next().ok_or_else(|| format!("{word} has no value"))?
            }
            _ => {
                return Err(format!(
                    "whether {word} of {} has a value is not known here; write {word}=VALUE",
                    program.name
                ));
            }
        };
        call.flags.push((flag.to_owned(), value.to_owned()));
    }
    Ok((!call.verb.is_empty()).then_some(call))
}

/// The name of a flag, and the value that its own word holds: `--name=value`, `-n=value`, `-nvalue`.
fn flag(word: &str) -> Option<(&str, Option<&str>)> {
    let short = word.strip_prefix('-').filter(|short| !short.is_empty())?;
    if let Some(long) = short.strip_prefix('-') {
        return Some(
            long.split_once('=')
                .map_or((long, None), |(name, value)| (name, Some(value))),
        );
    }
    let (name, value) = short.split_at(short.chars().next().map_or(0, char::len_utf8));
    let value = (!value.is_empty()).then(|| value.strip_prefix('=').unwrap_or(value));
    Some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_told_from_arguments_however_they_are_written() {
        for (line, arguments, flag, values) in [
            (
                "helm install --timeout 2m todo-list ../chart",
                &["todo-list", "../chart"][..],
                "timeout",
                &["2m"][..],
            ),
            (
                "helm --kube-context a install --wait todo-list",
                &["todo-list"],
                "kube-context",
                &["a"],
            ),
            (
                "kubectl apply -f a -f=b --filename c --filename=d -fe",
                &[],
                "filename",
                &["a", "b", "c", "d", "e"],
            ),
            (
                "A=1 kubectl -n x apply \\\n  -R -f 'a b'",
                &[],
                "namespace",
                &["x"],
            ),
            (
                "sleep 1 && kubectl apply --unknown=1 -f a | cat -f b",
                &[],
                "filename",
                &["a"],
            ),
        ] {
            let [call] = &calls(line, &["apply", "install"]).unwrap()[..] else {
                panic!("{line}")
            };
            assert_eq!(call.arguments, arguments, "{line}");
            assert_eq!(call.values(flag).collect::<Vec<_>>(), values, "{line}");
        }
        for line in [
            "kubectl get pods --tail 1",
            "echo kubectl apply -f a",
            "kubectl",
            "",
        ] {
            assert_eq!(calls(line, &["apply"]), Ok(vec![]), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_an_error() {
        for (line, named) in [
            ("helm install --later 2m todo-list", "--later=VALUE"),
            ("kubectl apply -x a", "-x=VALUE"),
            ("kubectl apply -Rf a", "-Rf=VALUE"),
            ("kubectl apply -f", "-f has no value"),
            ("kubectl apply -f 'a", "quote"),
        ] {
            let error = calls(line, &["apply", "install"]).unwrap_err();
            assert!(error.contains(named) && error.contains(line), "{error}");
        }
    }
}
