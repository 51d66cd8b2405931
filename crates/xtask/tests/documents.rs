//! Links between the documents lead to something: a file that is there, and a heading in it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    process::Command,
};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The documents that git knows, or would take.
fn documents(root: &Path) -> Vec<PathBuf> {
    let list = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.md",
        ])
        .current_dir(root)
        .output();
    // A copy without git has no other files either than those of the project, but for what was built.
    match list {
        Ok(list) if list.status.success() => {
            let list = String::from_utf8(list.stdout).unwrap();
            let names = list.split('\0').filter(|name| !name.is_empty());
            names
                .map(|name| root.join(name))
                .filter(|path| path.exists())
                .collect()
        }
        _ => below(root),
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_built = |path: &PathBuf| path.ends_with("target") || path.ends_with(".git");
    let mut found = vec![];
    for path in entries.filter(|path| !is_built(path)) {
        if path.is_dir() && !path.is_symlink() {
            found.extend(below(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// Where links and pictures point to, each with its line, from 1.
fn links(text: &str) -> Vec<(usize, String)> {
    let start = |(event, range): (_, Range<usize>)| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            let line = text[..range.start].matches('\n').count() + 1;
            Some((line, dest_url.to_string()))
        }
        _ => None,
    };
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    events.filter_map(start).collect()
}

/// The names by which GitHub makes headings the target of links.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut found, mut heading) = (BTreeSet::new(), None::<String>);
    for event in events(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap_or_default().to_lowercase();
                let kept = words
                    .chars()
                    .filter(|char| char.is_alphanumeric() || " -_".contains(*char));
                let name: String = kept.map(|char| if char == ' ' { '-' } else { char }).collect();
                let again = (1..).map(|number| format!("{name}-{number}"));
                let mut names = std::iter::once(name.clone()).chain(again);
                found.extend(names.find(|name| !found.contains(name)));
            }
            _ => {}
        }
    }
    found
}

/// What is wrong with a document's links to the project's own files.
fn broken(path: &Path, text: &str) -> Vec<String> {
    let mut broken = vec![];
    for (line, link) in links(text) {
        if link.contains("://") {
            continue;
        }
        let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
        let target = if file.is_empty() {
            path.to_owned()
        } else {
            path.parent().unwrap().join(file)
        };
        let leads = target.exists()
            && (anchor.is_empty()
                || fs::read_to_string(&target).is_ok_and(|text| anchors(&text).contains(anchor)));
        if !leads {
            broken.push(format!("{}:{line}: {link} leads to nothing", path.display()));
        }
    }
    broken
}

#[test]
fn links_between_documents_lead_to_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut read, mut wrong) = (0, vec![]);
    for path in documents(&root) {
        let text = fs::read_to_string(&path).unwrap();
        read += links(&text).len();
        wrong.extend(broken(&path, &text));
    }
    assert!(read > 40, "{read} links were read");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_link_to_nothing_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.md");
    let text = "# One `two`, three\n## Again\n## Again\n\
                [a](#one-two-three) [b](a.md#again-1) [c](.) [d](https://example.org/none#at-all)\n\
                [e](b.md) [f](#again-2) [g](a.md#One)\n";
    fs::write(&path, text).unwrap();
    let text = format!("{text}\n![a picture](c.svg)\n");
    let told = [(5, "b.md"), (5, "#again-2"), (5, "a.md#One"), (7, "c.svg")];
    let file = path.display();
    let told = told.map(|(line, link)| format!("{file}:{line}: {link} leads to nothing"));
    assert_eq!(broken(&path, &text), told);
}
