//! What the page is like for people who do not see it, or not well, or who use no mouse, as axe judges it.

use std::time::Duration;

use board::{Board, Outcome, Usage};
use guide::{Language, Message};
use serde_json::{Value, json};
use testkit::{DEADLINE, Driver, axe, eventually_async};
use tokio::time::sleep;

use crate::{
    browser::{browser, run},
    scene::{Scene, now, one_is_out, runs},
    served::Served,
};

/// A Service whose pods show all that a pod can show.
fn with_all_marks() -> Scene {
    let waits = json!({
        "restartCount": 2,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container=c pod=c"}},
        "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-03-01T14:03:08Z"}},
    });
    let pods = [
        ("a", true, runs()),
        ("b", false, runs()),
        ("c", false, waits),
        ("d", true, runs()),
    ];
    let mut scene = Scene::of("numbers-api", &pods).with_requests(
        "numbers-api",
        &[
            (Outcome::Status(200), Some("a")),
            (Outcome::Status(500), Some("b")),
            (Outcome::Refused, None),
        ],
    );
    scene.happened = one_is_out().happened;
    scene.lacks = vec![Message::new("explain-hidden").with("kinds", "events")];
    for (pod, memory, throttled) in [("a", 48, None), ("d", 12, Some(0.6))] {
        let usage = Usage {
            at: now(),
            memory_bytes: memory << 20,
            memory_limit_bytes: Some(50 << 20),
            cpu_cores: Some(0.25),
            cpu_limit_cores: throttled.map(|_| 0.25),
            throttled_share: throttled,
        };
        scene.usage.insert((pod.into(), "c".into()), usage);
    }
    scene
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium with chromedriver, and axe"]
async fn axe_finds_nothing_in_any_light_language_or_width() {
    let driver = Driver::start();
    let browser = browser(&driver).await;
    let session = browser.session_id().await.unwrap().unwrap();
    let (scene, axe) = (with_all_marks(), axe());
    for language in [Language::En, Language::Ko] {
        let mut board = Board::new("12.4".into(), language);
        let served = Served::start(scene.frame(&mut board, None), language);
        // As `lab` does: a page that hears nothing stands still by itself.
        let frames = served.frames.clone();
        let beats = tokio::spawn(async move {
            loop {
                frames.send_modify(|_| {});
                sleep(Duration::from_millis(200)).await;
            }
        });
        browser.goto(&served.url).await.unwrap();
        for frozen in [false, true] {
            let silent = frozen.then(|| (Message::new("board-silent-cluster"), now()));
            served.frames.send_replace(scene.frame(&mut board, silent));
            let shown = format!("frozen: {frozen}");
            eventually_async(&shown, DEADLINE, || async {
                run(&browser, "return document.body.classList.contains('frozen')").await == frozen
            })
            .await;
            for (width, height) in [(1280, 720), (390, 844)] {
                let screen =
                    json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500});
                driver.tell(&session, "Emulation.setDeviceMetricsOverride", &screen);
                for light in ["light", "dark"] {
                    let media = json!({"features": [{"name": "prefers-color-scheme", "value": light}]});
                    driver.tell(&session, "Emulation.setEmulatedMedia", &media);
                    let amiss = browser.execute_async(&axe, vec![]).await.unwrap();
                    assert_eq!(amiss, json!([]), "{language:?} {width} {light} frozen: {frozen}");
                    let says = "return [document.body.classList.contains('frozen'), document.querySelectorAll('svg').length]";
                    assert_eq!(run(&browser, says).await, json!([frozen, 3]));
                    let wide = "return document.documentElement.scrollWidth - innerWidth";
                    let wide: Value = run(&browser, wide).await;
                    assert!(wide.as_i64().unwrap() <= 0, "{wide} too wide");
                }
            }
        }
        beats.abort();
    }
    browser.clone().close().await.unwrap();
}
