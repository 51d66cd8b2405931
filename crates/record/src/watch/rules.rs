//! Looking at kube-proxy's rules.

use std::{convert::Infallible, future::pending, path::Path, time::Duration};

use jiff::Timestamp;
use tokio::time::{sleep, timeout};

use super::shared::Shared;
use crate::Hidden;

/// How long after a look the next one begins at the earliest, while rules are waited for.
const PAUSE: Duration = Duration::from_millis(200);
/// How much longer than a look the pause after it is, up to [`LONGEST`]: where there are many rules each look costs much.
const REST: u32 = 5;
/// How long the pause is at most, and after a look that failed.
const LONGEST: Duration = Duration::from_secs(3);
/// How long a look may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks for as long as it is watched, by a program that writes them all out.
pub(super) async fn look(program: Option<&Path>, shared: &Shared) -> Infallible {
    let Some(program) = program else {
        return pending().await;
    };
    loop {
        let mut pause = PAUSE;
        let due = shared.keeper().awaits_rules(Timestamp::now());
        if due {
            let began = Timestamp::now();
            let written = programs::run(programs::command(program, ["--table", "nat"]));
            let written = timeout(LIMIT, written).await;
            let ended = Timestamp::now();
            let failed = match written {
                Ok(Ok(text)) => {
                    shared.change(|keeper| keeper.programmed(&text, began, ended));
                    let took = ended.duration_since(began).unsigned_abs();
                    pause = (took * REST).clamp(PAUSE, LONGEST);
                    None
                }
                Ok(Err(failed)) => Some(failed.last_line().to_owned()),
                Err(late) => Some(late.to_string()),
            };
            if let Some(why) = failed {
                shared.change(|keeper| keeper.unprogrammed(Hidden::Unreachable(why)));
                pause = LONGEST;
            }
        }
        sleep(pause).await;
    }
}
