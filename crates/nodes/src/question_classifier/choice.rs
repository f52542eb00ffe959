//! Which class a model chose, read out of whatever it wrote.

use serde_json::{Map, Value as Json};

use crate::json_text;
use crate::model_call::reasoning;

/// Why a reply names no class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("there is no JSON in the model's reply")]
    Nothing,
    #[error("the JSON in the model's reply cannot be read: {0}")]
    Broken(String),
    #[error("the JSON in the model's reply is no object")]
    NoObject,
}

/// The index of the class that a reply names by its id. Thoughts do not count, nor does the name. A reply that names
/// none of the classes means the first.
pub(super) fn of(reply: &str, ids: &[&str]) -> Result<usize, Unreadable> {
    let said = object(&reasoning::without_thoughts(reply))?;
    let id = said.get("category_id").and_then(Json::as_str);
    let id = id.filter(|_| said.contains_key("category_name"));
    let found = id.and_then(|id| ids.iter().position(|known| *known == id));
    Ok(found.unwrap_or(0))
}

fn object(text: &str) -> Result<Map<String, Json>, Unreadable> {
    let block = json_text::block(text).ok_or(Unreadable::Nothing)?;
    let said =
        serde_json::from_str(block).map_err(|cause| Unreadable::Broken(cause.to_string()))?;
    let one = match said {
        Json::Array(mut items) if items.len() == 1 => items.swap_remove(0),
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::String(_)
        | Json::Array(_)
        | Json::Object(_) => said,
    };
    match one {
        Json::Object(map) => Ok(map),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            Err(Unreadable::NoObject)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, of};

    const IDS: [&str; 3] = ["a", "b", "c"];

    #[test]
    fn only_the_id_decides() {
        for (reply, class) in [
            (r#"{"category_id": "b", "category_name": "whatever"}"#, 1),
            (
                "```json\n{\"category_id\": \"c\", \"category_name\": \"\"}\n```",
                2,
            ),
            (r#"[{"category_id": "b", "category_name": "x"}]"#, 1),
            (r#"{"category_id": "ghost", "category_name": "b"}"#, 0),
            (r#"{"category_id": 1, "category_name": "b"}"#, 0),
            (r#"{"category_id": "b"}"#, 0),
            (
                r#"<think>{"category_id": "b"</think>{"category_id": "c", "category_name": "c"}"#,
                2,
            ),
        ] {
            assert_eq!(of(reply, &IDS), Ok(class), "{reply}");
        }
    }

    #[test]
    fn without_readable_json_there_is_no_class() {
        assert_eq!(of("billing, I think", &IDS), Err(Unreadable::Nothing));
        assert_eq!(of("{\"category_id\": ", &IDS), Err(Unreadable::Nothing));
        assert_eq!(of("`b`", &IDS).map_err(|_| ()), Err(()));
        assert_eq!(of("[1, 2]", &IDS), Err(Unreadable::NoObject));
        assert!(matches!(of("{a}", &IDS), Err(Unreadable::Broken(_))));
    }
}
