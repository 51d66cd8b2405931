//! What a person has set changes no byte of an image.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use lab::{
    images::{Image, build_program},
    progress::StepProgress,
};
use testkit::hostile;

use super::{checkout, kept};

const PROGRAM: &str = "numbers-api";
/// Tells the test's second process, which has all of that set, where the clone is.
const CLONE: &str = "LAB_TEST_CLONE";

/// Copies the clone as it stands, without what was built in it, under a strict umask.
fn copy(to: &Path) {
    let _ = fs::remove_dir_all(to.join("crates"));
    fs::create_dir_all(to).unwrap();
    let script = "umask 077; git -c safe.directory=\"$PWD\" ls-files -z --cached --others --exclude-standard | \
                  xargs -0 cp --parents --no-dereference --target-directory \"$0\"";
    let mut copy = Command::new("sh");
    copy.args(["-ec", script]).arg(to).current_dir(checkout());
    assert!(copy.status().unwrap().success());
}

async fn build(clone: &Path, cache: &Path) -> Image {
    build_program(PROGRAM, clone, cache, &StepProgress::default())
        .await
        .unwrap()
}

#[tokio::test]
#[ignore = "needs root with buildah and mmdebstrap"]
async fn no_byte_of_an_image_depends_on_the_person() {
    if let Some(clone) = env::var_os(CLONE).map(PathBuf::from) {
        build(&clone, &clone.join("cache, 공간")).await;
        return;
    }
    let clone = kept("hostile").join("a clone, it's \"theirs\"");
    copy(&clone);
    let test = "hostile::no_byte_of_an_image_depends_on_the_person";
    let mut theirs = hostile(&env::current_exe().unwrap(), &kept("hostile").join("home"));
    theirs.args(["--exact", test, "--ignored"]).env(CLONE, &clone);
    // The way to the registry is not what is tried, and a bare machine needs it.
    for name in ["all_proxy", "http_proxy", "https_proxy"] {
        theirs.env_remove(name);
    }
    let output = theirs.output().unwrap();
    assert!(output.status.success(), "{output:#?}");
    // Nor in the checkout: `lab up`, in another test, may just compile all programs there, with all that any of them needs.
    let clean = kept("hostile").join("clean");
    copy(&clean);
    let ours = build(&clean, &kept("images: \"a\", b")).await;
    let folder = clone.join("cache, 공간/images");
    let theirs = folder.join(ours.archive.file_name().unwrap());
    assert!(
        theirs.exists(),
        "not {}, but {:?}",
        theirs.display(),
        fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect::<Vec<_>>()
    );
    assert!(
        fs::read(&ours.archive).unwrap() == fs::read(&theirs).unwrap(),
        "{} and {} differ",
        ours.archive.display(),
        theirs.display()
    );
}
