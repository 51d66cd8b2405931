//! The HTTP routes.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{FromRequest, FromRequestParts, Path, Request, State, rejection::FormRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use service::{Format, Problem, Service};
use uuid::Uuid;

use crate::{
    item::ItemText,
    metrics::Metrics,
    page::{self, AddForm},
    query::{self, Query},
    store::Store,
    watch::{Unavailable, Watched},
};

const STYLE: &str = include_str!("../templates/style.css");

/// The state that all requests share.
#[derive(Clone, Debug)]
pub struct App {
    database: Watched,
    /// The place of the items, for the page's foot.
    place: Arc<str>,
    /// The host name to show, in a pod the pod's name.
    host: Arc<str>,
    metrics: Metrics,
}

impl App {
    /// Creates an app on `store` and starts to watch it. Needs a tokio runtime.
    #[must_use]
    pub fn new(store: Store, host: String) -> Self {
        Self {
            place: store.to_string().into(),
            database: Watched::new(store),
            host: host.into(),
            metrics: Metrics::default(),
        }
    }
}

/// All routes. Liveness never looks at the database: restarting this program would not bring it back.
pub fn router(app: App, service: &Service) -> Router {
    app.metrics.register(&app.database, service);
    let readiness = service.readiness().clone();
    let database = app.database.clone();
    let ready = move || async move {
        if !readiness.is_ready() {
            (StatusCode::SERVICE_UNAVAILABLE, "Stopping")
        } else if !database.is_usable() {
            (
                StatusCode::SERVICE_UNAVAILABLE,
                if database.is_read_only() {
                    "The database is read-only; the log says more"
                } else {
                    "The database can't be used; the log says why"
                },
            )
        } else {
            (StatusCode::OK, "Ok")
        }
    };
    Router::new()
        .route("/", get(list))
        .route("/items", get(list).post(add))
        .route("/items/{id}/complete", post(complete))
        .route("/items/{id}/reopen", post(reopen))
        .route("/items/{id}/delete", post(delete))
        .route("/style.css", service::style_sheet(STYLE))
        .route("/healthz", service.live())
        .route("/readyz", get(ready))
        .route("/metrics", service.metrics())
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(app)
}

async fn list(State(app): State<App>, headers: HeaderMap, uri: Uri) -> Response {
    let query = match Query::of(&uri) {
        Ok(query) => query,
        Err(message) => return bad_request(message).into_response(query::accepted(&headers)),
    };
    let format = query.format(&headers);
    match app.database.answer(app.database.store().list(query.page)).await {
        Ok(listing) => page::list(&listing, &app.place, &app.host, format),
        Err(why) => page::unavailable(why).into_response(format),
    }
}

#[derive(Deserialize)]
struct Added {
    item: String,
    id: Option<Uuid>,
}

/// Answers only once the item is committed.
async fn add(State(app): State<App>, mut request: Request) -> Response {
    let format = query::accepted(request.headers());
    lower_case_type(request.headers_mut());
    let Added { item, id } = match Form::from_request(request, &app).await {
        Ok(Form(added)) => added,
        Err(rejection) => return unreadable(&rejection).into_response(format),
    };
    let form = AddForm::again(id.unwrap_or_else(Uuid::new_v4), &item);
    let text = match ItemText::parse(&item) {
        Ok(text) => text,
        Err(invalid) => {
            return page::invalid(invalid.to_string(), form).into_response(format);
        }
    };
    match app
        .database
        .answer(app.database.store().add(text.id(form.id), &text))
        .await
    {
        Ok(new) => {
            app.metrics.added.inc_by(u64::from(new));
            Redirect::to("/").into_response()
        }
        Err(why) => page::unavailable_for(why, form).into_response(format),
    }
}

/// A media type may be written in any case (RFC 9110, 8.3.1); axum compares it as it is.
fn lower_case_type(headers: &mut HeaderMap) {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let lower_case = kind.map(str::to_ascii_lowercase);
    if let Some(kind) = lower_case.and_then(|kind| HeaderValue::try_from(kind).ok()) {
        headers.insert(CONTENT_TYPE, kind);
    }
}

async fn complete(State(app): State<App>, item: Target) -> Response {
    let asked = app.database.store().set_completed(item.id, true);
    item.answer(app.database.answer(asked).await)
}

async fn reopen(State(app): State<App>, item: Target) -> Response {
    let asked = app.database.store().set_completed(item.id, false);
    item.answer(app.database.answer(asked).await)
}

/// Deleting twice is fine: the item is gone, as intended.
async fn delete(State(app): State<App>, item: Target) -> Response {
    let deleted = app.database.answer(app.database.store().delete(item.id)).await;
    let there_was_one = matches!(deleted, Ok(true));
    app.metrics.deleted.inc_by(u64::from(there_was_one));
    item.answer(deleted.map(|_| true))
}

/// The item to change, and the page that its button is on.
struct Target {
    id: Uuid,
    page: u32,
    format: Format,
}

impl<S: Send + Sync> FromRequestParts<S> for Target {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let format = query::accepted(&parts.headers);
        let id = Path::<Uuid>::from_request_parts(parts, state).await;
        let Path(id) = id.map_err(|_| no_such_item().into_response(format))?;
        let query = Query::of(&parts.uri).map_err(|message| bad_request(message).into_response(format))?;
        let page = query.page;
        Ok(Self { id, page, format })
    }
}

impl Target {
    /// Redirects back to the page if the item exists.
    fn answer(&self, found: Result<bool, Unavailable>) -> Response {
        match found {
            Ok(true) if self.page == 1 => Redirect::to("/").into_response(),
            Ok(true) => Redirect::to(&format!("/?page={}", self.page)).into_response(),
            Ok(false) => no_such_item().into_response(self.format),
            Err(why) => page::unavailable(why).into_response(self.format),
        }
    }
}

async fn unknown(uri: Uri, headers: HeaderMap) -> Response {
    let path: String = uri.path().chars().take(100).collect();
    let message = format!("There is nothing at {path} here.");
    page::problem(StatusCode::NOT_FOUND, "Not found", message).into_response(query::accepted(&headers))
}

async fn wrong_method(method: Method, headers: HeaderMap) -> Response {
    let message = format!("{method} is not possible here. The list has a button for everything that is.");
    page::problem(StatusCode::METHOD_NOT_ALLOWED, "Not possible", message)
        .into_response(query::accepted(&headers))
}

fn no_such_item() -> Problem {
    let message = "There is no such item: somebody may have deleted it in the meantime.";
    page::problem(StatusCode::NOT_FOUND, "Not found", message)
}

fn bad_request(message: impl Into<String>) -> Problem {
    page::problem(StatusCode::BAD_REQUEST, "Not possible", message)
}

/// A form that is unreadable or too large, so not from our own page.
fn unreadable(rejection: &FormRejection) -> Problem {
    let message = format!(
        "{}. An item is sent as a form with the field \"item\", and \"id\" with a UUID if sending it twice is to be safe.",
        rejection.body_text()
    );
    page::problem(rejection.status(), "This can't be read", message)
}
