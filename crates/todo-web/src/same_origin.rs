//! Whether a request that changes something comes from our own page.
//!
//! Any page on the web can make a browser send our forms. Browsers say where a request comes from; programs like curl
//! say nothing, and nobody can send them somewhere without their knowledge.

use axum::http::{
    HeaderMap,
    header::{HOST, ORIGIN},
};

/// Whether what the browser says about a request's origin, if anything, is us.
///
/// Browsers send Sec-Fetch-Site over https and to this machine only (W3C Fetch Metadata, "trustworthy"). Elsewhere there is
/// Origin, whose host and port have to be those that the request is for; without it stands `null`, as sandboxed pages
/// have it, or the address of another page.
pub(crate) fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("not readable"))
    };
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(ORIGIN.as_str()) else {
        return true;
    };
    let origin = origin.split_once("://").map(|(_, host)| host);
    origin.is_some_and(|origin| text(HOST.as_str()).is_some_and(|host| host.eq_ignore_ascii_case(origin)))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_ours;

    fn ours(headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_ours(&headers)
    }

    #[test]
    fn our_own_page_and_programs_are_let_in() {
        for headers in [
            &[("host", "todo:8081")][..],
            &[("host", "todo:8081"), ("sec-fetch-site", "same-origin")],
            &[("host", "todo:8081"), ("sec-fetch-site", "none")],
            &[("host", "198.18.0.1:8081"), ("origin", "http://198.18.0.1:8081")],
            &[("host", "Todo.example"), ("origin", "https://todo.example")],
        ] {
            assert!(ours(headers), "{headers:?}");
        }
    }

    #[test]
    fn other_pages_are_not() {
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
            &[("host", "todo:8081"), ("origin", "null")],
            &[("host", "todo:8081"), ("origin", "todo:8081")],
            &[("origin", "http://todo:8081")],
        ] {
            assert!(!ours(headers), "{headers:?}");
        }
    }
}
