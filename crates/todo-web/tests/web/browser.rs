//! The page in a real browser, Debian's Chromium without a window, driven over WebDriver.

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use testkit::{DEADLINE, Driver, axe, eventually_async};

use crate::program::start;

/// The list as a person uses it, on the page alone.
struct Person {
    browser: Client,
}

impl Person {
    async fn add(&self, text: &str) {
        let field = self.browser.find(Locator::Css("#item")).await.unwrap();
        field.send_keys(text).await.unwrap();
        self.press("form.add button").await;
    }

    /// Presses a button, each of which leads to another page.
    async fn press(&self, button: &str) {
        let find = async |css| self.browser.find(Locator::Css(css)).await.unwrap();
        let page = find("html").await;
        find(button).await.click().await.unwrap();
        // Until the next page is there, the old one would be read.
        let what = format!("another page after {button}");
        eventually_async(&what, DEADLINE, || async { page.tag_name().await.is_err() }).await;
    }

    /// The texts that one sees, from the top.
    async fn sees(&self) -> Vec<String> {
        let mut texts = vec![];
        for item in self.browser.find_all(Locator::Css("li span")).await.unwrap() {
            texts.push(item.text().await.unwrap());
        }
        texts
    }

    /// Looks for what somebody would have a hard time with who does not see the page, or not well, or who uses no mouse.
    async fn finds_nothing_amiss(&self, driver: &Driver) {
        let session = self.browser.session_id().await.unwrap().unwrap();
        for light in ["light", "dark"] {
            let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": light }] });
            driver.tell(&session, "Emulation.setEmulatedMedia", &media);
            let amiss = self.browser.execute_async(&axe(), vec![]).await.unwrap();
            assert_eq!(amiss, json!([]), "{light}");
        }
    }

    async fn reads(&self, css: &str) -> String {
        self.browser
            .find(Locator::Css(css))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }
}

async fn browser(driver: &Driver) -> Client {
    let mut capabilities = Driver::capabilities((1200, 900));
    capabilities.insert("timeouts".into(), json!({ "implicit": 30_000 }));
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(capabilities);
    eventually_async("a browser", DEADLINE, || builder.connect(driver.address())).await
}

#[tokio::test]
#[ignore = "needs Chromium with chromedriver, and axe"]
async fn the_page_works_in_a_browser() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("todo.db");
    let program = start(&[("SQLITE_FILE", file.to_str().unwrap())]);
    let driver = Driver::start();
    let person = Person {
        browser: browser(&driver).await,
    };
    person
        .browser
        .goto(&format!("http://{}/", program.address))
        .await
        .unwrap();
    assert_eq!(person.reads("header p").await, "0 open, 0 done");

    person.add("buy milk").await;
    assert_eq!(person.sees().await, ["buy milk"]);
    let hostile = "<script>document.title = 'taken'</script><b>bold</b>";
    person.add(hostile).await;
    // An item is shown as it was typed, and ran nothing.
    assert_eq!(person.sees().await, [hostile, "buy milk"]);
    assert_eq!(person.browser.title().await.unwrap(), "To do");
    let shown = person.browser.find(Locator::Css("li span")).await.unwrap();
    assert_eq!(
        shown.html(true).await.unwrap(),
        "&lt;script&gt;document.title = 'taken'&lt;/script&gt;&lt;b&gt;bold&lt;/b&gt;"
    );

    person.press("[aria-label='Complete: buy milk']").await;
    assert_eq!(person.reads("header p").await, "1 open, 1 done");
    assert_eq!(person.reads("li.done span").await, "buy milk");
    person.finds_nothing_amiss(&driver).await;
    person.press("[aria-label='Reopen: buy milk']").await;
    assert_eq!(person.reads("header p").await, "2 open, 0 done");
    person.press("[aria-label='Delete: buy milk']").await;
    assert_eq!(person.sees().await, [hostile]);

    let right_to_left = "לקנות חלב";
    person.add(right_to_left).await;
    assert_eq!(person.sees().await, [right_to_left, hostile]);
    let direction = person
        .browser
        .find(Locator::Css("li:first-child span"))
        .await
        .unwrap();
    assert_eq!(direction.css_value("direction").await.unwrap(), "rtl");

    // What the browser itself would not send is refused by the program, with the text for another try.
    let script = "document.querySelector('#item').removeAttribute('maxlength')";
    person.browser.execute(script, vec![]).await.unwrap();
    person.add(&"x".repeat(501)).await;
    assert!(person.reads("main").await.contains("at most 500 are allowed"));
    person.finds_nothing_amiss(&driver).await;
    person.browser.clone().close().await.unwrap();
}
