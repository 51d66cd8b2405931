//! 12.4: memory up to its limit, and CPU that is held back.

use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::{Board, items, letters, tells};
use crate::{exercises::EXERCISES, programs::Namespace};

const MIB: u64 = 1 << 20;

#[test]
#[ignore = "needs a cluster, and Chromium with chromedriver"]
fn the_board_shows_memory_that_climbs_to_its_limit_and_who_ends_it() {
    let _not_beside_all = EXERCISES.blocking_read();
    let namespace = Namespace::new();
    // First what looks: all is over within half a minute.
    let board = Board::open("12.4", &namespace);
    let page = board.page();
    namespace.apply("memory-allocator/update/memory-allocator-with-limit.yaml");
    let name = namespace.pod("app=memory-allocator")["metadata"]["name"].clone();
    let of = |state: &Value| {
        let mut pods = items(&state["other_pods"]);
        pods.find(|pod| pod["name"] == name).cloned().unwrap_or_default()
    };
    let mut seen = vec![];
    let state = board.until("it was ended and started again", |state| {
        let pod = of(state);
        if let Some(used) = pod["memory_bytes"].as_u64() {
            assert_eq!(pod["memory_limit_bytes"], 50 * MIB);
            seen.push(used / MIB);
        }
        pod["restarts"] == 1
    });
    seen.dedup();
    // It takes 10 MiB each 5 s until the kernel refuses. On a busy machine not each step is sampled.
    let steps = seen.windows(2).filter(|pair| pair[0] < pair[1]).count();
    assert!(steps >= 2, "{seen:?}");
    let letter = of(&state)["letter"].as_str().unwrap().to_owned();
    let ended = format!("{letter} ended: OOMKilled, exit code 137");
    board.until("who ended it", |state| tells(state, &ended));
    page.until("#story li", &[&ended]);
    // The second time the kubelet waits, and the reason stays to be read.
    let name = name.as_str().unwrap();
    let (_, end) = name.rsplit_once('-').unwrap();
    page.until(
        "#services li",
        &[end, "NOT READY", "ended: OOMKilled, exit code 137", "1 restart"],
    );
}

/// Requests that end with the test.
struct Asked(Child);

impl Drop for Asked {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
#[ignore = "needs a cluster"]
fn the_board_shows_how_much_a_cpu_limit_holds_back() {
    let _not_beside_all = EXERCISES.blocking_read();
    let namespace = Namespace::new();
    namespace.apply("pi/pi-web.yaml");
    let board = Board::open("12.4", &namespace);
    let free = board.until_served("pi-web", (1, 1));
    let pods = &board.service(&free, "pi-web")["pods"];
    assert_eq!(pods[0]["cpu_limit_cores"], Value::Null);
    let before = letters(board.service(&free, "pi-web"), true);

    namespace.apply("pi/update/web-with-cpu-limit.yaml");
    board.until("the one with a limit takes over", |state| {
        let service = board.service(state, "pi-web");
        let letters = letters(service, true);
        service["total"] == 1 && letters.len() == 1 && letters != before
    });
    // One request after the other, each of them work for ten seconds and more.
    let _asked = Asked(
        Command::new("curl")
            .args(["--silent", "--max-time", "60"])
            .arg(namespace.address("pi-web") + "/?dp=[99991-100000]")
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    board.until("it uses no more than it may, and is held back", |state| {
        let pod = &board.service(state, "pi-web")["pods"][0];
        let number = |key: &str| pod[key].as_f64().unwrap_or_default();
        assert!(
            [Value::Null, 0.25.into()].contains(&pod["cpu_limit_cores"]),
            "{pod:#}"
        );
        // How much of it a busy machine gives is its own affair.
        number("throttled_share") > 0.1 && (0.01..0.3).contains(&number("cpu_cores"))
    });
}
