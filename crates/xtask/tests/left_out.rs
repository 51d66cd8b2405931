//! Not a test: the closing line of a plain `cargo test`, which says how many tests it left out, why, and what runs them.
//!
//! Such a test says so itself, with `#[ignore = "needs …"]`.

use std::{cmp::Reverse, collections::BTreeMap, fs, io, path::Path};

fn main() -> io::Result<()> {
    // Whoever runs the ignored tests, or only asks which tests there are, has nothing left out.
    if std::env::args().any(|flag| ["--ignored", "--include-ignored", "--list"].contains(&flag.as_str())) {
        return Ok(());
    }
    let mut reasons = BTreeMap::new();
    count(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut reasons)?;
    let all: usize = reasons.values().sum();
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, count)| Reverse(*count));
    let reasons: Vec<_> = reasons
        .iter()
        .map(|(what, count)| format!("{what} ({count})"))
        .collect();
    println!(
        "\nLeft out: {all} tests that need more than Rust and a C compiler: {}. `./test` runs them too.",
        reasons.join(", ")
    );
    Ok(())
}

/// Counts the tests below a folder that are ignored, by what they need.
fn count(folder: &Path, reasons: &mut BTreeMap<String, usize>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            count(&path, reasons)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for line in fs::read_to_string(&path)?.lines() {
                let reason = line.trim_start().strip_prefix("#[ignore = \"needs ");
                if let Some(reason) = reason.and_then(|rest| rest.strip_suffix("\"]")) {
                    *reasons.entry(reason.to_owned()).or_default() += 1;
                }
            }
        }
    }
    Ok(())
}
