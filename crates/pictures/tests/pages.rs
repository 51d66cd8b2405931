//! The pages show each picture in their language, and none that is older than the page.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use guide::Language;
use pictures::{checksum, recording::Recording, take_of};
use pulldown_cmark::{Event, Options, Parser, Tag};

/// A picture on a page: the line, and where it leads to. That it has words, too, is looked at where pages are read.
struct Shown {
    line: usize,
    target: String,
}

fn shown(text: &str) -> Vec<Shown> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
    let shown = events.filter_map(|(event, range)| match event {
        Event::Start(Tag::Image { dest_url, .. }) => Some(Shown {
            line: text[..range.start].matches('\n').count() + 1,
            target: dest_url.to_string(),
        }),
        _ => None,
    });
    shown.collect()
}

/// The files in a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    files
}

/// What is wrong with a picture on a page in `language`; none if nothing is.
fn fault(root: &Path, language: Language, shown: &Shown) -> Option<String> {
    let target = &shown.target;
    let file = target.strip_prefix("../pictures/")?;
    if !root.join("guide/pictures").join(file).is_file() {
        return Some(format!("there is no {target}"));
    }
    let ending = format!(".{}.svg", language.code());
    let Some(name) = file.strip_suffix(&ending) else {
        return Some(format!("{target} is not in the page's language, {ending}"));
    };
    let take = take_of(name)?;
    let known = Recording::load(root, take.id).map(|recording| recording.checksum);
    let now = take
        .exercise(root)
        .map(|exercise| checksum(&exercise, &root.join("k8s")).unwrap());
    match (known, now) {
        (Ok(known), Ok(now)) if known == now => None,
        (Ok(_), Ok(_)) => Some(format!(
            "{target} shows a run that is older than the commands or the manifests of {}; `cargo lab pictures {}` records it again",
            take.section(),
            take.id
        )),
        (Err(error), _) => Some(error.to_string()),
        (_, Err(error)) => Some(error.to_string()),
    }
}

/// All that is wrong with the pictures of the guide at `root`, each with its file and line.
fn faults(root: &Path) -> Vec<String> {
    let (mut wrong, mut used) = (vec![], BTreeSet::new());
    for language in Language::ALL {
        for page in files(&root.join(language.folder())) {
            let text = fs::read_to_string(&page).unwrap();
            for shown in shown(&text) {
                let name = page.file_name().unwrap_or_default().to_string_lossy();
                let place = format!("{}/{name}:{}", language.folder(), shown.line);
                wrong.extend(fault(root, language, &shown).map(|fault| format!("{place}: {fault}")));
                used.insert(shown.target);
            }
        }
    }
    for file in files(&root.join("guide/pictures")) {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !used.contains(&format!("../pictures/{name}")) {
            wrong.push(format!("guide/pictures/{name}: no page shows it"));
        }
    }
    wrong
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

#[test]
fn pages_show_all_pictures_and_none_is_older_than_its_page() {
    assert_eq!(faults(root()), Vec::<String>::new());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// What is found where files of the guide read otherwise.
fn found(files: &[&str], change: impl Fn(&str) -> String) -> Vec<String> {
    let clone = tempfile::tempdir().unwrap();
    for folder in ["guide", "k8s"] {
        copy(&root().join(folder), &clone.path().join(folder));
    }
    for file in files {
        let path = clone.path().join("guide").join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let changed = change(&text);
        assert!(changed != text, "{file} has nothing to change");
        fs::write(&path, changed).unwrap();
    }
    faults(clone.path())
}

/// The line on which a page shows a picture.
fn line(page: &str, picture: &str) -> usize {
    let text = fs::read_to_string(root().join("guide").join(page)).unwrap();
    let shown = shown(&text)
        .into_iter()
        .find(|shown| shown.target.ends_with(picture));
    shown
        .unwrap_or_else(|| panic!("{page} does not show {picture}"))
        .line
}

#[test]
fn a_run_older_than_the_commands_is_found_with_file_and_line() {
    let found = found(&["en/12.2.md", "ko/12.2.md", "proofs/12.2.yaml"], |text| {
        text.replace("sleep 20", "sleep 21")
    });
    for (page, picture) in [
        ("en/12.2.md", "12.2-probes.en.svg"),
        ("ko/12.2.md", "12.2-probes.ko.svg"),
    ] {
        let start = format!(
            "guide/{page}:{}: ../pictures/{picture} shows a run that is older",
            line(page, picture)
        );
        assert!(
            found.iter().any(|found| found.starts_with(&start)),
            "{start}: {found:#?}"
        );
    }
}

#[test]
fn a_run_older_than_a_manifest_is_found_and_one_of_another_registry_is_not() {
    let manifest = "../k8s/numbers/update/api-with-readiness-and-liveness.yaml";
    let changed = found(&[manifest], |text| {
        text.replace("periodSeconds: 5", "periodSeconds: 6")
    });
    let start = format!(
        "guide/en/12.2.md:{}: ../pictures/12.2-probes.en.svg shows a run that is older",
        line("en/12.2.md", "12.2-probes.en.svg")
    );
    assert!(
        changed.iter().any(|found| found.starts_with(&start)),
        "{changed:#?}"
    );
    let same = found(&[manifest], |text| {
        format!(
            "# A comment.\n{}",
            text.replace("localhost/lab/", "registry.example/lab/")
        )
    });
    assert_eq!(same, Vec::<String>::new());
}

#[test]
fn a_picture_that_is_not_there_is_found() {
    let found = found(&["en/12.2.md"], |text| {
        text.replace("12.2-probes.en.svg", "12.2-prods.en.svg")
    });
    assert_eq!(
        found,
        [
            format!(
                "guide/en/12.2.md:{}: there is no ../pictures/12.2-prods.en.svg",
                line("en/12.2.md", "12.2-probes.en.svg")
            ),
            "guide/pictures/12.2-probes.en.svg: no page shows it".to_owned(),
        ]
    );
}

#[test]
fn a_picture_in_another_language_or_on_no_page_is_found() {
    let other = found(&["en/12.1.md"], |text| {
        format!("{text}\n![a](../pictures/12.2-probes.ko.svg)\n")
    });
    let says = "../pictures/12.2-probes.ko.svg is not in the page's language, .en.svg";
    assert!(
        matches!(&other[..], [one] if one.starts_with("guide/en/12.1.md:") && one.ends_with(says)),
        "{other:#?}"
    );
    let unused = found(&["pictures/12.9-other.en.svg"], |_| "<svg/>".into());
    assert_eq!(unused, ["guide/pictures/12.9-other.en.svg: no page shows it"]);
}
