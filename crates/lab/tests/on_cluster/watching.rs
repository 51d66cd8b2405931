//! `lab watch` beside somebody who goes through 12.1, on a terminal of 24 lines and 80 columns.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{Arc, Mutex},
    thread,
};

use kube::config::Kubeconfig;
use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use crate::{
    callers::curl,
    exercises::root,
    programs::{Namespace, layout, printed},
};

const SIZE: (u16, u16) = (24, 80);

/// What a program shows on a terminal of its own.
struct Shown {
    keys: File,
    terminal: rustix::fd::OwnedFd,
    screen: Arc<Mutex<vt100::Parser>>,
    child: Child,
}

impl Shown {
    fn start(mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let name = ptsname(&ours, vec![]).unwrap();
        let terminal = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        tcsetwinsize(
            &terminal,
            Winsize {
                ws_row: SIZE.0,
                ws_col: SIZE.1,
                ws_xpixel: 0,
                ws_ypixel: 0,
            },
        )
        .unwrap();
        let its = || terminal.try_clone().unwrap();
        let child = command.stdin(its()).stdout(its()).stderr(its()).spawn().unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(SIZE.0, SIZE.1, 0)));
        let (mut from, keys) = (File::from(ours.try_clone().unwrap()), File::from(ours));
        let filled = Arc::clone(&screen);
        // It ends with the terminal.
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut bytes) {
                filled.lock().unwrap().process(&bytes[..count]);
            }
        });
        Self {
            keys,
            terminal,
            screen,
            child,
        }
    }

    fn press(&mut self, key: &str) {
        use std::io::Write;
        self.keys.write_all(key.as_bytes()).unwrap();
    }

    fn lines(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as wanted.
    #[track_caller]
    fn until(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        testkit::eventually(what, crate::programs::WITHIN, || {
            let lines = self.lines();
            wanted(&lines).then_some(()).ok_or(format!(":\n{lines}"))
        });
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A clone whose manifests may be changed, and a context whose namespace is the test's.
fn clone(folder: &Path, namespace: &Namespace) -> (PathBuf, PathBuf) {
    let clone = folder.join("clone");
    fs::create_dir(&clone).unwrap();
    for shared in ["guide", "docker"] {
        symlink(root().join(shared), clone.join(shared)).unwrap();
    }
    let copied = Command::new("cp")
        .arg("--recursive")
        .arg(root().join("k8s"))
        .arg(&clone)
        .status();
    assert!(copied.unwrap().success());
    let _ = fs::remove_file(clone.join("k8s/api-url.txt"));
    let mut kubeconfig = Kubeconfig::read_from(layout().kubeconfig()).unwrap();
    let context = kubeconfig.contexts[0].context.as_mut().unwrap();
    context.namespace = Some(namespace.0.clone());
    kubeconfig.contexts[0].name = "class".into();
    let file = folder.join("kubeconfig");
    fs::write(&file, serde_json::to_string(&kubeconfig).unwrap()).unwrap();
    (clone, file)
}

#[test]
#[ignore = "needs a cluster"]
fn a_learner_sees_on_the_next_screen_what_the_last_command_did() {
    let folder = tempfile::tempdir().unwrap();
    let namespace = Namespace::new();
    let (clone, kubeconfig) = clone(folder.path(), &namespace);
    let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
    command
        .args(["watch", "12.1", "--context", "class", "--lang", "en"])
        .env("KUBECONFIG", kubeconfig)
        .env("XDG_STATE_HOME", folder.path())
        .env("TERM", "xterm-256color")
        .current_dir(&clone);
    let mut shown = Shown::start(command);
    let has = |words: &'static str| move |screen: &str| screen.contains(words);
    shown.until("the start", has("Nothing of this exercise is here yet."));
    shown.press("n");
    shown.until("the first command", has("$ kubectl apply -f numbers/"));

    let manifest = clone.join("k8s/numbers/numbers-api.yaml");
    let apply = || printed(&namespace.kubectl(&["apply", "--filename", manifest.to_str().unwrap()]));
    apply();
    shown.until("the first step, and what happened", |screen| {
        screen.contains("step 1 of 18") && screen.contains("B gets traffic of numbers-api")
    });
    shown.until("all of it, within the screen", |screen| {
        let keys = screen.lines().last().unwrap_or_default();
        screen.lines().count() == usize::from(SIZE.0) && keys.contains("q quit")
    });

    // A file is a wish until it is applied.
    let saved = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, saved.replace("replicas: 2", "replicas: 3")).unwrap();
    shown.until("a wish", has("numbers-api.yaml was saved and not applied"));
    apply();
    shown.until("no wish", |screen| {
        !screen.contains("saved and not applied") && screen.contains("✓")
    });

    let address = namespace.address("numbers-api");
    curl(&[&format!("{address}/rng")]);
    shown.until("one broken pod", has("step 4 of 18"));

    shown.press("e");
    shown.until("the whole story", |screen| {
        screen.contains("was created") && !screen.contains("step 4")
    });
    shown.press("e");
    shown.press("r");
    shown.until("a question", has("deletes everything of the exercise"));
    shown.press("x");
    shown.until("no question", has("h hint"));
    assert!(namespace.objects().contains("deployment.apps/numbers-api"));
    shown.press("r");
    shown.until("a question", has("deletes everything of the exercise"));
    shown.press("r");
    shown.until("the start again", has("Nothing of this exercise is here yet."));

    shown.press("q");
    assert!(shown.child.wait().unwrap().success());
    shown.until("the terminal as it was, with the last verdict", |screen| {
        screen.contains("Nothing of this exercise is here yet.") && !screen.contains("q quit")
    });
    let modes = tcgetattr(&shown.terminal).unwrap().local_modes;
    assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "{modes:?}");
}
