use serde_json::{Value, json};

use super::*;
use crate::{Route, unasked};

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

fn kubeconfig(cluster: &Value, user: &Value) -> Kubeconfig {
    let mut all = json!({
        "current-context": "a",
        "contexts": [{ "name": "a", "context": { "cluster": "c", "user": "u" } }],
        "clusters": [{ "name": "c", "cluster": { "server": "https://host:6443" } }],
        "users": [{ "name": "u", "user": user }],
    });
    let fields = all["clusters"][0]["cluster"].as_object_mut().unwrap();
    fields.extend(cluster.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

#[track_caller]
fn refused(cluster: &Value, user: &Value, expected: &str) {
    let error = meant(&kubeconfig(cluster, user)).unwrap_err().to_string();
    let start = "the context \"a\" of the kubeconfig cannot be used: in the ";
    assert!(error.starts_with(start) && error.contains(expected), "{error}");
    assert!(!error.contains("hidden"), "{error}");
}

#[test]
fn a_cluster_that_cannot_be_used_is_named_with_its_field_and_what_is_allowed() {
    let (good, text) = (STANDARD.encode(CERTIFICATE), STANDARD.encode("text"));
    for (cluster, expected) in [
        (
            json!({ "server": "nonsense" }),
            "cluster \"c\", server is \"nonsense\"; allowed: https://HOST:PORT",
        ),
        (json!({ "server": null }), "server is \"\"; allowed: "),
        (
            json!({ "proxy-url": "ftp://p" }),
            "proxy-url is \"ftp://p\"; allowed: http://HOST:PORT",
        ),
        (
            json!({ "certificate-authority-data": "!" }),
            "certificate-authority-data is not Base64 (",
        ),
        (
            json!({ "certificate-authority-data": text }),
            "certificate-authority-data holds no certificates in PEM",
        ),
        (
            json!({ "certificate-authority": "/nowhere/ca.crt" }),
            "certificate-authority: /nowhere/ca.crt: No such file or directory",
        ),
        (
            json!({ "certificate-authority": "/dev" }),
            "certificate-authority: /dev: it is no file",
        ),
        (
            json!({ "certificate-authority-data": good, "insecure-skip-tls-verify": true }),
            "insecure-skip-tls-verify and certificate-authority-data contradict each other; leave out one",
        ),
    ] {
        refused(&cluster, &json!({}), expected);
    }
}

#[test]
fn a_user_that_cannot_be_used_is_named_with_its_field_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let long = folder.path().join("long");
    fs::File::create(&long).unwrap().set_len(FILE_LIMIT + 1).unwrap();
    let (certificate, key) = (STANDARD.encode(CERTIFICATE), STANDARD.encode(KEY));
    let locked = STANDARD.encode(KEY.replace("PRIVATE", "ENCRYPTED PRIVATE"));
    for (user, expected) in [
        (
            json!({ "token": "hidden\nhidden" }),
            "user \"u\", token has characters that no token has",
        ),
        (
            json!({ "tokenFile": "/nowhere/token" }),
            "tokenFile: /nowhere/token: No such file or directory",
        ),
        (
            json!({ "tokenFile": file("empty", "\n") }),
            "empty has no token, which is one word in ASCII",
        ),
        (
            json!({ "tokenFile": file("two", "hidden hidden") }),
            "two has no token, which is one word in ASCII",
        ),
        (
            json!({ "tokenFile": long }),
            "long: it has 1048577 bytes; allowed: up to 1048576",
        ),
        (
            json!({ "client-certificate": "/nowhere/c.crt", "client-key": "/nowhere/c.key" }),
            "client-certificate: /nowhere/c.crt: No such file or directory",
        ),
        (
            json!({ "client-certificate-data": certificate, "client-key": "/nowhere/c.key" }),
            "client-key: /nowhere/c.key: No such file or directory",
        ),
        (
            json!({ "client-certificate-data": certificate }),
            "client-certificate-data has no client-key beside it",
        ),
        (
            json!({ "client-key-data": key }),
            "client-key-data has no client-certificate beside it",
        ),
        (
            json!({ "client-certificate-data": key, "client-key-data": key }),
            "client-certificate-data holds no certificates in PEM",
        ),
        (
            json!({ "client-certificate-data": certificate, "client-key-data": locked }),
            "client-key-data holds no private key without a passphrase in PEM",
        ),
        (
            json!({ "auth-provider": { "name": "gcp", "config": {} } }),
            "auth-provider is \"gcp\"; allowed: \"oidc\"",
        ),
        (
            json!({ "auth-provider": { "name": "oidc", "config": {} } }),
            "allowed: \"oidc\" with an id-token",
        ),
        (
            json!({ "exec": { "apiVersion": PLUGIN_VERSIONS[0] } }),
            "exec has no command",
        ),
        (
            json!({ "exec": { "command": "aws", "apiVersion": "client.authentication.k8s.io/v1alpha1" } }),
            "exec has the apiVersion \"client.authentication.k8s.io/v1alpha1\"; allowed: client.authentication.k8s.io/v1 or",
        ),
    ] {
        refused(&json!({}), &user, expected);
    }
}

#[test]
fn what_a_context_names_has_to_be_there() {
    for (context, expected) in [
        (json!(null), "it names no cluster; write `context: {"),
        (
            json!({ "cluster": "x" }),
            "it names the cluster \"x\", which the kubeconfig does not have; it has c",
        ),
        (
            json!({ "cluster": "c", "user": "x" }),
            "it names the user \"x\", which the kubeconfig does not have; it has u",
        ),
    ] {
        let mut kubeconfig = kubeconfig(&json!({}), &json!({}));
        kubeconfig.contexts[0].context = serde_json::from_value(context).unwrap();
        let error = meant(&kubeconfig).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let mut none = kubeconfig(&json!({}), &json!({}));
    none.clusters.clear();
    assert!(meant(&none).unwrap_err().to_string().ends_with("it has none"));
    none.current_context = Some("b".into());
    assert!(matches!(meant(&none), Err(Error::NoContext { known, .. }) if known == ["a"]));
}

#[test]
fn what_is_written_as_nothing_counts_as_not_written() {
    let empty = json!({ "token": "", "tokenFile": "", "username": "", "client-certificate-data": "", "client-key": "" });
    let cluster = json!({ "proxy-url": "", "certificate-authority-data": "" });
    let meant = meant(&kubeconfig(&cluster, &empty)).unwrap();
    assert!(meant.user.token.is_none() && meant.authorities.is_none() && meant.proxy.is_none());
    assert_eq!(meant.namespace, "default");
}

#[tokio::test]
async fn what_only_the_client_sees_to_be_wrong_is_an_error_of_the_kubeconfig_too() {
    let (certificate, key) = (STANDARD.encode(CERTIFICATE), STANDARD.encode(KEY));
    for (cluster, user) in [
        (json!({ "certificate-authority-data": certificate }), json!({})),
        (json!({ "tls-server-name": "no name" }), json!({})),
        (
            json!({}),
            json!({ "client-certificate-data": certificate, "client-key-data": key }),
        ),
        (json!({}), json!({ "as": "a\nb" })),
    ] {
        let made = unasked(kubeconfig(&cluster, &user), Route::Direct).await;
        assert!(matches!(made, Err(Error::Invalid { .. })), "{cluster}");
    }
}
