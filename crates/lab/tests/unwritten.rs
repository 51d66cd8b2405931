//! Answers that nobody gets.
#![cfg(target_os = "linux")]

use std::{
    fs::File,
    process::{Command, Stdio},
};

#[test]
fn an_answer_that_cannot_be_written_is_no_success_unless_its_reader_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["list"][..], &["registry"], &["--version"], &["--help"]] {
        let lab = |stdout: Stdio| {
            let output = Command::new(env!("CARGO_BIN_EXE_lab"))
                .args(arguments)
                // A name that nobody's cluster has.
                .envs([("LAB_NAME", "never-there"), ("LC_ALL", "C")])
                .env_remove("LAB_NETWORK")
                .env("XDG_STATE_HOME", folder.path())
                .env("XDG_CACHE_HOME", folder.path())
                .stdout(stdout)
                .output()
                .unwrap();
            (output.status.code(), String::from_utf8(output.stderr).unwrap())
        };
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (code, said) = lab(full.into());
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        assert_eq!(
            said,
            "error: not all of the answer could be written: No space left on device (os error 28)\n"
        );
        let (reader, gone) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(lab(gone.into()), (Some(0), String::new()), "{arguments:?}");
    }
}
