//! The place of a run: a namespace and a folder, both made for it and gone after it.

use std::time::{Duration, Instant};

use k8s_openapi::api::{
    apps::v1::Deployment,
    batch::v1::Job,
    core::v1::{Namespace, Pod, ServiceAccount},
};
use kube::{
    Api, Client, Config, ResourceExt,
    api::{DeleteParams, ListParams, PostParams},
    config::KubeConfigOptions,
};
use serde_json::json;
use tempfile::TempDir;

use super::{Error, Settings, folder, shell::Shell};
use crate::{
    applied::Applied,
    checks::View,
    guide::{Action, Exercise},
};

/// How long the cluster may take to remove the namespace: its pods get their time to stop.
pub(super) const CLEANUP: Duration = Duration::from_secs(120);
/// How long a new namespace may be without its service account, which pods need.
const ACCOUNT: Duration = Duration::from_secs(30);
/// For how long a cluster may fail to answer before it counts as gone: an API server that restarts is back sooner.
pub(super) const GONE_AFTER: Duration = Duration::from_secs(15);
/// How long the API server may take for one answer.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
const PERIOD: Duration = Duration::from_millis(200);

/// Tells the runner's namespaces from everything else.
const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "self-healing-lab");

/// A namespace, and a folder with a copy of the manifests.
pub struct Sandbox {
    /// What checks look at.
    pub view: View,
    /// The kubeconfig's context.
    pub context: String,
    /// `kubectl` with what leads a person to the namespace.
    pub(super) kubectl: String,
    pub(super) shell: Shell,
    /// What the exercise makes and deletes.
    applied: Applied,
    /// Whether the helm on the PATH is Helm 3.
    helm_3: bool,
    /// Removed when this goes.
    _folder: TempDir,
}

impl Sandbox {
    /// Makes the folder and finds the cluster; changes nothing there.
    ///
    /// # Errors
    /// A program, the context or the cluster is missing, or the folder cannot be made.
    pub async fn prepare(exercise: &Exercise, settings: &Settings) -> Result<Self, Error> {
        let mut kubeconfig = settings.kubeconfig.clone();
        let context = kubeconfig.current_context.clone().unwrap_or_default();
        let named = kubeconfig.contexts.iter_mut().find(|named| named.name == context);
        let Some(inner) = named.and_then(|named| named.context.as_mut()) else {
            return Err(Error::NoContext(context));
        };
        inner.namespace = Some(settings.namespace.clone());

        let (folder, shell) = folder::prepare(settings, &kubeconfig)?;
        let unreachable = |reason: String| Error::Unreachable {
            context: context.clone(),
            reason,
        };
        let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        config.connect_timeout = Some(ANSWER);
        config.read_timeout = Some(ANSWER);
        // The runner asks again by itself. The client would do so for minutes, and for a pod's own 503 as well.
        config.default_retry = false;
        if settings.embedded.is_some() {
            config.proxy_url = None;
        }
        let client = Client::try_from(config).map_err(|error| unreachable(plainly(&error)))?;
        client
            .apiserver_version()
            .await
            .map_err(|error| unreachable(plainly(&error)))?;
        for program in folder::programs(exercise) {
            which::which_in(&program, shell.environment.get("PATH"), &settings.clone)
                .map_err(|_| Error::NoProgram(program))?;
        }
        let mut actions = exercise.steps.iter().map(|step| &step.action);
        let helm_3 = actions.any(|action| !action.with_helm_3.is_empty()) && is_helm_3(&shell).await?;
        let select = if settings.embedded.is_some() {
            String::new()
        } else {
            format!(" --context {context}")
        };
        Ok(Self {
            kubectl: format!("kubectl{select} -n {}", settings.namespace),
            view: View {
                client,
                namespace: settings.namespace.clone(),
                folder: shell.folder.clone(),
            },
            context,
            applied: Applied::by(exercise, &settings.clone.join("k8s"))?,
            helm_3,
            shell,
            _folder: folder,
        })
    }

    /// What is typed here.
    pub(super) fn commands<'a>(&self, action: &'a Action) -> &'a [String] {
        if self.helm_3 && !action.with_helm_3.is_empty() {
            &action.with_helm_3
        } else {
            &action.commands
        }
    }

    /// Refuses to begin where somebody's own namespaces would be changed or deleted.
    pub(super) async fn nothing_in_the_way(&self) -> Result<(), Error> {
        let mut found = vec![];
        for namespace in self.applied.namespaces() {
            let there = self.namespaces().get_opt(&namespace.name).await;
            found.extend(there.map_err(|error| self.refused("show a namespace", &error))?);
        }
        for label in &self.applied.deletes {
            let there = self.namespaces().list(&ListParams::default().labels(label)).await;
            found.extend(there.map_err(|error| self.refused("list namespaces", &error))?);
        }
        let mut names: Vec<_> = found.iter().map(ResourceExt::name_any).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return Ok(());
        }
        Err(Error::InTheWay {
            namespaces: names.join(" "),
        })
    }

    /// Says which namespaces other runs have: one that was killed could not remove its own.
    pub(super) async fn others(&self) -> Result<Vec<String>, Error> {
        let (key, value) = LABEL;
        let runs = ListParams::default().labels(&format!("{key}={value}"));
        let found = self
            .namespaces()
            .list(&runs)
            .await
            .map_err(|error| self.refused("list namespaces", &error))?;
        let message = |namespace: &Namespace| {
            let name = namespace.name_any();
            format!("another run has the namespace {name}; if it was killed: kubectl delete namespace {name}")
        };
        Ok(found.iter().map(message).collect())
    }

    /// Makes the namespace. It enforces the `restricted` pod security standard and has kubectl print what breaks it, so
    /// that a manifest which would not be admitted everywhere shows here.
    pub(super) async fn create_namespace(&self) -> Result<(), Error> {
        let (key, value) = LABEL;
        let namespace = json!({ "metadata": { "name": self.view.namespace, "labels": {
            key: value,
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/warn": "restricted",
        } } });
        let namespace: Namespace = serde_json::from_value(namespace).map_err(std::io::Error::other)?;
        match self.namespaces().create(&PostParams::default(), &namespace).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.refused("make a namespace", &error)),
        }
    }

    /// Waits until pods can be made in the namespace.
    pub(super) async fn wait_for_account(&self) -> Result<(), Error> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.view.client.clone(), &self.view.namespace);
        let began = Instant::now();
        while accounts
            .get_opt("default")
            .await
            .map_err(|error| self.refused("show its accounts", &error))?
            .is_none()
        {
            if began.elapsed() > ACCOUNT {
                let reason = format!("none came within {} s", ACCOUNT.as_secs());
                return Err(Error::Refused {
                    action: "make the namespace's service account",
                    reason,
                });
            }
            tokio::time::sleep(PERIOD).await;
        }
        Ok(())
    }

    /// The run's own namespace, and those that its manifests make.
    fn all_namespaces(&self) -> impl Iterator<Item = &String> {
        let made = self.applied.namespaces().map(|namespace| &namespace.name);
        [&self.view.namespace].into_iter().chain(made)
    }

    /// Deletes the namespaces and waits until they are gone. A cluster that fails to answer gets some time to come back.
    pub(super) async fn remove(&self) -> Result<(), Error> {
        let began = Instant::now();
        let mut answered = began;
        while began.elapsed() < CLEANUP {
            match self.go_on_removing().await {
                Ok(true) => return Ok(()),
                Ok(false) => answered = Instant::now(),
                Err(error) if answered.elapsed() > GONE_AFTER => return Err(self.left(plainly(&error))),
                Err(_) => {}
            }
            tokio::time::sleep(PERIOD).await;
        }
        Err(self.left(format!(
            "the cluster has not removed it within {} s",
            CLEANUP.as_secs()
        )))
    }

    /// Deletes the namespaces; the cluster removes what is in them.
    pub(super) async fn ask_to_remove(&self) -> Result<(), Error> {
        for namespace in self.all_namespaces() {
            match self
                .namespaces()
                .delete(namespace, &DeleteParams::default())
                .await
            {
                Ok(_) => {}
                Err(kube::Error::Api(gone)) if gone.code == 404 => {}
                Err(error) => return Err(self.left(plainly(&error))),
            }
        }
        Ok(())
    }

    /// Does what is next, and says whether the namespaces are gone.
    async fn go_on_removing(&self) -> Result<bool, kube::Error> {
        let mut gone = true;
        for namespace in self.all_namespaces() {
            gone &= self.go_on_removing_one(namespace).await?;
        }
        Ok(gone)
    }

    /// Pods are ended first: a cluster that has to wait for one while it removes a namespace looks again only after half
    /// of the time that the pod gets to stop. Here it gets a second, as nobody calls it any more.
    async fn go_on_removing_one(&self, namespace: &str) -> Result<bool, kube::Error> {
        let client = &self.view.client;
        let all = ListParams::default();
        let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
        if pods.list(&all).await?.items.is_empty() {
            let Some(left) = self.namespaces().get_opt(namespace).await? else {
                return Ok(true);
            };
            if left.metadata.deletion_timestamp.is_none() {
                self.namespaces()
                    .delete(namespace, &DeleteParams::default())
                    .await?;
            }
        } else {
            let deployments: Api<Deployment> = Api::namespaced(client.clone(), namespace);
            deployments
                .delete_collection(&DeleteParams::background(), &all)
                .await?;
            let jobs: Api<Job> = Api::namespaced(client.clone(), namespace);
            jobs.delete_collection(&DeleteParams::background(), &all).await?;
            pods.delete_collection(&DeleteParams::default().grace_period(1), &all)
                .await?;
        }
        Ok(false)
    }

    pub(super) fn left(&self, reason: String) -> Error {
        Error::LeftBehind {
            namespaces: self.all_namespaces().cloned().collect::<Vec<_>>().join(" "),
            context: self.context.clone(),
            reason,
        }
    }

    pub(super) fn unreachable(&self, error: &kube::Error) -> Error {
        Error::Unreachable {
            context: self.context.clone(),
            reason: plainly(error),
        }
    }

    /// A cluster that answers no, or one that does not answer.
    pub(super) fn refused(&self, action: &'static str, error: &kube::Error) -> Error {
        match error {
            kube::Error::Api(status) => Error::Refused {
                action,
                reason: status.message.clone(),
            },
            error => self.unreachable(error),
        }
    }

    fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.view.client.clone())
    }
}

/// Asks the helm that commands will find for its version, `v3.19.0` or `v4.1.0`.
async fn is_helm_3(shell: &Shell) -> Result<bool, Error> {
    let run = shell
        .run("helm version --template '{{.Version}}'", ANSWER)
        .await?;
    match (run.exit_code, run.output.trim().split('.').next()) {
        (Some(0), Some("v3")) => Ok(true),
        (Some(0), Some("v4")) => Ok(false),
        _ => Err(Error::UnknownHelm(run.output.trim().chars().take(200).collect())),
    }
}

/// The innermost cause, which says most: `Connection refused (os error 111)`.
fn plainly(error: &kube::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
