//! Who may look, and what.

use board::{Frame, Server};
use guide::Language;
use serde_json::Value;
use testkit::Answer;
use tokio::sync::{mpsc, watch};

use crate::{
    scene::{Scene, one_is_out, runs},
    served::Served,
};

fn served() -> Served {
    Served::start(one_is_out().shown(), Language::En)
}

#[tokio::test]
async fn the_page_comes_with_a_cookie_that_opens_everything_and_nothing_else_does() {
    let board = served();
    let page = board.get(&format!("/?token={}", board.token()), &[]).await;
    assert_eq!(page.status, 200);
    let cookie = page.header("set-cookie").unwrap().to_owned();
    assert!(
        cookie.contains("; httponly") && cookie.contains("; samesite=strict"),
        "{cookie}"
    );
    let pair = format!("Cookie: a=b; {}", cookie.split(';').next().unwrap());
    for target in ["/", "/state"] {
        assert_eq!(board.get(target, &[&pair]).await.status, 200, "{target}");
        let port = board.address.port();
        for wrong in [
            String::new(),
            format!("Cookie: lab-board-{port}="),
            format!("Cookie: lab-board-{port}={}", "0".repeat(32)),
            format!("Cookie: lab-board-1={}", board.token()),
            format!("Authorization: Bearer {}", board.token()),
        ] {
            let wrong: Vec<_> = Some(&*wrong)
                .filter(|line| !line.is_empty())
                .into_iter()
                .collect();
            let refused = board.get(target, &wrong).await;
            assert_eq!(refused.status, 401, "{target} {wrong:?}");
            assert!(refused.body.contains("token") && refused.header("set-cookie").is_none());
        }
    }
    for query in [
        "",
        "token=",
        "token",
        "TOKEN=x",
        &format!("token={}0", board.token()),
        &format!("t={}", board.token()),
    ] {
        assert_eq!(board.get(&format!("/?{query}"), &[]).await.status, 401, "{query}");
    }
    for target in ["/events", "/nothing", "/favicon.ico"] {
        assert_eq!(board.get(target, &[]).await.status, 401, "{target}");
    }
    // Another board has another token.
    assert_eq!(
        served()
            .get(&format!("/?token={}", board.token()), &[])
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn a_name_of_somebody_elses_is_refused_whatever_the_token() {
    let board = served();
    let target = format!("/state?token={}", board.token());
    for host in ["evil.example", "127.0.0.1.evil.example", "192.0.2.1"] {
        let refused = board
            .get(&target, &[&format!("Host: {host}:{}", board.address.port())])
            .await;
        assert_eq!(refused.status, 403, "{host}");
        assert!(!refused.body.contains("numbers-api"));
    }
    assert_eq!(
        board
            .get(&format!("http://evil.example{target}"), &[])
            .await
            .status,
        403
    );
    assert_eq!(board.get(&target, &["Host: a", "Host: b"]).await.status, 400);
    assert_eq!(board.get(&target, &["Host: localhost"]).await.status, 200);
}

#[tokio::test]
async fn the_page_may_load_what_is_its_own_and_nothing_else() {
    let board = served();
    let page = board.get(&format!("/?token={}", board.token()), &[]).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert!(!page.body.contains(board.token()), "the page has the token in it");
    assert!(!page.body.contains(" style=") && !page.body.contains(" onclick"));
    for (asset, kind) in [
        ("/board.css", "text/css; charset=utf-8"),
        ("/board.js", "text/javascript; charset=utf-8"),
    ] {
        assert_eq!(board.get(asset, &[]).await.header("content-type"), Some(kind));
    }
}

#[tokio::test]
async fn the_state_is_json_with_every_name_as_it_is() {
    let hostile = "<script>alert(1)</script>\u{202e}\"'&";
    let scene = Scene::of(hostile, &[(hostile, false, runs())]).with_requests(hostile, &[]);
    let board = Served::start(scene.shown(), Language::En);
    let answer = board.get(&format!("/state?token={}", board.token()), &[]).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let state: Value = serde_json::from_str(&answer.body).unwrap();
    let service = &state["services"][0];
    assert_eq!(
        (&service["name"], &service["namespace"]),
        (&hostile.into(), &"default".into())
    );
    assert_eq!((&service["ready"], &service["total"]), (&0.into(), &1.into()));
    let pod = &service["pods"][0];
    for (key, value) in [
        ("name", Value::from(hostile)),
        ("letter", "A".into()),
        ("ready", false.into()),
        ("in_traffic", false.into()),
        ("restarts", 0.into()),
        ("memory_bytes", Value::Null),
        ("memory_limit_bytes", Value::Null),
        ("cpu_cores", Value::Null),
        ("cpu_limit_cores", Value::Null),
        ("throttled_share", Value::Null),
    ] {
        assert_eq!(pod.get(key), Some(&value), "{key}");
    }
    assert!(state["requests"].is_array() && state["story"].is_array());
    let page = board.get(&format!("/?token={}", board.token()), &[]).await.body;
    assert!(
        !page.contains("<script>alert") && page.contains("&#60;script&#62;alert"),
        "{page}"
    );
}

fn pressing(board: &Served, body: &str, lines: &str) -> String {
    let (target, length) = (format!("/break?token={}", board.token()), body.len());
    format!(
        "POST {target} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n{lines}\r\n{body}",
        board.address
    )
}

#[tokio::test]
async fn the_button_works_from_the_page_alone_and_for_what_can_break() {
    let mut board = served();
    let good = "service=default%2Fnumbers-api";
    let own = format!(
        "Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n",
        board.address
    );
    for (body, lines, status) in [
        (good, "Origin: http://evil.example\r\n", 403),
        (good, "Origin: null\r\n", 403),
        (
            good,
            "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n",
            403,
        ),
        ("service=default%2Fother", &own, 404),
        ("service=", &own, 404),
        ("other=1", &own, 422),
        (&"x".repeat(2000), &own, 413),
    ] {
        let answer: Answer = board.ask(&pressing(&board, body, lines)).await;
        assert_eq!(answer.status, status, "{body} {lines}");
    }
    assert!(board.presses.try_recv().is_err(), "something was pressed");
    assert_eq!(board.ask(&pressing(&board, good, &own)).await.status, 202);
    assert_eq!(board.ask(&pressing(&board, good, &own)).await.status, 429);
    assert_eq!(board.presses.try_recv().unwrap(), "default/numbers-api");
    let without = pressing(&board, good, &own).replace(board.token(), "");
    assert_eq!(board.ask(&without).await.status, 401);
}

#[tokio::test]
async fn what_is_read_cannot_be_written_and_what_is_written_not_read() {
    let board = served();
    for (method, path) in [
        ("POST", "/"),
        ("PUT", "/state"),
        ("DELETE", "/events"),
        ("PATCH", "/"),
        ("GET", "/break"),
    ] {
        let line = format!(
            "{method} {path}?token={} HTTP/1.1\r\nHost: {}\r\nContent-Length: 0\r\n\r\n",
            board.token(),
            board.address
        );
        assert_eq!(board.ask(&line).await.status, 405, "{method} {path}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error() {
    let board = served();
    let (_frames, shown) = watch::channel(std::sync::Arc::<Frame>::default());
    let (pressed, _presses) = mpsc::channel(1);
    let taken = Server::listen(board.address, Language::En, shown, pressed).unwrap_err();
    assert!(matches!(taken, service::Error::Listen { .. }), "{taken}");
}
