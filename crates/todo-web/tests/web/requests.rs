//! What can be asked of the list while its database works, on a file.

use axum::{
    body::Body,
    http::{
        Request, StatusCode,
        header::{ACCEPT, ALLOW, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_CONTENT_TYPE_OPTIONS},
    },
};
use testkit::families;
use uuid::Uuid;

use crate::client::{Client, posted};

#[tokio::test]
async fn an_item_is_added_completed_reopened_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    assert!(client.get("/").await.body.contains("Nothing to do."));

    let answer = client.post("/items", &[("item", " buy milk ")]).await;
    assert_eq!(
        (answer.status, &answer.headers[LOCATION]),
        (StatusCode::SEE_OTHER, &"/".parse().unwrap())
    );
    let page = client.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<span dir=\"auto\">buy milk</span>") && page.body.contains("1 open, 0 done"));

    let id = client.id_of("buy milk").await;
    for (verb, open, done) in [
        ("complete", 0, 1),
        ("complete", 0, 1),
        ("reopen", 1, 0),
        ("delete", 0, 0),
        ("delete", 0, 0),
    ] {
        let answer = client.post(&format!("/items/{id}/{verb}"), &[]).await;
        assert_eq!(answer.status, 303, "{verb}: {}", answer.body);
        let list = client.list(1).await;
        assert_eq!(
            (&list["open"], &list["completed"]),
            (&open.into(), &done.into()),
            "{verb}"
        );
    }
    for verb in ["complete", "reopen"] {
        assert_eq!(client.post(&format!("/items/{id}/{verb}"), &[]).await.status, 404);
    }
}

#[tokio::test]
async fn the_list_outlives_its_program() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    assert_eq!(client.add(Uuid::from_u128(1), "buy milk").await, 303);
    let again = Client::with_file(folder.path()).await;
    assert_eq!(again.texts().await, ["buy milk"]);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_item() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    for text in ["milk", " milk", "milk", "bread", "milk"] {
        assert_eq!(client.add(Uuid::from_u128(1), text).await, 303);
    }
    // Another form may say the same.
    assert_eq!(client.add(Uuid::from_u128(2), "milk").await, 303);
    let mut texts = client.texts().await;
    texts.sort();
    assert_eq!(texts, ["bread", "milk", "milk"]);
}

#[tokio::test]
async fn hostile_text_is_shown_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    for (id, text) in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "'; DROP TABLE items; --",
        "שלום <b>עולם</b>",
        "\u{202e}dlrow",
    ]
    .into_iter()
    .enumerate()
    {
        let form = Uuid::from_u128(id as u128);
        assert_eq!(client.add(form, text).await, 303, "{text}");
        assert!(client.texts().await.contains(&text.to_owned()), "{text}");
    }
    let page = client.get("/").await;
    for markup in ["<script", "<img", "<b>"] {
        assert!(!page.body.contains(markup), "{markup}");
    }
    assert!(
        page.body.contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
        "{}",
        page.body
    );
    // What could not be added is shown again, and that as text too.
    let long = format!("\"><script>{}", "x".repeat(500));
    let page = client.post("/items", &[("item", &long)]).await;
    assert_eq!(page.status, 422);
    assert!(!page.body.contains("<script") && page.body.contains("&#60;script&#62;xxx"));
}

#[tokio::test]
async fn bad_input_is_refused_with_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    let megabyte = "x".repeat(1 << 20);
    for (item, status, expected) in [
        ("", 422, "1 to 500 characters"),
        (" \t ", 422, "1 to 500 characters"),
        ("\u{200b}\u{3164}", 422, "text that can be seen"),
        ("a\0b", 422, "U+0000"),
        ("a\nb", 422, "U+000A"),
        (
            &"x".repeat(501),
            422,
            "has 501 characters; at most 500 are allowed",
        ),
        (&megabyte, 413, "at most"),
    ] {
        let shown: String = item.chars().take(20).collect();
        let answer = client.post("/items", &[("item", item)]).await;
        assert_eq!(answer.status, status, "{shown:?}");
        assert!(answer.body.contains(expected), "{shown:?}: {}", answer.body);
    }
    for (path, form, status, expected) in [
        ("/items", &[("text", "x")][..], 422, "field &#34;item&#34;"),
        ("/items", &[("item", "x"), ("id", "7")], 422, "UUID"),
        ("/items/7/delete", &[], 404, "no such item"),
        (
            "/items/00000000-0000-0000-0000-000000000001/complete?page=0",
            &[],
            400,
            "a whole number from 1",
        ),
        (
            "/items/00000000-0000-0000-0000-000000000001/complete",
            &[],
            404,
            "no such item",
        ),
    ] {
        let answer = client.post(path, form).await;
        assert_eq!(answer.status, status, "{path} {form:?}: {}", answer.body);
        assert!(answer.body.contains(expected), "{path} {form:?}: {}", answer.body);
    }
    for (path, status, expected) in [
        ("/?page=0", 400, "a whole number from 1"),
        ("/?page=-1", 400, "page=&#34;-1&#34;"),
        ("/?page=99999999999", 400, "a whole number from 1 to 4294967295"),
        ("/?page=1&page=2", 400, "&#34;page&#34; is given twice"),
        ("/?format=xml", 400, "allowed: html, json"),
        ("/items?pge=2", 400, "no parameter &#34;pge&#34;"),
        ("/nowhere", 404, "/nowhere"),
        ("/items/7/delete", 405, "GET is not possible here"),
    ] {
        let answer = client.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.body.contains(expected), "{path}: {}", answer.body);
        assert_eq!(answer.headers.contains_key(ALLOW), status == 405, "{path}");
    }
    assert_eq!(client.list(1).await["total"], 0);
}

#[tokio::test]
async fn a_media_type_is_the_same_in_any_case() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    for (kind, status) in [
        ("APPLICATION/X-WWW-FORM-URLENCODED", 303),
        ("application/x-www-form-urlencoded; charset=UTF-8", 303),
        ("text/plain", 415),
    ] {
        let mut request = posted("/items", &[("item", "milk")]);
        request.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
        assert_eq!(client.ask(request).await.status, status, "{kind}");
    }
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    let form = &[("item", "from elsewhere")];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        let mut request = posted("/items", form);
        request.headers_mut().insert("host", "todo:8081".parse().unwrap());
        request.headers_mut().insert(name, value.parse().unwrap());
        let accept = "text/html,application/xhtml+xml,*/*;q=0.8".parse().unwrap();
        request.headers_mut().insert(ACCEPT, accept);
        let answer = client.ask(request).await;
        assert_eq!(answer.status, 403, "{name}: {value}");
        assert!(answer.body.contains("<h1>Refused</h1>"), "{}", answer.body);
    }
    assert_eq!(client.list(1).await["total"], 0);
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    for path in [
        "/",
        "/style.css",
        "/nowhere",
        "/items?page=0",
        "/items/7/delete",
        "/readyz",
    ] {
        let headers = client.get(path).await.headers;
        let policy = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn programs_are_answered_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    assert_eq!(client.add(Uuid::from_u128(1), "milk").await, 303);
    let request = |path: &str| {
        let request = Request::get(path)
            .header("host", "test")
            .header(ACCEPT, "application/json");
        request.body(Body::empty()).unwrap()
    };
    for (path, status, pointer, expected) in [
        ("/items", 200, "/items/0/text", "milk"),
        ("/nowhere", 404, "/message", "There is nothing at /nowhere here."),
    ] {
        let answer = client.ask(request(path)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.headers[CONTENT_TYPE]),
            (status, &"application/json".parse().unwrap())
        );
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body.pointer(pointer).unwrap(), expected, "{path}");
    }
}

#[tokio::test]
async fn what_happens_to_the_list_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let client = Client::with_file(folder.path()).await;
    for _ in 0..2 {
        client.add(Uuid::from_u128(1), "milk").await;
    }
    let id = client.id_of("milk").await;
    for _ in 0..2 {
        client.post(&format!("/items/{id}/delete"), &[]).await;
    }
    let metrics = client.get("/metrics").await.body;
    assert_eq!(families(&metrics).unwrap()["todo_items_added_total"], "counter");
    for line in [
        "todo_items_added_total 1",
        "todo_items_deleted_total 1",
        "todo_database_usable 1",
    ] {
        assert!(
            metrics.lines().any(|other| other == line),
            "{line} is not in\n{metrics}"
        );
    }
}
