//! The program as it really runs: a process with an environment, a log and a socket.

use std::{
    io::{Error, Result, Write},
    net::SocketAddr,
};

use testkit::{Answer, Server, command, connect};
use uuid::Uuid;

pub(crate) fn start(environment: &[(&str, &str)]) -> Server {
    Server::start(&mut command(env!("CARGO_BIN_EXE_todo-web"), environment))
}

/// Sends the form `id` with this text, once, and gives the answer's status: nothing else than a whole answer will do.
pub(crate) fn add(address: SocketAddr, id: Uuid, text: &str) -> Result<u16> {
    let body = serde_urlencoded::to_string([("id", id.to_string().as_str()), ("item", text)])
        .map_err(Error::other)?;
    let mut stream = connect(address)?;
    write!(
        stream,
        "POST /items HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        body.len()
    )?;
    Ok(Answer::read(&mut stream)?.status)
}
