use super::*;

const ABOUT: &str = "---\nteaches: something\nseconds: 5\n---\n";
const STEP: &str = "---\nteaches: something\nseconds: 5\n---\n# T\n\n## S\n\n```sh\nkubectl get pods\n```\n\n```output\nNAME\n```\n";

fn fault(text: &str) -> Fault {
    section(text, "1.1").unwrap_err()
}

#[test]
fn a_step_has_commands_output_and_proof() {
    let text =
        format!("{STEP}\n```yaml proof\n- address: numbers-api\n```\n\n```sh fails\ncurl \\\n  x\n```\n");
    let exercise = section(&text, "1.1").unwrap();
    assert_eq!(exercise.title, "T");
    assert_eq!(exercise.steps.len(), 2);
    assert_eq!(exercise.steps[0].section, "S");
    assert_eq!(exercise.steps[0].line, 9);
    assert_eq!((exercise.teaches.as_str(), exercise.seconds), ("something", 5));
    assert_eq!(exercise.steps[0].action.proofs.len(), 1);
    assert!(exercise.steps[1].action.must_fail);
    assert_eq!(exercise.steps[1].action.commands, ["curl \\\n  x"]);
}

#[test]
fn whatever_would_not_be_run_is_refused_with_its_line() {
    for (more, part) in [
        ("```bash\nls\n```\n", "marked \"bash\""),
        ("```\nls\n```\n", "marked \"\""),
        ("```sh expect=7\nls\n```\n", "marked \"sh expect=7\""),
        ("```yaml\na: 1\n```\n", "marked \"yaml\""),
        ("```yaml ../secret\na: 1\n```\n", "marked"),
        ("    ls\n", "only indented"),
        ("<pre>ls</pre>\n", "HTML"),
        ("- a\n\n  ```console\n  ls\n  ```\n", "marked \"console\""),
        ("```sh\n$ ls\n```\n", "prompt"),
        ("```sh\n# ls\n```\n", "would not be run"),
        ("```sh\ncd k8s\n```\n", "no effect"),
        ("```sh\nls \\\n```\n", "the block ends"),
        ("```sh\n\n```\n", "without a command"),
        ("```sh fails\nls\nls\n```\n", "one command"),
        ("```output\na\n```\n", "one output block"),
        ("```yaml proof\n- adress: a\n```\n", "adress"),
        ("```yaml proof\n- pods: {of: a=b, runing: 2}\n```\n", "runing"),
        ("```yaml proof\n- pods: {of: a=b}\n```\n", "proves nothing"),
        ("```yaml proof\n- service: {name: a}\n```\n", "proves nothing"),
        ("```yaml proof\n[]\n```\n", "proves nothing"),
        ("# T\n", "second title"),
        ("```sh watch\nls\nls\n```\n", "one command"),
        ("```sh helm-3\nls\n```\n", "directly after"),
        ("```sh watch\nls\n```\n```output\na\n```\n", "forever"),
    ] {
        let (line, message) = fault(&format!("{STEP}\n{more}"));
        assert!(message.contains(part), "{more:?} gave {message:?}");
        assert!(line >= 17, "{more:?} gave line {line}");
    }
}

#[test]
fn a_step_that_proves_nothing_is_refused() {
    let bare = "```sh\nls\n```\n";
    assert!(fault(&format!("{STEP}\n{bare}")).1.contains("proves nothing"));
    assert!(
        fault(&format!("# T\n{bare}\n{bare}"))
            .1
            .contains("line 2 proves nothing")
    );
    assert!(fault("# T\n\n```output\na\n```\n").1.contains("nothing was run"));
    assert!(fault(&format!("{ABOUT}# T\n")).1.contains("runs nothing"));
    assert!(fault("```sh fails\nls\n```\n").1.contains("no title"));
    assert!(fault("# T\n```sh fails\nls\n```\n").1.contains("teaches: ..."));
    for about in [
        "teaches: x",
        "teaches: x\nseconds: 0",
        "teaches: \nseconds: 1",
        "seconds: x",
    ] {
        assert_eq!(fault(&format!("---\n{about}\n---\n# T\n")).0, 1, "{about}");
    }
}

#[test]
fn what_stands_at_the_top_counts_nowhere_else() {
    let about = "teaches: another thing\nseconds: 7\n";
    // A paragraph, a list's item, a heading (which a line of --- makes of what is above it), a second block.
    for more in [
        about.to_owned(),
        format!("- a\n  {about}"),
        format!("{about}---\n"),
        format!("---\n{about}---\n"),
    ] {
        match section(&format!("{STEP}\n{more}"), "1.1") {
            Ok(exercise) => {
                let about = (exercise.teaches.as_str(), exercise.seconds);
                assert_eq!(about, ("something", 5), "{more:?}");
            }
            Err((_, message)) => assert!(message.contains("at the top alone"), "{more:?}: {message}"),
        }
        let late = STEP.replacen(ABOUT, "", 1) + "\n" + &more;
        assert!(section(&late, "1.1").is_err(), "{more:?}");
    }
}

#[test]
fn helm_3_has_commands_of_its_own() {
    let text = format!(
        "{ABOUT}# T\n```sh\nhelm install --rollback-on-failure a b\n```\n```sh helm-3\nhelm install --atomic a b\n```\n\
         ```yaml proof\n- release: {{name: a, status: deployed}}\n```\n"
    );
    let exercise = section(&text, "1.1").unwrap();
    let action = &exercise.steps[0].action;
    assert_eq!(action.commands, ["helm install --rollback-on-failure a b"]);
    assert_eq!(action.with_helm_3, ["helm install --atomic a b"]);
}

#[test]
fn a_task_has_goals_in_one_list() {
    let goals = "```yaml goal\n- quota: {namespace: a, resource: cpu, percent: 25}\n- workload: {service: b, ready: 4}\n```\n";
    let exercise = section(&format!("{STEP}\n{goals}"), "1.1").unwrap();
    assert_eq!((exercise.goals.len(), exercise.goals_line), (2, Some(17)));
    assert!(section(STEP, "1.1").unwrap().goals.is_empty());
    let many = "- quota: {resource: cpu, percent: 1}\n".repeat(31);
    for (more, part) in [
        (format!("{goals}\n{goals}"), "one list"),
        ("```yaml goal\n```\n".into(), ""),
        ("```yaml goal\n[]\n```\n".into(), "1 to 30"),
        (format!("```yaml goal\n{many}```\n"), "1 to 30"),
        (
            "```yaml goal\n- quota: {resource: cpu, percent: 1}\n- quota: {resource: cpu, percent: 1}\n```\n"
                .into(),
            "twice",
        ),
        (
            "```yaml goal\n- quota: {resource: cpu, percent: 500}\n```\n".into(),
            "percent",
        ),
        (
            "```yaml goals\n- quota: {resource: cpu, percent: 5}\n```\n".into(),
            "marked",
        ),
        (
            "```yaml goal\n- quotas: {resource: cpu, percent: 5}\n```\n".into(),
            "quotas",
        ),
    ] {
        let (line, message) = fault(&format!("{STEP}\n{more}"));
        assert!(
            message.contains(part) && line >= 17,
            "{more:?} gave {message:?} at {line}"
        );
    }
}

#[test]
fn what_is_folded_is_read_too() {
    let folded = "<details>\n<summary>A hint</summary>\n\n- text\n\n```sh fails\nls x\n```\n\n</details>\n\n";
    let exercise = section(&format!("{STEP}\n{folded}{folded}"), "1.1").unwrap();
    assert_eq!(exercise.steps.len(), 3);
    assert_eq!(exercise.steps[1].line, 22);
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
