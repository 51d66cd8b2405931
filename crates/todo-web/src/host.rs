//! What can be the place of a Postgres server.

use std::net::IpAddr;

/// The longest path of a socket, without the zero after it (unix(7)), less `/.s.PGSQL.65535`, which Postgres appends.
const MOST_OF_FOLDER: usize = 107 - 15;
/// RFC 1035, section 2.3.4, as text.
const MOST_OF_NAME: usize = 253;
const MOST_OF_LABEL: usize = 63;

/// A clap parser for PGHOST: a name, an address, or the folder of a Unix socket; or nothing, for no server.
///
/// # Errors
/// What could never be reached, with what is allowed: it would otherwise look like a server that is down.
pub(crate) fn host(text: &str) -> Result<String, String> {
    if text.is_empty() || is_folder(text) || text.parse::<IpAddr>().is_ok() || is_name(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "give the name of a host, such as todo-db or db.example, an IP address without brackets, or the absolute path of the \
         folder of Postgres' Unix socket (at most {MOST_OF_FOLDER} bytes)"
    ))
}

fn is_folder(text: &str) -> bool {
    text.starts_with('/') && text.len() <= MOST_OF_FOLDER && !text.contains(char::is_control)
}

/// Letters, digits and hyphens (RFC 1123, section 2.1), and underscores, which Docker's names have.
fn is_name(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=MOST_OF_LABEL).contains(&label.len())
            && label.bytes().all(known)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name whose last part is a number is read as an address by resolvers: 5 is 0.0.0.5.
    let is_number = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    name.len() <= MOST_OF_NAME
        && name.split('.').all(is_label)
        && !name.rsplit('.').next().is_some_and(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_server_can_be_reached_by_is_refused() {
        for good in [
            "",
            "todo-db",
            "todo-db.lab.svc.cluster.local.",
            "my_stack_db",
            "1e3.example",
            "127.0.0.1",
            "::1",
            "fe80::1",
            "/var/run/postgresql",
            &format!("/{}", "x".repeat(91)),
            &"a".repeat(63),
        ] {
            assert_eq!(host(good), Ok(good.to_owned()));
        }
        for bad in [
            "-1",
            " 5 ",
            "5",
            "1.2.3",
            "1.2.3.256",
            "[::1]",
            "a,b",
            "db:5432",
            "postgres://db",
            "a..b",
            ".",
            "db-",
            "dä",
            "db\n",
            "./socket",
            "/a\nb",
            &format!("/{}", "x".repeat(92)),
            &"a".repeat(64),
            &"a.".repeat(1500),
        ] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }
}
