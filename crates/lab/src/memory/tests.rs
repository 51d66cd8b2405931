use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::Command,
    thread,
};

use access::fake;
use guide::Language;
use serde_json::json;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn morning() -> Timestamp {
    at("2026-03-01T09:00:00Z")
}

fn evening() -> Timestamp {
    at("2026-03-01T18:26:00Z")
}

fn open(folder: &Path) -> Memory {
    let (memory, warning) = Memory::open_in(folder, "a", "default", morning());
    assert_eq!(warning, None);
    memory
}

/// The only record in a folder.
fn file(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut records = files.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let (record, more) = (records.next().unwrap(), records.next());
    assert_eq!(more, None);
    record
}

#[test]
fn a_home_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let (home, absent) = (folder.path(), folder.path().join("absent"));
    let state = |named: &str, home: &Path| {
        let state = state_folder(Some(named.into()), Some(home.into()));
        state.map_err(|reason| Language::En.tell(&reason))
    };
    assert_eq!(state("", home), Ok(home.join(".local/state/self-healing-lab")));
    // One that somebody names is made, as its specification wants.
    let named = absent.join("state");
    assert_eq!(
        state(named.to_str().unwrap(), &absent),
        Ok(named.join("self-healing-lab"))
    );
    for (named, home, expected) in [
        ("", &*absent, "there is no folder "),
        (
            "",
            Path::new("home"),
            "HOME is home, which is not an absolute path",
        ),
        ("", Path::new(""), "no home folder"),
        (
            "state",
            home,
            "XDG_STATE_HOME is state, which is not an absolute path",
        ),
    ] {
        let reason = state(named, home).unwrap_err();
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn what_was_reached_stays_when_less_is_there() {
    let mut memory = Memory::nowhere();
    assert_eq!(memory.reached("12.1"), None);
    memory.reach("12.1", 0, 15, false, morning());
    assert_eq!(memory.reached("12.1"), None, "looking is not beginning");
    assert_eq!(memory.record, Record::default());
    memory.reach("12.1", 9, 15, false, morning());
    memory.reach("12.1", 3, 15, false, evening());
    let reached = Reached {
        step: 9,
        of: 15,
        at: morning(),
        finished: None,
    };
    assert_eq!(memory.reached("12.1"), Some(reached));
    memory.reach("12.1", 15, 15, true, evening());
    memory.reach("12.1", 15, 15, true, at("2026-03-02T09:00:00Z"));
    assert_eq!(memory.reached("12.1").unwrap().finished, Some(evening()));
    memory.reach("12.1", 1, 12, false, evening());
    assert_eq!(memory.reached("12.1").unwrap().step, 12, "a shorter guide");
}

#[test]
fn hints_are_those_of_a_step() {
    let mut memory = Memory::nowhere();
    memory.reach("12.1", 2, 15, false, morning());
    memory.next_hint("12.1", "probe");
    memory.next_hint("12.1", "probe");
    memory.next_hint("12.1", "service");
    memory.reach("12.1", 2, 15, false, evening());
    assert_eq!(
        (memory.hints("12.1", "probe"), memory.hints("12.1", "service")),
        (2, 1)
    );
    assert_eq!(memory.hints("12.2", "probe"), 0);
    memory.reach("12.1", 1, 15, false, evening());
    assert_eq!(memory.hints("12.1", "probe"), 0);
}

#[test]
fn a_reset_forgets_all_but_that_it_was_done() {
    let mut memory = Memory::nowhere();
    for exercise in ["12.1", "12.6"] {
        memory.reach(exercise, 4, 9, exercise == "12.1", morning());
        memory.goal(exercise, "quota");
        memory.next_hint(exercise, "quota");
        assert_eq!(memory.goals(exercise).collect::<Vec<_>>(), ["quota"]);
        memory.forget(exercise);
        assert_eq!(memory.goals(exercise).count(), 0);
        assert_eq!(memory.hints(exercise, "quota"), 0);
    }
    let done = memory.reached("12.1").unwrap();
    assert_eq!((done.step, done.finished), (0, Some(morning())));
    assert_eq!(memory.reached("12.6"), None);
    memory.reach("12.1", 2, 9, false, evening());
    let again = memory.reached("12.1").unwrap();
    assert_eq!(
        (again.step, again.at, again.finished),
        (2, evening(), Some(morning()))
    );
}

#[test]
fn clusters_and_namespaces_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut memory = open(folder.path());
    memory.reach("12.1", 9, 15, false, morning());
    assert_eq!(memory.save(morning()), None);
    assert_eq!(open(folder.path()).reached("12.1"), memory.reached("12.1"));
    for (cluster, namespace) in [("a", "other"), ("b", "default"), ("../../x", "../y\n")] {
        let (other, warning) = Memory::open_in(folder.path(), cluster, namespace, morning());
        assert_eq!((other.reached("12.1"), warning), (None, None));
    }
}

#[test]
fn a_memory_that_nothing_changed_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(open(folder.path()).save(morning()), None);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn commands_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let before = open(folder.path());
    thread::scope(|scope| {
        for writer in 0..8 {
            let (folder, mut memory) = (folder.path(), open(folder.path()));
            scope.spawn(move || {
                for step in 1..=5 {
                    memory.reach(&writer.to_string(), step, 5, step == 5, morning());
                    memory.next_hint("shared", "place");
                    assert_eq!(memory.save(morning()), None);
                }
                drop(open(folder));
            });
        }
    });
    assert_eq!(before.reached("0"), None);
    let after = open(folder.path());
    assert!((0..8).all(|writer| after.reached(&writer.to_string()).unwrap().finished.is_some()));
    assert_eq!(after.hints("shared", "place"), 40);
}

#[test]
fn what_cannot_be_understood_is_set_aside_and_said() {
    for (content, said) in [
        ("{\"version\":1,", "EOF"),
        ("{\"version\":2,\"exercises\":{\"12.1\":7}}", "version 2"),
        (
            "{\"version\":1,\"cluster\":\"a\",\"namespace\":\"default\",\"exercises\":{},\"new\":1}",
            "unknown field",
        ),
        (&" ".repeat((1 << 20) + 1), "larger than 1024 KiB"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut memory = open(folder.path());
        memory.reach("12.1", 9, 15, false, morning());
        memory.save(morning());
        let record = file(folder.path());
        fs::write(&record, content).unwrap();
        let (mut memory, warning) = Memory::open_in(folder.path(), "a", "default", evening());
        let warning = Language::En.tell(&warning.unwrap());
        assert!(warning.contains(said), "{warning}");
        assert!(memory.reached("12.1").is_none());
        let aside = record.with_extension(format!("{}.aside", evening().as_millisecond()));
        assert_eq!(fs::read_to_string(&aside).unwrap(), content);
        assert!(warning.contains(&*aside.to_string_lossy()), "{warning}");

        memory.reach("12.1", 1, 15, false, evening());
        assert_eq!(memory.save(evening()), None);
        assert_eq!(open(folder.path()).reached("12.1").unwrap().step, 1);
    }
}

/// Folders that root cannot use either.
#[test]
fn where_nothing_can_be_kept_it_is_said_and_the_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("a-file");
    fs::write(&blocked, "").unwrap();
    for state in [
        Path::new("/dev/null/.local/state/self-healing-lab"),
        Path::new("/proc/self-healing-lab"),
        &blocked,
    ] {
        let (mut memory, at_first) = Memory::open_in(state, "a", "default", morning());
        memory.reach("12.1", 9, 15, false, morning());
        assert_eq!(memory.reached("12.1").unwrap().step, 9);
        let warning = at_first.or(memory.save(morning())).unwrap();
        let said = Language::En.tell(&warning);
        assert!(
            said.starts_with("What you have done is not remembered: "),
            "{said}"
        );
    }
    let mut memory = open(folder.path());
    memory.reach("12.1", 9, 15, false, morning());
    memory.save(morning());
    let record = file(folder.path());
    fs::remove_file(&record).unwrap();
    fs::create_dir(&record).unwrap();
    let (_, warning) = Memory::open_in(folder.path(), "a", "default", morning());
    assert!(Language::En.tell(&warning.unwrap()).contains("it is not a file"));
}

#[test]
fn only_the_owner_reads_it_whatever_the_umask() {
    const INSIDE: &str = "LAB_TEST_STATE";
    if let Some(folder) = env::var_os(INSIDE) {
        let mut memory = open(Path::new(&folder));
        memory.reach("12.1", 9, 15, false, morning());
        assert_eq!(memory.save(morning()), None);
        return;
    }
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("state/self-healing-lab");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let this = env::current_exe().unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "umask 000; exec \"$0\" --exact \"$1\""])
        .arg(this);
    shell.arg("memory::tests::only_the_owner_reads_it_whatever_the_umask");
    assert!(shell.env(INSIDE, &folder).output().unwrap().status.success());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file(&folder))), (0o700, 0o600));
}

#[tokio::test]
async fn a_cluster_made_anew_is_another() {
    let of = async |status, body: serde_json::Value| {
        let client = fake::api(move |request, _| {
            assert_eq!(request, "GET /api/v1/namespaces/kube-system");
            (status, body.clone())
        });
        identity(&client, "https://198.18.0.1:6443").await
    };
    let named = json!({ "metadata": { "name": "kube-system", "uid": "6f1c" } });
    assert_eq!(of(200, named).await.unwrap(), "6f1c");
    let (status, body) = fake::refusal(403, "namespaces is forbidden");
    assert_eq!(of(status, body).await.unwrap(), "https://198.18.0.1:6443");
    let (status, body) = fake::refusal(500, "etcdserver: leader changed");
    assert!(of(status, body).await.is_err());
}

#[test]
fn the_server_is_that_of_the_current_context() {
    let kubeconfig = Kubeconfig::from_yaml(
        "current-context: b\nclusters:\n- {name: x, cluster: {server: 'https://x'}}\n- {name: y, cluster: {server: 'https://y'}}\n\
         contexts:\n- {name: a, context: {cluster: x, user: u}}\n- {name: b, context: {cluster: y, user: u}}\n",
    )
    .unwrap();
    assert_eq!(server(&kubeconfig), "https://y");
    assert_eq!(server(&Kubeconfig::default()), "");
}
