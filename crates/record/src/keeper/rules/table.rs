//! Where kube-proxy's rules lead, as `iptables-save` writes them.
//!
//! New connections to a Service go from `KUBE-SERVICES` through a chain of its port to one of an address, which rewrites where they go.
//! A chain that none leads to is left over. Source: `pkg/proxy/iptables/proxier.go`, `syncProxyRules`.

use std::collections::{BTreeMap, BTreeSet};

/// That connections to a Service are led to an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Way {
    /// The Service: its namespace, a slash and its name.
    pub(super) service: String,
    pub(super) address: String,
}

/// All ways that lead somewhere.
pub(super) fn ways(text: &str) -> BTreeSet<Way> {
    let mut services = BTreeMap::<&str, &str>::new();
    let mut jumps = BTreeSet::new();
    let mut addresses = BTreeMap::new();
    for rule in text.lines().filter_map(|line| line.strip_prefix("-A ")) {
        let Some((chain, rule)) = rule.split_once(' ') else {
            continue;
        };
        let Some((_, target)) = rule.rsplit_once("-j ") else {
            continue;
        };
        if chain == "KUBE-SERVICES" {
            services.extend(commented(rule).map(|service| (target, service)));
        } else if let Some((_, destination)) = target.split_once("--to-destination ") {
            let address = destination
                .rsplit_once(':')
                .map_or(destination, |(address, _)| address);
            addresses.insert(chain, address);
        } else {
            jumps.insert((chain, target));
        }
    }
    let ways = jumps.into_iter().filter_map(|(chain, target)| {
        Some(Way {
            service: (*services.get(chain)?).into(),
            address: (*addresses.get(target)?).into(),
        })
    });
    ways.collect()
}

/// The Service that a rule's comment names: `namespace/name:port cluster IP`.
fn commented(rule: &str) -> Option<&str> {
    let (_, comment) = rule.split_once("--comment \"")?;
    let (port, _) = comment.split_once(" cluster IP\"")?;
    Some(port.split_once(':').map_or(port, |(service, _)| service))
}
