//! Questions that are asked once, however many want to know the answer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

/// Answers, by what was asked.
pub(crate) struct Once<T, Q = String>(Mutex<HashMap<Q, Arc<OnceCell<T>>>>);

impl<T, Q> Default for Once<T, Q> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone, Q: Clone + Eq + Hash> Once<T, Q> {
    /// The answer; who asks the same at the same time waits for it.
    pub(crate) async fn ask(&self, question: Q, answer: impl Future<Output = T>) -> T {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(question).or_default())
        };
        cell.get_or_init(|| answer).await.clone()
    }

    /// All answers so far.
    pub(crate) fn answers(&self) -> Vec<(Q, T)> {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = cells.iter();
        let answers = answers.filter_map(|(question, cell)| Some((question.clone(), cell.get()?.clone())));
        answers.collect()
    }
}
