//! The program: reads the settings and serves the routes. Everything else is in the library.

use std::{env, process::ExitCode};

use clap::Parser;
use todo_web::{App, Settings, router};

fn main() -> ExitCode {
    let settings = Settings::parse();
    service::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        settings.service,
        |service| {
            // Not a flag, for the password: everybody on the machine can read flags.
            let store = settings.database.store(|variable| env::var_os(variable))?;
            Ok(router(App::new(store, service::hostname()), service))
        },
    )
}
