//! The version of Kubernetes.

use guide::{KubernetesVersion, Message};
use k8s_openapi::apimachinery::pkg::version::Info;
use kube::Client;

/// The first with the pod security standards.
const OLDEST: KubernetesVersion = KubernetesVersion(1, 25);

/// Why the cluster is too old, if it is.
///
/// # Errors
/// It does not answer.
pub(super) async fn too_old(client: &Client) -> Result<Option<Message>, kube::Error> {
    let info = client.apiserver_version().await?;
    let old = numbers(&info).is_some_and(|version| version < OLDEST);
    Ok(old.then(|| Message::new("old-kubernetes").with("version", whole(&info))))
}

/// Why it is too old for an exercise that needs `least`, if it is.
///
/// # Errors
/// It does not answer.
pub(super) async fn older_than(
    client: &Client,
    least: KubernetesVersion,
) -> Result<Option<Message>, kube::Error> {
    let info = client.apiserver_version().await?;
    let old = numbers(&info).is_some_and(|version| version < least);
    Ok(old.then(|| {
        Message::new("old-for-exercise")
            .with("least", least.to_string())
            .with("version", whole(&info))
    }))
}

/// What the cluster says of its version, if nobody can tell from it whether it is too old.
///
/// # Errors
/// It does not answer.
pub(super) async fn unclear(client: &Client) -> Result<Option<Message>, kube::Error> {
    let info = client.apiserver_version().await?;
    let version = || format!("{:?}", whole(&info));
    Ok(numbers(&info)
        .is_none()
        .then(|| Message::new("doubt-version").with("version", version())))
}

/// Major and minor number. To the minor distributions add letters of their own: `27-gke.1400`, `27+`.
fn numbers(info: &Info) -> Option<KubernetesVersion> {
    let mut parts = info.minor.split(|letter: char| !letter.is_ascii_digit());
    Some(KubernetesVersion(
        info.major.parse().ok()?,
        parts.next()?.parse().ok()?,
    ))
}

fn whole(info: &Info) -> String {
    format!("{}.{}", info.major, info.minor)
}

#[cfg(test)]
mod tests {
    use access::fake;

    use super::*;

    #[tokio::test]
    async fn a_version_is_told_by_its_leading_digits() {
        for (minor, expected) in [
            ("24", (true, false)),
            ("24-gke.7", (true, false)),
            ("25+", (false, false)),
            ("27-gke.1400", (false, false)),
            ("", (false, true)),
            ("x27", (false, true)),
        ] {
            let client = fake::api(move |_, _| fake::version("1", minor));
            let (old, unclear) = (too_old(&client).await.unwrap(), unclear(&client).await.unwrap());
            assert_eq!((old.is_some(), unclear.is_some()), expected, "{minor:?}");
        }
    }

    #[tokio::test]
    async fn an_exercise_may_need_a_newer_one() {
        for (minor, old) in [
            ("34", true),
            ("34+", true),
            ("35", false),
            ("40", false),
            ("", false),
        ] {
            let client = fake::api(move |_, _| fake::version("1", minor));
            let found = older_than(&client, KubernetesVersion(1, 35)).await.unwrap();
            assert_eq!(found.is_some(), old, "{minor:?}");
        }
    }
}
