//! A terminal with fewer than 80 columns.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::process::Command;

/// What a program prints on a terminal of so many columns.
fn on_terminal(columns: usize, arguments: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_lab");
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command"])
        .arg(format!("stty rows 24 cols {columns}; {program} {arguments}"))
        .arg("/dev/null")
        // A name that nobody's cluster has.
        .envs([("LAB_NAME", "never-there"), ("LC_ALL", "C.UTF-8")])
        .env("XDG_STATE_HOME", folder.path())
        .env("XDG_CACHE_HOME", folder.path())
        .env_remove("LAB_NETWORK")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_list_fits_a_narrow_terminal() {
    let widest = |text: &str| text.lines().map(console::measure_text_width).max().unwrap();
    for (columns, language) in [(60, "en"), (40, "ko")] {
        let text = on_terminal(columns, &format!("list --long --lang {language}"));
        assert!(text.contains("\n12.6 ") && widest(&text) <= columns, "{text}");
    }
    // A wide one is not filled: long lines are hard to read.
    assert!((61..=80).contains(&widest(&on_terminal(200, "list --long"))));
}
