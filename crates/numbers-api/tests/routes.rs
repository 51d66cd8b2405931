//! The routes, called without a socket.
#![expect(
    clippy::unwrap_used,
    reason = "what a test can't go on without has to be there"
)]

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{
        Method, Request, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, HOST},
    },
};
use clap::Parser;
use http_body_util::BodyExt;
use numbers_api::{App, CallBudget, Numbers, Settings, router};
use service::Service;
use testkit::families;
use tower::ServiceExt;

fn numbers_api(fail_after: u32, use_failure_id: bool) -> Router {
    let settings = Settings::parse_from(["numbers-api"]).service;
    let service = Service::new("numbers-api", "1.0.0", settings);
    let app = App {
        budget: CallBudget::new(fail_after),
        numbers: Numbers::from_seed(1),
        use_failure_id,
    };
    let routes = router(Arc::new(app), &service);
    service.observed(routes)
}

async fn ask(app: &Router, method: Method, path: &str) -> (StatusCode, String, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, "test")
        .body(Body::empty())
        .unwrap();
    let answer = app.clone().oneshot(request).await.unwrap();
    let kind = answer
        .headers()
        .get(CONTENT_TYPE)
        .map_or("", |kind| kind.to_str().unwrap())
        .to_owned();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

async fn get(app: &Router, path: &str) -> (StatusCode, String) {
    let (status, _, body) = ask(app, Method::GET, path).await;
    (status, body)
}

fn answer(status: u16, body: &str) -> (StatusCode, String) {
    (StatusCode::from_u16(status).unwrap(), body.to_owned())
}

#[tokio::test]
async fn it_breaks_after_the_count_and_a_reset_starts_it_again() {
    let app = numbers_api(2, false);
    for _ in 0..2 {
        assert_eq!(get(&app, "/healthz").await, answer(200, "Ok"));
        assert_eq!(get(&app, "/rng").await.0, StatusCode::OK);
        assert_eq!(get(&app, "/healthz").await, answer(200, "Ok"));
        assert_eq!(get(&app, "/rng").await.0, StatusCode::OK);
        assert_eq!(
            get(&app, "/healthz").await,
            answer(500, r#"{"message":"Unhealthy"}"#)
        );
        assert_eq!(
            get(&app, "/rng").await,
            answer(500, r#"{"message":"Unhealthy!"}"#)
        );
        assert_eq!(get(&app, "/reset").await, answer(200, "Ok"));
    }
}

#[tokio::test]
async fn a_number_is_plain_text_from_0_to_99() {
    let app = numbers_api(0, false);
    for _ in 0..1000 {
        let (status, kind, number) = ask(&app, Method::GET, "/rng").await;
        assert_eq!(
            (status, kind.as_str()),
            (StatusCode::OK, "text/plain; charset=utf-8")
        );
        assert!(number.parse::<u8>().unwrap() < 100, "{number}");
    }
}

#[tokio::test]
async fn each_failure_has_an_id_of_its_own_when_asked() {
    let app = numbers_api(1, true);
    get(&app, "/rng").await;
    let (status, kind, first) = ask(&app, Method::GET, "/rng").await;
    assert_eq!(
        (status, kind.as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "application/json")
    );
    assert!(
        first.starts_with(r#"{"message":"Unhealthy! Failure id: "#),
        "{first}"
    );
    assert_ne!(first, get(&app, "/rng").await.1);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let app = numbers_api(0, false);
    for path in ["/", "/rng/", "/RNG", "/healthz/x"] {
        assert_eq!(get(&app, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/rng", "/healthz", "/reset", "/metrics"] {
        for method in [
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::from_bytes(b"BREW").unwrap(),
        ] {
            assert_eq!(
                ask(&app, method, path).await.0,
                StatusCode::METHOD_NOT_ALLOWED,
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn the_metrics_tell_the_lesson_and_no_path_that_a_client_made_up() {
    let app = numbers_api(3, false);
    for path in ["/rng", "/rng?x=1", "/made-up-1", "/made-up-2"] {
        get(&app, path).await;
    }
    ask(&app, Method::from_bytes(b"BREW").unwrap(), "/rng").await;
    let (status, metrics) = get(&app, "/metrics").await;
    assert_eq!(status, StatusCode::OK);
    let families = families(&metrics).unwrap();
    assert_eq!(families["numbers_api_calls_left"], "gauge");
    for line in [
        r#"http_requests_total{method="GET",path="/rng",status="200"} 2"#,
        r#"http_requests_total{method="GET",path="unmatched",status="404"} 2"#,
        r#"http_requests_total{method="OTHER",path="/rng",status="405"} 1"#,
        r#"http_request_duration_seconds_count{method="GET",path="/rng"} 2"#,
        "http_requests_in_flight 1",
        r#"build_info{program="numbers-api",version="1.0.0"} 1"#,
        "numbers_api_healthy 1",
        "numbers_api_calls_left 1",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} is missing in\n{metrics}"
        );
    }
    assert!(
        !metrics.contains("made-up") && !metrics.contains("BREW"),
        "{metrics}"
    );
}

/// The status, type and length of an answer, and its body.
async fn head_and_body(app: &Router, method: Method, path: &str) -> (u16, String, String, String) {
    let request = Request::builder().method(method).uri(path).header(HOST, "test");
    let answer = app
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let text = |name| {
        answer
            .headers()
            .get(name)
            .map_or(String::new(), |value| value.to_str().unwrap().to_owned())
    };
    let (status, kind, length) = (answer.status().as_u16(), text(CONTENT_TYPE), text(CONTENT_LENGTH));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, kind, length, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn head_is_the_head_of_what_get_would_answer_and_changes_nothing() {
    for use_failure_id in [false, true] {
        let app = numbers_api(1, use_failure_id);
        let same = async |path| {
            let (status, kind, length, body) = head_and_body(&app, Method::HEAD, path).await;
            assert_eq!(body, "", "{path}");
            let get = head_and_body(&app, Method::GET, path).await;
            assert_eq!((status, kind, length), (get.0, get.1, get.2), "{path}");
        };
        for path in ["/reset", "/healthz", "/rng", "/rng", "/healthz"] {
            same(path).await;
        }
        // It is broken now, and this does not heal it.
        assert_eq!(head_and_body(&app, Method::HEAD, "/reset").await.0, 200);
        assert_eq!(get(&app, "/healthz").await.0, 500);
    }
}
