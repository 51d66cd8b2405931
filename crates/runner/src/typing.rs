//! What is typed: the guide's commands, and what takes their place on another cluster or with another Helm.

use access::ANSWER;
use guide::{Action, calls};
use k8s_openapi::api::core::v1::Service;
use kube::Api;

use super::{Error, shell::Shell};

/// All fields of a Service's first address. Where that has one field, as the lab's own have, they are the address.
const ALL_FIELDS: &str = ".status.loadBalancer.ingress[0].*";
/// The first Helm 3 that prints what hooks wrote, which the chapter's charts ask for.
const OLDEST_HELM_3: u32 = 18;

/// Types the guide's commands, on one cluster and with one Helm.
pub(super) struct Typist {
    /// Where they run.
    pub(super) shell: Shell,
    /// Whether the helm on the PATH is Helm 3.
    pub(super) helm_3: bool,
    /// Whether the cluster is the embedded one.
    pub(super) embedded: bool,
}

impl Typist {
    /// The commands for the Helm that is there.
    pub(super) fn commands<'a>(&self, action: &'a Action) -> &'a [String] {
        commands(action, self.helm_3)
    }

    /// The command as it is typed on this cluster, in a namespace of which these are the Services.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    pub(super) async fn typed(&self, command: &str, services: &Api<Service>) -> Result<String, kube::Error> {
        let asks = !self.embedded && command.contains(ALL_FIELDS);
        let Some((name, namespace)) = asks.then(|| service(command)).flatten() else {
            return Ok(command.to_owned());
        };
        let services: Api<Service> = match namespace {
            Some(namespace) => Api::namespaced(services.clone().into_client(), &namespace),
            None => services.clone(),
        };
        let service = services.get_opt(&name).await?;
        Ok(with_one_field(command, service.as_ref()))
    }
}

fn commands(action: &Action, helm_3: bool) -> &[String] {
    if helm_3 && !action.with_helm_3.is_empty() {
        &action.with_helm_3
    } else {
        &action.commands
    }
}

/// The Service that a command asks about, and its namespace if that is not the one of the commands.
fn service(command: &str) -> Option<(String, Option<String>)> {
    calls(command, &["get"]).ok()?.into_iter().find_map(|call| {
        let (kind, name) = match &call.arguments[..] {
            [kind_and_name, ..] if kind_and_name.contains('/') => kind_and_name.split_once('/')?,
            [kind, name, ..] => (kind.as_str(), name.as_str()),
            _ => return None,
        };
        let namespace = call.values("namespace").next_back().map(str::to_owned);
        matches!(kind, "svc" | "service" | "services").then(|| (name.to_owned(), namespace))
    })
}

/// As the guide says to do where an address has more fields: with the field that is the address.
fn with_one_field(command: &str, service: Option<&Service>) -> String {
    let balancer = service
        .and_then(|service| service.status.as_ref())
        .and_then(|status| status.load_balancer.as_ref());
    let entry = balancer
        .and_then(|balancer| balancer.ingress.as_ref())
        .and_then(|ingress| ingress.first());
    let field = match entry {
        Some(entry) if entry.ip.is_some() => "ip",
        Some(entry) if entry.hostname.is_some() => "hostname",
        _ => return command.to_owned(),
    };
    command.replace(ALL_FIELDS, &ALL_FIELDS.replace('*', field))
}

/// Asks the helm that commands will find for its version, `v3.19.0` or `v4.1.0`.
pub(super) async fn is_helm_3(shell: &Shell) -> Result<bool, Error> {
    let run = shell
        .run("helm version --template '{{.Version}}'", ANSWER)
        .await?;
    let version: String = run.output.trim().chars().take(200).collect();
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (run.exit_code, numbers.next(), numbers.next()) {
        (Some(0), Some(Ok(3)), Some(Ok(minor))) if minor < OLDEST_HELM_3 => Err(Error::OldHelm(version)),
        (Some(0), Some(Ok(3)), Some(Ok(_))) => Ok(true),
        (Some(0), Some(Ok(4)), _) => Ok(false),
        _ => Err(Error::UnknownHelm(version)),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, os::unix::fs::PermissionsExt};

    use serde_json::json;

    use super::*;

    /// A shell that finds a helm which prints `version` and ends with `code`.
    async fn asked(version: &str, code: u8) -> Result<bool, Error> {
        let folder = tempfile::tempdir().unwrap();
        let helm = folder.path().join("helm");
        std::fs::write(&helm, format!("#!/bin/sh\necho {version}\nexit {code}\n")).unwrap();
        std::fs::set_permissions(&helm, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:/usr/bin:/bin", folder.path().display());
        let shell = Shell {
            folder: folder.path().into(),
            environment: BTreeMap::from([("PATH".into(), path.into())]),
        };
        is_helm_3(&shell).await
    }

    #[tokio::test]
    async fn helm_is_asked_for_its_version() {
        assert!(asked("v3.18.0", 0).await.unwrap() && asked("v3.20.1", 0).await.unwrap());
        assert!(!asked("v4.0.0", 0).await.unwrap() && !asked("v4.1.0+g1", 0).await.unwrap());
        let old = asked("v3.17.3", 0).await.unwrap_err().to_string();
        assert!(old.contains("v3.17.3") && old.contains("3.18"), "{old}");
        for (version, code) in [("v2.17.0", 0), ("v5.0.0", 0), ("v3.18.0", 1), ("hello", 0)] {
            let error = asked(version, code).await.unwrap_err();
            assert!(matches!(error, Error::UnknownHelm(_)), "{version}: {error}");
        }
    }

    #[test]
    fn helm_3_gets_its_own_commands_where_there_are_some() {
        let mut action = Action {
            commands: vec!["helm install --rollback-on-failure a b".into()],
            ..Action::default()
        };
        assert_eq!(commands(&action, true), action.commands);
        action.with_helm_3 = vec!["helm install --atomic a b".into()];
        assert_eq!(commands(&action, true), action.with_helm_3);
        assert_eq!(commands(&action, false), action.commands);
    }

    #[test]
    fn an_address_with_more_fields_is_asked_for_the_one_that_counts() {
        let command = "kubectl get svc numbers-api \\\n  -o jsonpath='http://{.status.loadBalancer.ingress[0].*}:8013' \\\n  > api-url.txt";
        assert_eq!(service(command), Some(("numbers-api".into(), None)));
        for command in [
            "kubectl get svc -n x name",
            "kubectl --namespace=x get -o json service/name",
        ] {
            assert_eq!(
                service(command),
                Some(("name".into(), Some("x".into()))),
                "{command}"
            );
        }
        assert_eq!(service("kubectl get svc"), None);
        let typed = |ingress: serde_json::Value| {
            let service = json!({ "metadata": {}, "status": { "loadBalancer": { "ingress": ingress } } });
            with_one_field(command, Some(&serde_json::from_value(service).unwrap()))
        };
        let with = |field: &str| command.replace("[0].*", &format!("[0].{field}"));
        assert_eq!(typed(json!([{ "ip": "192.0.2.7", "ipMode": "VIP" }])), with("ip"));
        assert_eq!(typed(json!([{ "hostname": "a.example" }])), with("hostname"));
        assert_eq!(typed(json!([])), command);
        assert_eq!(with_one_field(command, None), command);
    }
}
