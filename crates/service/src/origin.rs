//! Names of this program's pages: as browsers say them in `Origin`, and as requests say them in `Host`.

use axum::extract::Request;
use http::{
    HeaderMap, HeaderValue, Uri, Version,
    header::{HOST, ORIGIN},
    uri::Authority,
};

/// The most origins that may be given.
const MOST: usize = 20;
/// The longest name that a message repeats, in characters.
const LONGEST: usize = 100;

/// Origins of the program's own pages, as browsers write them: scheme, name, and the port unless it is the scheme's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(pub(crate) Vec<String>);

/// Origins from a text, with commas between them; none from an empty one.
pub(crate) fn origins(text: &str) -> Result<Origins, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let origins: Vec<_> = parts.map(origin).collect::<Result<_, _>>()?;
    if origins.len() > MOST {
        return Err(format!(
            "{} origins are too many; give at most {MOST}",
            origins.len()
        ));
    }
    Ok(Origins(origins))
}

fn origin(text: &str) -> Result<String, String> {
    let bad = || format!("{text:?} is no origin; give one like https://todo.example or http://10.0.0.1:8081");
    let uri: Uri = text.parse().map_err(|_| bad())?;
    let scheme = uri
        .scheme_str()
        .filter(|scheme| ["http", "https"].contains(scheme));
    let authority = uri
        .authority()
        .filter(|authority| is_host(authority.as_str()) && !authority.host().is_empty());
    // A slash at the end is what browsers copy from their address bar.
    let (Some(scheme), Some(authority), "/" | "", None) = (scheme, authority, uri.path(), uri.query()) else {
        return Err(bad());
    };
    let origin = format!("{scheme}://{authority}").to_ascii_lowercase();
    Ok(without(&origin, default_port(&origin)).to_owned())
}

/// Makes names that differ only in a port that goes without saying the same (RFC 9110, 4.2.3), as what compares them does so
/// byte by byte: `http://todo.example` is the origin of pages at `Host: todo.example:80`.
pub(crate) fn without_default_port(request: &mut Request) {
    let Some(origin) = request
        .headers()
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok())
    else {
        return;
    };
    let port = default_port(origin);
    let shortened = |text: &str| HeaderValue::from_str(without(text, port)).ok();
    let origin = shortened(origin);
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(shortened);
    let mut target = request.uri().clone().into_parts();
    target.authority = target
        .authority
        .and_then(|authority| without(authority.as_str(), port).parse().ok());
    if let Ok(target) = Uri::from_parts(target) {
        *request.uri_mut() = target;
    }
    for (name, value) in [(ORIGIN, origin), (HOST, host)] {
        value.map(|value| request.headers_mut().insert(name, value));
    }
}

/// The port that goes without saying, as it would stand at the end of this origin.
fn default_port(origin: &str) -> &'static str {
    if origin.starts_with("https://") {
        ":443"
    } else {
        ":80"
    }
}

fn without<'a>(text: &'a str, port: &str) -> &'a str {
    text.strip_suffix(port).unwrap_or(text)
}

/// Why a request without one good `Host` is refused (RFC 9112, 3.2).
pub(crate) fn bad_host(version: Version, headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => None,
        (None, _) => Some("the request names no Host; HTTP/1.1 asks for one".into()),
        (Some(_), Some(_)) => Some("the request names Host more than once".into()),
        (Some(host), None) => {
            let host = String::from_utf8_lossy(host.as_bytes());
            (!is_host(&host)).then(|| {
                format!(
                    "Host is {:?}; allowed: a name or an address, and a port",
                    shown(&host)
                )
            })
        }
    }
}

/// Whether a text is a host and perhaps a port (RFC 9110, 7.2). It may be empty, where the target has none.
fn is_host(text: &str) -> bool {
    let port = |authority: &Authority| {
        let rest = &authority.as_str()[authority.host().len()..];
        rest.is_empty() || rest == ":" || authority.port_u16().is_some()
    };
    text.is_empty()
        || !text.contains('@') && text.parse::<Authority>().is_ok_and(|authority| port(&authority))
}

/// The two names of a request that a page of another site may have sent.
#[derive(Debug)]
pub(crate) struct Names {
    origin: Option<String>,
    host: String,
}

impl Names {
    pub(crate) fn of(request: &Request) -> Self {
        let text = |name| {
            let value: &HeaderValue = request.headers().get(name)?;
            Some(shown(&String::from_utf8_lossy(value.as_bytes())))
        };
        let target = request
            .uri()
            .authority()
            .map(|authority| shown(authority.as_str()));
        Self {
            origin: text(ORIGIN),
            host: target.or_else(|| text(HOST)).unwrap_or_default(),
        }
    }

    /// Why the request is refused, and the cure where it is our own page behind a proxy.
    pub(crate) fn explanation(&self) -> String {
        let Self { origin, host } = self;
        match origin.as_deref().filter(|origin| *origin != "null") {
            Some(origin) => format!(
                "a page of {origin} sent this request to {host}, and only this program's own pages may. If it is one, \
                 let the proxy between them pass Host on, or set PUBLIC_ORIGINS to {origin}"
            ),
            None => "another site sent this request; only this program's own pages may".into(),
        }
    }
}

fn shown(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let list = origins("https://Todo.example:443/, http://vm.school:80,http://[fd00::1]:8081 ").unwrap();
        assert_eq!(
            list.0,
            [
                "https://todo.example",
                "http://vm.school",
                "http://[fd00::1]:8081"
            ]
        );
        assert_eq!(origins(" ").unwrap(), Origins::default());
        for bad in [
            "todo.example",
            "*",
            "null",
            "ftp://todo.example",
            "https://",
            "https://a@todo.example",
            "https://todo.example/list",
            "https://todo.example/?a",
            "https://todo.example:99999",
            "https://todo.example https://b",
        ] {
            let error = origins(bad).unwrap_err();
            assert!(error.contains(&format!("{bad:?} is no origin")), "{error}");
        }
        assert!(
            origins(&"http://a,".repeat(21))
                .unwrap_err()
                .contains("at most 20")
        );
    }

    #[test]
    fn a_request_has_one_good_host() {
        let said = |version, hosts: &[&str]| {
            let headers = hosts.iter().map(|host| (HOST, host.parse().unwrap())).collect();
            bad_host(version, &headers)
        };
        for good in [
            "a",
            "a:80",
            "a:",
            "198.18.0.1:8081",
            "[::1]:8080",
            "3323183105:8013",
            "",
        ] {
            assert_eq!(said(Version::HTTP_11, &[good]), None, "{good}");
        }
        for bad in [
            "a b/?#", "a/b", "a@b", "http://a", "a:b", "a:99999", "a,b:1:2", "[::1", "é",
        ] {
            let said = said(Version::HTTP_11, &[bad]).unwrap_or_default();
            assert!(said.contains("allowed: a name"), "{bad}: {said}");
        }
        assert!(said(Version::HTTP_11, &[]).unwrap().contains("no Host"));
        assert!(
            said(Version::HTTP_10, &["a", "a"])
                .unwrap()
                .contains("more than once")
        );
        assert_eq!(said(Version::HTTP_10, &[]), None);
    }
}
