//! What may stand before an image's name.

/// No image's name may be longer than 255 letters, and something has to follow.
const LONGEST: usize = 200;

/// Whether an image can have the name.
///
/// # Errors
/// Otherwise, with what is allowed. (Not while the command line is read, which would repeat any name as it is.)
pub(super) fn verify(name: &str) -> Result<(), cluster::Error> {
    if is_registry(name) {
        return Ok(());
    }
    Err(cluster::Error::Invalid {
        what: "registry",
        value: name.into(),
        allowed: "what can stand before an image's name: a host, perhaps with a port, and parts of lower-case letters and digits with . _ or - between them, joined \
                  by /, such as registry.example:5000/team"
            .into(),
    })
}

fn is_registry(name: &str) -> bool {
    let (first, rest) = name
        .split_once('/')
        .map_or((name, None), |(first, rest)| (first, Some(rest)));
    // As the programs that pull images tell a host from a path.
    let is_host = first == "localhost" || first.contains(['.', ':']);
    name.len() <= LONGEST
        && (if is_host {
            is_address(first)
        } else {
            is_part(first)
        })
        && rest.is_none_or(|rest| rest.split('/').all(is_part))
}

fn is_address(text: &str) -> bool {
    let (host, port) = text
        .split_once(':')
        .map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        let known = |byte: u8| is_plain(byte) || byte == b'-';
        !label.is_empty() && label.bytes().all(known) && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    host.split('.').all(label) && port.is_none_or(is_port)
}

fn is_part(part: &str) -> bool {
    let mut between = part.split(|letter: char| u8::try_from(letter).is_ok_and(is_plain));
    // One more than there are letters and digits: what is before the first, and after the last, is nothing.
    between.next() == Some("")
        && between.next_back() == Some("")
        && between.all(|run| matches!(run, "" | "." | "_" | "__") || run.bytes().all(|byte| byte == b'-'))
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_image_can_be_named_is_refused() {
        for good in [
            "localhost/lab",
            "localhost:5000",
            "r.example:5000/a/b_c",
            "r:5000/a__b/c--d.e",
            "team",
            "127.0.0.1:65535/x",
        ] {
            assert!(is_registry(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "a//b",
            "A/b",
            "a b",
            "-a",
            "a/",
            "https://x/y",
            "ghcr.io/me:tag",
            "localhost:99999/x",
            "localhost:0/x",
            "localhost:/x",
            "localhost:+1/x",
            "a:b:c/x",
            "a..x",
            "a..x/y",
            "r.example/a..x",
            "r.example/a___b",
            "r.example/a._b",
            ".a",
            "a-.b/x",
            "r.example/ä",
            "r.example/x@sha256",
            &"a".repeat(201),
        ] {
            assert!(!is_registry(bad), "{bad}");
        }
    }
}
