//! A person who has set everything.

use std::{
    env, fs,
    io::Write,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Variables that change what programs do which the lab calls, from the manuals of bash, apt, buildah, Cargo, curl, dpkg,
/// gcc, git, Go, helm, kubectl, ld.so, rustc, rustup and tar.
const VARIABLES: &[&str] = &[
    "APT_CONFIG",
    "BASHOPTS",
    "BUILDAH_FORMAT",
    "BUILDAH_ISOLATION",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PROFILE_IMAGE_LTO",
    "CARGO_PROFILE_IMAGE_OPT_LEVEL",
    "CARGO_TARGET_DIR",
    "CC",
    "CDPATH",
    "CFLAGS",
    "COLUMNS",
    "COMPILER_PATH",
    "CONTAINERS_CONF",
    "CONTAINERS_STORAGE_CONF",
    "CPATH",
    "CURL_HOME",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DPKG_FORCE",
    "DPKG_ROOT",
    "ENV",
    "GCC_EXEC_PREFIX",
    "GIT_CONFIG_GLOBAL",
    "GIT_DIR",
    "GLOBIGNORE",
    "GO111MODULE",
    "GOARCH",
    "GODEBUG",
    "GOEXPERIMENT",
    "GOFLAGS",
    "GOOS",
    "GOPATH",
    "GOTOOLCHAIN",
    "GOWORK",
    "HELM_BURST_LIMIT",
    "HELM_DEBUG",
    "HELM_DRIVER",
    "HELM_KUBEAPISERVER",
    "HELM_KUBEASUSER",
    "HELM_KUBECAFILE",
    "HELM_KUBECONTEXT",
    "HELM_KUBETOKEN",
    "HELM_MAX_HISTORY",
    "HELM_NAMESPACE",
    "HELM_PLUGINS",
    "IFS",
    "KUBECACHEDIR",
    "KUBECTL_EXTERNAL_DIFF",
    "KUBECTL_PORT_FORWARD_WEBSOCKETS",
    "KUBECTL_REMOTE_COMMAND_WEBSOCKETS",
    "KUBERC",
    "LDFLAGS",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
    "LINES",
    "NETRC",
    "NO_COLOR",
    "PKG_CONFIG_PATH",
    "POSIXLY_CORRECT",
    "PS4",
    "PYTHONPATH",
    "REGISTRY",
    "REGISTRY_AUTH_FILE",
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTC_LINKER",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "SOURCE_DATE_EPOCH",
    "STORAGE_CONF",
    "STORAGE_DRIVER",
    "STORAGE_OPTS",
    "TAR_OPTIONS",
    "VERSION",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "all_proxy",
    "http_proxy",
    "https_proxy",
];

/// Settings in the home folder.
const FILES: &[(&str, &str)] = &[
    (
        ".bash_env",
        "echo from BASH_ENV\nkubectl() { echo coloured; }\nhelm() { echo coloured; }\n",
    ),
    (
        ".cargo/config.toml",
        "[build]\nrustc-wrapper = \"/nonsense\"\nrustflags = [\"--nonsense\"]\ntarget-dir = \"/nonsense\"\n\
         [target.x86_64-unknown-linux-gnu]\nlinker = \"/nonsense\"\n[target.aarch64-unknown-linux-gnu]\nlinker = \"/nonsense\"\n\
         [profile.image]\nopt-level = 0\nlto = false\nstrip = false\n[env]\nCC = { value = \"/nonsense\", force = true }\n",
    ),
    (
        ".config/containers/containers.conf",
        "[engine]\nruntime = \"nonsense\"\nhooks_dir = [\"/nonsense\"]\n",
    ),
    (
        ".config/containers/storage.conf",
        "[storage]\ndriver = \"nonsense\"\n",
    ),
    (".config/curlrc", "include\nproxy = http://127.0.0.1:9\n"),
    (
        ".config/go/env",
        "GOOS=windows\nGOFLAGS=-nonsense\nCGO_ENABLED=1\n",
    ),
    (".curlrc", "include\nproxy = http://127.0.0.1:9\n"),
    (".dpkg.cfg", "nonsense\n"),
    (".gitconfig", "[core]\nautocrlf = true\n[nonsense\n"),
    (
        ".kube/kuberc",
        "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ndefaults:\n\
         - {command: apply, options: [{name: server-side, default: \"true\"}]}\n\
         - {command: delete, options: [{name: interactive, default: \"true\"}]}\n",
    ),
    (".kube/config", "nonsense: [\n"),
];

/// A command that runs with each variable of programs' manuals set to nonsense, dot-files of the same kind in the home
/// folder `home` (which is made), umask 077, a temporary folder where nothing may be executed (as root), in the locale of a
/// bare machine on a terminal that can do nothing. What has to be true is what leads to Rust: PATH, and rustup's toolchains.
///
/// `CARGO_HOME` is unset: Cargo's folder is the hostile one, in which the downloaded crates are a link to the person's own.
///
/// # Panics
/// The home folder cannot be made.
#[must_use]
pub fn hostile(program: &Path, home: &Path) -> Command {
    for (name, text) in FILES {
        let file = home.join(name);
        fs::create_dir_all(file.parent().expect("it has one")).expect("a folder of the home");
        let mut file = fs::File::create(file).expect("a dot-file");
        file.write_all(text.as_bytes()).expect("its text");
    }
    let temporary = home.join("no exec");
    fs::create_dir_all(&temporary).expect("a temporary folder");
    let real = |name: &str, usual: &str| {
        let named = env::var_os(name).map(PathBuf::from);
        named.or_else(|| Some(env::home_dir()?.join(usual)))
    };
    if let Some(crates) = real("CARGO_HOME", ".cargo").map(|real| real.join("registry")) {
        // There already, if the home folder was used before.
        let _ = symlink(crates, home.join(".cargo/registry"));
    }
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-ec"]);
        command.arg("mount -t tmpfs -o noexec none \"$TMPDIR\"; umask 077; exec \"$0\" \"$@\"");
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-ec", "umask 077; exec \"$0\" \"$@\""]);
        command
    };
    command
        .arg(program)
        .env_clear()
        .envs(VARIABLES.iter().map(|name| (name, "nonsense")))
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TMPDIR", temporary)
        .env("BASH_ENV", home.join(".bash_env"))
        .env("BASH_FUNC_kubectl%%", "() { echo coloured; }")
        .env("SHELLOPTS", "xtrace")
        .env("LANG", "C")
        .env("TERM", "dumb")
        .env("CLICOLOR_FORCE", "1")
        .stdin(Stdio::null());
    if let Some(toolchains) = real("RUSTUP_HOME", ".rustup") {
        command.env("RUSTUP_HOME", toolchains);
    }
    // What the tests' own cluster is.
    for name in ["LAB_NAME", "LAB_NETWORK"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}
