//! Requests that a page of another site may have sent.

use axum::{
    body::Body,
    http::{Request, header::HOST},
};

use crate::{ask, program};

/// The status of a request with these headers to a route that takes POST only.
async fn status(method: &str, headers: &[(&str, &str)]) -> u16 {
    // Two of the tests' names are for a target that names its host.
    let named = headers
        .iter()
        .any(|(_, value)| value.ends_with("target.example") || value.ends_with("upstream:1"));
    let target = if named {
        "http://target.example:80/echo"
    } else {
        "/echo"
    };
    let request = headers.iter().fold(
        Request::builder().method(method).uri(target),
        |request, (name, value)| request.header(*name, *value),
    );
    let answer = ask(&program(), request.body(Body::empty()).unwrap()).await;
    answer.status.as_u16()
}

#[tokio::test]
async fn our_own_page_and_programs_may_change_something() {
    for headers in [
        &[(HOST.as_str(), "todo:8081")][..],
        &[("host", "todo:8081"), ("sec-fetch-site", "same-origin")],
        &[("host", "todo:8081"), ("sec-fetch-site", "none")],
        &[("host", "198.18.0.1:8081"), ("origin", "http://198.18.0.1:8081")],
        &[("host", "todo.example"), ("origin", "https://todo.example")],
        // A port that goes without saying, on either side.
        &[("host", "vm.school:80"), ("origin", "http://vm.school")],
        &[("host", "vm.school:443"), ("origin", "https://vm.school")],
        &[("host", "vm.school"), ("origin", "http://vm.school:80")],
        &[("host", "[fd00::80]:80"), ("origin", "http://[fd00::80]")],
        // The target's, where it names a host: that of Host counts for nothing.
        &[("host", "upstream:1"), ("origin", "http://target.example")],
        // A page under the name that the settings give.
        &[("host", "10.0.0.1:8081"), ("origin", "https://public.example")],
        &[
            ("host", "a"),
            ("origin", "https://public.example:443"),
            ("sec-fetch-site", "cross-site"),
        ],
    ] {
        assert_eq!(status("POST", headers).await, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn other_pages_may_not() {
    for headers in [
        &[("host", "todo:8081"), ("sec-fetch-site", "cross-site")][..],
        &[("host", "todo:8081"), ("sec-fetch-site", "same-site")],
        // A browser that says both means the first.
        &[
            ("host", "todo:8081"),
            ("sec-fetch-site", "cross-site"),
            ("origin", "http://todo:8081"),
        ],
        &[("host", "todo:8081"), ("origin", "http://evil.example")],
        &[("host", "todo:8081"), ("origin", "http://todo:8082")],
        &[("host", "vm.school:80"), ("origin", "https://vm.school")],
        &[("host", "vm.school:443"), ("origin", "http://vm.school")],
        &[("host", "target.example"), ("origin", "http://upstream:1")],
        &[("host", "a"), ("origin", "http://public.example")],
        &[("host", "todo:8081"), ("origin", "null")],
        &[("host", "todo:8081"), ("origin", "todo:8081")],
        // Compared byte by byte. Browsers write both in lower case, so that no page of ours is meant.
        &[("host", "Todo.example"), ("origin", "https://todo.example")],
    ] {
        assert_eq!(status("POST", headers).await, 403, "{headers:?}");
    }
}

#[tokio::test]
async fn what_changes_nothing_may_come_from_anywhere() {
    let elsewhere = &[("host", "todo:8081"), ("sec-fetch-site", "cross-site")];
    // There is no such route: they get as far as the routes.
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(status(method, elsewhere).await, 405, "{method}");
    }
    // TRACE is safe too (RFC 9110, 9.2.1), but no program here has it and no browser sends it.
    assert_eq!(status("TRACE", elsewhere).await, 403);
}

#[tokio::test]
async fn the_refusal_of_another_sites_request_says_both_names_and_the_cure() {
    let request = Request::post("/echo")
        .header(HOST, "198.18.192.1:8081")
        .header("origin", "http://vm.school");
    let answer = ask(&program(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 403);
    for said in [
        "198.18.192.1:8081",
        "let the proxy",
        "set PUBLIC_ORIGINS to http://vm.school",
    ] {
        assert!(answer.body.contains(said), "{}", answer.body);
    }
}
