//! The server: routes, who may use them, and how many at once.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{
        HeaderValue, StatusCode, Uri,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE},
    },
    middleware::from_fn_with_state,
    response::{Html, IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use guide::Language;
use serde::Deserialize;
use service::{Listening, LogFormat, LogSettings, Settings};
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    watch::Receiver,
};

use crate::{
    Frame, Token,
    guard::{self, Guard},
    page, stream,
};

const STYLE: &str = include_str!("../templates/board.css");
const SCRIPT: &str = include_str!("../templates/board.js");
/// The page's own script, style sheet, stream and buttons, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// How long a browser may read nothing, until it is dropped.
const UNREAD: Duration = Duration::from_secs(5);
/// How many connections there are at once: some hundred browsers have two or three each.
const CONNECTIONS: usize = 1000;

/// A Service of which somebody wants a pod broken: its namespace and its name.
pub type Break = String;

/// Where the teacher's button leads.
pub type Pressed = mpsc::Sender<Break>;

/// A board that listens, and as yet answers nobody.
#[derive(Debug)]
pub struct Server {
    listening: Listening,
    token: Token,
}

#[derive(Clone)]
struct App {
    frames: Receiver<Arc<Frame>>,
    pressed: Pressed,
    guard: Arc<Guard>,
    service: service::Service,
}

impl Server {
    /// Listens on `address`; port 0 takes any free one. `frames` is what is shown, and `pressed` gets what the button is
    /// pressed for.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn listen(
        address: SocketAddr,
        language: Language,
        frames: Receiver<Arc<Frame>>,
        pressed: Pressed,
    ) -> Result<Self, service::Error> {
        let token = Token::new();
        let service = service::Service::new("lab board", env!("CARGO_PKG_VERSION"), settings(address));
        let kept = token.clone();
        let listening = Listening::bind(&service.clone(), |address| {
            let guard = Guard {
                token: kept,
                address,
                language,
            };
            router(App {
                frames,
                pressed,
                guard: Arc::new(guard),
                service,
            })
        })?;
        Ok(Self { listening, token })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// The address for a browser that reaches this machine as `host`.
    #[must_use]
    pub fn url(&self, host: std::net::IpAddr) -> String {
        let address = SocketAddr::new(host, self.address().port());
        format!("http://{address}/?token={}", self.token.reveal())
    }

    /// Answers until `stop` is done, then ends all that is open.
    ///
    /// # Errors
    /// Something was cut off that would not end.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<(), service::Error> {
        self.listening.serve(stop).await
    }
}

/// Bounds for a page that has no bodies but a form of one field.
fn settings(listen: SocketAddr) -> Settings {
    Settings {
        get: None,
        listen,
        logs: LogSettings {
            log_format: LogFormat::Text,
            log_filter: tracing_subscriber::filter::Targets::new(),
        },
        drain_seconds: Duration::ZERO,
        stop_seconds: Duration::from_secs(1),
        header_seconds: Duration::from_secs(10),
        idle_seconds: Duration::from_secs(90),
        half_close_seconds: Duration::from_secs(1),
        request_seconds: Duration::from_secs(10),
        write_seconds: UNREAD,
        max_header_bytes: 16_384,
        max_target_bytes: 2048,
        max_body_bytes: 1024,
        max_connections: CONNECTIONS,
        public_origins: service::Origins::default(),
    }
}

fn router(app: App) -> Router {
    let secret = Router::new()
        .route("/", get(page))
        .route("/state", get(state))
        .route("/events", get(events))
        .route("/break", post(break_one))
        .fallback(nothing)
        .layer(from_fn_with_state(Arc::clone(&app.guard), guard::token));
    let guard = Arc::clone(&app.guard);
    Router::new()
        .route("/board.css", asset("text/css; charset=utf-8", STYLE))
        // Pages that say why there is no board ask for it by this name.
        .route("/style.css", asset("text/css; charset=utf-8", STYLE))
        .route("/board.js", asset("text/javascript; charset=utf-8", SCRIPT))
        .merge(secret)
        .layer(from_fn_with_state(guard, guard::name))
        .with_state(app)
}

fn asset(kind: &'static str, text: &'static str) -> MethodRouter<App> {
    get(async move || ([(CONTENT_TYPE, kind)], text))
}

async fn nothing() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// The page. Whoever came with the token gets the cookie with it, and needs the token no more.
async fn page(State(app): State<App>, uri: Uri) -> Response {
    let frame = Arc::clone(&app.frames.borrow());
    let mut answer = Html(page::whole(
        &frame.state,
        &frame.parts,
        frame.frozen.as_deref(),
        app.guard.language,
    ))
    .into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if app.guard.has_token(&uri) {
        let (name, token) = (app.guard.cookie(), app.guard.token.reveal());
        let cookie = format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/");
        headers.extend(HeaderValue::try_from(cookie).map(|cookie| (SET_COOKIE, cookie)));
    }
    answer
}

async fn state(State(app): State<App>) -> Response {
    let frame = Arc::clone(&app.frames.borrow());
    Json(&*frame.state).into_response()
}

async fn events(State(app): State<App>) -> Response {
    let stopping = app.service.stopping().clone();
    stream::events(app.frames, async move { stopping.cancelled().await }).into_response()
}

#[derive(Deserialize)]
struct Asked {
    service: String,
}

/// Hands on that the button was pressed. Whether something broke is seen on the board.
async fn break_one(State(app): State<App>, Form(asked): Form<Asked>) -> StatusCode {
    if !app.frames.borrow().breakable.contains(&asked.service) {
        return StatusCode::NOT_FOUND;
    }
    match app.pressed.try_send(asked.service) {
        Ok(()) => StatusCode::ACCEPTED,
        Err(TrySendError::Full(_)) => StatusCode::TOO_MANY_REQUESTS,
        Err(TrySendError::Closed(_)) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
