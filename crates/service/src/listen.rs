//! The listening socket.

use std::{io, net::Ipv4Addr, net::SocketAddr};

use rustix::io::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// The most connections that wait in the kernel's queue.
const QUEUE: i32 = 1024;

/// Listens on an address. `[::]` is every address, those of IPv4 too, whatever the machine's default is
/// (`net.ipv6.bindv6only`); where the kernel has no IPv6 it is those of IPv4 alone, and the log says so.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    bind(address).or_else(|error| {
        let instead = without_ipv6(address, &error).ok_or(error)?;
        tracing::info!(%instead, "this machine has no IPv6: listening on IPv4 only");
        bind(instead)
    })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // A program that was just ended leaves connections behind, which would keep the port from the next one for a minute.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(QUEUE)?;
    TcpListener::from_std(socket.into())
}

/// What to listen on instead, where an error says that there is no IPv6: the module is off (`ipv6.disable=1`), or no interface
/// may have an address (`disable_ipv6`).
fn without_ipv6(address: SocketAddr, error: &io::Error) -> Option<SocketAddr> {
    let none = [Errno::AFNOSUPPORT, Errno::ADDRNOTAVAIL].map(Errno::raw_os_error);
    let everywhere = address.is_ipv6() && address.ip().is_unspecified();
    (everywhere && error.raw_os_error().is_some_and(|code| none.contains(&code)))
        .then(|| (Ipv4Addr::UNSPECIFIED, address.port()).into())
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustix::io::Errno;
    use tokio::net::TcpStream;

    use super::{listen, without_ipv6};

    #[tokio::test]
    async fn everywhere_is_ipv4_and_ipv6() {
        let listener = listen("[::]:0".parse().unwrap()).unwrap();
        let port = listener.local_addr().unwrap().port();
        TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // A machine without IPv6 has no such address.
        if listener.local_addr().unwrap().is_ipv6() {
            TcpStream::connect(("::1", port)).await.unwrap();
        }
    }

    #[test]
    fn only_a_missing_ipv6_leaves_ipv4_alone_and_only_where_all_is_asked_for() {
        for (address, error, instead) in [
            ("[::]:8080", Errno::AFNOSUPPORT, Some("0.0.0.0:8080")),
            ("[::]:8080", Errno::ADDRNOTAVAIL, Some("0.0.0.0:8080")),
            ("[::]:8080", Errno::ADDRINUSE, None),
            ("[::]:80", Errno::ACCESS, None),
            ("[::1]:8080", Errno::AFNOSUPPORT, None),
            ("0.0.0.0:8080", Errno::ADDRNOTAVAIL, None),
        ] {
            let error = io::Error::from_raw_os_error(error.raw_os_error());
            let instead = instead.map(|instead| instead.parse().unwrap());
            assert_eq!(
                without_ipv6(address.parse().unwrap(), &error),
                instead,
                "{address} {error}"
            );
        }
    }
}
