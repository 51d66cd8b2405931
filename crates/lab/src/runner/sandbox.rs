//! The place of a run: a namespace and a folder, both made for it and gone after it.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ffi::OsStr,
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{Api, Client, Config, ResourceExt, api::PostParams, config::KubeConfigOptions};
use serde_json::json;

use super::{
    Error, Settings,
    folder::{self, Folder},
    shell::Shell,
    typing,
};
use crate::{applied::Applied, checks::View, guide::Exercise};

/// How long a new namespace may be without its service account, which pods need.
const ACCOUNT: Duration = Duration::from_secs(30);
/// For how long a cluster may fail to answer before it counts as gone: an API server that restarts is back sooner.
pub(super) const GONE_AFTER: Duration = Duration::from_secs(15);
/// How long the API server may take for one answer.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);
pub(super) const PERIOD: Duration = Duration::from_millis(200);

/// Tells the runner's namespaces from everything else.
pub(super) const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "self-healing-lab");
/// Tells other runs what a run makes and deletes outside of its namespace.
pub(super) const REACH: &str = "self-healing-lab/reach";

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
    pub(super) applied: Applied,
    /// The namespaces that this run has made, with their ids; without one where a step that makes it has only begun.
    pub(super) made: RefCell<BTreeMap<String, Option<String>>>,
    /// Whether the helm on the PATH is Helm 3.
    pub(super) helm_3: bool,
    /// Whether the cluster is the embedded one.
    pub(super) embedded: bool,
    /// Removed when this goes.
    _folder: Folder,
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

        let folder = Folder::claim(&settings.runs)?;
        let shell = folder.prepare(settings, &kubeconfig)?;
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
            which::which_in(
                &program,
                shell.environment.get(OsStr::new("PATH")),
                &settings.clone,
            )
            .map_err(|_| Error::NoProgram(program))?;
        }
        let mut actions = exercise.steps.iter().map(|step| &step.action);
        let helm_3 =
            actions.any(|action| !action.with_helm_3.is_empty()) && typing::is_helm_3(&shell).await?;
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
            made: RefCell::default(),
            helm_3,
            embedded: settings.embedded.is_some(),
            shell,
            _folder: folder,
        })
    }

    /// Makes the namespace. It enforces the `restricted` pod security standard and has kubectl print what breaks it, so
    /// that a manifest which would not be admitted everywhere shows here.
    pub(super) async fn create_namespace(&self) -> Result<(), Error> {
        let (key, value) = LABEL;
        let reach = serde_json::to_string(&self.applied.beyond()).map_err(std::io::Error::other)?;
        let namespace = json!({ "metadata": {
            "name": self.view.namespace,
            "labels": {
                key: value,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
            "annotations": { REACH: reach },
        } });
        let namespace: Namespace = serde_json::from_value(namespace).map_err(std::io::Error::other)?;
        let made = self
            .namespaces()
            .create(&PostParams::default(), &namespace)
            .await
            .map_err(|error| self.refused("make a namespace", &error))?;
        self.made.borrow_mut().insert(made.name_any(), made.uid());
        Ok(())
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

    pub(super) fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.view.client.clone())
    }
}

/// The innermost cause, which says most: `Connection refused (os error 111)`.
pub(super) fn plainly(error: &kube::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
