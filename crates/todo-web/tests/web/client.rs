//! The routes, called without a socket.

use std::path::Path;

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, Method, Request, StatusCode,
        header::{CONTENT_TYPE, HOST},
    },
};
use clap::Parser;
use http_body_util::BodyExt;
use service::Service;
use testkit::{DEADLINE, eventually_async};
use todo_web::{App, Settings, Store, router};
use tokio::time::timeout;
use tower::ServiceExt;
use uuid::Uuid;

/// Someone who uses the list. Clones use the same replica.
#[derive(Clone)]
pub(crate) struct Client(Router);

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Client {
    /// A client of a replica of its own.
    pub(crate) fn of(store: Store) -> Self {
        let settings = Settings::parse_from(["todo-web"]).service;
        let service = Service::new("todo-web", "1.0.0", settings);
        let routes = router(App::new(store, "test".into()), &service);
        Self(service.observed(routes))
    }

    /// A client of a list in a file of this folder, once it can be used.
    pub(crate) async fn with_file(folder: &Path) -> Self {
        let client = Self::of(Store::sqlite(folder.join("todo.db")));
        client.until_ready().await;
        client
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let answer = timeout(DEADLINE, async {
            let answer = self.0.clone().oneshot(request).await.unwrap();
            let (head, body) = answer.into_parts();
            Answer {
                status: head.status,
                headers: head.headers,
                body: String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap(),
            }
        });
        answer.await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(
            Request::get(path)
                .header(HOST, "test")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.ask(posted(path, form)).await
    }

    /// Sends the form `id` with this text, once.
    pub(crate) async fn add(&self, id: Uuid, text: &str) -> StatusCode {
        let id = id.to_string();
        self.post("/items", &[("id", &id), ("item", text)]).await.status
    }

    /// Sends it until it is confirmed.
    pub(crate) async fn add_at_last(&self, id: Uuid, text: &str) {
        eventually_async(text, DEADLINE, || async {
            let status = self.add(id, text).await;
            assert!(status == 303 || status == 503, "{text}: {status}");
            (status == 303).then_some(()).ok_or(status)
        })
        .await;
    }

    /// The list as programs read it.
    pub(crate) async fn list(&self, page: u32) -> serde_json::Value {
        let answer = self.get(&format!("/items?format=json&page={page}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The texts of all items, in their order.
    pub(crate) async fn texts(&self) -> Vec<String> {
        let mut texts = vec![];
        let mut page = 1;
        loop {
            let list = self.list(page).await;
            for item in list["items"].as_array().unwrap() {
                texts.push(item["text"].as_str().unwrap().to_owned());
            }
            if list["pages"] == page {
                return texts;
            }
            page += 1;
        }
    }

    /// The id of the item with this text, on the first page.
    pub(crate) async fn id_of(&self, text: &str) -> String {
        let list = self.list(1).await;
        let items = list["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["text"] == text).unwrap();
        item["id"].as_str().unwrap().to_owned()
    }

    /// Waits until readiness is answered with this status.
    pub(crate) async fn until(&self, readiness: u16) {
        let what = format!("/readyz answers {readiness}");
        eventually_async(&what, DEADLINE, || async {
            self.get("/readyz").await.status == readiness
        })
        .await;
    }

    pub(crate) async fn until_ready(&self) {
        self.until(200).await;
    }
}

pub(crate) fn posted(path: &str, form: &[(&str, &str)]) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, "test")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(serde_urlencoded::to_string(form).unwrap()))
        .unwrap()
}
