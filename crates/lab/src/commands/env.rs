//! `lab env`.

use cluster::Layout;

use crate::Exit;

/// Prints lines for a shell to evaluate.
///
/// # Errors
/// The cluster is not running.
pub(crate) async fn run(layout: &Layout) -> anyhow::Result<Exit> {
    anyhow::ensure!(
        cluster::is_running(layout).await,
        cluster::Error::NotRunning(layout.name.clone())
    );
    for line in lines(
        layout,
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()),
    ) {
        crate::outln!("{line}");
    }
    Ok(Exit::Done)
}

/// `kubectl` and `helm` of the lab come last on the PATH, so that the person's own come first.
fn lines(layout: &Layout, mut environment: impl Iterator<Item = String>) -> Vec<String> {
    let quote = |path: &std::path::Path| shell_words::quote(&path.to_string_lossy()).into_owned();
    let mut lines = vec![
        format!("export KUBECONFIG={}", quote(&layout.kubeconfig())),
        format!("export PATH=\"$PATH\":{}", quote(&layout.bin())),
    ];
    if environment.any(|name| name.to_ascii_lowercase().ends_with("_proxy")) {
        // curl and kubectl would look for the cluster on the other side of the proxy.
        let none = format!("\"${{NO_PROXY:-${{no_proxy:-}}}},{}\"", layout.network);
        lines.push(format!("export NO_PROXY={none} no_proxy={none}"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_kept_out_only_where_there_is_one() {
        let layout = Layout::new("lab", cluster::DEFAULT_NETWORK).unwrap();
        assert_eq!(
            lines(&layout, ["HOME".to_owned()].into_iter()),
            [
                "export KUBECONFIG=/var/lib/self-healing-lab/lab/kubeconfig",
                "export PATH=\"$PATH\":/var/lib/self-healing-lab/lab/bin",
            ]
        );
        let proxied = lines(&layout, ["https_proxy".to_owned()].into_iter());
        assert_eq!(
            proxied[2],
            "export NO_PROXY=\"${NO_PROXY:-${no_proxy:-}},198.18.0.0/16\" no_proxy=\"${NO_PROXY:-${no_proxy:-}},198.18.0.0/16\""
        );
    }
}
