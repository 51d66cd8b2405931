use super::*;

const STEP: &str = "# T\n\n## S\n\n```sh\nkubectl get pods\n```\n\n```output\nNAME\n```\n";

fn read(text: &str) -> Result<Page, Fault> {
    page(text, Language::En)
}

fn fault(text: &str) -> Fault {
    read(text).unwrap_err()
}

#[test]
fn a_step_has_commands_and_what_they_have_printed() {
    let page = read(&format!(
        "{STEP}\nThis fails:\n\n```sh fails\ncurl \\\n  x\n```\n"
    ))
    .unwrap();
    assert_eq!(page.title, "T");
    assert_eq!(page.headings, [1, 3]);
    assert_eq!(page.steps.len(), 2);
    assert_eq!((page.steps[0].section.as_str(), page.steps[0].line), ("S", 5));
    let sample = Sample {
        line: 9,
        text: "NAME\n".into(),
    };
    assert_eq!(page.steps[0].sample, Some(sample));
    assert!(page.steps[1].action.must_fail && page.steps[1].sample.is_none());
    assert_eq!(page.steps[1].action.commands, ["curl \\\n  x"]);
}

#[test]
fn whatever_would_not_be_run_is_refused_with_its_line() {
    for (more, part) in [
        ("```bash\nls\n```\n", "marked \"bash\""),
        ("```\nls\n```\n", "marked \"\""),
        ("```sh expect=7\nls\n```\n", "marked \"sh expect=7\""),
        ("```mermaid\ngraph TD\n```\n", "marked \"mermaid\""),
        ("```yaml proof\n- address: a\n```\n", "marked \"yaml proof\""),
        ("```yaml goal\n- address: a\n```\n", "marked \"yaml goal\""),
        ("```yaml k8s/a.yaml\na: 1\n```\n", "marked \"yaml k8s/a.yaml\""),
        ("    ls\n", "only indented"),
        ("<pre>ls</pre>\n", "HTML"),
        ("<!-- ls -->\n", "HTML"),
        ("- a\n\n  ```console\n  ls\n  ```\n", "marked \"console\""),
        ("```sh\n$ ls\n```\n", "prompt"),
        ("```sh\n# ls\n```\n", "would not be run"),
        ("```sh\ncd k8s\n```\n", "no effect"),
        ("```sh\nls \\\n```\n", "the block ends"),
        ("```sh\n\n```\n", "without a command"),
        ("```sh fails\nls\nls\n```\n", "one command"),
        ("```output\na\n```\n", "one output block"),
        ("# T\n", "second title"),
        ("```sh watch\nls\nls\n```\n", "one command"),
        ("```sh helm-3\nls\n```\n", "directly after"),
        ("---\nteaches: a\nseconds: 5\n---\n", "guide/proofs"),
    ] {
        let (line, message) = fault(&format!("{STEP}\n{more}"));
        assert!(message.contains(part), "{more:?} gave {message:?}");
        assert!(line >= 13, "{more:?} gave line {line}");
    }
}

#[test]
fn a_page_has_a_title_and_runs_something() {
    assert!(fault("# T\n\n```output\na\n```\n").1.contains("nothing was run"));
    assert!(fault("# T\n").1.contains("runs nothing"));
    assert!(fault("```sh\nls\n```\n").1.contains("no title"));
}

#[test]
fn how_a_block_is_marked_is_said_in_words() {
    for (page, line) in [
        ("# T\n\nLook:\n\n```sh fails\nls\n```\n", 5),
        (
            "# T\n\nLook:\n\n```sh\nls\n```\n\nThis fails.\n\nLook:\n\n```sh watch\nls\n```\n",
            13,
        ),
    ] {
        let fault = fault(page);
        assert_eq!(fault.0, line, "{fault:?}");
        for (said, word) in [("Look, until you press Ctrl-C:", "Ctrl-C"), ("It fails:", "fail")] {
            let said = page.replacen("Look:\n\n```sh fails", &format!("{said}\n\n```sh fails"), 1);
            let said = said.replacen("Look:\n\n```sh watch", "Until Ctrl-C:\n\n```sh watch", 1);
            assert_eq!(
                read(&said).is_ok(),
                fault.1.contains(word) || line == 13,
                "{said}"
            );
        }
    }
    let korean = "# T\n\n실패하는 명령:\n\n```sh fails\nls\n```\n";
    assert!(page(korean, Language::Ko).is_ok() && page(korean, Language::En).is_err());
}

#[test]
fn helm_3_has_commands_of_its_own() {
    let text = "# T\n```sh\nhelm install --rollback-on-failure a b\n```\n```sh helm-3\nhelm install --atomic a b\n```\n";
    let action = &read(text).unwrap().steps[0].action;
    assert_eq!(action.commands, ["helm install --rollback-on-failure a b"]);
    assert_eq!(action.with_helm_3, ["helm install --atomic a b"]);
}

#[test]
fn a_manifest_has_its_files_name_above_it() {
    let block = "```yaml\na: 1\n```\n";
    let named = |name: &str| read(&format!("{STEP}\nThe file:\n\n{name}\n\n{block}"));
    for (name, path) in [
        ("[`a/b.yaml`](../../k8s/a/b.yaml)", "k8s/a/b.yaml"),
        ("[`../helm/a/b.yaml`](../../helm/a/b.yaml)", "helm/a/b.yaml"),
    ] {
        let excerpts = named(name).unwrap().excerpts;
        assert_eq!(excerpts.len(), 1);
        assert_eq!((excerpts[0].line, excerpts[0].path.to_str()), (17, Some(path)));
    }
    for other in [
        "`a/b.yaml`",
        "[`b.yaml`](../../k8s/a/b.yaml)",
        "[`a/b.yaml`](../../k8s/a/b.yaml), in short:",
        "[`a.yaml`](../../k8s/a.yaml) [`a.yaml`](../../k8s/a.yaml)",
        "[`../README.md`](../../README.md)",
        "[`a.yaml`](https://example.org/k8s/a.yaml)",
        "[`../etc/passwd`](../../k8s/../etc/passwd)",
        "[`a/b.yaml`](../../k8s/a/b.yaml)\n\nText.",
        "[`a/b.yaml`](../../k8s/a/b.yaml)\n\n## S",
    ] {
        let (line, message) = named(other).unwrap_err();
        assert!(
            line >= 17 && message.contains("file's name above it"),
            "{other}: {line}: {message}"
        );
    }
}

#[test]
fn a_picture_is_in_its_folder_and_says_what_it_shows() {
    let picture = |picture: &str| read(&format!("{STEP}\n{picture}\n"));
    assert!(picture("![Two pods](../pictures/12.1-a.en.svg)").is_ok());
    for (other, part) in [
        ("![](../pictures/12.1-a.en.svg)", "says nothing"),
        ("![ ](../pictures/12.1-a.en.svg)", "says nothing"),
        ("![Two pods](12.1-a.en.svg)", "elsewhere"),
        ("![Two pods](https://example.org/a.svg)", "elsewhere"),
    ] {
        let (line, message) = picture(other).unwrap_err();
        assert!(line == 13 && message.contains(part), "{other}: {line}: {message}");
    }
}

#[test]
fn what_is_folded_is_read_too() {
    let folded = "<details>\n<summary>A hint</summary>\n\n- text\n\n```sh\nls x\n```\n\n</details>\n\n";
    let page = read(&format!("{STEP}\n{folded}{folded}")).unwrap();
    assert_eq!(page.steps.len(), 3);
    assert_eq!(page.steps[1].line, 18);
    for other in [
        "<details>\n<summary>a</summary>\n\ntext\n",
        "<details>\n\ntext\n\n</details>\n",
        "<details>\n<summary></summary>\n\ntext\n\n</details>\n",
        "<details open>\n<summary>a</summary>\n\ntext\n\n</details>\n",
        "<details>\n<summary>a</summary>\n```sh\nls\n```\n\n</details>\n",
        "<details>\n<summary>a</summary>\n\n<details>\n<summary>b</summary>\n\n</details>\n\n</details>\n",
        "</details>\n",
        "text <b>bold</b>\n",
    ] {
        let message = fault(&format!("{STEP}\n{other}")).1;
        assert!(
            message.contains("<details>") || message.contains("</details>"),
            "{other:?}: {message}"
        );
    }
}
