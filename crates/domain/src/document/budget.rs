//! How large a document may become: its values, its text and its depth, those behind aliases counted each time.

use serde_json::Value as Json;

use super::import::MAX_BYTES;
use super::problem::Problem;

/// Containers inside containers; the deepest published file has 14.
const MAX_DEPTH: usize = 100;
/// Values and keys in all; the largest published file has 20,000.
const MAX_VALUES: usize = 1_000_000;
/// Bytes of texts and keys, and of the indentation that each value has when it is written.
const MAX_TEXT: usize = 4 * MAX_BYTES;

/// What a document has used of what it may.
#[derive(Debug, Default)]
pub(super) struct Budget {
    values: usize,
    bytes: usize,
}

impl Budget {
    /// Counts one value or key with its text; what is inside of it is counted by itself.
    pub(super) fn spend(&mut self, depth: usize, text: usize) -> Result<(), Problem> {
        self.values += 1;
        self.bytes += text + 2 * depth;
        let (code, message) = if depth > MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} containers inside each other");
            ("yaml_too_deep", message)
        } else if self.values > MAX_VALUES {
            let message = format!("more than {MAX_VALUES} values, aliases counted each time");
            ("yaml_too_many_values", message)
        } else if self.bytes > MAX_TEXT {
            let message = format!(
                "more than {MAX_TEXT} bytes of text and indentation, aliases counted each time"
            );
            ("yaml_too_much_text", message)
        } else {
            return Ok(());
        };
        Err(Problem::error(code, message))
    }

    /// Counts a whole tree that stands at a depth; stops where the limit is reached.
    pub(super) fn spend_tree(&mut self, tree: &Json, depth: usize) -> Result<(), Problem> {
        let mut open = vec![(tree, depth)];
        while let Some((value, depth)) = open.pop() {
            self.spend(depth, value.as_str().map_or(0, str::len))?;
            match value {
                Json::Array(items) => {
                    for item in items {
                        self.spend_inside(item, depth + 1, &mut open)?;
                    }
                }
                Json::Object(map) => {
                    for (key, value) in map {
                        self.spend(depth + 1, key.len())?;
                        self.spend_inside(value, depth + 1, &mut open)?;
                    }
                }
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
        Ok(())
    }

    /// Only containers are put off: a list of a million numbers needs no second list.
    fn spend_inside<'a>(
        &mut self,
        value: &'a Json,
        depth: usize,
        open: &mut Vec<(&'a Json, usize)>,
    ) -> Result<(), Problem> {
        if value.is_array() || value.is_object() {
            open.push((value, depth));
            return Ok(());
        }
        self.spend(depth, value.as_str().map_or(0, str::len))
    }
}
