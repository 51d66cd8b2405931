//! The page in a real browser, Debian's Chromium without a window, driven over WebDriver.

use board::{Board, Outcome};
use fantoccini::{Client, ClientBuilder};
use guide::{Language, Message};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use testkit::{DEADLINE, Driver, eventually_async};

use crate::{
    scene::{Scene, now, one_is_out, runs},
    served::Served,
};

/// Longer than a page may look alive that is not.
const FROZEN_WITHIN_MILLISECONDS: u64 = 3000;

/// Notes what the policy forbids, from the first moment of the page.
const WATCH: &str = "window.refused = window.refused || []; \
    document.addEventListener('securitypolicyviolation', (event) => refused.push(event.blockedURI + ' ' + event.violatedDirective));";

pub(crate) async fn run(browser: &Client, script: &str) -> Value {
    browser.execute(script, vec![]).await.unwrap()
}

/// What is to be read in these elements, at one moment: the page changes while one of them after the other is asked.
pub(crate) async fn texts(browser: &Client, css: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll(arguments[0])].map((found) => found.innerText)";
    let found = browser.execute(script, vec![css.into()]).await.unwrap();
    let texts: Vec<String> = serde_json::from_value(found).unwrap();
    let plain = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    texts.iter().map(plain).collect()
}

/// Every address that the page has asked for.
async fn asked_for(browser: &Client) -> Vec<String> {
    let script = "return performance.getEntriesByType('resource').map((entry) => entry.name)";
    serde_json::from_value(run(browser, script).await).unwrap()
}

pub(crate) async fn browser(driver: &Driver) -> Client {
    let mut capabilities = Driver::capabilities((1280, 720));
    capabilities.insert(
        "goog:loggingPrefs".into(),
        json!({ "browser": "ALL", "performance": "ALL" }),
    );
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    eventually_async("a browser", DEADLINE, || builder.connect(driver.address())).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium with chromedriver"]
async fn the_page_shows_who_is_out_and_that_it_stands_still() {
    let driver = Driver::start();
    let browser = browser(&driver).await;
    let (mut scene, mut board) = (
        Scene::of("numbers-api", &[("a", true, runs()), ("b", true, runs())]),
        Board::new("12.1".into(), Language::En),
    );
    let mut served = Served::start(scene.frame(&mut board, None), Language::En);
    browser.goto(&served.url).await.unwrap();
    run(&browser, WATCH).await;
    assert!(
        !browser.current_url().await.unwrap().as_str().contains("token"),
        "the token stays in the address"
    );
    assert_eq!(
        texts(&browser, "#services .headline").await,
        ["2 of 2 pods get traffic"]
    );

    // What is new comes by itself.
    scene = one_is_out();
    served.frames.send_replace(scene.frame(&mut board, None));
    let headline = async |wanted: &str| {
        eventually_async(wanted, DEADLINE, || async {
            texts(&browser, "#services .headline").await == [wanted]
        })
        .await;
    };
    headline("1 of 2 pods get traffic").await;
    assert_eq!(
        texts(&browser, "#services li").await,
        [
            "A READY → gets traffic a",
            "B NOT READY ✕ gets no traffic b readiness probe failed: 500 1 of the last 2 readiness probes succeeded probes ●✕"
        ]
    );
    assert_eq!(texts(&browser, "#requests .headline").await, ["1 of 2 failed"]);
    assert!(texts(&browser, "#requests li").await[0].ends_with("B answered 500"));
    let small = "return [...document.querySelectorAll('body *')].filter((one) => !one.childElementCount && one.textContent.trim() && \
        one.offsetParent && !one.closest('.unseen') && parseFloat(getComputedStyle(one).fontSize) < innerHeight * 0.04 - 0.1).length \
        + (document.documentElement.scrollWidth > innerWidth ? 1000 : 0)";
    assert_eq!(
        run(&browser, small).await,
        0,
        "text that the last row cannot read, or a page that is too wide"
    );

    // The button, with the keyboard; the focus stays when its part is shown again.
    run(&browser, "document.querySelector('#buttons button').focus()").await;
    browser
        .active_element()
        .await
        .unwrap()
        .send_keys("\u{e007}")
        .await
        .unwrap();
    let pressed = tokio::time::timeout(DEADLINE, served.presses.recv())
        .await
        .unwrap();
    assert_eq!(pressed.unwrap(), "default/numbers-api");

    // Hostile names stay text, and long ones and those from right to left do not break the page.
    let hostile = "<img src=//evil.example onerror=alert(1)>\u{202e}abc";
    let long = "x".repeat(253);
    let names = [hostile, &*long, "לקנות"];
    let pods: Vec<_> = names.iter().map(|name| (*name, false, runs())).collect();
    scene = Scene::of(hostile, &pods).with_requests(hostile, &[(Outcome::Timeout, None)]);
    served.frames.send_replace(scene.frame(&mut board, None));
    headline("0 of 3 pods get traffic").await;
    let shown = texts(&browser, "#services .pod").await;
    assert!(
        shown.contains(&hostile.to_owned()) && shown.contains(&long),
        "{shown:?}"
    );
    assert_eq!(run(&browser, small).await, 0);
    let foreign: Vec<_> = asked_for(&browser)
        .await
        .into_iter()
        .filter(|url| !url.starts_with(&format!("http://{}/", served.address)))
        .collect();
    assert_eq!(foreign, [""; 0]);
    assert_eq!(run(&browser, "return window.refused").await, json!([]));

    // Paused, the page stays; going on, it catches up.
    run(&browser, "document.querySelector('#pause').click()").await;
    served.frames.send_replace(one_is_out().frame(&mut board, None));
    eventually_async("the pause is told", DEADLINE, || async {
        texts(&browser, "#how").await == ["PAUSED"]
    })
    .await;
    assert_eq!(
        texts(&browser, "#services .headline").await,
        ["0 of 3 pods get traffic"]
    );
    run(&browser, "document.querySelector('#pause').click()").await;
    headline("1 of 2 pods get traffic").await;

    // The page hears of the board, but the board no more of the cluster; then it does again.
    let frozen = "return document.body.classList.contains('frozen') && getComputedStyle(document.querySelector('main')).filter";
    let silent = (Message::new("board-silent-cluster"), now());
    served
        .frames
        .send_replace(one_is_out().frame(&mut board, Some(silent)));
    eventually_async("it stands still", DEADLINE, || async {
        run(&browser, frozen).await == "grayscale(1)"
    })
    .await;
    let since = "return new Date('2026-03-01T14:03:20Z').toTimeString().slice(0, 8)";
    let since = run(&browser, since).await;
    assert_eq!(
        texts(&browser, "#stopped").await,
        [format!(
            "STANDS STILL: nothing heard of the cluster since {}",
            since.as_str().unwrap()
        )]
    );
    served.frames.send_replace(one_is_out().frame(&mut board, None));
    eventually_async("it is live again", DEADLINE, || async {
        run(&browser, frozen).await == false && texts(&browser, "#how").await == ["live"]
    })
    .await;

    // Nothing comes any more, not even that nothing is new.
    let looks = "const end = arguments[arguments.length - 1], began = performance.now(); \
        const look = () => document.body.classList.contains('frozen') ? end(performance.now() - began) : setTimeout(look, 20); look();";
    served.frames.send_replace(one_is_out().frame(&mut board, None));
    let after = browser
        .execute_async(looks, vec![])
        .await
        .unwrap()
        .as_f64()
        .unwrap();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let within = FROZEN_WITHIN_MILLISECONDS as f64;
    assert!(after < within, "the page looked alive for {after} ms");
    let told = texts(&browser, "#stopped").await;
    assert!(
        told[0].starts_with("STANDS STILL: nothing heard of lab board since "),
        "{told:?}"
    );
    browser.clone().close().await.unwrap();
}
