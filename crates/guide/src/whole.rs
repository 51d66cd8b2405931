//! What has to be so of the guide as a whole: of its languages beside each other, and of the files that it names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Exercise, Language, Step, list, pages::PROOFS};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All that is wrong with the guide of the clone at `root`, each with its file and line.
fn faults(root: &Path) -> Vec<String> {
    let [english, korean] = Language::ALL.map(|language| list(root, language).unwrap());
    let mut faults = vec![];
    for (ids, language, others) in [
        (&english, Language::En, &korean),
        (&korean, Language::Ko, &english),
    ] {
        let alone = ids.iter().filter(|id| !others.contains(id));
        faults.extend(alone.map(|id| {
            format!(
                "{}/{id}.md:1: the other language has no such page",
                language.folder()
            )
        }));
    }
    for entry in fs::read_dir(root.join(PROOFS)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name
            .strip_suffix(".yaml")
            .is_some_and(|id| english.iter().any(|known| known == id))
        {
            faults.push(format!("{PROOFS}/{name}:1: it belongs to no page"));
        }
    }
    for id in english.iter().filter(|id| korean.contains(id)) {
        match Language::ALL.map(|language| Exercise::load(root, language, id)) {
            [Ok(english), Ok(korean)] => {
                faults.extend(differences(&english, &korean));
                faults.extend(misquoted(root, &english));
            }
            loaded => faults.extend(
                loaded
                    .into_iter()
                    .filter_map(Result::err)
                    .map(|error| error.to_string()),
            ),
        }
    }
    faults
}

fn differences(english: &Exercise, korean: &Exercise) -> Vec<String> {
    let id = &english.id;
    let differ = |line: usize, other: usize| {
        format!("guide/ko/{id}.md:{line}: this block is another one than that of guide/en/{id}.md:{other}")
    };
    let mut found = vec![];
    let samples = english.steps.iter().filter_map(|step| step.sample.as_ref());
    let empty = samples.filter(|sample| sample.text.is_empty());
    found.extend(empty.map(|sample| {
        format!(
            "guide/en/{id}.md:{}: this output is empty; cargo xtask outputs fills it",
            sample.line
        )
    }));
    for (en, ko) in english.steps.iter().zip(&korean.steps) {
        if en.action != ko.action {
            found.push(differ(ko.line, en.line));
        }
        let shows = |step: &Step| step.sample.as_ref().map(|sample| sample.text.clone());
        if shows(en) != shows(ko) {
            let line = |step: &Step| step.sample.as_ref().map_or(step.line, |sample| sample.line);
            found.push(differ(line(ko), line(en)));
        }
    }
    for (en, ko) in english.excerpts.iter().zip(&korean.excerpts) {
        if (&en.path, &en.lines) != (&ko.path, &ko.lines) {
            found.push(differ(ko.line, en.line));
        }
    }
    for (what, en, ko) in [
        ("steps", english.steps.len(), korean.steps.len()),
        (
            "parts of manifests",
            english.excerpts.len(),
            korean.excerpts.len(),
        ),
    ] {
        if en != ko {
            found.push(format!(
                "guide/ko/{id}.md:1: it has {ko} {what}, and guide/en/{id}.md has {en}"
            ));
        }
    }
    found
}

fn misquoted(root: &Path, exercise: &Exercise) -> Vec<String> {
    let quotes = exercise.excerpts.iter().filter(|excerpt| {
        let manifest = fs::read_to_string(root.join(&excerpt.path));
        !manifest.is_ok_and(|manifest| excerpt.stands_in(&manifest))
    });
    let told = quotes.map(|excerpt| {
        let (line, path) = (excerpt.line, excerpt.path.display());
        format!(
            "guide/en/{}.md:{line}: {path} does not have these lines",
            exercise.id
        )
    });
    told.collect()
}

#[test]
fn the_guide_has_no_fault() {
    assert_eq!(faults(&root()), Vec::<String>::new());
}

/// A copy of the guide, with one section, and of one manifest.
fn copy() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for file in [
        "guide/en/12.1.md",
        "guide/ko/12.1.md",
        "guide/proofs/12.1.yaml",
        "k8s/numbers/numbers-api.yaml",
        "k8s/numbers/update/api-with-readiness.yaml",
    ] {
        let to = copy.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(file), to).unwrap();
    }
    copy
}

/// The one line of `text` that begins with `part`, from 1.
fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.starts_with(part)).unwrap() + 1
}

/// Replaces the first `from` of a file, after which the only fault has to be in `place`, at the line that begins with `line` there.
#[track_caller]
fn changed(file: &str, from: &str, to: &str, place: &str, line: &str, part: &str) {
    let copy = copy();
    let path = copy.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let at = line_of(&fs::read_to_string(copy.path().join(place)).unwrap(), line);
    let faults = faults(copy.path());
    let first = faults.first().unwrap_or_else(|| panic!("no fault: {file}: {to}"));
    assert!(
        first.starts_with(&format!("{place}:{at}: ")) && first.contains(part),
        "{faults:#?}"
    );
}

#[test]
fn a_fault_is_told_with_its_file_and_line() {
    assert_eq!(faults(copy().path()), Vec::<String>::new());
    let (en, ko, proofs) = ("guide/en/12.1.md", "guide/ko/12.1.md", "guide/proofs/12.1.yaml");
    let apply = "- step: kubectl apply -f numbers/\n";
    // Commands that differ between a language and the rest, and proofs of a step that is not there.
    changed(
        ko,
        "numbers/\n",
        "numbers\n",
        proofs,
        "- step",
        "guide/ko/12.1.md:",
    );
    changed(
        proofs,
        apply,
        "- step: kubectl apply -f number/\n",
        proofs,
        "- step",
        "guide/en/12.1.md:",
    );
    let helm = "numbers/\n```\n\n```sh helm-3\nkubectl apply -f number/\n```";
    changed(
        ko,
        "numbers/\n```",
        helm,
        ko,
        "```sh",
        "another one than that of guide/en/12.1.md:",
    );
    // A step without what it proves.
    changed(
        en,
        "# Read",
        "```sh\nls\n```\n\n# Read",
        en,
        "```sh",
        "proves nothing",
    );
    // An output that could not be, and one that only one language has.
    changed(
        en,
        "numbers-api created",
        "numbers-app created",
        en,
        "```output",
        "numbers-api created",
    );
    changed(
        ko,
        "service/numbers-api created",
        " service/numbers-api created",
        ko,
        "```output",
        "another one",
    );
    let copied = "numbers/\n```\n\n```output\n";
    changed(
        en,
        &format!("{copied}service/numbers-api created\ndeployment.apps/numbers-api created\n"),
        copied,
        en,
        "```output",
        "empty",
    );
    let excerpt = ("replicas: 2", "replicas: 3");
    changed(en, excerpt.0, excerpt.1, ko, "```yaml", "another one");
    let manifest = "k8s/numbers/numbers-api.yaml";
    changed(
        manifest,
        excerpt.0,
        excerpt.1,
        en,
        "```yaml",
        "does not have these lines",
    );
    // What is left to try, and what checks it.
    let check = "`cargo lab check 12.1 --try\n1 --lang ko`";
    changed(
        ko,
        check,
        "저것",
        ko,
        "`kubectl exec`",
        "write \"cargo lab check 12.1 --try 1 --lang ko\"",
    );
    changed(
        ko,
        "## 직접 해 보기",
        "## 해 보기",
        ko,
        "파드를 그대로 두고",
        "below that",
    );
    let ready = "      ready: true\n";
    let another = "- goals: [object: {of: app=a, ready: true}]\n";
    changed(
        proofs,
        ready,
        &format!("{ready}{another}"),
        proofs,
        "- goals: [",
        "no item 2 to try",
    );
    for (more, part) in [
        ("<p>HTML</p>", "HTML"),
        ("```mermaid\ngraph TD\n```", "would not be run"),
        ("![](../pictures/a.svg)", "says nothing"),
    ] {
        changed(
            en,
            "\n## ",
            &format!("\n{more}\n\n## "),
            en,
            more.lines().next().unwrap(),
            part,
        );
    }
}

#[test]
fn a_page_has_its_other_language_and_its_proofs() {
    for (gone, expected) in [
        (
            "guide/ko/12.1.md",
            "guide/en/12.1.md:1: the other language has no such page",
        ),
        (
            "guide/en/12.1.md",
            "guide/ko/12.1.md:1: the other language has no such page",
        ),
        ("guide/proofs/12.1.yaml", "guide/proofs/12.1.yaml"),
    ] {
        let copy = copy();
        fs::remove_file(copy.path().join(gone)).unwrap();
        let faults = faults(copy.path());
        assert!(faults[0].contains(expected), "{gone}: {faults:#?}");
    }
    let copy = copy();
    fs::write(copy.path().join("guide/proofs/12.9.yaml"), "").unwrap();
    assert_eq!(
        faults(copy.path()),
        ["guide/proofs/12.9.yaml:1: it belongs to no page"]
    );
}
