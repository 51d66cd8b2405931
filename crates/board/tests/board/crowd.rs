//! More pods than have a line each.

use board::Board;
use fantoccini::{Client, ClientBuilder};
use guide::Language;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::Value;
use testkit::{DEADLINE, Driver, eventually_async};

use crate::{
    scene::{Scene, crowd, runs},
    served::Served,
};

/// The page's markup.
async fn page(scene: &Scene) -> String {
    let served = Served::start(scene.shown(), Language::En);
    let page = served.get(&format!("/?token={}", served.token()), &[]).await.body;
    served.stop().await.unwrap();
    page
}

fn count(page: &str, text: &str) -> usize {
    page.matches(text).count()
}

#[tokio::test]
async fn up_to_twelve_pods_each_has_a_line_and_more_are_counted_by_what_made_them() {
    let twelve = page(&crowd(12, 1)).await;
    assert_eq!(count(&twelve, "<li class="), 12);
    assert_eq!(count(&twelve, "class=\"counted"), 0);

    let thirteen = page(&crowd(13, 1)).await;
    assert!(
        thirteen.contains("crowd-0-7c9f: 6 of 7 get traffic")
            && thirteen.contains("crowd-1-7c9f: 6 of 6 get traffic"),
        "{thirteen}"
    );
    // Whoever is out is told as ever.
    assert_eq!(count(&thirteen, "<li class="), 1);
    assert!(
        thirteen.contains("NOT READY") && thirteen.contains("ended: Error, exit code 1"),
        "{thirteen}"
    );
    assert_eq!(count(&thirteen, "<i>"), 12);
    assert_eq!(count(&thirteen, "<i class=\"bad\">A</i>"), 1);
}

#[tokio::test]
async fn squares_lose_their_letters_and_then_go_as_pods_become_many() {
    for (pods, letters, squares) in [(60, 59, 59), (61, 0, 60), (200, 0, 199), (201, 0, 0)] {
        let page = page(&crowd(pods, 1)).await;
        let good = count(&page, "<i>");
        assert_eq!(good, squares, "{pods} pods");
        assert_eq!(good - count(&page, "<i></i>"), letters, "{pods} pods");
        assert!(
            page.contains(&format!("{} of {pods} pods get traffic", pods - 1)),
            "{pods} pods"
        );
    }
}

#[tokio::test]
async fn a_pod_that_is_not_ready_is_told_before_the_slices_say_so() {
    let mut scene = crowd(30, 0);
    let late = Scene::of("crowd", &[("crowd-0-7c9f-00004", false, runs())]);
    let owners = scene.pods[4].metadata.owner_references.clone();
    scene.pods[4] = late.pods[0].clone();
    std::sync::Arc::make_mut(&mut scene.pods[4])
        .metadata
        .owner_references = owners;
    let page = page(&scene).await;
    assert!(
        page.contains("30 of 30 pods get traffic") && page.contains("NOT READY"),
        "{page}"
    );
}

/// What a thousand pods send to each browser is what is seen of them.
#[tokio::test]
async fn a_thousand_pods_are_a_few_kilobytes() {
    for out in [0, 500] {
        let page = page(&crowd(1000, out)).await;
        assert!(page.len() < 16 << 10, "{} bytes", page.len());
    }
}

async fn number(browser: &Client, script: &str) -> i64 {
    let value: Value = browser.execute(script, vec![]).await.unwrap();
    value.as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium with chromedriver"]
async fn as_many_pods_as_can_be_fit_on_a_projector_and_a_telephone() {
    let driver = Driver::start();
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(Driver::capabilities((1280, 720)));
    let browser = eventually_async("a browser", DEADLINE, || builder.connect(driver.address())).await;
    for language in [Language::En, Language::Ko] {
        for (pods, out) in [(30, 3), (60, 1), (200, 2), (1000, 12)] {
            let mut board = Board::new("12.1".into(), language);
            let served = Served::start(crowd(pods, out).frame(&mut board, None), language);
            for (width, height) in [(1280, 720), (390, 844)] {
                browser.set_window_size(width, height).await.unwrap();
                browser.goto(&served.url).await.unwrap();
                let wide = number(
                    &browser,
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                )
                .await;
                assert_eq!(wide, 0, "{pods} pods on {width} pixels");
                let headline = number(&browser, "return Math.round(document.querySelector('#services .headline').getBoundingClientRect().bottom)").await;
                assert!(headline < i64::from(height), "{pods} pods on {width} pixels");
            }
        }
    }
    browser.close().await.unwrap();
}
