//! How code runs: the sandbox, and what its results may be.

use std::time::Duration;

/// What the result of a code node may be (Dify: `CODE_MAX_STRING_LENGTH` and the like), and how long it may run.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeLimits {
    /// How long the code may run, if that is less than the sandbox allows.
    pub time: Option<Duration>,
    /// Characters of a text.
    pub string_length: usize,
    /// The largest number.
    pub max_number: i64,
    /// The smallest number.
    pub min_number: i64,
    /// Digits after the point.
    pub precision: usize,
    /// Objects inside each other, the result among them.
    pub depth: usize,
    /// Elements of an `array[string]`.
    pub string_array_length: usize,
    /// Elements of an `array[object]`.
    pub object_array_length: usize,
    /// Elements of an `array[number]`.
    pub number_array_length: usize,
}

impl Default for CodeLimits {
    fn default() -> Self {
        Self {
            time: None,
            string_length: 400_000,
            max_number: i64::MAX,
            min_number: -i64::MAX,
            precision: 20,
            depth: 5,
            string_array_length: 30,
            object_array_length: 30,
            number_array_length: 1000,
        }
    }
}
