//! HTTP/1.1 over a raw socket: nothing between a test and the bytes, and nothing that tries again by itself.

use std::{
    io::{BufRead, BufReader, Error, ErrorKind, Read, Result},
    net::{SocketAddr, TcpStream},
};

use crate::DEADLINE;

/// The largest head that is read, in bytes, and the largest body.
const MAX_HEAD: usize = 64 << 10;
const MAX_BODY: usize = 64 << 20;

/// Opens a connection on which reading and writing fail after [`DEADLINE`].
///
/// # Errors
/// The connection is refused.
pub fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    Ok(stream)
}

/// An answer as it came over the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The lines of the head, in lower case.
    head: String,
}

impl Answer {
    /// Reads one whole answer to a request, whose body has a `Content-Length` or ends with the connection.
    ///
    /// # Errors
    /// It is not whole within [`DEADLINE`], is not HTTP, or more bytes than the answer's came.
    pub fn read(stream: &mut TcpStream) -> Result<Self> {
        Self::read_from(&mut BufReader::new(stream))
    }

    fn read_from(stream: &mut BufReader<impl Read>) -> Result<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if stream.read_until(b'\n', &mut head)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if head.len() > MAX_HEAD {
                return Err(bad(format!("a head of more than {MAX_HEAD} bytes")));
            }
        }
        let head = String::from_utf8(head).map_err(bad)?.to_ascii_lowercase();
        let status = head
            .strip_prefix("http/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .ok_or_else(|| bad(format!("not an answer: {head}")))?;
        let mut answer = Self {
            status,
            body: String::new(),
            head,
        };
        let mut body = match answer.header("content-length") {
            Some(length) => {
                let length = length.parse().ok().filter(|length| *length <= MAX_BODY);
                let mut body = vec![0; length.ok_or_else(|| bad("a body that is too long"))?];
                stream.read_exact(&mut body)?;
                body
            }
            None => Vec::new(),
        };
        if answer.closes() && answer.header("content-length").is_none() {
            stream.take(MAX_BODY as u64).read_to_end(&mut body)?;
        } else if !stream.buffer().is_empty() {
            return Err(bad("more bytes than one answer's"));
        }
        answer.body = String::from_utf8(body).map_err(bad)?;
        Ok(answer)
    }

    /// The value of a header, whose name and value are in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    }

    /// Whether the connection ends with this answer.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}

fn bad(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::Answer;

    fn read(bytes: &str) -> Result<Answer, String> {
        Answer::read_from(&mut BufReader::new(bytes.as_bytes())).map_err(|error| error.to_string())
    }

    #[test]
    fn an_answer_with_a_length_is_read_without_waiting_for_the_end() {
        let answer = read("HTTP/1.1 503 Gone\r\nRetry-After: 2\r\nContent-Length: 3\r\n\r\nno\n").unwrap();
        assert_eq!((answer.status, &*answer.body), (503, "no\n"));
        assert_eq!(answer.header("retry-after"), Some("2"));
        assert!(!answer.closes());
        // The space is a habit.
        let answer = read("HTTP/1.1 200 OK\r\nContent-Length:3\r\n\r\nyes").unwrap();
        assert_eq!(answer.body, "yes");
    }

    #[test]
    fn an_answer_without_a_length_ends_with_its_connection() {
        let answer = read("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it").unwrap();
        assert_eq!((answer.closes(), &*answer.body), (true, "all of it"));
        assert_eq!(read("HTTP/1.1 204 No Content\r\n\r\n").unwrap().body, "");
    }

    #[test]
    fn half_an_answer_and_more_than_one_are_errors() {
        for (bytes, said) in [
            ("", "end of file"),
            ("HTTP/1.1 200 OK\r\n", "end of file"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nno",
                "fill whole buffer",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyesHTTP",
                "more bytes",
            ),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "too long"),
            ("SSH-2.0\r\n\r\n", "not an answer"),
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.contains(said), "{bytes:?}: {error}");
        }
    }
}
