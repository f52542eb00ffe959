//! Conditions on the metadata of documents (Dify: metadata filtering of knowledge retrieval).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::time::Timestamp;

/// Which documents are searched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Whether all conditions must hold, or one of them.
    #[serde(default)]
    pub logical_operator: Logic,
    /// The conditions; one without a value that needs one is left out, as Dify does.
    #[serde(default)]
    pub conditions: Vec<Condition>,
}

/// How conditions go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Logic {
    /// All of them.
    #[default]
    And,
    /// One of them.
    Or,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The fact about the document.
    pub name: String,
    /// How it is compared.
    pub comparison_operator: Operator,
    /// With what.
    #[serde(default)]
    pub value: Json,
}

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $word:literal $(| $other:literal)*),+ $(,)?) => {
        /// How a fact is compared.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Operator { $($(#[$doc])* #[serde(rename = $word $(, alias = $other)*)] $name),+ }

        impl Operator {
            /// Reads an operator as documents spell it.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word $(| $other)* => Some(Self::$name),)+ _ => None }
            }

            /// All of them, as documents spell them.
            pub const WORDS: &[&str] = &[$($word),+];
        }
    };
}

operators! {
    /// The text has this in it.
    Contains = "contains",
    /// It has not.
    NotContains = "not contains",
    /// The text begins with this.
    StartWith = "start with",
    /// The text ends with this.
    EndWith = "end with",
    /// Equal.
    Is = "is" | "=" | "==",
    /// Not equal; what is not there is not equal either.
    IsNot = "is not" | "≠" | "!=",
    /// One of a list.
    In = "in",
    /// None of a list.
    NotIn = "not in",
    /// It is not there, or nothing.
    Empty = "empty",
    /// It is there.
    NotEmpty = "not empty",
    /// Earlier or less.
    Before = "before" | "<",
    /// Later or more.
    After = "after" | ">",
    /// Not more.
    AtMost = "≤" | "<=",
    /// Not less.
    AtLeast = "≥" | ">=",
}

impl Filter {
    /// Whether a document with these facts is searched.
    #[must_use]
    pub fn admits(&self, metadata: &Map<String, Json>) -> bool {
        let mut judged = self.effective().map(|condition| condition.holds(metadata));
        match self.logical_operator {
            Logic::And => judged.all(|holds| holds),
            Logic::Or => self.effective().next().is_none() || judged.any(|holds| holds),
        }
    }

    /// Whether it admits everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.effective().next().is_none()
    }

    fn effective(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|one| {
            !one.value.is_null()
                || matches!(
                    one.comparison_operator,
                    Operator::Empty | Operator::NotEmpty
                )
        })
    }
}

impl Condition {
    fn holds(&self, metadata: &Map<String, Json>) -> bool {
        let fact = metadata.get(&self.name).filter(|fact| !fact.is_null());
        let said = fact.map(text_of);
        let wanted = text_of(&self.value);
        let any = |compare: fn(&str, &str) -> bool| {
            said.as_deref().is_some_and(|said| compare(said, &wanted))
        };
        match self.comparison_operator {
            Operator::Contains => any(|said, wanted| said.contains(wanted)),
            Operator::NotContains => !any(|said, wanted| said.contains(wanted)),
            Operator::StartWith => any(|said, wanted| said.starts_with(wanted)),
            Operator::EndWith => any(|said, wanted| said.ends_with(wanted)),
            Operator::Is => self.equals(fact, &self.value),
            Operator::IsNot => !self.equals(fact, &self.value),
            Operator::In => self.is_listed(fact),
            Operator::NotIn => !self.is_listed(fact),
            Operator::Empty => said.is_none_or(|said| said.is_empty()),
            Operator::NotEmpty => said.is_some_and(|said| !said.is_empty()),
            Operator::Before => self.compared(fact).is_some_and(std::cmp::Ordering::is_lt),
            Operator::After => self.compared(fact).is_some_and(std::cmp::Ordering::is_gt),
            Operator::AtMost => self.compared(fact).is_some_and(std::cmp::Ordering::is_le),
            Operator::AtLeast => self.compared(fact).is_some_and(std::cmp::Ordering::is_ge),
        }
    }

    fn equals(&self, fact: Option<&Json>, wanted: &Json) -> bool {
        let Some(fact) = fact else {
            return false;
        };
        match (fact.as_f64(), number_of(wanted)) {
            (Some(fact), Some(wanted)) => fact == wanted,
            _ => text_of(fact) == text_of(wanted),
        }
    }

    /// A list, or a text with commas.
    fn is_listed(&self, fact: Option<&Json>) -> bool {
        match &self.value {
            Json::Array(items) => items.iter().any(|item| self.equals(fact, item)),
            Json::String(text) => {
                let mut items = text.split(',').map(|item| Json::from(item.trim()));
                items.any(|item| self.equals(fact, &item))
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {
                self.equals(fact, &self.value)
            }
        }
    }

    fn compared(&self, fact: Option<&Json>) -> Option<std::cmp::Ordering> {
        number_of(fact?)?.partial_cmp(&number_of(&self.value)?)
    }
}

fn text_of(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A number, a text that is one, or a time (RFC 3339) in seconds since 1970.
fn number_of(value: &Json) -> Option<f64> {
    let text = || value.as_str().map(str::trim);
    let time = |text| Some(Timestamp::parse(text)?.millis() as f64 / 1000.0);
    value
        .as_f64()
        .or_else(|| text()?.parse().ok())
        .or_else(|| text().and_then(time))
        .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Filter, Operator};

    fn admits(logic: &str, conditions: Json) -> bool {
        let facts = json!({"author": "Ada Lovelace", "year": 1843, "at": "2026-01-02T00:00:00Z", "note": "", "gone": null});
        let filter = json!({"logical_operator": logic, "conditions": conditions});
        let filter: Filter = serde_json::from_value(filter).unwrap();
        filter.admits(facts.as_object().unwrap())
    }

    #[test]
    fn every_operator_has_its_meaning() {
        for (name, operator, value, holds) in [
            ("author", "contains", json!("Love"), true),
            ("author", "contains", json!("love"), false),
            ("none", "contains", json!("x"), false),
            ("none", "not contains", json!("x"), true),
            ("author", "start with", json!("Ada"), true),
            ("author", "end with", json!("lace"), true),
            ("author", "is", json!("Ada Lovelace"), true),
            ("author", "is not", json!("Ada"), true),
            ("none", "is", json!("null"), false),
            ("year", "=", json!("1843"), true),
            ("year", "≠", json!(1844), true),
            ("year", "in", json!([1842, "1843"]), true),
            ("author", "in", json!("Bob, Ada Lovelace"), true),
            ("author", "not in", json!(["Bob"]), true),
            ("note", "empty", Json::Null, true),
            ("gone", "empty", Json::Null, true),
            ("author", "not empty", Json::Null, true),
            ("year", "<", json!(1900), true),
            ("year", "≥", json!("1843"), true),
            ("year", "≤", json!(1842), false),
            ("at", "after", json!("2026-01-01T23:59:59Z"), true),
            ("at", "before", json!(1_767_312_001), true),
            ("author", ">", json!(1), false),
        ] {
            let condition =
                json!([{"name": name, "comparison_operator": operator, "value": value}]);
            assert_eq!(admits("and", condition), holds, "{name} {operator} {value}");
        }
    }

    #[test]
    fn conditions_go_together_and_those_without_a_value_do_not_count() {
        let yes = json!({"name": "year", "comparison_operator": "is", "value": 1843});
        let no = json!({"name": "year", "comparison_operator": "is", "value": 1});
        let unset = json!({"name": "year", "comparison_operator": "is", "value": null});
        assert!(!admits("and", json!([yes, no])));
        assert!(admits("or", json!([yes, no])));
        assert!(admits("and", json!([yes, unset])));
        assert!(!admits("or", json!([no, unset])));
        assert!(admits("or", json!([unset])));
        assert!(admits("or", json!([])));
    }

    #[test]
    fn operators_are_read_as_documents_spell_them() {
        for word in Operator::WORDS {
            let read: Operator = serde_json::from_value(json!(word)).unwrap();
            assert_eq!(Operator::parse(word), Some(read));
        }
        assert_eq!(Operator::parse(">="), Some(Operator::AtLeast));
        assert_eq!(Operator::parse("near"), None);
    }
}
