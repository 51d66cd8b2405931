//! What all programs do around their routes, called without a socket.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what a test can't go on without has to be there"
)]

mod origins;

use std::{convert::Infallible, future::pending};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, Request, StatusCode,
        header::{
            ACCEPT, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
            VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    routing::{get, post},
};
use clap::{Args, Command, FromArgMatches};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use service::{Service, Settings};
use testkit::families;
use tower::ServiceExt;

fn service() -> Service {
    let command = Settings::augment_args(Command::new("test"));
    let flags = [
        "test",
        "--max-body-bytes=10",
        "--max-target-bytes=64",
        "--public-origins=https://public.example",
    ];
    let settings = Settings::from_arg_matches(&command.get_matches_from(flags)).unwrap();
    Service::new("test", "1.0.0", settings)
}

/// The routes of a program that fails in every way.
fn program() -> Router {
    let service = service();
    let routes = Router::new()
        .route("/panic", get(async || -> &'static str { panic!("on purpose") }))
        .route("/endless", get(pending::<()>))
        .route(
            "/unknown/own",
            get((StatusCode::NOT_FOUND, "nobody is called so")),
        )
        .route("/busy", get(StatusCode::SERVICE_UNAVAILABLE))
        .route(
            "/cached",
            get(async || ([(CACHE_CONTROL, "max-age=300")], "for a while")),
        )
        .route("/echo", post(async |body: Bytes| body))
        .route("/metrics", service.metrics());
    service.observed(routes)
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

async fn ask(program: &Router, request: Request<Body>) -> Answer {
    let (head, body) = program.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: head.status,
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn requested(path: &str) -> Request<Body> {
    Request::get(path)
        .header(HOST, "test")
        .body(Body::empty())
        .unwrap()
}

/// A body in pieces, which does not say how large it is.
fn in_pieces(pieces: &'static [&'static str]) -> Body {
    let frames = pieces
        .iter()
        .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from_static(piece.as_bytes()))));
    Body::new(StreamBody::new(futures::stream::iter(frames)))
}

#[tokio::test(start_paused = true)]
async fn every_refusal_says_why_is_counted_and_has_the_headers_of_a_good_answer() {
    let program = program();
    let posted = || Request::post("/echo").header(HOST, "test");
    let sent = |body| posted().body(body).unwrap();
    let elsewhere = posted().header("sec-fetch-site", "cross-site");
    for (request, status, said, counted) in [
        (
            requested("/panic"),
            500,
            "its log says more",
            r#"method="GET",path="/panic""#,
        ),
        (
            requested("/endless"),
            408,
            "within 10 s",
            r#"method="GET",path="/endless""#,
        ),
        (
            requested("/unknown"),
            404,
            "nothing at this path",
            r#"method="GET",path="unmatched""#,
        ),
        (requested("/echo"), 405, "", r#"method="GET",path="/echo""#),
        (
            requested(&format!("/cached?{}", "x".repeat(57))),
            414,
            "at most 64 are allowed",
            r#"method="GET",path="/cached""#,
        ),
        (
            elsewhere.body(Body::empty()).unwrap(),
            403,
            "another site",
            r#"method="POST",path="/echo""#,
        ),
        (
            sent("eleven byte".into()),
            413,
            "11 bytes, at most 10",
            r#"method="POST",path="/echo""#,
        ),
        (
            sent(in_pieces(&["ten bytes.", "x"])),
            413,
            "limit",
            r#"method="POST",path="/echo""#,
        ),
    ] {
        let path = request.uri().path().to_owned();
        let answer = ask(&program, request).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
        let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{path}: {policy}");
        for (name, value) in [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (REFERRER_POLICY, "same-origin"),
            (CACHE_CONTROL, "no-store"),
        ] {
            assert_eq!(answer.headers[&name], value, "{path}: {name}");
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(answer.headers["x-served-by"], host.trim(), "{path}");
        let metrics = ask(&program, requested("/metrics")).await.body;
        let line = format!(r#"http_requests_total{{{counted},status="{status}"}} "#);
        assert!(metrics.contains(&line), "{line} is missing in\n{metrics}");
    }
}

#[tokio::test]
async fn a_refusal_has_the_form_that_its_client_prefers() {
    let program = program();
    let elsewhere = || {
        Request::post("/echo")
            .header(HOST, "test")
            .header("sec-fetch-site", "cross-site")
    };
    for (accept, kind, said) in [
        ("*/*", "text/plain; charset=utf-8", "another site sent"),
        (
            "text/html,application/xml;q=0.9,*/*;q=0.8",
            "text/html; charset=utf-8",
            "<h1>Refused</h1>",
        ),
        (
            "application/json",
            "application/json",
            r#"{"message":"another site"#,
        ),
    ] {
        let request = elsewhere().header(ACCEPT, accept).body(Body::empty()).unwrap();
        let answer = ask(&program, request).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers[CONTENT_TYPE]),
            (403, &kind.parse().unwrap())
        );
        assert!(answer.body.contains(said), "{accept}: {}", answer.body);
        assert_eq!(answer.headers[VARY], "accept");
    }
    for (path, status) in [("/panic", 500), ("/unknown", 404)] {
        let request = Request::get(path)
            .header(HOST, "test")
            .header(ACCEPT, "text/html");
        let answer = ask(&program, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status);
        assert!(answer.body.starts_with("<!DOCTYPE html>"), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_client_that_is_sent_away_does_not_keep_its_connection() {
    let program = program();
    assert_eq!(
        ask(&program, requested("/busy")).await.headers[CONNECTION],
        "close"
    );
    assert!(
        !ask(&program, requested("/cached"))
            .await
            .headers
            .contains_key(CONNECTION)
    );
}

#[tokio::test]
async fn what_a_program_says_itself_is_left_as_it_is() {
    let program = program();
    assert_eq!(
        ask(&program, requested("/cached")).await.headers[CACHE_CONTROL],
        "max-age=300"
    );
    assert_eq!(
        ask(&program, requested("/unknown/own")).await.body,
        "nobody is called so"
    );
    for body in ["ten bytes.".into(), in_pieces(&["ten ", "bytes."])] {
        let echoed = ask(
            &program,
            Request::post("/echo").header(HOST, "test").body(body).unwrap(),
        )
        .await;
        assert_eq!(
            (echoed.status.as_u16(), echoed.body.as_str()),
            (200, "ten bytes.")
        );
    }
}

#[tokio::test]
async fn no_route_is_added() {
    let program = service().observed(Router::new());
    for path in ["/", "/healthz", "/livez", "/readyz", "/metrics", "/style.css"] {
        assert_eq!(ask(&program, requested(path)).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_request_that_does_not_say_for_whom_it_is_is_400() {
    let program = program();
    for (hosts, status) in [
        (&[][..], 400),
        (&["a", "a"], 400),
        (&["a b/?#"], 400),
        (&["a:80"], 404),
    ] {
        let request = hosts.iter().fold(Request::get("/unknown"), |request, host| {
            request.header(HOST, *host)
        });
        let answer = ask(&program, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{hosts:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_question_about_the_whole_server_is_answered() {
    let request = Request::builder().method("OPTIONS").uri("*").header(HOST, "test");
    let answer = ask(&program(), request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), &*answer.body), (204, ""));
}

#[tokio::test]
async fn metrics_are_in_the_format_that_is_asked_for() {
    let program = program();
    ask(&program, requested("/metrics")).await;
    let metrics = ask(&program, requested("/metrics")).await;
    assert_eq!(
        metrics.headers[CONTENT_TYPE],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let families = families(&metrics.body).unwrap();
    for (name, kind) in [
        ("build_info", "gauge"),
        ("http_requests_total", "counter"),
        ("http_request_duration_seconds", "histogram"),
        ("http_requests_in_flight", "gauge"),
        ("process_cpu_seconds_total", "counter"),
        ("process_start_time_seconds", "gauge"),
        ("process_resident_memory_bytes", "gauge"),
    ] {
        assert_eq!(families.get(name).map(String::as_str), Some(kind), "{name}");
    }
    let request = requested("/metrics");
    let (mut head, body) = request.into_parts();
    head.headers.insert(
        ACCEPT,
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"
            .parse()
            .unwrap(),
    );
    let metrics = ask(&program, Request::from_parts(head, body)).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(
        (&metrics.headers[CONTENT_TYPE], &metrics.headers[VARY]),
        (&kind.parse().unwrap(), &"accept".parse().unwrap())
    );
    assert!(metrics.body.ends_with("# EOF\n"), "{}", metrics.body);
}
