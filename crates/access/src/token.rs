//! Tokens that are got anew while a client is used.

use std::sync::Arc;

use http::{HeaderValue, Request, header::AUTHORIZATION};
use jiff::{SignedDuration, Timestamp};
use kube::{Client, client::Body, config::ExecConfig};
use tokio::sync::Mutex;

use crate::{Error, kubeconfig, plugin};

/// How long before its end a token is got anew, and after which a file is read again.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// Where a token comes from.
pub(crate) enum Source {
    Plugin(Box<ExecConfig>),
    File(String),
}

/// A token, and until when it is used; none: for good.
#[derive(Clone)]
pub(crate) struct Token {
    header: HeaderValue,
    until: Option<Timestamp>,
}

impl Token {
    pub(crate) fn new(token: &str, until: Option<Timestamp>) -> Result<Self, String> {
        let header = HeaderValue::try_from(format!("Bearer {token}"));
        let mut header = header.map_err(|reason| format!("the token cannot be sent: {reason}"))?;
        header.set_sensitive(true);
        Ok(Self { header, until })
    }

    /// The token of a file now.
    pub(crate) fn of_file(file: &str) -> Result<Self, String> {
        Self::new(&kubeconfig::token(file)?, Some(Timestamp::now() + MARGIN))
    }
}

/// A client that sends a token with each request, and gets another before that ends.
pub(crate) fn renewing(client: Client, source: Source, first: Token) -> Client {
    let namespace = client.default_namespace().to_owned();
    let state = Arc::new((source, Mutex::new(first)));
    let service = tower::service_fn(move |mut request: Request<Body>| {
        let (client, state) = (client.clone(), Arc::clone(&state));
        async move {
            let (source, token) = &*state;
            let header = current(source, &mut *token.lock().await, Timestamp::now()).await?;
            request.headers_mut().insert(AUTHORIZATION, header);
            Ok::<_, tower::BoxError>(client.send(request).await?)
        }
    });
    Client::new(service, namespace)
}

async fn current(source: &Source, token: &mut Token, now: Timestamp) -> Result<HeaderValue, Error> {
    match source {
        Source::Plugin(exec) if token.until.is_some_and(|until| now + MARGIN >= until) => {
            let credentials = plugin::ask(exec).await?;
            let failed = |reason: String| Error::Plugin {
                plugin: exec.command.clone().unwrap_or_default(),
                reason,
            };
            let text = credentials
                .token
                .ok_or_else(|| failed("this time it gave no token".into()))?;
            *token = Token::new(&text, credentials.expires).map_err(failed)?;
        }
        Source::File(file) if token.until.is_some_and(|until| now >= until) => {
            // Where it is gone or being written, the last one goes on, as with kubectl.
            if let Ok(read) = Token::of_file(file) {
                *token = read;
            }
        }
        _ => {}
    }
    Ok(token.header.clone())
}
