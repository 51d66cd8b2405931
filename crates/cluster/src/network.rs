//! The cluster's own network: a namespace, a veth pair to this machine, and no way out.

use std::{net::Ipv4Addr, path::Path, time::Duration};

use ipnet::Ipv4Net;
use programs::{command, run};
use serde::Deserialize;

use crate::{Error, Layout, files::at, wait};

const END_WITHIN: Duration = Duration::from_secs(60);

/// The metric of the barrier: the route that keeps packets for the cluster from leaving the machine by another way.
const BARRIER_METRIC: u32 = 4242;

/// A route this short, or shorter, is a default route in disguise (VPNs have two, for a half each). The cluster's own are
/// more specific and take precedence.
const SHORTEST_PREFIX: u8 = 8;

async fn ip(arguments: &str) -> Result<String, Error> {
    Ok(run(command("ip", arguments.split(' '))).await?)
}

/// A route as `ip -json` prints it.
#[derive(Debug, Deserialize)]
struct Route {
    #[serde(rename = "type", default)]
    kind: String,
    dst: String,
    #[serde(default)]
    dev: String,
    metric: Option<u32>,
    #[serde(default)]
    flags: Vec<String>,
}

impl Route {
    /// Its range; none for the default route.
    fn range(&self) -> Option<Ipv4Net> {
        let address = || self.dst.parse::<Ipv4Addr>().map(Ipv4Net::from);
        self.dst.parse().or_else(|_| address()).ok()
    }

    fn is_barrier(&self) -> bool {
        self.kind == "unreachable" && self.metric == Some(BARRIER_METRIC)
    }
}

async fn routes(table: &str) -> Result<Vec<Route>, Error> {
    let json = ip(&format!("-json -4 route show table {table}")).await?;
    // Where there is no route, some versions print nothing.
    let json = if json.trim().is_empty() { "[]" } else { &json };
    serde_json::from_str(json).map_err(|error| at("reading", Path::new("ip -json"))(error.into()))
}

/// A route of this machine, not of this cluster, that the cluster's range would hide.
pub(crate) async fn conflict(layout: &Layout) -> Result<Option<String>, Error> {
    Ok(overlapping(&routes("all").await?, layout)
        .map(|Route { kind, dst, dev, .. }| format!("{kind} {dst} dev {dev}").trim_start().to_owned()))
}

/// The first of these ranges that no route of this machine overlaps.
pub(crate) async fn first_free(layout: &Layout, ranges: &[Ipv4Net]) -> Result<Option<Ipv4Net>, Error> {
    let routes = routes("all").await?;
    Ok(free(&routes, layout, ranges))
}

fn free(routes: &[Route], layout: &Layout, ranges: &[Ipv4Net]) -> Option<Ipv4Net> {
    let others = ranges.iter().filter(|range| **range != layout.network);
    let mut free = others.filter(|range| {
        let there = Layout {
            network: **range,
            ..layout.clone()
        };
        // The barrier of another cluster is no route to anywhere, but it is there.
        let is_barred = routes
            .iter()
            .any(|route| route.is_barrier() && route.range() == Some(**range));
        !is_barred && overlapping(routes, &there).is_none()
    });
    free.next().copied()
}

fn overlapping<'a>(routes: &'a [Route], layout: &Layout) -> Option<&'a Route> {
    routes.iter().find(|route| {
        let overlaps = route.range().is_some_and(|range| {
            range.prefix_len() >= SHORTEST_PREFIX
                && (layout.network.contains(&range) || range.contains(&layout.network))
        });
        overlaps && route.dev != layout.interface() && !route.is_barrier()
    })
}

/// Whether this machine still has the barrier and the route to the cluster.
pub(crate) async fn is_connected(layout: &Layout) -> Result<bool, Error> {
    Ok(connects(&routes("main").await?, layout))
}

fn connects(routes: &[Route], layout: &Layout) -> bool {
    let has = |range, wanted: &dyn Fn(&Route) -> bool| {
        routes
            .iter()
            .any(|route| route.range() == Some(range) && wanted(route))
    };
    has(layout.network, &Route::is_barrier)
        && has(layout.load_balancers(), &|route| {
            route.dev == layout.interface() && !route.flags.iter().any(|flag| flag == "linkdown")
        })
}

/// Replaces the namespace, in which nothing may run, by a new one and connects it.
pub(crate) async fn create(layout: &Layout) -> Result<(), Error> {
    set_barrier(layout).await?;
    remove_namespace(layout).await?;
    let name = layout.namespace_name();
    ip(&format!("netns add {name}")).await?;
    ip(&format!("-n {name} link set lo up")).await?;
    connect(layout).await
}

async fn set_barrier(layout: &Layout) -> Result<(), Error> {
    let barrier = format!("unreachable {} metric {BARRIER_METRIC}", layout.network);
    ip(&format!("route replace {barrier}")).await.map(drop)
}

/// Makes the veth pair and the routes, as far as they are missing, around the processes of a running cluster too. First
/// comes the barrier, so that no packet for the cluster ever follows the default route.
pub(crate) async fn connect(layout: &Layout) -> Result<(), Error> {
    set_barrier(layout).await?;
    let (name, interface, link) = (layout.namespace_name(), layout.interface(), layout.link());
    let (host, node, length) = (layout.host(), layout.node(), link.prefix_len());
    if !exists(&interface) {
        ip(&format!(
            "link add {interface} type veth peer name eth0 netns {name}"
        ))
        .await?;
    }
    ip(&format!("-n {name} address replace {node}/{length} dev eth0")).await?;
    ip(&format!("-n {name} link set eth0 up")).await?;
    ip(&format!("address replace {host}/{length} dev {interface}")).await?;
    ip(&format!("link set {interface} up")).await?;
    let range = layout.load_balancers();
    ip(&format!("route replace {range} via {node} dev {interface}")).await?;
    Ok(())
}

fn exists(interface: &str) -> bool {
    Path::new("/sys/class/net").join(interface).exists()
}

/// Kills every process in the cluster's network namespace and waits until they are gone, for 60 s at most. The supervisor
/// is among them, and with it the kernel ends its PID namespace, which holds every other process of the cluster: pods are
/// in network namespaces of their own.
pub(crate) async fn end_processes(layout: &Layout) -> Result<(), Error> {
    let name = layout.namespace_name();
    let look = format!("`ip netns pids {name}` lists them");
    wait::until(
        "the end of the cluster's processes",
        END_WITHIN,
        &look,
        || async {
            if !layout.namespace().exists() {
                return Some(());
            }
            let pids = ip(&format!("netns pids {name}")).await.ok()?;
            for pid in pids
                .lines()
                .filter_map(|line| rustix::process::Pid::from_raw(line.trim().parse().ok()?))
            {
                // A process that ended meanwhile needs no signal.
                let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            }
            pids.trim().is_empty().then_some(())
        },
    )
    .await
}

async fn remove_namespace(layout: &Layout) -> Result<(), Error> {
    let interface = layout.interface();
    if exists(&interface) {
        ip(&format!("link delete {interface}")).await?;
    }
    if layout.namespace().exists() {
        ip(&format!("netns delete {}", layout.namespace_name())).await?;
    }
    Ok(())
}

/// For how long the barrier stands after the namespace is gone: whoever watches the cluster looks ten times a second whether it is
/// still there, and is not to send anything to where its addresses lead without it.
const NOTICE: Duration = Duration::from_millis(500);

/// Removes the namespace and the routes; the barrier last.
pub(crate) async fn remove(layout: &Layout) -> Result<(), Error> {
    if layout.namespace().exists() {
        remove_namespace(layout).await?;
        tokio::time::sleep(NOTICE).await;
    }
    let is_ours = |route: &Route| route.is_barrier() && route.range() == Some(layout.network);
    if routes("main").await?.iter().any(is_ours) {
        ip(&format!(
            "route delete unreachable {} metric {BARRIER_METRIC}",
            layout.network
        ))
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = r#"[
        {"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]},
        {"dst":"0.0.0.0/1","dev":"tun0","flags":[]},
        {"dst":"128.0.0.0/1","dev":"tun0","flags":[]},
        {"type":"unreachable","dst":"198.18.0.0/16","metric":4242,"flags":[]},
        {"dst":"198.18.192.0/24","gateway":"198.18.255.254","dev":"lab-veth","flags":[]},
        {"type":"local","dst":"198.18.255.253","dev":"lab-veth","table":"local","flags":[]}
    ]"#;

    fn ours_and(more: &str) -> Vec<Route> {
        let mut routes: Vec<Route> = serde_json::from_str(OURS).unwrap();
        routes.extend(serde_json::from_str::<Vec<Route>>(more).unwrap());
        routes
    }

    #[test]
    fn a_route_of_another_makes_a_conflict_and_our_own_does_not() {
        let layout = Layout::new("lab", crate::DEFAULT_NETWORK).unwrap();
        assert!(overlapping(&ours_and("[]"), &layout).is_none());
        for other in ["198.18.0.0/15", "198.18.7.9", "198.18.0.0/17"] {
            let routes = ours_and(&format!(r#"[{{"dst":"{other}","dev":"tun0"}}]"#));
            assert_eq!(
                overlapping(&routes, &layout).map(|route| &*route.dst),
                Some(other)
            );
        }
    }

    #[test]
    fn a_range_is_proposed_that_nobody_uses() {
        let layout = Layout::new("lab", "198.19.0.0/16").unwrap();
        let ranges = ["198.19.0.0/16", "198.18.0.0/16", "10.213.0.0/16"].map(|range| range.parse().unwrap());
        // 198.18.0.0/16 is another cluster's.
        assert_eq!(free(&ours_and("[]"), &layout, &ranges), Some(ranges[2]));
        let all = ours_and(r#"[{"dst":"10.0.0.0/8","dev":"tun0"}]"#);
        assert_eq!(free(&all, &layout, &ranges), None);
        assert_eq!(free(&[], &layout, &ranges), Some(ranges[1]));
    }

    #[test]
    fn a_cluster_is_connected_by_both_routes_over_a_link_that_is_up() {
        let layout = Layout::new("lab", crate::DEFAULT_NETWORK).unwrap();
        assert!(connects(&ours_and("[]"), &layout));
        for index in [3, 4] {
            let mut routes = ours_and("[]");
            routes.remove(index);
            assert!(!connects(&routes, &layout), "{routes:?}");
        }
        let mut routes = ours_and("[]");
        routes[4].flags.push("linkdown".into());
        assert!(!connects(&routes, &layout));
    }
}
