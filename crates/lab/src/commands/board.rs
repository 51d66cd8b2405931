//! `lab board`: a page for a projector, live.

mod callers;
mod feed;
mod scope;
mod silence;

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
};

use board::{Board, Server};
use cluster::Layout;
use guide::{Language, Message};
use jiff::Timestamp;
use runner::Stop;
use tokio::sync::{mpsc, watch};

use self::{feed::Feed, scope::Scope};
use crate::{Exit, target::Target};

/// Options of `lab board`.
#[derive(Debug, clap::Args)]
#[command(after_help = Exit::TABLE)]
pub(crate) struct Args {
    /// Which exercise, such as 12.1; without it, all that is in the namespace.
    exercise: Option<String>,
    /// Address and port for browsers. Other machines reach it only at another address than this one; port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:8700", value_parser = listen)]
    listen: SocketAddr,
    /// Look at the cluster of this kubeconfig context, in place of the embedded one.
    #[arg(long)]
    context: Option<String>,
    /// The namespace; without it, that of the context.
    #[arg(long, short, value_parser = crate::namespace::named)]
    namespace: Option<String>,
    /// The language; without it, that of LC_ALL, LC_MESSAGES or LANG.
    #[arg(long, value_parser = crate::language::parser(), default_value = crate::language::from_environment())]
    pub(crate) lang: Language,
}

fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "give an IP address and a port from 0 to 65535, like 127.0.0.1:8700, [::1]:8700 or 0.0.0.0:8700"
            .to_owned()
    })
}

/// Shows who gets traffic until a signal comes. Changes nothing on the cluster, but for the button that says so.
///
/// # Errors
/// There is no such exercise, or the cluster does not answer when it begins.
pub(crate) async fn run(layout: &Layout, args: Args, stop: &Stop) -> anyhow::Result<Exit> {
    match stop.or(prepared(layout, &args)).await {
        Err(signal) => Ok(Exit::Stopped(signal)),
        Ok(Err(error)) => Err(error),
        Ok(Ok(None)) => Ok(Exit::Failed),
        Ok(Ok(Some((target, server, feed)))) => {
            tokio::select! {
                // The first signal ends all open streams; what is not over within a second is cut off.
                served = server.serve(async { stop.asked().await; }) => {
                    if let Err(error) = served {
                        tracing::debug!(%error, "stopped");
                    }
                    Ok(stop.came().map_or(Exit::Done, Exit::Stopped))
                }
                ended = feed.run() => Err(ended?),
                removed = target.removed(layout) => match removed? {},
            }
        }
    }
}

/// Everything up to the printed address; none if that cannot be listened on, which has been said.
async fn prepared(layout: &Layout, args: &Args) -> anyhow::Result<Option<(Target, Server, Feed)>> {
    let target = Target::choose(layout, args.context.clone()).await?;
    let access = target.open().await?;
    let home = args.namespace.clone().unwrap_or_else(|| access.namespace.clone());
    let scope = Scope::of(args.exercise.as_deref(), home, args.lang)?;
    let reach = target.reach(&access).await?;
    let mut board = Board::new(scope.title.clone(), args.lang);
    // Who asks before anything is known is told that.
    let (frames, shown) = watch::channel(board.frame(&[], &[], None, Timestamp::now()));
    // One press at a time.
    let (pressed, presses) = mpsc::channel(1);
    let feed = Feed::new(reach, scope, board, frames, presses);
    let server = match Server::listen(args.listen, args.lang, shown, pressed) {
        Ok(server) => server,
        Err(error) => {
            let begins = args.lang.tell(&Message::new("error"));
            eprintln!("{begins} {}", args.lang.tell(&unusable(args.listen, &error)));
            return Ok(None);
        }
    };
    let host = reached_at(server.address().ip());
    crate::outln!("{}", server.url(host));
    if !host.is_loopback() {
        eprintln!("{}", args.lang.tell(&Message::new("board-plain")));
    }
    Ok(Some((target, server, feed)))
}

fn unusable(address: SocketAddr, error: &service::Error) -> Message {
    match error {
        service::Error::Listen { source, .. } if source.kind() == ErrorKind::AddrInUse => {
            Message::new("board-busy").with("address", address.to_string())
        }
        service::Error::Listen { source, .. } => Message::new("board-no-listen")
            .with("address", address.to_string())
            .with("reason", source.to_string()),
        error => Message::Verbatim(error.to_string()),
    }
}

/// The address at which browsers find what listens on `address`: for "all of them", the one that this machine has towards others.
fn reached_at(address: IpAddr) -> IpAddr {
    if !address.is_unspecified() {
        return address;
    }
    // An address that nobody has (RFC 5737), to which nothing is sent: the kernel only chooses a way.
    let towards = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    towards.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn an_address_is_an_ip_address_with_a_port() {
        for good in ["127.0.0.1:8700", "[::1]:0", "0.0.0.0:65535"] {
            Cli::try_parse_from(["board", "12.1", "--listen", good]).unwrap();
        }
        for bad in [
            "",
            "8700",
            ":8700",
            "localhost:8700",
            "127.0.0.1",
            "127.0.0.1:65536",
            "127.0.0.1:-1",
            "::1:8700x",
            "http://127.0.0.1:8700",
        ] {
            let error = Cli::try_parse_from(["board", "--listen", bad])
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("127.0.0.1:8700, [::1]:8700") || error.contains("value is required"),
                "{error}"
            );
        }
        assert_eq!(
            Cli::try_parse_from(["board"]).unwrap().args.listen.to_string(),
            "127.0.0.1:8700"
        );
    }

    #[test]
    fn a_board_that_listens_everywhere_is_not_found_at_everywhere() {
        assert!(!reached_at(Ipv4Addr::UNSPECIFIED.into()).is_unspecified());
        let one: IpAddr = "192.0.2.7".parse().unwrap();
        assert_eq!(reached_at(one), one);
    }
}
