//! The socket under a connection, and how it is closed so that the last answer arrives.
//!
//! A socket closed with unread bytes in it makes the kernel send a reset, and a reset can destroy an answer that the
//! client has not read yet: precisely the 431 that was to tell it why its headers were refused. RFC 9112, section 9.6,
//! has the cure: stop writing, and keep reading until the client closes too or a moment has passed.

use std::{
    io,
    net::Shutdown,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

use crate::patience::Turn;

/// The time a client gets to read its last answer and close.
pub(crate) const AT_MOST: Duration = Duration::from_secs(1);

/// A TCP stream whose shutdown waits for the other side's, unless somebody waits for its place. It is shared with
/// [`crate::peer::Peer`], and tells the [`Turn`] of the connection that bytes came, and that all were sent.
#[derive(Debug)]
pub(crate) struct Lingering {
    stream: Arc<TcpStream>,
    turn: Arc<Turn>,
    write_closed: bool,
    until: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    pub(crate) fn new(stream: Arc<TcpStream>, turn: Arc<Turn>) -> Self {
        Self {
            stream,
            turn,
            write_closed: false,
            until: None,
        }
    }

    fn poll_written(
        &self,
        cx: &mut Context<'_>,
        write: impl Fn(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match write(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }
}

impl AsyncRead for Lingering {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(cx))?;
            match self.stream.try_read_buf(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(read) => {
                    if read > 0 {
                        self.turn.bytes_came();
                    }
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_written(cx, |stream| stream.try_write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_written(cx, |stream| stream.try_write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// hyper asks for this when it has written all, and a TCP stream keeps nothing back.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.turn.sent();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.write_closed {
            SockRef::from(&*self.stream).shutdown(Shutdown::Write)?;
            self.write_closed = true;
        }
        if self.turn.is_in_a_hurry() {
            return Poll::Ready(Ok(()));
        }
        let until = self.until.get_or_insert_with(|| Box::pin(sleep(AT_MOST)));
        if until.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        let mut unwanted = [0; 4096];
        loop {
            let mut unwanted = ReadBuf::new(&mut unwanted);
            // A client that resets the connection has closed it as well.
            let read = ready!(self.as_mut().poll_read(cx, &mut unwanted));
            if read.is_err() || unwanted.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
