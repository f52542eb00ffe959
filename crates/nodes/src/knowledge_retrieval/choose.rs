//! What a model is asked before a search: which dataset, and which conditions on documents the question has in it. A
//! model's answer chooses among what is there, and never does anything else.

use serde_json::{Value as Json, json};

use latchkey_domain::knowledge::{Condition, Filter, Logic, Operator};

use crate::host::DatasetCard;

use super::ask::Asker;
use super::config::Model;
use super::{Error, listed};

const DATASET: &str = "You route questions. You are given a list of knowledge bases as JSON, each with an id, a name and a \
description, and a question. Answer with the id of the one knowledge base that most probably answers the question, and \
with nothing else. If none of them does, answer NONE.";

const FILTER: &str = "You read conditions on documents out of questions. You are given the names of the metadata fields \
that documents have, the comparison operators, and a question. Answer with a JSON list of the conditions that the \
question states, each as {\"metadata_field_name\": …, \"comparison_operator\": …, \"metadata_field_value\": …}. Use \
only the given names and operators. If the question states none, answer []. Answer with the JSON list alone.";

/// The dataset that a model chooses; the only one needs no choice.
pub(super) async fn dataset<'a>(
    asker: &mut Asker<'_>,
    model: Option<&Model>,
    cards: &'a [DatasetCard],
    query: &str,
) -> Result<Option<&'a DatasetCard>, Error> {
    if let [only] = cards {
        return Ok(Some(only));
    }
    let required = "single_retrieval_config is required for single retrieval mode";
    let model = model.ok_or(Error::Config(required))?;
    let described = listed(cards.iter().map(|card| {
        let description = match card.description.trim() {
            "" => format!("useful for questions about {}", card.name),
            said => said.to_owned(),
        };
        json!({"id": card.id, "name": card.name, "description": description})
    }));
    let user = format!("Knowledge bases: {described}\n\nQuestion: {query}");
    let said = asker.chat(model, DATASET, &user).await?;
    Ok(named_in(&said, cards))
}

/// The dataset whose id an answer names; if it names none, the one that it calls by its name and nothing else.
fn named_in<'a>(said: &str, cards: &'a [DatasetCard]) -> Option<&'a DatasetCard> {
    let by_id = cards
        .iter()
        .filter_map(|card| Some((said.find(&card.id.to_string())?, card)))
        .min_by_key(|(at, _)| *at);
    let plain = said.trim().trim_matches(['"', '\'', '`', '.']);
    by_id
        .map(|(_, card)| card)
        .or_else(|| cards.iter().find(|card| card.name == plain))
}

/// The conditions that a model reads out of a question; none when there is nothing to tell documents apart by.
pub(super) async fn filter(
    asker: &mut Asker<'_>,
    model: Option<&Model>,
    names: &[String],
    query: &str,
) -> Result<Option<Filter>, Error> {
    if names.is_empty() {
        return Ok(None);
    }
    let required = "metadata_model_config is required for automatic metadata filtering";
    let model = model.ok_or(Error::Config(required))?;
    let user = format!(
        "Metadata fields: {}\nComparison operators: {}\n\nQuestion: {query}",
        listed(names.iter().map(|name| json!(name))),
        listed(Operator::WORDS.iter().map(|word| json!(word))),
    );
    let said = asker.chat(model, FILTER, &user).await?;
    Ok(Some(read(&said, names)))
}

/// The conditions in an answer: what is no condition on a known fact is left out, so nonsense filters nothing.
fn read(said: &str, names: &[String]) -> Filter {
    let inside = said.find('[').zip(said.rfind(']'));
    let list = inside.and_then(|(begin, end)| said.get(begin..=end));
    let list: Vec<Json> = list
        .and_then(|list| serde_json::from_str(list).ok())
        .unwrap_or_default();
    let condition = |item: Json| {
        let text = |key: &str| item.get(key).and_then(Json::as_str);
        let name = text("metadata_field_name").filter(|name| names.iter().any(|n| n == name))?;
        let value = item
            .get("metadata_field_value")
            .cloned()
            .unwrap_or(Json::Null);
        let is_plain = value.is_string() || value.is_number() || value.is_null();
        is_plain.then_some(Condition {
            name: name.to_owned(),
            comparison_operator: Operator::parse(text("comparison_operator")?)?,
            value,
        })
    };
    Filter {
        logical_operator: Logic::Or,
        conditions: list.into_iter().filter_map(condition).collect(),
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::id::DatasetId;
    use latchkey_domain::knowledge::Retrieval;
    use serde_json::json;
    use uuid::Uuid;

    use super::{named_in, read};
    use crate::host::DatasetCard;

    fn card(number: u128, name: &str) -> DatasetCard {
        DatasetCard {
            id: DatasetId::new(Uuid::from_u128(number)),
            name: name.to_owned(),
            description: String::new(),
            retrieval: Retrieval::default(),
            has_documents: true,
        }
    }

    #[test]
    fn a_dataset_is_chosen_by_its_id_wherever_it_stands() {
        let cards = [card(1, "manual"), card(2, "prices")];
        let second = cards[1].id.to_string();
        for said in [
            second.clone(),
            format!("The id is `{second}`."),
            "\"prices\"".to_owned(),
        ] {
            assert_eq!(
                named_in(&said, &cards).map(|card| &*card.name),
                Some("prices"),
                "{said}"
            );
        }
        for said in ["NONE", "", "the manual or the prices"] {
            assert_eq!(named_in(said, &cards), None, "{said}");
        }
    }

    #[test]
    fn nonsense_filters_nothing() {
        let names = ["author".to_owned()];
        let good = json!({"metadata_field_name": "author", "comparison_operator": "is", "metadata_field_value": "Ada"});
        let unknown = json!({"metadata_field_name": "year", "comparison_operator": "is", "metadata_field_value": 1});
        let operator = json!({"metadata_field_name": "author", "comparison_operator": "near", "metadata_field_value": "A"});
        let said = format!("```json\n{}\n```", json!([good, unknown, operator]));
        let filter = read(&said, &names);
        assert_eq!(filter.conditions.len(), 1, "{filter:?}");
        for said in ["", "[", "][", "[1, null]", "{}", "I found nothing."] {
            assert!(read(said, &names).is_empty(), "{said}");
        }
    }
}
