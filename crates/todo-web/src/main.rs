//! The program: its settings, and the routes that they make. Everything else is in the library.

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
            // Not a flag: flags can be read by everybody on the machine.
            let store = settings.database.store(env::var_os("PGPASSWORD"))?;
            Ok(router(App::new(store, service::hostname()), service))
        },
    )
}
