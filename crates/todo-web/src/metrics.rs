//! Metrics of the list and its database.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{counter::Counter, gauge::ConstGauge},
};
use service::Service;

use crate::watch::Watched;

/// Counters of this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics {
    /// Added items. A form that is sent twice counts once.
    pub(crate) added: Counter,
    /// Deleted items.
    pub(crate) deleted: Counter,
}

impl Metrics {
    pub(crate) fn register(&self, database: &Watched, service: &Service) {
        service.register(|registry| {
            registry.register("todo_items_added", "Items added", self.added.clone());
            registry.register("todo_items_deleted", "Items deleted", self.deleted.clone());
            registry.register_collector(Box::new(DatabaseCollector(database.clone())));
        });
    }
}

/// Reads the watcher's verdict at each scrape.
#[derive(Debug)]
struct DatabaseCollector(Watched);

impl Collector for DatabaseCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let gauge = ConstGauge::new(i64::from(self.0.is_usable()));
        gauge.encode(encoder.encode_descriptor(
            "todo_database_usable",
            "1 while the database can be used, 0 while it cannot",
            None,
            gauge.metric_type(),
        )?)
    }
}
