//! Metrics of the call budget.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::gauge::ConstGauge,
};

use crate::budget::CallBudget;

/// Reads the budget at each scrape, so that the metrics cost the calls nothing.
#[derive(Debug)]
pub(crate) struct BudgetCollector(pub(crate) CallBudget);

impl Collector for BudgetCollector {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let mut gauge = |name, help, value: i64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge(
            "numbers_api_healthy",
            "1 while calls succeed, 0 once they fail",
            i64::from(self.0.is_healthy()),
        )?;
        if let Some(left) = self.0.left() {
            gauge(
                "numbers_api_calls_left",
                "Calls that will succeed before it breaks",
                i64::from(left),
            )?;
        }
        Ok(())
    }
}
