//! What people did on their way through the guide, and what there is to say to them.

use super::*;

/// What has to be found, and what must not be said.
struct Told<'a> {
    positions: &'a [Position],
    found: &'a [&'static str],
    next: Option<&'a str>,
}

/// Looks until it is as told, and never praises on the way there.
async fn expect(lab: &Lab, what: &str, id: &str, reached: Option<usize>, told: &Told<'_>) -> Standing {
    let deadline = std::time::Instant::now() + WITHIN;
    loop {
        let standing = lab.look(id, reached).await;
        let ids = found(&standing);
        let next = told.next.is_none_or(|command| {
            commands(lab, id, &standing)
                .iter()
                .any(|next| next.starts_with(command))
        });
        if told.positions.contains(&standing.position)
            && told.found.iter().all(|wanted| ids.contains(wanted))
            && next
        {
            return standing;
        }
        let forbidden = standing.position == Position::Nothing
            && !told.positions.contains(&Position::Nothing)
            || matches!(standing.position, Position::At | Position::Done)
                && !told
                    .positions
                    .iter()
                    .any(|position| matches!(position, Position::At | Position::Done));
        assert!(!forbidden, "{what}: {standing:#?}");
        assert!(
            std::time::Instant::now() < deadline,
            "{what}: {standing:#?}\n{}",
            super::told(&standing)
        );
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
}

fn commands(lab: &Lab, id: &str, standing: &Standing) -> Vec<String> {
    let exercise = lab.exercise(id);
    let steps = standing.next.iter().map(|step| &exercise.steps[step - 1]);
    steps.flat_map(|step| step.action.commands.clone()).collect()
}

const NEAR: &[Position] = &[Position::Near];
const AT: &[Position] = &[Position::At];

fn near(found: &'static [&'static str]) -> Told<'static> {
    Told {
        positions: NEAR,
        found,
        next: None,
    }
}

fn at(next: &'static str) -> Told<'static> {
    Told {
        positions: AT,
        found: &[],
        next: Some(next),
    }
}

/// What a learner types, with the namespace of the test: kubectl's arguments, or a file with something replaced in it.
impl Lab {
    fn file(&self, file: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.manifests().join(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        let arguments = ["--namespace", &self.namespace.0, "apply", "--filename=-"];
        printed(&fed(&arguments, &text.replace(from, to)));
    }

    fn numbers(&self) {
        let folder = self.manifests().join("numbers/numbers-api.yaml");
        self.kubectl(&["apply", "--filename", folder.to_str().unwrap()]);
    }

    async fn ask(&self, service: &str, path: &str) {
        let address = self.namespace.address(service);
        let url = format!("{address}{path}");
        tokio::task::spawn_blocking(move || crate::callers::curl(&[&url]))
            .await
            .unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn on_the_way_through_12_1() {
    let lab = Lab::new().await;
    let nothing = lab.look("12.1", None).await;
    assert_eq!(
        (nothing.position, nothing.next.as_slice()),
        (Position::Nothing, &[1][..])
    );

    // Asked at once, it is under way or there, and never nothing.
    lab.numbers();
    let young = lab.look("12.1", None).await;
    assert!(
        matches!(young.position, Position::UnderWay | Position::At),
        "{young:#?}"
    );
    expect(&lab, "applied", "12.1", None, &at("kubectl wait")).await;

    // A file with the address is missing, empty, or has another port; then it is right.
    let file = lab.manifests().join("api-url.txt");
    for content in ["", "http://:8013", "http://198.18.0.1:8031"] {
        fs::write(&file, content).unwrap();
        expect(&lab, content, "12.1", None, &at("kubectl get svc numbers-api")).await;
    }
    fs::write(&file, lab.namespace.address("numbers-api")).unwrap();

    // More pods than the guide has are as right.
    lab.kubectl(&["scale", "deployment", "numbers-api", "--replicas=3"]);
    expect(&lab, "three pods", "12.1", None, &at("kubectl wait")).await;
    lab.kubectl(&["scale", "deployment", "numbers-api", "--replicas=2"]);
    expect(&lab, "two pods", "12.1", None, &at("kubectl wait")).await;

    lab.ask("numbers-api", "/rng").await;
    let broken = expect(
        &lab,
        "one call",
        "12.1",
        None,
        &Told {
            next: Some("curl"),
            ..at("")
        },
    )
    .await;
    assert!(broken.step > young.step, "{broken:#?}");

    // A pod that is deleted comes back whole, which is a step back.
    lab.kubectl(&["delete", "pods", "--selector=app=numbers-api", "--wait=false"]);
    let back = expect(&lab, "pods deleted", "12.1", None, &at("kubectl wait")).await;
    assert_eq!(back.step, Some(1));

    // The wrong file, a step of another exercise.
    let v3 = lab
        .manifests()
        .join("numbers/update/api-with-readiness-and-liveness.yaml");
    lab.kubectl(&["apply", "--filename", v3.to_str().unwrap()]);
    expect(&lab, "v3", "12.1", None, &near(&["find-other-file"])).await;

    let v2 = "numbers/update/api-with-readiness.yaml";
    for (what, from, to, finds) in [
        (
            "a path with a typo",
            "/healthz",
            "/health",
            &["find-differs", "find-probe"][..],
        ),
        (
            "another port",
            "port: 8080\n            periodSeconds",
            "port: 8081\n            periodSeconds",
            &["find-differs", "find-probe"],
        ),
        (
            "no such image",
            "numbers-api:1.0.0",
            "numbers-api:1.0.1",
            &["find-differs", "find-image"],
        ),
        (
            "a label in capitals",
            "version: v2",
            "version: V2",
            &["find-differs"],
        ),
    ] {
        lab.file(v2, from, to);
        let told = Told {
            positions: NEAR,
            found: finds,
            next: Some("kubectl apply"),
        };
        expect(&lab, what, "12.1", None, &told).await;
    }
    lab.file(v2, "numbers", "numbers");
    lab.file("numbers/numbers-api.yaml", "v1", "v1");
    lab.file(v2, "numbers", "numbers");
    expect(&lab, "v2", "12.1", None, &at("kubectl wait")).await;
    for (what, from, to, finds) in [
        (
            "a selector with a typo",
            "selector:\n    app: numbers-api",
            "selector:\n    app: number-api",
            &["find-differs", "find-selects-nobody"][..],
        ),
        (
            "another target port",
            "targetPort: 8080",
            "targetPort: 8088",
            &["find-differs", "find-target-port"],
        ),
    ] {
        let text = fs::read_to_string(lab.manifests().join("numbers/numbers-api.yaml")).unwrap();
        let service = text.split("---").next().unwrap().replace(from, to);
        let arguments = ["--namespace", &lab.namespace.0, "apply", "--filename=-"];
        printed(&fed(&arguments, &service));
        expect(&lab, what, "12.1", None, &near(finds)).await;
    }
    lab.kubectl(&["delete", "service", "numbers-api"]);
    expect(&lab, "no Service", "12.1", None, &near(&["find-missing"])).await;
    lab.kubectl(&["delete", "deployment", "numbers-api"]);
    let text = fs::read_to_string(lab.manifests().join("numbers/numbers-api.yaml")).unwrap();
    let set = text
        .split("---")
        .nth(1)
        .unwrap()
        .replace("kind: Deployment", "kind: StatefulSet");
    let arguments = ["--namespace", &lab.namespace.0, "apply", "--filename=-"];
    printed(&fed(&arguments, &set));
    expect(&lab, "a StatefulSet", "12.1", None, &near(&["find-other-kind"])).await;
}

#[tokio::test]
#[ignore = "needs a cluster"]
async fn on_the_way_through_12_2_and_12_4() {
    let lab = Lab::new().await;
    lab.numbers();
    let v3 = lab
        .manifests()
        .join("numbers/update/api-with-readiness-and-liveness.yaml");
    lab.kubectl(&["apply", "--filename", v3.to_str().unwrap()]);
    fs::write(
        lab.manifests().join("api-url.txt"),
        lab.namespace.address("numbers-api"),
    )
    .unwrap();
    expect(&lab, "v3", "12.2", None, &at("kubectl wait")).await;
    // Until the probe asks, nothing on the cluster is young: what the pod answers tells.
    lab.ask("numbers-api", "/rng").await;
    let told = Told {
        positions: &[Position::UnderWay, Position::At],
        found: &[],
        next: None,
    };
    expect(&lab, "before the probe", "12.2", None, &told).await;
    let told = Told {
        next: Some("kubectl apply -f todo-list"),
        ..at("")
    };
    expect(&lab, "restarted", "12.2", None, &told).await;

    // The application without its database is near the step, and the database is missing.
    let web = lab.manifests().join("todo-list/web");
    lab.kubectl(&["apply", "--filename", web.to_str().unwrap()]);
    let told = Told {
        next: Some("kubectl apply -f todo-list/db/"),
        ..near(&["find-missing"])
    };
    expect(&lab, "no database", "12.2", None, &told).await;

    // An update that is undone looks as it did before, and is a step further.
    let db = lab.manifests().join("todo-list/db");
    lab.kubectl(&["apply", "--filename", db.to_str().unwrap()]);
    expect(&lab, "with its database", "12.2", None, &at("kubectl wait")).await;
    let bad = lab
        .manifests()
        .join("todo-list/db/update/todo-db-bad-command.yaml");
    lab.kubectl(&["apply", "--filename", bad.to_str().unwrap()]);
    expect(&lab, "a bad update", "12.2", None, &at("kubectl get pods")).await;
    lab.kubectl(&["rollout", "undo", "deployment/todo-db"]);
    expect(&lab, "undone", "12.2", None, &at("kubectl delete all")).await;

    // 12.4 asks for the update before its effect.
    let memory = lab.manifests().join("memory-allocator/memory-allocator.yaml");
    lab.kubectl(&["apply", "--filename", memory.to_str().unwrap()]);
    let young = lab.look("12.4", None).await;
    assert!(
        matches!(young.position, Position::UnderWay | Position::At),
        "{young:#?}"
    );
    let told = Told {
        next: Some("kubectl apply -f memory-allocator/update"),
        ..at("")
    };
    expect(&lab, "memory", "12.4", None, &told).await;
    lab.file(
        "memory-allocator/update/memory-allocator-with-limit.yaml",
        "50Mi",
        "500Mi",
    );
    expect(&lab, "too much memory", "12.4", None, &near(&["find-differs"])).await;

    // What is left while somebody tidies up is not a beginning.
    lab.kubectl(&["delete", "all", "--all", "--wait=false"]);
    let told = Told {
        positions: &[Position::Near, Position::UnderWay],
        found: &["find-still-there"],
        next: None,
    };
    expect(&lab, "half tidied", "12.2", Some(20), &told).await;
    lab.kubectl(&["delete", "secret,configmap", "--all", "--wait=false"]);
    let told = Told {
        positions: &[Position::Done],
        found: &[],
        next: None,
    };
    expect(&lab, "tidied", "12.2", Some(99), &told).await;
}
