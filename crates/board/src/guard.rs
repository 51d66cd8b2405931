//! Who may look: whoever has the token, at a name that cannot be somebody else's.

use std::{net::IpAddr, net::SocketAddr, sync::Arc};

use axum::http::{
    HeaderMap, StatusCode, Uri,
    header::{COOKIE, HOST, WWW_AUTHENTICATE},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use guide::{Language, Message};
use service::{Format, Problem};

use crate::Token;

/// What is compared with each request.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) token: Token,
    pub(crate) address: SocketAddr,
    pub(crate) language: Language,
}

impl Guard {
    /// The cookie's name. Browsers send the cookies of a host to all its ports, so each board has one of its own.
    pub(crate) fn cookie(&self) -> String {
        format!("lab-board-{}", self.address.port())
    }

    /// Whether a name of ours was asked for. A page of somebody else's that has its own name lead here (DNS rebinding) asks for
    /// that name; an address is nobody's name. Any port will do, as that of an SSH tunnel is another.
    fn is_our_name(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() => name,
            _ => host,
        };
        let address = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
            .unwrap_or(name);
        let (here, address) = (self.address.ip(), address.parse::<IpAddr>());
        match address {
            Ok(address) if here.is_unspecified() => !address.is_unspecified(),
            Ok(address) => address == here || (here.is_loopback() && address.is_loopback()),
            Err(_) => name.eq_ignore_ascii_case("localhost") && (here.is_loopback() || here.is_unspecified()),
        }
    }

    /// Whether a request has the token, in its query or in its cookie.
    fn is_known(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        self.has_token(uri) || {
            let name = self.cookie();
            let cookies = headers
                .get_all(COOKIE)
                .iter()
                .filter_map(|line| line.to_str().ok());
            let mut pairs = cookies
                .flat_map(|line| line.split(';'))
                .filter_map(|pair| pair.trim().split_once('='));
            pairs.any(|(key, value)| key == name && self.token.is(value))
        }
    }

    /// Whether its query has it.
    pub(crate) fn has_token(&self, uri: &Uri) -> bool {
        let mut pairs = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs.any(|(key, value)| key == "token" && self.token.is(value))
    }

    fn refusal(&self, status: StatusCode, why: Message, headers: &HeaderMap) -> Response {
        let message = self.language.tell(&why.with("address", self.address.to_string()));
        let format = Format::accepted(headers, &[Format::Text, Format::Html, Format::Json]);
        Problem::new(status, "lab board", message, "↻").into_response(format)
    }
}

/// Refuses what was asked for at a name that is not ours.
pub(crate) async fn name(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    // A target in full, as proxies get it, goes before that header (RFC 9112, 3.2.2).
    let target = request.uri().authority().map_or(host, |target| target.as_str());
    if guard.is_our_name(host) && guard.is_our_name(target) {
        next.run(request).await
    } else {
        guard.refusal(StatusCode::FORBIDDEN, Message::new("board-foreign-host"), headers)
    }
}

/// Refuses whoever does not have the token.
pub(crate) async fn token(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    if guard.is_known(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    let mut refusal = guard.refusal(
        StatusCode::UNAUTHORIZED,
        Message::new("board-no-token"),
        request.headers(),
    );
    // RFC 9110, 15.5.2: an answer of 401 names a scheme.
    if let Ok(scheme) = "LabBoard".parse() {
        refusal.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_somebody_else_may_have_are_not_ours() {
        let guard = |address: &str| Guard {
            token: Token::new(),
            address: address.parse().unwrap(),
            language: Language::En,
        };
        for (address, host, ours) in [
            ("127.0.0.1:8700", "127.0.0.1:8700", true),
            ("127.0.0.1:8700", "localhost:9000", true),
            ("127.0.0.1:8700", "LOCALHOST", true),
            ("127.0.0.1:8700", "[::1]:8700", true),
            ("127.0.0.1:8700", "192.0.2.1:8700", false),
            ("127.0.0.1:8700", "evil.example:8700", false),
            ("127.0.0.1:8700", "127.0.0.1.evil.example", false),
            ("127.0.0.1:8700", "localhost.evil.example:8700", false),
            ("127.0.0.1:8700", "", false),
            ("192.0.2.1:80", "192.0.2.1", true),
            ("192.0.2.1:80", "localhost", false),
            ("0.0.0.0:80", "192.0.2.1:80", true),
            ("[::]:80", "[2001:db8::1]:80", true),
            ("[::]:80", "teacher.example:80", false),
            ("[::]:80", "0.0.0.0:80", false),
        ] {
            assert_eq!(guard(address).is_our_name(host), ours, "{address} {host}");
        }
    }
}
