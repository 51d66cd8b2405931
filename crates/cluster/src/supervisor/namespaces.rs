//! The namespaces that the supervisor runs in: made by `up`, prepared here.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use crate::{Error, Layout, files::at};

/// Refuses to go on outside of the cluster's network namespace, where the mounts would be the whole machine's.
pub(super) fn verify(layout: &Layout) -> Result<(), Error> {
    let identity = |path: &Path| {
        let file = fs::metadata(path).map_err(at("reading", path))?;
        Ok::<_, Error>((file.dev(), file.ino()))
    };
    if identity(Path::new("/proc/self/ns/net"))? == identity(&layout.namespace())? {
        return Ok(());
    }
    Err(Error::Outside(layout.name.clone()))
}

/// Mounts memory, or folders of the state folder, on the hard-coded paths that components write to: the mounts end with
/// the namespace.
#[cfg(target_os = "linux")]
pub(super) fn prepare(layout: &Layout) -> Result<(), Error> {
    use rustix::mount::{MountFlags, mount, mount_bind};

    use crate::{files::private_dir, layout::MOUNTS};

    // Kubelet and containerd choose modes for their files; with a stricter mask pods could not read theirs.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let run = Path::new("/run");
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("tmpfs", run, "tmpfs", flags, Some(c"mode=755"))
        .map_err(|error| at("mounting memory on", run)(error.into()))?;
    for (fixed, ours) in MOUNTS {
        let (fixed, ours) = (Path::new(fixed), layout.state.join(ours));
        private_dir(&ours)?;
        if !fixed.exists() {
            private_dir(fixed)?;
        }
        mount_bind(&ours, fixed).map_err(|error| at("mounting a folder of ours on", fixed)(error.into()))?;
    }
    // In this namespace alone: packets go on to pods, and the kernel reports each refused connection, not one a second.
    for (setting, value) in [("ip_forward", "1"), ("icmp_ratelimit", "0")] {
        let path = Path::new("/proc/sys/net/ipv4").join(setting);
        fs::write(&path, value).map_err(at("setting", &path))?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn prepare(_: &Layout) -> Result<(), Error> {
    Err(Error::Machine(
        crate::preflight::wrong_machine().into_iter().collect(),
    ))
}
