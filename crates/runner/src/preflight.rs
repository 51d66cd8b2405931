//! What the chapter needs of a cluster that somebody else set up.

mod doubts;
mod needs;
mod probe;
mod rights;
mod trial;
mod version;

use access::is_ready;
use guide::{Exercise, Message};
use k8s_openapi::api::core::v1::Node;
use kube::{Api, Client, api::ListParams};

pub use self::{
    doubts::{doubt_images, doubts, unseen},
    needs::Needs,
    probe::ADDRESS_WITHIN,
    trial::Trial,
};

/// What a cluster lacks for the chapter, each with the cure.
///
/// # Errors
/// It does not answer.
pub async fn lacking(client: &Client) -> Result<Vec<Message>, kube::Error> {
    let mut lacking: Vec<_> = version::too_old(client).await?.into_iter().collect();
    lacking.extend(rights::forbidden(client, rights::NEEDED).await?);
    let nodes = match Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await
    {
        Ok(nodes) => nodes.items,
        // `doubts` says so.
        Err(kube::Error::Api(status)) if status.code == 403 => return Ok(lacking),
        Err(error) => return Err(error),
    };
    if !nodes.iter().any(is_ready) {
        lacking.push(Message::new("no-node-ready").with("count", nodes.len()));
    }
    Ok(lacking)
}

/// What it lacks for one exercise, beyond what all of them need.
///
/// # Errors
/// It does not answer.
pub async fn lacking_for(client: &Client, exercise: &Exercise) -> Result<Vec<Message>, kube::Error> {
    if let Some(least) = exercise.kubernetes
        && let Some(old) = version::older_than(client, least).await?
    {
        // Rights to what it does not have say nothing.
        return Ok(vec![old]);
    }
    rights::forbidden(client, rights::beyond_all(exercise)).await
}

/// The sentence that refuses a cluster which lacks something.
#[must_use]
pub fn refusal(context: &str, lacking: Vec<Message>) -> Message {
    let refused = Message::new("cluster-lacks").with("context", format!("{context:?}"));
    Message::joined("\n  - ", [vec![refused], lacking].concat())
}

#[cfg(test)]
mod tests {
    use access::fake;

    use super::*;

    /// A cluster on which everything is allowed, but for what it says about nodes.
    fn cluster(nodes: (u16, serde_json::Value)) -> Client {
        fake::api(move |request, _| match request {
            "GET /version" => fake::version("1", "37"),
            "GET /api/v1/nodes" => nodes.clone(),
            _ => fake::allowed(true),
        })
    }

    #[tokio::test]
    async fn nodes_that_may_not_be_listed_are_no_reason_to_refuse() {
        let hidden = cluster(fake::refusal(403, "nodes is forbidden"));
        assert_eq!(lacking(&hidden).await.unwrap(), []);
        let empty = lacking(&cluster(fake::list(&[]))).await.unwrap();
        assert_eq!(empty, [Message::new("no-node-ready").with("count", 0_u32)]);
    }

    #[tokio::test]
    async fn an_exercise_may_lack_what_others_do_not_need() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let lacking = async |id, minor: &'static str, denied: &'static str| {
            let exercise = Exercise::load(&root, guide::Language::En, id).unwrap();
            let client = fake::api(move |request, review| match request {
                "GET /version" => fake::version("1", minor),
                _ => fake::allowed(review["spec"]["resourceAttributes"]["resource"] != denied),
            });
            let lacking = lacking_for(&client, &exercise).await.unwrap();
            lacking.iter().filter_map(Message::id).collect::<Vec<_>>()
        };
        assert_eq!(
            lacking("12.8", "34", "priorityclasses").await,
            ["old-for-exercise"]
        );
        assert_eq!(lacking("12.8", "35", "priorityclasses").await, ["no-right"]);
        assert!(lacking("12.8", "35", "").await.is_empty());
        assert!(lacking("12.1", "34", "priorityclasses").await.is_empty());
    }
}
