//! A service within a program that has a runtime, and a way to stop, of its own.

use std::net::SocketAddr;

use axum::Router;

use crate::{Error, Service, accept::Acceptor, stop};

/// A service that listens, and as yet answers nobody.
#[derive(Debug)]
pub struct Listening {
    service: Service,
    acceptor: Acceptor,
}

impl Listening {
    /// Listens where the settings say, on the runtime that it is called on. `routes` gets the effective address; its router is
    /// served with the shared layers around it.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub fn bind(service: &Service, routes: impl FnOnce(SocketAddr) -> Router) -> Result<Self, Error> {
        let mut acceptor = Acceptor::bind(&service.settings, Router::new())?;
        acceptor.connections.router = service.observed(routes(acceptor.local_address()));
        Ok(Self {
            service: service.clone(),
            acceptor,
        })
    }

    /// The effective address, with the port that the kernel chose where the settings left it open.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.acceptor.local_address()
    }

    /// Serves until `stop` is done and the stop that it begins is over.
    ///
    /// # Errors
    /// Requests were cut off at its end.
    pub async fn serve(mut self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        tokio::select! {
            () = stop => {}
            () = self.acceptor.accept() => {}
        }
        stop::begin(&self.service);
        stop::wind_down(self.acceptor, &self.service.settings).await
    }
}
