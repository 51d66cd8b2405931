//! Trials of the kernel, in namespaces that last as long as the trial.

use std::path::Path;

use programs::{command, run};

use crate::{Layout, Problem, files::existing};

struct Trial {
    what: &'static str,
    cure: &'static str,
    /// Run by `sh -e`, with the cluster's folder and the builds' as arguments: each, or the nearest above it that is there.
    script: &'static str,
}

const TRIALS: [Trial; 4] = [
    Trial {
        what: "no program can be written and run where builds are kept",
        cure: "Set XDG_CACHE_HOME to a folder on a disk that is mounted without `noexec` and `ro`.",
        script: "trap '' HUP INT TERM; d=$(mktemp -d -p \"$2\"); trap 'rm -rf \"$d\"' EXIT; \
                 echo '#!/bin/sh' >\"$d/program\"; chmod 700 \"$d/program\"; \"$d/program\"",
    },
    Trial {
        what: "there can be no overlayfs where images are unpacked",
        cure: "Load it (modprobe overlay); inside a container, or on a file system that cannot be below one (ZFS), run on \
               another machine.",
        // Ctrl-C reaches it too; as it takes moments, it ends by itself and removes its folder.
        script: "trap '' HUP INT TERM; d=$(mktemp -d -p \"$1\"); trap 'rm -rf \"$d\"' EXIT; cd \"$d\"; \
                 mkdir l u w m; mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m; umount m; cd /",
    },
    Trial {
        what: "the kernel has no virtual network interfaces (veth) here",
        cure: "Load them: modprobe veth.",
        script: "ip link add name lab0 type veth peer name lab1",
    },
    Trial {
        what: "the kernel does not let iptables rewrite addresses here",
        cure: "Load it: modprobe -a iptable_nat xt_comment xt_statistic nf_conntrack.",
        script: "iptables -w 5 -t nat -A OUTPUT -p tcp -m comment --comment x -m statistic --mode random \
                 --probability 0.5 -j DNAT --to 127.0.0.1",
    },
];

/// The trials that fail, each with the last line that it printed, or how it ended.
pub(crate) async fn problems(layout: &Layout) -> Vec<Problem> {
    let nearest = |folder| existing(folder).unwrap_or(Path::new("/")).display().to_string();
    let (state, cache) = (nearest(&layout.state), nearest(&layout.cache));
    let mut problems = Vec::new();
    for Trial { what, cure, script } in TRIALS {
        let words = ["--mount", "--net", "sh", "-ec", script, "sh", &state, &cache];
        let mut trial = command("unshare", words);
        // Killed, it would leave its folder.
        trial.kill_on_drop(false);
        if let Err(error) = run(trial).await {
            problems.push(Problem {
                what: format!("{what} ({})", error.last_line()),
                cure: cure.into(),
            });
        }
    }
    problems
}
