//! Looking at a namespace.

use std::{fmt::Debug, sync::Arc};

use kube::Client;
use serde::de::DeserializeOwned;

use crate::{
    Listed,
    list::{All, list},
    slim::Slim,
};

/// What a look found, and what it did not see.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// What was found.
    pub listed: Listed,
    /// The kinds that this user may not list, by their names in the API.
    pub hidden: Vec<String>,
    /// The kinds of which there are more than [`MOST`](crate::MOST): the rest was not looked at.
    pub cut: Vec<String>,
}

/// Looks at a namespace once. Changes nothing there.
///
/// # Errors
/// The cluster does not answer, or fails.
pub async fn look(client: &Client, namespace: &str) -> Result<Look, kube::Error> {
    let mut look = Look::default();
    look.listed.pods = look.list(client, namespace).await?;
    look.listed.slices = look.list(client, namespace).await?;
    look.listed.deployments = look.list(client, namespace).await?;
    look.listed.replica_sets = look.list(client, namespace).await?;
    look.listed.services = look.list(client, namespace).await?;
    look.listed.events = look.list(client, namespace).await?;
    Ok(look)
}

impl Look {
    async fn list<K>(&mut self, client: &Client, namespace: &str) -> Result<Vec<Arc<K>>, kube::Error>
    where
        K: Slim + Clone + Debug + DeserializeOwned,
    {
        match list(client, namespace).await {
            Ok(All { items, cut, .. }) => {
                if cut {
                    self.cut.push(K::plural(&()).into_owned());
                }
                Ok(items.into_iter().map(Arc::new).collect())
            }
            Err(error) if access::is_hidden(&error) => {
                self.hidden.push(K::plural(&()).into_owned());
                Ok(vec![])
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use access::fake;
    use serde_json::json;

    use super::*;
    use crate::MOST;

    #[tokio::test]
    async fn what_may_not_be_listed_is_named_and_the_rest_is_there() {
        let client = fake::api(|request, _| match request {
            "GET /api/v1/namespaces/default/events" => {
                (403, json!({"code": 403, "message": "no", "status": "Failure"}))
            }
            "GET /api/v1/namespaces/default/pods" => (
                200,
                json!({"metadata": {}, "items": [{"metadata": {"name": "a"}}]}),
            ),
            _ => (200, json!({"metadata": {}, "items": []})),
        });
        let look = look(&client, "default").await.unwrap();
        assert_eq!(look.hidden, ["events"]);
        assert_eq!(look.listed.pods.len(), 1);
        assert!(look.cut.is_empty());
    }

    #[tokio::test]
    async fn a_server_that_goes_on_forever_is_asked_no_more_than_it_needs() {
        let client = fake::api(|request, _| {
            let more = request
                .ends_with("/pods")
                .then(|| vec![json!({"metadata": {"name": "a"}}); 500]);
            let token = more.as_ref().map_or("", |_| "more");
            (
                200,
                json!({"metadata": {"continue": token}, "items": more.unwrap_or_default()}),
            )
        });
        let look = look(&client, "default").await.unwrap();
        assert_eq!(
            (look.listed.pods.len(), look.cut),
            (MOST, vec!["pods".to_owned()])
        );
    }

    #[tokio::test]
    async fn a_server_that_fails_is_an_error() {
        let client = fake::api(|_, _| (500, json!({"code": 500, "message": "etcd", "status": "Failure"})));
        assert!(look(&client, "default").await.is_err());
    }
}
