use std::os::unix::fs::PermissionsExt;

use super::*;

/// The manifests and values of a clone with these line ends: one manifest and one chart take their images from `one`, the
/// others from `other`.
fn clone(one: &str, other: &str, end: &str) -> tempfile::TempDir {
    let clone = tempfile::tempdir().unwrap();
    let write = |path: &str, text: String| {
        let path = clone.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace('\n', end)).unwrap();
    };
    write(
        "k8s/numbers/a.yaml",
        format!("  - image: {one}numbers-api:1.0.0\n"),
    );
    write("k8s/pi/b.sh", format!("    image: {other}pi-web:1.0.0\n"));
    for (chart, registry) in CHARTS.iter().zip([one, other, other, other]) {
        let registry = registry.trim_end_matches('/');
        write(
            &format!("helm/{chart}/values.yaml"),
            format!("image:\n  # The registry.\n\n  registry: {registry}\n  tag: registry\n"),
        );
    }
    clone
}

fn texts(clone: &Path) -> Vec<String> {
    let files = ["k8s/numbers/a.yaml", "k8s/pi/b.sh"].map(str::to_owned);
    let values = CHARTS.map(|chart| format!("helm/{chart}/values.yaml"));
    let read = |file| fs::read_to_string(clone.join(file)).unwrap();
    files.into_iter().chain(values).map(read).collect()
}

#[test]
fn one_registry_is_written_into_all_files_whatever_they_say() {
    for end in ["\n", "\r\n"] {
        // By hand, with and without a registry, and as an interrupted `lab registry r.example/t` leaves them.
        for (one, other) in [
            ("mine.example/", "localhost/lab/"),
            ("", "localhost/lab/"),
            ("r.example/t/", "localhost/lab/"),
            ("localhost/lab/", "r.example/t/"),
        ] {
            let clone = clone(one, other, end);
            let advice = current(clone.path()).unwrap_err().to_string();
            assert!(advice.contains("`lab registry NAME`"), "{advice}");
            change(clone.path(), "r.example/t").unwrap();
            assert_eq!(current(clone.path()).unwrap(), "r.example/t");
            let right = self::clone("r.example/t/", "r.example/t/", end);
            assert_eq!(texts(clone.path()), texts(right.path()));
            assert_eq!(change(clone.path(), "r.example/t").unwrap(), 0);
        }
    }
}

#[test]
fn charts_that_were_left_behind_follow_the_manifests() {
    let clone = clone("localhost/lab/", "localhost/lab/", "\n");
    fs::write(
        clone.path().join("k8s/numbers/a.yaml"),
        "image: r.example/t/numbers-api:1.0.0\n",
    )
    .unwrap();
    fs::write(
        clone.path().join("k8s/pi/b.sh"),
        "image: r.example/t/pi-web:1.0.0\n",
    )
    .unwrap();
    assert_eq!(change(clone.path(), "r.example/t").unwrap(), CHARTS.len());
    assert!(
        texts(clone.path())[2..]
            .iter()
            .all(|values| values.contains("  registry: r.example/t\n"))
    );
}

#[test]
fn a_file_that_cannot_be_written_leaves_all_as_they_were() {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

    let clone = clone("mine.example/", "localhost/lab/", "\n");
    let before = texts(clone.path());
    let last = clone.path().join("helm/todo-list/values.yaml");
    fs::set_permissions(&last, fs::Permissions::from_mode(0o444)).unwrap();
    // root may write it anyway; a thread without that right may not.
    let write_as_others = || {
        let mut rights = capabilities(None).unwrap();
        rights.effective.remove(CapabilitySet::DAC_OVERRIDE);
        set_capabilities(None, rights).unwrap();
        format!("{:#}", change(clone.path(), "r.example/t").unwrap_err())
    };
    let error = std::thread::scope(|scope| scope.spawn(write_as_others).join().unwrap());
    assert!(
        error.contains("todo-list/values.yaml; no file was changed"),
        "{error}"
    );
    assert_eq!(texts(clone.path()), before);

    fs::remove_file(&last).unwrap();
    fs::write(&last, "image: {}\n").unwrap();
    let error = change(clone.path(), "r.example/t").unwrap_err().to_string();
    assert!(error.contains("has no image.registry"), "{error}");
    assert_eq!(texts(clone.path())[..5], before[..5]);
}

#[test]
fn only_images_of_ours_change_their_registry() {
    let text = "  - image: localhost/lab/pi-web:1.0.0\n    image: 'numbers-api' # mine\n\
                - image: other/postgres:15\n# image: localhost/lab/pi-web:1.0.0\n\
                - image: other/pi-web-2:1\n  image: \"h:5000/pi-web@sha256:0\"";
    let expected = "  - image: r.example/t/pi-web:1.0.0\n    image: 'r.example/t/numbers-api' # mine\n\
                    - image: other/postgres:15\n# image: localhost/lab/pi-web:1.0.0\n\
                    - image: other/pi-web-2:1\n  image: \"r.example/t/pi-web@sha256:0\"";
    assert_eq!(rewritten(text, "r.example/t").unwrap(), expected);
}

#[test]
fn a_charts_default_changes_and_nothing_else() {
    let values = "registry: a\nimage:\n  # registry: localhost/lab\n  registry: old # why\n  tag: registry\nx:\n  registry: b\n";
    let expected = values.replace("old", "r.example/t");
    assert_eq!(with_default(values, "r.example/t").unwrap(), Some(expected));
    assert_eq!(
        with_default("image:\n  tag: 1\nx:\n  registry: b\n", "r").unwrap(),
        None
    );
}
