//! The cluster's range of addresses on this machine.

use std::{net::Ipv4Addr, time::Duration};

use ipnet::Ipv4Net;
use programs::{command, run};
use tokio::time::timeout;

use crate::{DEFAULT_NETWORK, Layout, Problem, network, status};

/// Ranges to propose: the two that RFC 2544 reserves, then private ones, which others may use where no route shows it.
const RANGES: [&str; 4] = [DEFAULT_NETWORK, "198.19.0.0/16", "10.213.0.0/16", "172.29.0.0/16"];
/// What RFC 2544 reserves. Proxies that answer each name with an address of their own take those from here.
const BENCHMARKS: &str = "198.18.0.0/15";
/// A public name, reserved for examples by RFC 2606.
const PUBLIC_NAME: &str = "example.org";
/// How long a resolver may take; without a network, none answers.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Whether others use the range.
pub(super) async fn problem(layout: &Layout) -> Option<Problem> {
    if let Some(route) = network::conflict(layout).await.ok()? {
        let what = format!("the range {} is in use: {route}", layout.network);
        return Some(other_range(layout, what, |_| true).await);
    }
    let fake = fake_address(&resolved().await?, layout.network)?;
    let what = format!(
        "names are answered with addresses of the range {} here ({PUBLIC_NAME} is {fake}), as proxies with a \"fake-ip\" do: \
         the cluster would take the internet away",
        layout.network
    );
    let reserved: Ipv4Net = BENCHMARKS.parse().ok()?;
    Some(other_range(layout, what, |range| !reserved.contains(range)).await)
}

async fn other_range(layout: &Layout, what: String, is_possible: impl Fn(&Ipv4Net) -> bool) -> Problem {
    let ranges = RANGES.into_iter().filter_map(|range| range.parse().ok());
    let ranges: Vec<_> = ranges.filter(is_possible).collect();
    let free = network::first_free(layout, &ranges).await;
    let cure = match free.ok().flatten() {
        Some(free) => format!(
            "Name another that this machine does not use: `{} --network {free}`.",
            layout.command("up")
        ),
        None => format!(
            "Name another /16 that this machine does not use: `{} --network RANGE`.",
            layout.command("up")
        ),
    };
    Problem { what, cure }
}

/// What the system's resolver says of a public name, if it answers in time.
async fn resolved() -> Option<String> {
    let ask = run(command("getent", ["ahostsv4", PUBLIC_NAME]));
    timeout(ANSWER_WITHIN, ask).await.ok()?.ok()
}

/// The first address of that answer, if it is in the range.
fn fake_address(answer: &str, range: Ipv4Net) -> Option<Ipv4Addr> {
    let first = answer.split_whitespace().next()?;
    first.parse().ok().filter(|address| range.contains(address))
}

/// Whether the routes to a running cluster are gone: a network manager may remove those that it does not know.
pub async fn disconnected(layout: &Layout) -> Option<Problem> {
    let runs = status(layout).await.is_some();
    (runs && matches!(network::is_connected(layout).await, Ok(false))).then(|| Problem {
        what: format!(
            "the routes to the running cluster {:?} are gone, or its link is down",
            layout.name
        ),
        cure: format!("`{}` restores them.", layout.command("up")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_name_with_an_address_of_the_range_is_a_fake() {
        let range = DEFAULT_NETWORK.parse().expect("a range");
        let answer = "198.18.3.4       STREAM example.org\n198.18.3.4       DGRAM  \n";
        assert_eq!(fake_address(answer, range), Some(Ipv4Addr::new(198, 18, 3, 4)));
        for answer in ["198.19.3.4 STREAM example.org\n", "93.184.215.14 STREAM x\n", ""] {
            assert_eq!(fake_address(answer, range), None, "{answer}");
        }
    }
}
