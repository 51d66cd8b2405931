//! The memory limit of this process (cgroups v1 and v2), and the memory of the machine.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};

/// The memory limit of this process in bytes: the lowest of its cgroup's and those of the groups above; none without one.
///
/// `root` is `/`, or a folder with the same files, `proc/self/cgroup` and `sys/fs/cgroup`. In a container the path of the
/// group may be the host's, although the group itself is what is mounted: folders that do not exist are skipped, which
/// finds the right one in both cases. Groups above the mount are out of sight, as where the node is a container itself. v1
/// tells their lowest limit all the same (`hierarchical_memory_limit` in `memory.stat`); v2 does not. A limit that is not below
/// the machine's memory is none.
///
/// # Errors
/// A file that exists cannot be read or holds something unknown.
pub(crate) fn memory_limit(root: &Path) -> anyhow::Result<Option<u64>> {
    let Some(groups) = read(&root.join("proc/self/cgroup"))? else {
        return Ok(None);
    };
    let Some((hierarchy, file, group)) = memory_group(&groups) else {
        return Ok(None);
    };
    let mount = root.join("sys/fs/cgroup").join(hierarchy);
    let mut lowest: Option<u64> = None;
    for ancestor in group.ancestors() {
        let group = mount.join(ancestor);
        let path = group.join(file);
        let own = read(&path)?;
        let stat = group.join("memory.stat");
        let above = read(&stat)?.as_deref().and_then(hierarchical).map(str::to_owned);
        for (text, path) in [(own, path), (above, stat)] {
            let Some(text) = text else { continue };
            if let Some(limit) = parse_limit(&text).with_context(|| format!("in {}", path.display()))? {
                lowest = Some(lowest.map_or(limit, |lowest| lowest.min(limit)));
            }
        }
    }
    // The group of all pods of a node has the node's memory as its limit, which limits nothing.
    let machine = machine_memory(root).ok();
    Ok(lowest.filter(|limit| machine.is_none_or(|machine| *limit < machine)))
}

/// The lowest limit of a group and those above it, as `memory.stat` of cgroup v1 has it (kernel.org, "Memory Resource
/// Controller", 5.2).
fn hierarchical(stat: &str) -> Option<&str> {
    stat.lines()
        .find_map(|line| line.strip_prefix("hierarchical_memory_limit "))
}

/// The machine's memory in bytes: `MemTotal` of `/proc/meminfo` under `root` (proc_meminfo(5)).
///
/// # Errors
/// The file is missing, as on a system other than Linux, or has no such line.
pub(crate) fn machine_memory(root: &Path) -> anyhow::Result<u64> {
    let path = root.join("proc/meminfo");
    let text = fs::read_to_string(&path).with_context(|| {
        format!(
            "can't read {}: how much memory the machine has is unknown",
            path.display()
        )
    })?;
    text.lines()
        .find_map(|line| {
            line.strip_prefix("MemTotal:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        })
        .map(|kibibytes: u64| kibibytes.saturating_mul(1024))
        .ok_or_else(|| anyhow!("{} has no line `MemTotal: … kB`", path.display()))
}

/// The cgroup that accounts the process's memory, from `/proc/self/cgroup` (cgroups(7)): the folder of the hierarchy
/// under `/sys/fs/cgroup`, the name of the limit's file, and the group within the hierarchy.
///
/// A machine can have both versions mounted. The memory controller is in one of them: in v2 if no v1 line names it.
fn memory_group(groups: &str) -> Option<(&'static str, &'static str, PathBuf)> {
    let lines = || {
        groups
            .lines()
            .filter_map(|line| line.split_once(':')?.1.split_once(':'))
    };
    let v1 = lines()
        .find(|(controllers, _)| controllers.split(',').any(|controller| controller == "memory"))
        .map(|(_, group)| ("memory", "memory.limit_in_bytes", group));
    let v2 = lines()
        .find(|(controllers, _)| controllers.is_empty())
        .map(|(_, group)| ("", "memory.max", group));
    let (hierarchy, file, group) = v1.or(v2)?;
    Some((hierarchy, file, PathBuf::from(group.trim_start_matches('/'))))
}

/// A limit in bytes. Without a limit v2 has `max`, and v1 the largest number that is a multiple of the page size: 2^63
/// bytes less a page.
fn parse_limit(text: &str) -> anyhow::Result<Option<u64>> {
    let text = text.trim();
    if text == "max" {
        return Ok(None);
    }
    let bytes: u64 = text
        .parse()
        .map_err(|_| anyhow!("'{text}' is neither a number of bytes nor `max`"))?;
    Ok((bytes < 1 << 62).then_some(bytes))
}

/// The file's text; none if there is no such file.
fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/cgroups")
            .join(name)
    }

    #[test]
    fn trees_of_both_versions() {
        for (name, expected) in [
            ("v1-container-50Mi", Some(52_428_800)),
            ("v1-container-unlimited", None),
            ("v1-container-on-a-node", None),
            ("v1-in-a-container-with-200Mi", Some(209_715_200)),
            ("v1-host-own-group", Some(1_073_741_824)),
            ("v2-container-50Mi", Some(52_428_800)),
            ("v2-container-unlimited", None),
            ("v2-host-limit-above", Some(268_435_456)),
            ("hybrid-memory-in-v1", Some(52_428_800)),
            ("not-linux", None),
        ] {
            assert!(tree(name).exists(), "{name} is missing");
            assert_eq!(memory_limit(&tree(name)).expect(name), expected, "{name}");
        }
    }

    #[test]
    fn an_unknown_limit_is_an_error_that_names_the_file() {
        let error = memory_limit(&tree("broken")).expect_err("`lots` is no limit");
        let error = format!("{error:#}");
        assert!(
            error.contains("memory.max") && error.contains("'lots'"),
            "{error}"
        );
    }

    #[test]
    fn the_machines_memory() {
        assert_eq!(
            machine_memory(&tree("v1-container-50Mi")).expect("the tree has it"),
            24_683_884 * 1024
        );
        let error = machine_memory(&tree("not-linux")).expect_err("there is no meminfo");
        assert!(error.to_string().contains("proc/meminfo"), "{error}");
    }

    #[test]
    fn this_machine_is_understood() {
        memory_limit(Path::new("/")).expect("this machine's groups");
        assert!(machine_memory(Path::new("/")).expect("this machine's memory") > 1 << 20);
    }
}
