//! The cluster's own network: a namespace, one cable to this machine, and no way out.

use std::path::Path;

use crate::{
    Error, Layout,
    command::{command, run},
};

async fn ip(arguments: &str) -> Result<String, Error> {
    run(command("ip", arguments.split(' '))).await
}

/// The metric of the route that keeps packets for the cluster from leaving the machine by another way.
const BARRIER_METRIC: u32 = 4242;

fn barrier(layout: &Layout) -> String {
    format!("unreachable {} metric {BARRIER_METRIC}", layout.network)
}

/// Routes for at least so much of the world are default routes in disguise (VPNs have two for a half each): the cluster's
/// own, which are more specific, go before them.
const SHORTEST_PREFIX: u8 = 8;

/// A route of this machine, not of this cluster, that the cluster's range would hide.
///
/// # Errors
/// `ip` failed.
pub(crate) async fn conflict(layout: &Layout) -> Result<Option<String>, Error> {
    let routes = ip("-4 route show table all").await?;
    Ok(overlapping(&routes, layout).map(str::to_owned))
}

fn overlapping<'a>(routes: &'a str, layout: &Layout) -> Option<&'a str> {
    let ours = format!("dev {}", layout.interface());
    routes.lines().find(|route| {
        let words = route.trim_start_matches(|c: char| c.is_ascii_lowercase() || c == ' ');
        let target = words.split(' ').next().unwrap_or_default();
        let range = target
            .parse()
            .or_else(|_| target.parse::<std::net::Ipv4Addr>().map(ipnet::Ipv4Net::from));
        let Ok(range) = range else { return false };
        let overlaps = layout.network.contains(&range) || range.contains(&layout.network);
        overlaps
            && range.prefix_len() >= SHORTEST_PREFIX
            && !route.contains(&ours)
            && !route.contains(&format!("metric {BARRIER_METRIC}"))
    })
}

/// Makes the namespace, the cable and the routes, unless they are there. First of all comes the barrier, so that no
/// packet for the cluster ever follows the default route.
pub(crate) async fn create(layout: &Layout) -> Result<(), Error> {
    ip(&format!("route replace {}", barrier(layout))).await?;
    let route = format!(
        "{} via {} dev {}",
        layout.load_balancers(),
        layout.node(),
        layout.interface()
    );
    if ip(&format!("-4 route show {}", layout.load_balancers()))
        .await?
        .contains(&route)
    {
        return Ok(());
    }
    remove_namespace(layout).await?;
    let (name, interface) = (layout.namespace_name(), layout.interface());
    let (host, node, length) = (layout.host(), layout.node(), layout.link().prefix_len());
    ip(&format!("netns add {name}")).await?;
    ip(&format!("-n {name} link set lo up")).await?;
    ip(&format!(
        "link add {interface} type veth peer name eth0 netns {name}"
    ))
    .await?;
    ip(&format!("-n {name} address add {node}/{length} dev eth0")).await?;
    ip(&format!("-n {name} link set eth0 up")).await?;
    ip(&format!("address add {host}/{length} dev {interface}")).await?;
    ip(&format!("link set {interface} up")).await?;
    // Last, because its presence says that all is there.
    ip(&format!("route replace {route}")).await?;
    Ok(())
}

/// The processes in the cluster's network namespace; its pods' are in namespaces of their own.
pub(crate) async fn processes(layout: &Layout) -> Result<Vec<i32>, Error> {
    if !layout.namespace().exists() {
        return Ok(Vec::new());
    }
    let pids = ip(&format!("netns pids {}", layout.namespace_name())).await?;
    Ok(pids.lines().filter_map(|line| line.trim().parse().ok()).collect())
}

async fn remove_namespace(layout: &Layout) -> Result<(), Error> {
    let interface = layout.interface();
    if Path::new("/sys/class/net").join(&interface).exists() {
        ip(&format!("link delete {interface}")).await?;
    }
    if layout.namespace().exists() {
        ip(&format!("netns delete {}", layout.namespace_name())).await?;
    }
    Ok(())
}

/// Takes away what [`create`] made; the barrier last.
pub(crate) async fn remove(layout: &Layout) -> Result<(), Error> {
    remove_namespace(layout).await?;
    let barriers = ip(&format!(
        "-4 route show type unreachable exact {}",
        layout.network
    ))
    .await?;
    if !barriers.trim().is_empty() {
        ip(&format!("route delete {}", barrier(layout))).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_of_another_makes_a_conflict_and_our_own_does_not() {
        let layout = Layout::new("lab", crate::DEFAULT_NETWORK).unwrap();
        let ours = "default via 192.0.2.1 dev eth0\n0.0.0.0/1 dev tun0\n128.0.0.0/1 dev tun0\n198.18.192.0/24 via 198.18.255.254 dev lab-veth\n\
                    unreachable 198.18.0.0/16 metric 4242\nlocal 198.18.255.253 dev lab-veth table local";
        assert_eq!(overlapping(ours, &layout), None);
        for other in [
            "198.18.0.0/15 dev tun0",
            "198.18.7.9 dev tun0",
            "local 198.18.0.1 dev tun0 table local",
        ] {
            assert_eq!(overlapping(&format!("{ours}\n{other}"), &layout), Some(other));
        }
    }
}
