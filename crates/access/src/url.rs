//! The URLs of a kubeconfig and of the environment.

use std::net::{IpAddr, Ipv6Addr};

use http::Uri;
use ipnet::IpNet;

/// How much of a value is shown, in characters.
const SHOWN: usize = 80;

/// A value for an error: quoted, on one line, and not all of a very long one.
pub(crate) fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// The server's URL.
///
/// # Errors
/// It is none; the error names it and what is allowed.
pub(crate) fn server(value: &str) -> Result<Uri, String> {
    let allowed =
        "allowed: https://HOST:PORT or http://HOST:PORT, with a path or without, an IPv6 address in brackets";
    if value.contains('@') {
        return Err(format!(
            "server has a user's name or a password in it, which belong to the user's entry; {allowed}"
        ));
    }
    parsed(value, &["https", "http"]).ok_or_else(|| format!("server is {}; {allowed}", shown(value)))
}

/// The URL of a proxy that `field` names.
///
/// # Errors
/// It is none; the error names it and what is allowed.
pub(crate) fn proxy(field: &str, value: &str) -> Result<Uri, String> {
    parsed(value, &["http", "https", "socks5"]).ok_or_else(|| {
        // It may hold a password.
        let place = value.rsplit('@').next().unwrap_or_default();
        format!(
            "{field} is {}; allowed: http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT",
            shown(place)
        )
    })
}

fn parsed(value: &str, schemes: &[&str]) -> Option<Uri> {
    let url: Uri = value.parse().ok()?;
    let authority = url.authority()?.as_str();
    let place = authority.rsplit('@').next()?;
    let host = url.host()?;
    let port = place.strip_prefix(host)?;
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_host = match host.strip_prefix('[') {
        Some(address) => address.strip_suffix(']')?.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty(),
    };
    let good = schemes.contains(&url.scheme_str()?)
        && is_host
        && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
        && url.query().is_none()
        && !value.contains('#');
    good.then_some(url)
}

/// The proxy that the environment has for a server, as kubectl sees it: none for this machine itself or what NO_PROXY lists.
///
/// # Errors
/// HTTPS_PROXY is no URL; the error names it and what is allowed.
pub(crate) fn proxy_of_environment(
    server: &Uri,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Uri>, String> {
    let either = |name: &str| {
        let upper = variable(name).filter(|value| !value.is_empty());
        upper.or_else(|| variable(&name.to_lowercase()).filter(|value| !value.is_empty()))
    };
    let name = match server.scheme_str() {
        Some("https") => "HTTPS_PROXY",
        _ => "HTTP_PROXY",
    };
    let Some(value) = either(name) else {
        return Ok(None);
    };
    let listed = either("NO_PROXY").unwrap_or_default();
    let host = server.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if is_here(host) || listed.split(',').any(|entry| covers(entry.trim(), host)) {
        return Ok(None);
    }
    // As for curl, a proxy without a scheme is an HTTP proxy.
    let value = if value.contains("://") {
        value
    } else {
        format!("http://{value}")
    };
    proxy(name, &value).map(Some)
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether an entry of NO_PROXY is about a host: the host, a domain above it, its address, or a range.
fn covers(entry: &str, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        let range = entry.parse::<IpNet>().is_ok_and(|range| range.contains(&address));
        return entry == "*" || range || entry.parse() == Ok(address);
    }
    let entry = entry.split_once(':').map_or(entry, |(name, _port)| name);
    let domain = entry.trim_start_matches("*.").trim_start_matches('.');
    let above = host
        .strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    entry == "*" || (!domain.is_empty() && above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_url_with_a_host() {
        for good in [
            "https://10.0.0.1:6443",
            "http://localhost",
            "https://[::1]:6443",
            "https://rancher.example/k8s/clusters/c-1",
        ] {
            assert!(server(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "nonsense",
            "localhost:6443",
            "//host",
            "/path",
            "ftp://host",
            "https://",
            "https://:6443",
            "https://::1:6443",
            "https://[::g]:6443",
            "https://host:99999",
            "https://host:0",
            "https://host:",
            "https://host:port",
            "https://host name",
            "https://host?a=b",
            "https://host#a",
            "https://호스트",
        ] {
            let error = server(bad).unwrap_err();
            assert!(error.contains(&format!("{bad:?}; allowed: https://")), "{error}");
        }
        let secret = server("https://me:secret@host").unwrap_err();
        assert!(!secret.contains("secret"), "{secret}");
        let long = server(&"x".repeat(3000)).unwrap_err();
        assert!(long.len() < 300, "{long}");
    }

    #[test]
    fn a_proxy_is_named_by_its_field_and_without_its_password() {
        for good in ["http://p:3128", "https://me:pw@p", "socks5://[::1]:1080"] {
            assert!(proxy("proxy-url", good).is_ok(), "{good}");
        }
        let error = proxy("proxy-url", "socks4://me:secret@p:1").unwrap_err();
        assert!(
            error.starts_with("proxy-url is \"p:1\"; allowed: http://"),
            "{error}"
        );
    }

    #[test]
    fn the_environment_has_a_proxy_only_for_others_than_this_machine_and_those_listed() {
        let of = |server: &str, listed: &str| {
            let variable = |name: &str| match name {
                "https_proxy" => Some("p:3128".to_owned()),
                "NO_PROXY" => Some(listed.to_owned()),
                _ => None,
            };
            let server = server.parse().unwrap();
            proxy_of_environment(&server, variable).unwrap().is_some()
        };
        assert!(of("https://a.example", ""));
        assert!(of("https://a.example", "b.example, ,other"));
        assert!(of("https://badexample", "example"));
        assert!(of("https://10.1.0.1", "10.2.0.0/16"));
        assert!(!of("http://a.example", ""), "that is HTTP_PROXY's");
        for (server, listed) in [
            ("https://127.0.0.1:6443", ""),
            ("https://[::1]:6443", ""),
            ("https://localhost", ""),
            ("https://a.example", "*"),
            ("https://a.example", ".example"),
            ("https://a.example", "other, a.example:443,"),
            ("https://10.1.0.1", "10.1.0.0/16"),
            ("https://10.1.0.1", "10.1.0.1"),
        ] {
            assert!(!of(server, listed), "{server} {listed}");
        }
        let bad = |_: &str| Some("ftp://x".to_owned());
        let error = proxy_of_environment(&"https://a.example".parse().unwrap(), bad).unwrap_err();
        assert!(error.starts_with("HTTPS_PROXY is \"ftp://x\""), "{error}");
    }
}
