//! Whether the client of a request is still there.

use std::{sync::Arc, time::Duration};

use tokio::{net::TcpStream, time::sleep};

/// The client at the other end of a connection, as an extension of each of its requests.
///
/// A client may shut down its sending side after a request and wait for the answer (RFC 9112, section 9.6): `nc -N` does, and
/// load balancers that check a port. On the wire that is a FIN, and so is the end of a client that has gone: until something
/// is sent to it, and its kernel answers with a reset, nobody can tell the two apart. The kernel keeps answering keep-alive
/// probes in the name of a closed socket (`tcp_fin_timeout`, 60 s), and HTTP has nothing to send before the answer. So a FIN
/// begins a time in which the answer may still be given. A reset leaves nobody to answer, and ends the request at once.
#[derive(Clone, Debug)]
pub(crate) struct Peer(Arc<TcpStream>);

impl Peer {
    pub(crate) fn of(stream: &Arc<TcpStream>) -> Self {
        Self(Arc::clone(stream))
    }

    /// Waits until the client has reset the connection, or `patience` after it has stopped sending. A client that goes on
    /// sending, the rest of a body or another request, is there; this never returns for it.
    pub(crate) async fn gone(&self, patience: Duration) {
        // hyper does not read while a request is being answered, so the bytes are there for a look.
        match self.0.peek(&mut [0]).await {
            Ok(0) => sleep(patience).await,
            Ok(_) => std::future::pending().await,
            Err(_) => {}
        }
    }
}
