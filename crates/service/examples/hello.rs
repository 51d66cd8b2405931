//! A whole service: it says hello, and stops as a pod should.

use std::process::ExitCode;

use axum::{Router, routing::get};
use clap::Parser;

/// Says hello.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    service: service::Settings,
}

fn main() -> ExitCode {
    let settings = Settings::parse();
    service::run("hello", "1.0.0", settings.service, |service| {
        Ok(Router::new()
            .route("/", get(|| async { "Hello" }))
            .route("/livez", service.live())
            .route("/readyz", service.ready())
            .route("/metrics", service.metrics()))
    })
}
