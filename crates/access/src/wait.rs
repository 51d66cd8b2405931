//! Waiting for a cluster.

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use kube::{
    Api, Resource,
    runtime::{
        wait::{self, await_condition},
        watcher,
    },
};
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout};

/// For how long a cluster may fail to answer before it counts as gone: an API server that restarts is back sooner.
pub const GONE_AFTER: Duration = Duration::from_secs(15);
/// How often is asked where nothing can be watched.
const PERIOD: Duration = Duration::from_millis(200);

/// Watches an object, at most for `within`, until the condition holds, which gets none where the object is not there.
///
/// # Errors
/// The cluster does not answer, or refuses.
pub async fn watch<K>(
    objects: &Api<K>,
    name: &str,
    within: Duration,
    condition: impl Fn(Option<&K>) -> bool,
) -> Result<bool, kube::Error>
where
    K: Clone + Debug + Send + DeserializeOwned + Resource + 'static,
{
    let watching = async {
        loop {
            let watched = await_condition(objects.clone(), name, &condition).await;
            let Err(wait::Error::ProbeFailed(error)) = watched else {
                return Ok(true);
            };
            match error {
                watcher::Error::InitialListFailed(error) | watcher::Error::WatchStartFailed(error) => {
                    return Err(error);
                }
                // A watch ends where nothing has changed for as long as the client waits for an answer.
                watcher::Error::WatchFailed(_)
                | watcher::Error::WatchError(_)
                | watcher::Error::NoResourceVersion => sleep(PERIOD).await,
            }
        }
    };
    timeout(within, watching).await.unwrap_or(Ok(false))
}

/// Looks again and again, at most for `within` after a first time, until there is something: where more has to be looked at
/// than an object that can be watched.
///
/// # Errors
/// Those of looking.
pub async fn until<T, E>(
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>, E>,
) -> Result<Option<T>, E> {
    let began = Instant::now();
    loop {
        let found = look().await?;
        if found.is_some() || began.elapsed() >= within {
            return Ok(found);
        }
        sleep(PERIOD).await;
    }
}

/// Asks, and gives a cluster that fails to answer some time to come back. A refusal is an answer.
///
/// # Errors
/// The cluster has not answered within [`GONE_AFTER`], or refuses.
pub async fn patiently<T>(mut ask: impl AsyncFnMut() -> Result<T, kube::Error>) -> Result<T, kube::Error> {
    let began = Instant::now();
    loop {
        match ask().await {
            Err(error) if !is_refusal(&error) && began.elapsed() < GONE_AFTER => sleep(PERIOD).await,
            answer => return answer,
        }
    }
}

/// Whether the cluster has answered no, and will again.
fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code < 500 && status.code != 429)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use k8s_openapi::api::core::v1::ServiceAccount;
    use kube::Client;
    use serde_json::json;

    use super::*;
    use crate::fake;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A cluster that answers the first time that it has nothing, and then that it has an account.
    fn cluster(asked: Arc<AtomicUsize>) -> Client {
        let version = json!({ "resourceVersion": "1" });
        let account = json!({ "metadata": { "name": "default", "resourceVersion": "2" } });
        fake::api(move |_, _| match asked.fetch_add(1, Ordering::Relaxed) {
            0 => (200, json!({ "metadata": version, "items": [] })),
            _ => (200, json!({ "type": "ADDED", "object": account })),
        })
    }

    #[tokio::test]
    async fn an_object_that_is_made_meanwhile_is_seen() {
        let asked = Arc::default();
        let accounts: Api<ServiceAccount> = Api::namespaced(cluster(Arc::clone(&asked)), "default");
        let there = |account: Option<&ServiceAccount>| account.is_some();
        assert!(watch(&accounts, "default", MINUTE, there).await.unwrap());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        let hidden = fake::api(|_, _| fake::refusal(403, "you may not"));
        let accounts: Api<ServiceAccount> = Api::namespaced(hidden, "default");
        assert!(watch(&accounts, "default", MINUTE, there).await.is_err());
    }

    #[tokio::test]
    async fn what_is_not_there_at_once_is_looked_for_again() {
        let mut looks = 0;
        let found = until(MINUTE, async || {
            looks += 1;
            Ok::<_, ()>((looks == 2).then_some(looks))
        });
        assert_eq!(found.await, Ok(Some(2)));
        let never = until(Duration::ZERO, async || Ok::<Option<()>, ()>(None));
        assert_eq!(never.await, Ok(None));
    }

    #[tokio::test]
    async fn a_cluster_that_restarts_is_asked_again_and_one_that_refuses_is_not() {
        for (codes, expected) in [([503, 429, 201], 3), ([403, 503, 503], 1)] {
            let asked = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&asked);
            let client = fake::api(move |_, _| match codes[counted.fetch_add(1, Ordering::Relaxed)] {
                201 => (200, json!({ "metadata": {} })),
                code => fake::refusal(code, "why"),
            });
            let accounts: Api<ServiceAccount> = Api::namespaced(client, "default");
            let answer = patiently(async || accounts.get("default").await).await;
            assert_eq!(
                (answer.is_ok(), asked.load(Ordering::Relaxed)),
                (expected == 3, expected)
            );
        }
    }
}
