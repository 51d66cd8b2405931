use super::*;
use crate::{Exercise, Language, parse, results};

/// Nineteen lines: the items begin in lines 9 and 15.
const PAGE: &str = "# T\n\n```sh\nls\n```\n\n## Try it yourself\n\n1. Break it. `cargo lab check 1.1 --try 1` looks.\n\n\
                    <details>\n<summary>Answer</summary>\n\n1. So.\n\n</details>\n\n2. Mend it.\n\n   Ask `cargo lab check 1.1 --try 2`.\n\n\
                    ## Summary\n\n1. No item.\n";
const ONE: &str = "# T\n\n```sh\nls\n```\n\n## 직접 해 보기\n\n고장 내 보세요.\n\n`cargo lab check 1.1 --try 1 --lang ko`는 두 번 써도 됩니다: `cargo lab check 1.1 --try\n1 --lang ko`.\n";
const STEPS: &str = "teaches: {en: something, ko: 무언가}\nseconds: 5\nsteps:\n- step: ls\n  prints: a\n";
const FIRST: &str = "- goals:\n  - object: {of: app=a, ready: true}\n";
const SECOND: &str = "- goals:\n  - object: {of: app=b, ready: true}\n  - object: {of: app=c, ready: true}\n";

fn section(page: &str, language: Language, tries: &str) -> Result<Exercise, (bool, Fault)> {
    let page = parse::page(page, language).map_err(|fault| (true, fault))?;
    let results = results::read(&format!("{STEPS}{tries}")).map_err(|fault| (false, fault))?;
    results.of(page, "1.1", language).map_err(|wrong| match wrong {
        Wrong::Page(fault) => (true, fault),
        Wrong::Results(fault) => (false, fault),
    })
}

#[test]
fn each_item_of_a_page_has_its_goals() {
    let both = format!("tries:\n{FIRST}{SECOND}");
    let tries = section(PAGE, Language::En, &both).unwrap().tries;
    let found: Vec<_> = tries
        .iter()
        .map(|tried| (tried.line, tried.goals.len()))
        .collect();
    assert_eq!(found, [(9, 1), (18, 2)]);
    let one = section(ONE, Language::Ko, &format!("tries:\n{FIRST}"))
        .unwrap()
        .tries;
    assert_eq!(one.iter().map(|tried| tried.line).collect::<Vec<_>>(), [9]);
}

#[test]
fn an_item_and_its_check_that_do_not_belong_together_are_found() {
    let both = format!("tries:\n{FIRST}{SECOND}");
    let first = "`cargo lab check 1.1 --try 1` looks.";
    for (from, to, tries, of_page, line, part) in [
        // An item without its entry, and an entry without its item.
        (
            "",
            "",
            format!("tries:\n{FIRST}"),
            true,
            18,
            "nothing checks this",
        ),
        ("", "", String::new(), true, 9, "nothing checks this"),
        (
            "## Try it yourself",
            "## Try it",
            both.clone(),
            true,
            9,
            "below that",
        ),
        (
            "2. Mend",
            "Mend",
            both.clone(),
            false,
            10,
            "has no item 2 to try; it has 1",
        ),
        (
            "",
            "",
            format!("{both}{FIRST}"),
            false,
            13,
            "has no item 3 to try; it has 2",
        ),
        // The command is missing, or is another one, or stands where nobody sees it in time.
        (
            first,
            "",
            both.clone(),
            true,
            9,
            "write \"cargo lab check 1.1 --try 1\"",
        ),
        (
            "1.1 --try 2",
            "1.1 --try 1",
            both.clone(),
            true,
            20,
            "another item",
        ),
        (
            "1.1 --try 2",
            "1.2 --try 2",
            both.clone(),
            true,
            20,
            "another item",
        ),
        ("1. So.", first, both.clone(), true, 14, "outside of the answer"),
        ("1. No item.", first, both.clone(), true, 24, "below that"),
        // What cannot be read, or would have to last.
        ("", "", "tries: []".into(), false, 6, "1 to 9"),
        ("", "", "tries:\n- goals: []".into(), false, 7, "1 to 30"),
        (
            "",
            "",
            "tries:\n- goals:\n  - quotas: {}".into(),
            false,
            8,
            "quotas",
        ),
        ("", "", "tries:\n- gaols: []".into(), false, 7, "gaols"),
        (
            "",
            "",
            "tries:\n- goals:\n  - workload: {service: b, ready: 4}".into(),
            false,
            8,
            "has to last",
        ),
        (
            "",
            "",
            "tries:\n- goals:\n  - object: {of: app=a}".into(),
            false,
            8,
            "asks for nothing",
        ),
    ] {
        let page = PAGE.replacen(from, to, usize::from(!from.is_empty()));
        let (at_page, (at, message)) = section(&page, Language::En, &tries).expect_err(&tries);
        assert!(
            at_page == of_page && at == line && message.contains(part),
            "{from:?} to {to:?}, {tries}: {at_page} {at}: {message}"
        );
    }
}
