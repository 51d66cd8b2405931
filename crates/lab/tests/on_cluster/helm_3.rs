//! What the charts and the guide promise of Helm 3, shown with a Helm 3 that is built for it.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
    time::Duration,
};

use lab::image_source::CHARTS;
use report::Event;
use runner::{Embedded, Outcome};

use crate::{
    exercises::{EXERCISES, exercise, root, run, settings},
    programs::{charts, helm, layout, printed, program, text},
    renderings::objects,
};

/// A folder with this helm, and with the cluster's kubectl, as the one that comes with the lab has both.
static PROGRAMS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("helm-3");
    fs::create_dir_all(&folder).unwrap();
    let layout = layout();
    // Where its module and the cluster's have a package in common, the version and the flags are the same, so that what was
    // compiled for the cluster serves here as well.
    let built = Command::new("go")
        .args(["build", "-gcflags=all=-l -dwarf=false", "-ldflags=-s -w", "-o"])
        .args([&folder.join("helm"), Path::new("helm.sh/helm/v3/cmd/helm")])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/on_cluster/helm_3"))
        .env("CGO_ENABLED", "0")
        .env("GOMODCACHE", layout.cache.join("go/mod"))
        .env("GOCACHE", layout.cache.join("go/build"))
        .env("GOFLAGS", "-modcacherw -mod=readonly -buildvcs=false -trimpath")
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", text(&built.stderr));
    let _ = fs::remove_file(folder.join("kubectl"));
    symlink(layout.bin().join("kubectl"), folder.join("kubectl")).unwrap();
    folder
});

fn helm_3(arguments: &[&str]) -> String {
    let cluster = program("helm");
    let mut command = Command::new(PROGRAMS.join("helm"));
    command
        .envs(
            cluster
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(charts())
        .args(arguments);
    printed(&command.output().unwrap())
}

/// Installed with `--atomic`, an upgrade that Helm takes back, one that is refused, the count of the items, and nothing left.
#[tokio::test]
#[ignore = "needs a cluster"]
async fn the_exercise_is_seen_with_helm_3() {
    let _not_beside_all = EXERCISES.read().await;
    let exercise = exercise("12.3");
    let mut settings = settings(&exercise, root(), Duration::from_secs(120));
    settings.embedded = Some(Embedded {
        programs: PROGRAMS.clone(),
        ..settings.embedded.unwrap()
    });
    let (result, events) = run(&exercise, &settings, None).await;
    assert!(matches!(result, Ok(Outcome::Seen)), "{result:?}: {events:#?}");
    let atomic = |event: &&Event| matches!(event, Event::CommandStarted { command, .. } if command.contains("--atomic"));
    assert_eq!(events.iter().filter(atomic).count(), 2, "another helm was found");
}

#[test]
#[ignore = "needs a cluster"]
fn helm_3_makes_the_same_of_the_charts() {
    for chart in CHARTS {
        let arguments = ["template", chart, chart];
        let password = match chart {
            "todo-list" => &["--set=database.password=Secret-123"][..],
            _ => &[],
        };
        let arguments = [&arguments, password].concat();
        let (by_3, by_4) = (helm_3(&arguments), printed(&helm(&arguments)));
        assert_eq!(objects(&by_3), objects(&by_4), "{chart}");
    }
    let notes = helm_3(&["install", "todo-list", "todo-list", "--dry-run=client"]);
    assert!(notes.contains("--wait --atomic --timeout"), "{notes}");
}
