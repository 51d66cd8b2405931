//! Releases from their installation to their end.

use std::{
    collections::BTreeSet,
    process::{Child, Output, Stdio},
};

use serde_json::Value;

use crate::{
    callers::{Adder, Caller, curl, texts},
    programs::{Namespace, as_shown, complained, printed, text},
};

#[test]
#[ignore = "needs a cluster"]
fn numbers_api_is_installed_tested_and_removed_without_a_trace() {
    let namespace = Namespace::new();
    let before = namespace.objects();
    let notes = printed(&namespace.helm(&["install", "numbers", "numbers-api", "--wait", "--timeout=2m"]));
    assert!(
        notes.contains(&format!(
            "kubectl --namespace {} rollout status deployment/numbers",
            namespace.0
        )),
        "{notes}"
    );
    printed(&namespace.helm(&["test", "numbers"]));

    let address = namespace.address("numbers");
    let number: u8 = printed(&curl(&[&format!("{address}/rng")])).parse().unwrap();
    assert!(number < 100);
    // As in exercise 12.1, and nobody takes the broken pods out.
    let flags = [
        "upgrade",
        "numbers",
        "numbers-api",
        "--values=numbers-api/values/without-probes.yaml",
        "--wait",
        "--timeout=2m",
    ];
    printed(&namespace.helm(&flags));
    namespace.until("a broken pod", || {
        curl(&[&format!("{address}/rng")]);
        let health = curl(&[&format!("{address}/healthz")]);
        (!health.status.success()).then_some(())
    });
    namespace.until("a test that fails", || {
        let output = namespace.helm(&["test", "numbers"]);
        curl(&[&format!("{address}/rng")]);
        (!output.status.success()).then(|| {
            let message = complained(&output);
            assert!(message.contains("500 Internal Server Error"), "{message}");
        })
    });
    printed(&namespace.helm(&["uninstall", "numbers"]));
    namespace.until_nothing_is_left(&before);
}

#[test]
#[ignore = "needs a cluster"]
fn pi_web_and_memory_allocator_pass_their_own_tests() {
    let namespace = Namespace::new();
    let before = namespace.objects();
    for (chart, said) in [("pi-web", "3.141592"), ("memory-allocator", "Allocated ~10MiB")] {
        printed(&namespace.helm(&["install", chart, chart, "--wait", "--timeout=2m"]));
        let output = namespace.helm(&["test", chart]);
        let tested = printed(&output) + &text(&output.stderr);
        assert!(tested.contains(said), "{tested}");
        printed(&namespace.helm(&["uninstall", chart]));
    }
    namespace.until_nothing_is_left(&before);
}

/// The to-do list in a namespace of its own.
struct TodoList {
    namespace: Namespace,
    /// What the namespace had before.
    before: BTreeSet<String>,
    address: String,
}

impl TodoList {
    fn install() -> Self {
        let namespace = Namespace::new();
        let before = namespace.objects();
        let flags = ["--rollback-on-failure", "--wait", "--timeout=3m"];
        printed(&namespace.helm(&[&["install", "todo-list", "todo-list"], &flags[..]].concat()));
        let address = namespace.address("todo-list-web");
        Self {
            namespace,
            before,
            address,
        }
    }

    fn upgrade(&self, flags: &[&str]) -> Output {
        let first = [
            "upgrade",
            "todo-list",
            "todo-list",
            "--rollback-on-failure",
            "--wait",
        ];
        self.namespace.helm(&[&first, flags].concat())
    }

    fn add(&self, item: &str) {
        // A form's answer leads back to the list.
        printed(&curl(&[
            "--data-urlencode",
            &format!("item={item}"),
            &format!("{}/items", self.address),
        ]));
    }

    /// What the release's own test says.
    fn tested(&self) -> String {
        let output = self.namespace.helm(&["test", "todo-list"]);
        printed(&output) + &text(&output.stderr)
    }

    fn password(&self) -> String {
        let path = "--output=jsonpath={.data.password}";
        printed(&self.namespace.kubectl(&["get", "secret", "todo-list-db", path]))
    }

    fn uninstall(self) {
        printed(&self.namespace.helm(&["uninstall", "todo-list", "--wait"]));
        self.namespace.until_nothing_is_left(&self.before);
    }
}

#[test]
#[ignore = "needs a cluster"]
fn todo_list_serves_on_while_upgrades_fail() {
    let list = TodoList::install();
    let namespace = &list.namespace;
    list.add("water the plants");
    let tested = list.tested();
    assert!(tested.contains("The database holds 1 items."), "{tested}");

    // An upgrade for another database is refused before anything has changed.
    let (generations, caller) = (namespace.generations(), Caller::start(&list.address));
    let refused = complained(&list.upgrade(&[
        "--values=todo-list/values/wrong-database-version.yaml",
        "--timeout=2m",
    ]));
    assert!(
        refused.contains("this upgrade was made for Postgres 16. Nothing was changed."),
        "{refused}"
    );
    assert_eq!(namespace.generations(), generations);

    // One with a command that starts no database is taken back.
    let failed = complained(&list.upgrade(&["--values=todo-list/values/bad-command.yaml", "--timeout=30s"]));
    assert!(failed.contains("has been rolled back"), "{failed}");
    assert_ne!(
        namespace.generations(),
        generations,
        "the upgrade was never tried"
    );
    assert_eq!(namespace.revision("todo-list").1, "deployed");
    assert!(caller.end() > 50, "the app was hardly asked");
    list.add("write a letter");
    let tested = list.tested();
    assert!(tested.contains("The database holds 2 items."), "{tested}");
    list.uninstall();
}

/// Each starts a server beside the old one, on the same data. Neither loses an item that is added meanwhile, nor the
/// password.
#[test]
#[ignore = "needs a cluster"]
fn a_good_upgrade_and_the_way_back_lose_nothing() {
    let list = TodoList::install();
    let namespace = &list.namespace;
    let first_password = list.password();
    list.add("water the plants");
    let adder = Adder::start(&list.address);
    for (change, image) in [
        (
            &[
                "upgrade",
                "todo-list",
                "todo-list",
                "--values=todo-list/values/newer-database.yaml",
            ][..],
            "todo-db:1.1.0",
        ),
        (&["rollback", "todo-list"], "todo-db:1.0.0"),
    ] {
        printed(&namespace.helm(&[change, &["--wait", "--timeout=2m"]].concat()));
        let pod = namespace.pod("app.kubernetes.io/name=todo-db");
        let running = &pod["spec"]["containers"][0]["image"];
        assert!(running.as_str().unwrap().ends_with(image), "{running}");
        let log = namespace.until("the new server", || {
            let name = pod["metadata"]["name"].as_str().unwrap();
            let log = printed(&namespace.kubectl(&["logs", name]));
            log.contains("ready to accept connections").then_some(log)
        });
        assert!(
            log.find("waiting at most") < log.find("ready to accept") && log.contains("waiting at most"),
            "{log}"
        );
        adder.until_more();
        let pod = namespace.pod("app.kubernetes.io/name=todo-db");
        assert_eq!(pod["status"]["containerStatuses"][0]["restartCount"], 0);
    }
    let mut confirmed = adder.end();
    confirmed.push("water the plants".to_owned());
    let listed = texts(&list.address);
    let lost: Vec<_> = confirmed.iter().filter(|item| !listed.contains(*item)).collect();
    assert!(lost.is_empty(), "{lost:?} of {}", confirmed.len());
    assert_eq!(list.password(), first_password);
    list.uninstall();
}

/// Whether the page lists so many items.
fn count_is(address: &str, expected: usize) -> Option<()> {
    let output = curl(&[
        "--header",
        "Accept: application/json",
        &format!("{address}/items"),
    ]);
    let list: Value = serde_json::from_slice(&output.stdout).ok()?;
    (list["total"] == expected).then_some(())
}

/// A helm that is asked to stop, and one that is killed.
#[test]
#[ignore = "needs a cluster"]
fn an_interrupted_upgrade_can_be_undone() {
    let list = TodoList::install();
    let namespace = &list.namespace;
    let start = |flags: &[&str]| -> Child {
        let first = [
            "upgrade",
            "todo-list",
            "todo-list",
            "--values=todo-list/values/bad-command.yaml",
            "--wait",
        ];
        namespace
            .command("helm", &[&first, flags].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let until_it_changes = |generations: &str| {
        namespace.until("the upgrade's change", || {
            (namespace.generations() != generations).then_some(())
        });
    };
    let signal = |child: &Child, signal| {
        let pid = rustix::process::Pid::from_child(child);
        rustix::process::kill_process(pid, signal).unwrap();
    };
    let caller = Caller::start(&list.address);

    let generations = namespace.generations();
    let mut asked = start(&["--rollback-on-failure"]);
    until_it_changes(&generations);
    signal(&asked, rustix::process::Signal::INT);
    assert!(!asked.wait().unwrap().success());
    assert_eq!(
        namespace.revision("todo-list"),
        (3, "deployed".into()),
        "Ctrl-C rolls back"
    );

    let generations = namespace.generations();
    let mut killed = start(&[]);
    until_it_changes(&generations);
    signal(&killed, rustix::process::Signal::KILL);
    killed.wait().unwrap();
    assert_eq!(namespace.revision("todo-list"), (4, "pending-upgrade".into()));
    let message = complained(&namespace.helm(&["upgrade", "todo-list", "todo-list"]));
    assert!(message.contains("another operation"), "{message}");
    printed(&namespace.helm(&["rollback", "todo-list", "3", "--wait"]));
    assert_eq!(namespace.revision("todo-list"), (5, "deployed".into()));
    caller.end();
    list.uninstall();
}

#[test]
#[ignore = "needs a cluster"]
fn a_kept_claim_gives_its_items_to_the_next_release() {
    let namespace = Namespace::new();
    let before = namespace.objects();
    let install = [
        "install",
        "todo-list",
        "todo-list",
        "--set=database.persistence.keep=true",
        "--wait",
        "--timeout=3m",
    ];
    let notes = printed(&namespace.helm(&install));
    assert!(notes.contains("delete pvc,secret todo-list-db"), "{notes}");
    let address = namespace.address("todo-list-web");
    printed(&curl(&[
        "--data-urlencode",
        "item=stay",
        &format!("{address}/items"),
    ]));
    // The upgrade that the notes show keeps what was asked for at the installation.
    printed(&as_shown(&notes, "upgrade"));
    let without_claim = [
        "upgrade",
        "todo-list",
        "todo-list",
        "--values=todo-list/values/without-claim.yaml",
    ];
    let message = complained(&namespace.helm(&without_claim));
    assert!(
        message.contains("the items are in the claim todo-list-db"),
        "{message}"
    );
    let other_password = [
        "upgrade",
        "todo-list",
        "todo-list",
        "--set=database.password=Another-1",
    ];
    let message = complained(&namespace.helm(&other_password));
    assert!(message.contains("database.password is not the one"), "{message}");
    printed(&as_shown(&notes, "uninstall"));

    printed(&namespace.helm(&install));
    let address = namespace.address("todo-list-web");
    namespace.until("the item", || count_is(&address, 1));
    printed(&namespace.helm(&["uninstall", "todo-list", "--wait"]));
    // A new password would not open what the old one has closed.
    printed(&namespace.kubectl(&["delete", "secret", "todo-list-db"]));
    let message = complained(&namespace.helm(&install));
    assert!(
        message.contains("the claim todo-list-db is there with its items"),
        "{message}"
    );
    printed(&namespace.kubectl(&["delete", "pvc", "todo-list-db"]));
    namespace.until_nothing_is_left(&before);
}
