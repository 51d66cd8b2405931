use super::*;

const ABOUT: &str = "teaches: {en: something, ko: 무언가}\nseconds: 5\nsteps:\n";
const LS: &str = "- step: ls\n  prints: a\n";
const PODS: &str = "- step: kubectl get pods\n  proofs:\n  - address: a\n";

/// Three steps: the second has to fail, and needs no entry.
const PAGE: &str = "# T\n\n```sh\nls\n```\n\n```output\na\n```\n\nThis fails:\n\n```sh fails\nfalse\n```\n\n\
                    ```sh\nkubectl get pods\n```\n\n## Task\n";

fn section(page: &str, results: &str) -> Result<Exercise, Wrong> {
    let page = parse::page(page, Language::En).map_err(Wrong::Page)?;
    let results = read(results).map_err(Wrong::Results)?;
    results.of(page, "1.1", Language::En)
}

#[track_caller]
fn wrong_in_results(page: &str, results: &str, line: usize, part: &str) {
    match section(page, results) {
        Err(Wrong::Results((at, message))) => {
            assert!(at == line && message.contains(part), "{results}: {at}: {message}");
        }
        other => panic!("{results}: {other:?}"),
    }
}

#[track_caller]
fn wrong_in_page(page: &str, results: &str, line: usize, part: &str) {
    match section(page, results) {
        Err(Wrong::Page((at, message))) => {
            assert!(at == line && message.contains(part), "{page}: {at}: {message}");
        }
        other => panic!("{page}: {other:?}"),
    }
}

#[test]
fn each_step_gets_what_comes_of_it() {
    let goals = "  goals:\n  - quota: {resource: cpu, percent: 25}\n  - workload: {service: b, ready: 4}\n";
    let exercise = section(PAGE, &format!("{ABOUT}{LS}{PODS}{goals}")).unwrap();
    assert_eq!((exercise.teaches.as_str(), exercise.seconds), ("something", 5));
    let actions: Vec<_> = exercise
        .steps
        .iter()
        .map(|step| (step.action.prints.is_some(), step.action.proofs.len()))
        .collect();
    assert_eq!(actions, [(true, 0), (false, 0), (false, 1)]);
    assert_eq!((exercise.goals.len(), exercise.goals_line), (2, Some(21)));
    let without = section(PAGE, &format!("{ABOUT}{LS}{PODS}")).unwrap();
    assert!(without.goals.is_empty() && without.goals_line.is_none());
}

#[test]
fn an_entry_and_a_step_that_do_not_belong_together_are_found() {
    let other = "- step: ls -l\n  prints: a\n";
    // Changed on one side, one too many, one too few, or in another order.
    wrong_in_results(
        PAGE,
        &format!("{ABOUT}{other}{PODS}"),
        4,
        "guide/en/1.1.md:3 has \"ls\" next",
    );
    wrong_in_results(PAGE, &format!("{ABOUT}{LS}{other}{PODS}"), 6, "no step here has");
    wrong_in_results(PAGE, &format!("{ABOUT}{LS}{PODS}{other}"), 9, "has no more steps");
    wrong_in_page(PAGE, &format!("{ABOUT}{PODS}{LS}"), 3, "proves nothing");
    wrong_in_page(PAGE, &format!("{ABOUT}{PODS}"), 3, "proves nothing");
    wrong_in_page(PAGE, &format!("{ABOUT}{LS}"), 17, "proves nothing");
}

#[test]
fn an_output_is_one_that_its_pattern_allows() {
    let results = |pattern: &str| format!("{ABOUT}- step: ls\n  prints: |\n    {pattern}\n{PODS}");
    assert!(section(PAGE, &results("a")).is_ok());
    assert!(
        section(
            &PAGE.replace("\na\n", "\na\n...\nb\n"),
            &results("a\n    ...\n    b")
        )
        .is_ok()
    );
    wrong_in_page(PAGE, &results("b"), 7, "it has \"a\" where the pattern has \"b\"");
    wrong_in_page(
        PAGE,
        &results("a\n    b"),
        7,
        "it has nothing more where the pattern has \"b\"",
    );
    // Nothing may be left out where the pattern leaves nothing out.
    let shortened = PAGE.replace("\na\n", "\n...\na\n");
    wrong_in_page(&shortened, &results("a"), 7, "it has \"...\"");
    let bare = format!("{ABOUT}- step: ls\n  proofs:\n  - address: a\n{PODS}");
    wrong_in_page(PAGE, &bare, 7, "prints");
}

#[test]
fn what_is_watched_shows_lines_among_others_and_ends() {
    let page = "# T\n\nUntil Ctrl-C:\n\n```sh watch\nls\n```\n\n```output\nx\na\ny\n```\n";
    let ended = format!("{ABOUT}{LS}  proofs:\n  - address: a\n");
    assert!(section(page, &ended).is_ok());
    wrong_in_results(page, &format!("{ABOUT}{LS}"), 4, "forever");
}

#[test]
fn nonsense_is_refused_with_its_line() {
    let goals = |goals: &str| format!("{LS}  goals:\n{goals}");
    let quota = "  - quota: {resource: cpu, percent: 1}\n";
    for (steps, line, part) in [
        ("- step: ls\n".to_owned(), 4, "proves nothing"),
        ("- step: \"\"\n  prints: a\n".into(), 4, "without a command"),
        ("- step: cd k8s\n  prints: a\n".into(), 4, "no effect"),
        ("- step: ls\n  prints: …\n".into(), 5, "any line"),
        ("- step: ls\n  shows: a\n".into(), 5, "shows"),
        ("- prints: a\n".into(), 4, "step"),
        (format!("{LS}  proofs: []\n"), 6, "proves nothing"),
        (
            format!("{LS}  proofs:\n  - address: a\n  - adress: b\n"),
            8,
            "adress",
        ),
        (
            format!("{LS}  proofs:\n  - pods: {{of: a=b, runing: 2}}\n"),
            7,
            "runing",
        ),
        (
            format!("{LS}  proofs:\n  - address: a\n  - pods: {{of: a=b}}\n"),
            8,
            "proves nothing",
        ),
        (
            format!("{LS}  proofs:\n  - service: {{name: a}}\n"),
            7,
            "proves nothing",
        ),
        (goals("    []\n"), 7, "1 to 30"),
        (
            goals(&"  - quota: {resource: cpu, percent: 1}\n".repeat(31)),
            7,
            "1 to 30",
        ),
        (goals(&format!("{quota}{quota}")), 8, "twice"),
        (goals("  - quota: {resource: cpu, percent: 500}\n"), 7, "percent"),
        (goals("  - quotas: {resource: cpu, percent: 5}\n"), 7, "quotas"),
        (goals(quota) + &goals(quota), 8, "one task"),
    ] {
        let (at, message) = read(&format!("{ABOUT}{steps}")).unwrap_err();
        assert!(at == line && message.contains(part), "{steps}: {at}: {message}");
    }
}

#[test]
fn what_a_section_teaches_is_said_in_each_language() {
    for (about, line) in [
        ("teaches: {en: a}\nseconds: 5\n", 1),
        ("teaches: {en: a, ko: \"\"}\nseconds: 5\n", 1),
        ("teaches: {en: a, ko: b, fr: c}\nseconds: 5\n", 1),
        ("teaches: a\nseconds: 5\n", 1),
        ("teaches: {en: a, ko: b}\nseconds: 0\n", 2),
        ("teaches: {en: a, ko: b}\nseconds: 3601\n", 2),
        ("teaches: {en: a, ko: b}\nseconds: x\n", 2),
        ("teaches: {en: a, ko: b}\nseconds: 1\nkubernetes: 1.35-beta\n", 3),
    ] {
        let (at, message) = read(&format!("{about}steps:\n{LS}")).unwrap_err();
        assert_eq!(at, line, "{about}: {message}");
    }
}
