//! The routes, called without a socket.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

use std::{path::Path, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, Request, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HOST, VARY},
    },
};
use clap::Parser;
use http_body_util::BodyExt;
use pi_web::{App, Cgroup, Computations, Settings, router};
use service::Service;
use tower::ServiceExt;

fn pi_web(deadline: Duration, max_dp: u32) -> Router {
    let settings = Settings::parse_from(["pi-web"]);
    let service = Service::new("pi-web", "1.0.0", settings.service);
    let limited = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v2-limited");
    let app = App {
        computations: Computations::new(2, 1, deadline, Cgroup::at(&limited)),
        max_dp,
        host: "a-host".into(),
    };
    let routes = router(app, &service);
    service.observed(routes)
}

async fn ask(app: &Router, path: &str, accept: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path)
        .header(HOST, "test")
        .header(ACCEPT, accept)
        .body(Body::empty())
        .unwrap();
    let (head, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (
        head.status,
        head.headers,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn each_form_has_the_digits() {
    let app = pi_web(LONG, 1000);
    assert_eq!(ask(&app, "/?dp=0", "text/plain").await.2, "3\n");
    assert_eq!(ask(&app, "/", "text/plain").await.2, "3.141592\n");
    assert_eq!(
        ask(&app, "/?dp=8&format=text&algorithm=chudnovsky", "text/html")
            .await
            .2,
        "3.14159265\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&ask(&app, "/?dp=4", "application/json").await.2).unwrap();
    assert_eq!(
        (json["pi"].as_str(), json["dp"].as_u64()),
        (Some("3.1415"), Some(4))
    );
    assert_eq!(
        (json["cpu_limit"].as_f64(), json["host"].as_str()),
        (Some(0.25), Some("a-host"))
    );
    assert_eq!(json["throttled_seconds"].as_f64(), Some(0.0));
    assert_eq!(json["held_back"], "no");
    // Too quick to say.
    let waited = ["waited_for_limit_seconds", "waited_for_limit_at_least"].map(|name| json.get(name));
    assert_eq!(waited, [Some(&serde_json::Value::Null); 2]);
    let page = ask(&app, "/?dp=12", "*/*").await.2;
    for part in [
        "<title>Pi to 12 decimals</title>",
        "<span>1415926535</span><span>89</span>",
        "0.25 of a processor (250m)",
        "a-host",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[tokio::test]
async fn a_page_has_attributes_for_programs() {
    let page = ask(&pi_web(LONG, 1000), "/?dp=12", "text/html").await.2;
    let (_, section) = page.split_once(" data-decimals>").unwrap();
    let (section, _) = section.split_once("</section>").unwrap();
    assert!(
        section.contains("<span>1415926535</span><span>89</span>"),
        "{section}"
    );
    let (_, seconds) = page.split_once(" data-wall-seconds=\"").unwrap();
    let (seconds, _) = seconds.split_once('"').unwrap();
    assert!(seconds.parse::<f64>().unwrap() > 0.0, "{seconds}");
}

#[tokio::test]
async fn a_page_keeps_to_the_policy_that_it_is_sent_with() {
    let app = pi_web(LONG, 1000);
    for path in ["/", "/?dp=-1"] {
        let (_, headers, page) = ask(&app, path, "text/html").await;
        assert!(page.contains("href=\"/style.css\""), "{page}");
        // Style in the page itself is what `style-src 'self'` refuses.
        assert!(!page.contains("<style") && !page.contains("style=\""), "{page}");
        assert_eq!(
            (&headers[VARY], &headers[CACHE_CONTROL]),
            (&"accept".parse().unwrap(), &"no-store".parse().unwrap())
        );
    }
    let (status, headers, _) = ask(&app, "/style.css", "text/css").await;
    assert_eq!(
        (status, &headers[CONTENT_TYPE]),
        (StatusCode::OK, &"text/css; charset=utf-8".parse().unwrap())
    );
}

#[tokio::test]
async fn several_lines_of_accept_count_as_one() {
    let request = Request::get("/?dp=4")
        .header(HOST, "test")
        .header(ACCEPT, "image/png")
        .header(ACCEPT, "text/html;q=0.5")
        .header(ACCEPT, "Text/Plain")
        .body(Body::empty())
        .unwrap();
    let answer = pi_web(LONG, 1000).oneshot(request).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "3.1415\n");
}

#[tokio::test]
async fn what_cannot_be_computed_is_refused_in_the_form_asked_for() {
    let app = pi_web(LONG, 1000);
    for query in [
        "dp=-1",
        "dp=1001",
        "dp=",
        "dp=abc",
        "dp=1&dp=2",
        "algorithm=leibniz",
        "format=xml",
        "x=1",
    ] {
        let (status, _, message) = ask(&app, &format!("/?{query}"), "text/plain").await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {message}");
        assert!(
            message.contains("allowed") || message.contains("once"),
            "{query}: {message}"
        );
    }
    let (_, _, json) = ask(&app, "/?dp=-1&format=json", "text/html").await;
    assert_eq!(
        json,
        r#"{"message":"dp=\"-1\" is not possible; allowed: a whole number from 0 to 1000"}"#
    );
    let (_, _, page) = ask(&app, "/?dp=%3Cscript%3E", "text/html").await;
    assert!(
        page.contains("No pi this time") && !page.contains("<script>"),
        "{page}"
    );
    let (_, _, page) = ask(&app, "/?dp=1001&algorithm=chudnovsky", "text/html").await;
    assert!(
        page.contains("value=\"1001\"") && page.contains("<option selected>chudnovsky"),
        "what was typed is not there: {page}"
    );
    assert_eq!(ask(&app, "/pi", "").await.0, StatusCode::NOT_FOUND);
    let (status, _, message) = ask(&app, &format!("/?dp={}", "9".repeat(7000)), "text/plain").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        message.contains("…") && message.contains("from 0 to 1000") && message.len() < 150,
        "{message}"
    );
    let long = format!("/?dp={}", "9".repeat(60_000));
    assert_eq!(ask(&app, &long, "").await.0, StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn a_deadline_ends_it_with_advice() {
    // Seconds of work, which the deadline does not wait for.
    let app = pi_web(Duration::ZERO, 200_000);
    let (status, headers, message) = ask(&app, "/?dp=200000", "text/plain").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(message.contains("ask for fewer decimals"), "{message}");
    // The same request would fare no better in a moment.
    assert!(!headers.contains_key("retry-after"), "{headers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_same_time_do_not_disturb_each_other() {
    let app = pi_web(LONG, 1000);
    let expected = ask(&app, "/?dp=1000", "text/plain").await.2;
    for decimals in [100_usize, 500, 999, 7, 640] {
        let (one, other) = (
            format!("/?dp={decimals}"),
            format!("/?dp={}&algorithm=chudnovsky", decimals + 1),
        );
        let (one, other) = tokio::join!(ask(&app, &one, "text/plain"), ask(&app, &other, "text/plain"));
        assert_eq!(one.2.trim_end(), &expected[..decimals + 2]);
        assert_eq!(other.2.trim_end(), &expected[..decimals + 3]);
    }
}
