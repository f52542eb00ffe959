//! Between columns and the domain's types.

use latchkey_domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::StoreError;

/// A value as the text of a column.
pub(crate) fn text<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The value of a column's text.
pub(crate) fn value<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// The value of a column that may be empty.
pub(crate) fn optional<T: DeserializeOwned>(
    text: Option<&String>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| value(text)).transpose()
}

/// A word of an enum that parses itself.
pub(crate) fn word<T>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| StoreError::Corrupt(format!("unknown word {text:?}")))
}

/// A count of a column; the database has no unsigned integers.
pub(crate) fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

/// A long count of a column.
pub(crate) fn long(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// A long count for a column.
pub(crate) fn column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A time of a column.
pub(crate) const fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}
