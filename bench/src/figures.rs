//! What is measured, by name, once per round; the median of the rounds is what is told.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::load::Measured;

/// Samples by name.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<&'static str, Vec<f64>>);

impl Figures {
    /// Keeps a sample.
    pub(crate) fn keep(&mut self, name: &'static str, sample: f64) {
        self.0.entry(name).or_default().push(sample);
    }

    /// Keeps a time, in milliseconds.
    pub(crate) fn keep_time(&mut self, name: &'static str, time: Duration) {
        self.keep(name, time.as_secs_f64() * 1000.0);
    }

    /// Keeps a size, in megabytes.
    pub(crate) fn keep_size(&mut self, name: &'static str, bytes: u64) {
        self.keep(name, bytes as f64 / 1_000_000.0);
    }

    /// Keeps the rate and the processor time of a load.
    pub(crate) fn keep_load(&mut self, rate: &'static str, cpu: &'static str, measured: &Measured) {
        self.keep(rate, measured.per_second);
        self.keep(cpu, measured.cpu_per_thousand);
    }

    /// The median; not a number when there is no sample.
    pub(crate) fn median(&self, name: &str) -> f64 {
        self.0.get(name).map_or(f64::NAN, |samples| middle(samples))
    }

    /// The median of what two samples of the same round come to.
    pub(crate) fn paired(&self, one: &str, other: &str, of: impl Fn(f64, f64) -> f64) -> f64 {
        let (Some(ones), Some(others)) = (self.0.get(one), self.0.get(other)) else {
            return f64::NAN;
        };
        let pairs = ones.iter().zip(others);
        middle(
            &pairs
                .map(|(one, other)| of(*one, *other))
                .collect::<Vec<_>>(),
        )
    }
}

fn middle(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
