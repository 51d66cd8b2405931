//! The program: reads the settings and serves the routes. Everything else is in the library.

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use numbers_api::{App, CallBudget, Numbers, Settings, router};

fn main() -> ExitCode {
    let settings = Settings::parse();
    service::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        settings.service,
        |service| {
            let app = App {
                budget: CallBudget::new(settings.fail_after_call_count),
                numbers: Numbers::from_seed(rand::random()),
                use_failure_id: settings.use_failure_id,
            };
            Ok(router(Arc::new(app), service))
        },
    )
}
