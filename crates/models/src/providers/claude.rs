//! What Claude models take, told by their names: Anthropic serves the same models as Bedrock.

use serde_json::{Map, Value as Json, json};

use crate::chat::ChatRequest;
use crate::providers::parameters::{Parameters, ToolChoice};

/// The fewest tokens that a budget for thoughts may have.
const LEAST_BUDGET: u64 = 1024;

/// The generation of a model, such as 4.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Generation(u32, u32);

impl Generation {
    /// The first whose answers can be held to a schema.
    pub(crate) const SCHEMAS: Self = Self(4, 5);
    /// The first that takes a temperature or a share of the probable (`top_p`), not both.
    const ONE_OF_TWO: Self = Self(4, 1);
    /// The first that can be told how much effort to make.
    const EFFORT: Self = Self(4, 5);
    /// The first that decides itself how long it thinks.
    const ADAPTIVE: Self = Self(4, 6);
    /// The first that takes no budget for thoughts any more, and no sampling parameters.
    const ONLY_ADAPTIVE: Self = Self(4, 7);
    /// The first that thinks unless it is told not to.
    const THINKS: Self = Self(5, 0);
    /// The first whose thoughts belong to one conversation, and that is not made to use a tool.
    const BOUND: Self = Self(5, 5);
    /// The same of the families that always think.
    const BOUND_EARLIER: Self = Self(5, 1);

    /// The generation that a name tells: `claude-opus-4-7`, `claude-3-5-sonnet-20241022`,
    /// `eu.anthropic.claude-sonnet-4-5-20250929-v1:0`. None for a model that is no Claude, or one whose name has no number.
    pub(crate) fn of(model: &str) -> Option<Self> {
        let (_, name) = model.rsplit_once("claude-")?;
        let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
        // A number of more than two digits is a date; `v1` is a version of the weights.
        let mut numbers = parts
            .filter(|part| part.len() < 3)
            .filter_map(|part| part.parse().ok());
        let major = numbers.next()?;
        let minor = numbers.next().unwrap_or(0);
        Some(Self(major, minor))
    }
}

/// How a model is to think, and what goes with that.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Thinking {
    /// `thinking`, as Anthropic writes it.
    pub(crate) config: Option<Json>,
    /// `effort`, by Anthropic's names.
    pub(crate) effort: Option<String>,
}

/// What a model should be told about thinking. The parameters are those of Dify's plugins: `thinking` (a switch, or
/// Anthropic's own object), `thinking_budget`, `thinking_display`, `effort`; on Bedrock `reasoning_type` and
/// `reasoning_budget`; and OpenAI's `reasoning_effort`.
pub(crate) fn thinking(model: &str, parameters: &Map<String, Json>) -> Thinking {
    let generation = Generation::of(model);
    let is_at_least = |least| generation.is_some_and(|generation| generation >= least);
    let mut effort =
        effort(parameters).filter(|_| generation.is_none() || is_at_least(Generation::EFFORT));
    let is_switched_off = effort.as_deref() == Some("none");
    effort = effort.filter(|effort| effort != "none");
    let switch = ["thinking", "reasoning_type"];
    let switch = switch
        .iter()
        .find_map(|name| parameters.get(*name))
        .filter(|switch| !switch.is_null());
    let wanted = match switch {
        Some(Json::Object(own))
            if is_at_least(Generation::ONLY_ADAPTIVE) && is_type(own, "enabled") =>
        {
            Some(true)
        }
        Some(Json::Object(own)) => {
            let config = Some(Json::Object(own.clone()));
            return Thinking { config, effort };
        }
        Some(switch) => Some(is_on(switch)),
        None if is_switched_off => Some(false),
        None => None,
    };
    let given = Parameters(parameters);
    let budget = given
        .whole("thinking_budget")
        .or_else(|| given.whole("reasoning_budget"));
    let budget = budget.and_then(|budget| u64::try_from(budget).ok());
    let config = match wanted {
        Some(true) if is_at_least(Generation::ONLY_ADAPTIVE) => Some(json!({"type": "adaptive"})),
        Some(true) if budget.is_none() && is_at_least(Generation::ADAPTIVE) => {
            Some(json!({"type": "adaptive"}))
        }
        Some(true) => {
            let budget = budget.unwrap_or(LEAST_BUDGET).max(LEAST_BUDGET);
            Some(json!({"type": "enabled", "budget_tokens": budget}))
        }
        Some(false) => {
            let off = switched_off(model, generation);
            if off.as_ref().is_some_and(|off| is_type_of(off, "disabled")) {
                // The most effort needs thoughts.
                effort = effort.map(|effort| match effort.as_str() {
                    "xhigh" | "max" => "high".to_owned(),
                    _ => effort,
                });
            }
            off
        }
        None => None,
    };
    let display = parameters.get("thinking_display").and_then(Json::as_str);
    let config = config.map(|mut config| {
        if let Some(display) = display.filter(|_| !is_type_of(&config, "disabled")) {
            config["display"] = json!(display);
        }
        config
    });
    Thinking { config, effort }
}

/// How a model is told not to think, if it can be.
fn switched_off(model: &str, generation: Option<Generation>) -> Option<Json> {
    let generation = generation.filter(|own| *own >= Generation::THINKS)?;
    let is_of = |family: &str| model.contains(family);
    if always_thinks(model) || (generation >= Generation::BOUND && is_of("opus")) {
        return None;
    }
    if generation >= Generation::BOUND && is_of("sonnet") {
        return Some(json!({"type": "between_tools"}));
    }
    Some(json!({"type": "disabled"}))
}

/// Whether a model takes its thoughts back only into the conversation that they were made in, tools and instructions
/// included. Such a model cannot be made to use a tool either.
pub(crate) fn is_bound(model: &str) -> bool {
    let first = if always_thinks(model) {
        Generation::BOUND_EARLIER
    } else {
        Generation::BOUND
    };
    Generation::of(model).is_some_and(|own| own >= first)
}

/// Whether a model goes on with an answer that stands last in the conversation.
pub(crate) fn goes_on_with_an_answer(model: &str) -> bool {
    Generation::of(model).is_none_or(|own| own < Generation::ADAPTIVE)
}

/// What has to be asked for so that thoughts whose conversation has changed are left out instead of being refused: an
/// agent's last round offers no tools any more.
pub(crate) const BINDING_BETA: &str = "thinking-binding-controls-2026-08-01";

impl Thinking {
    /// The same for a conversation in which thoughts go back. Whether [`BINDING_BETA`] goes with it.
    pub(crate) fn taking_back(&mut self, request: &ChatRequest) -> bool {
        let has_thoughts = request
            .messages
            .iter()
            .any(|message| !message.carried.is_empty());
        if !has_thoughts || !is_bound(&request.model) {
            return false;
        }
        let config = self
            .config
            .get_or_insert_with(|| json!({"type": "adaptive"}));
        let is_adaptive = is_type_of(config, "adaptive");
        if is_adaptive {
            config["block_binding"] = json!({"prefix_mismatch_behavior": "drop_block"});
        }
        is_adaptive
    }
}

/// An instruction for a model that is not made to use a tool but should.
pub(crate) fn told_choice(model: &str, choice: Option<&ToolChoice>) -> Option<String> {
    match choice.filter(|_| is_bound(model))? {
        ToolChoice::Required => Some("Use one of the tools before you answer.".to_owned()),
        ToolChoice::One(name) => Some(format!("Use the tool {name} before you answer.")),
        ToolChoice::Auto | ToolChoice::Never => None,
    }
}

/// The sampling parameters that a model takes, by their names in the document: newer models take none, others none while
/// they think, and from 4.1 on a temperature or `top_p`, not both.
pub(crate) fn sampling<'a>(
    model: &str,
    parameters: &'a Map<String, Json>,
    thinking: &Thinking,
) -> Vec<(&'static str, &'a Json)> {
    let generation = Generation::of(model);
    let is_at_least = |least| generation.is_some_and(|generation| generation >= least);
    let thinks = thinking
        .config
        .as_ref()
        .is_some_and(|config| !is_type_of(config, "disabled"));
    if thinks || is_at_least(Generation::ONLY_ADAPTIVE) {
        return Vec::new();
    }
    let stated = |name: &'static str| {
        let value = parameters.get(name).filter(|value| !value.is_null())?;
        Some((name, value))
    };
    let temperature = stated("temperature");
    let top_p =
        stated("top_p").filter(|_| temperature.is_none() || !is_at_least(Generation::ONE_OF_TWO));
    [temperature, top_p, stated("top_k")]
        .into_iter()
        .flatten()
        .collect()
}

fn effort(parameters: &Map<String, Json>) -> Option<String> {
    let stated = ["effort", "reasoning_effort"];
    let stated = stated
        .iter()
        .find_map(|name| parameters.get(*name)?.as_str());
    stated
        .filter(|effort| !effort.is_empty())
        .map(|effort| match effort {
            "minimal" => "low".to_owned(),
            other => other.to_owned(),
        })
}

/// Whether a switch is on; files also write it as a word.
pub(crate) fn is_on(switch: &Json) -> bool {
    match switch {
        Json::Bool(on) => *on,
        Json::String(word) => matches!(word.as_str(), "true" | "enabled" | "adaptive" | "on" | "1"),
        Json::Number(number) => number.as_f64() != Some(0.0),
        Json::Null | Json::Array(_) | Json::Object(_) => false,
    }
}

fn is_type(config: &Map<String, Json>, name: &str) -> bool {
    config.get("type").and_then(Json::as_str) == Some(name)
}

fn is_type_of(config: &Json, name: &str) -> bool {
    config.get("type").and_then(Json::as_str) == Some(name)
}

fn always_thinks(model: &str) -> bool {
    ["claude-fable", "claude-mythos"]
        .iter()
        .any(|family| model.contains(family))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{Generation, goes_on_with_an_answer, is_bound, sampling, thinking, told_choice};
    use crate::providers::parameters::ToolChoice;

    fn parameters(json: &Json) -> Map<String, Json> {
        json.as_object().cloned().unwrap()
    }

    #[test]
    fn a_name_tells_the_generation() {
        for (model, generation) in [
            ("claude-opus-4-7", Some((4, 7))),
            ("claude-3-5-sonnet-20241022", Some((3, 5))),
            ("claude-3-haiku-20240307", Some((3, 0))),
            ("claude-opus-4-20250514", Some((4, 0))),
            ("claude-opus-4-1@20250805", Some((4, 1))),
            ("claude-sonnet-5", Some((5, 0))),
            ("anthropic.claude-3-haiku-20240307-v1:0", Some((3, 0))),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Some((4, 5))),
            ("anthropic/claude-haiku-4.5", Some((4, 5))),
            ("claude-latest", None),
            ("amazon.nova-pro-v1:0", None),
        ] {
            let expected = generation.map(|(major, minor)| Generation(major, minor));
            assert_eq!(Generation::of(model), expected, "{model}");
        }
    }

    #[test]
    fn each_generation_thinks_in_its_own_way() {
        let adaptive = json!({"type": "adaptive"});
        for (model, given, config, effort) in [
            (
                "claude-3-7-sonnet",
                json!({"thinking": true, "thinking_budget": 4096}),
                Some(json!({"type": "enabled", "budget_tokens": 4096})),
                None,
            ),
            (
                "claude-3-7-sonnet",
                json!({"thinking": true, "thinking_budget": 5}),
                Some(json!({"type": "enabled", "budget_tokens": 1024})),
                None,
            ),
            (
                "claude-3-7-sonnet",
                json!({"thinking": false, "effort": "high"}),
                None,
                None,
            ),
            (
                "claude-opus-4-6",
                json!({"thinking": true}),
                Some(adaptive.clone()),
                None,
            ),
            (
                "claude-opus-4-7",
                json!({"thinking": "true", "thinking_budget": 9, "effort": "max"}),
                Some(adaptive.clone()),
                Some("max"),
            ),
            (
                "claude-opus-4-7",
                json!({"thinking": {"type": "enabled", "budget_tokens": 9}}),
                Some(adaptive.clone()),
                None,
            ),
            ("claude-opus-4-7", json!({"thinking": false}), None, None),
            (
                "claude-opus-5",
                json!({"thinking": false, "effort": "xhigh"}),
                Some(json!({"type": "disabled"})),
                Some("high"),
            ),
            (
                "claude-opus-5",
                json!({"thinking": true, "thinking_display": "summarized"}),
                Some(json!({"type": "adaptive", "display": "summarized"})),
                None,
            ),
            (
                "claude-opus-5",
                json!({"thinking": {"type": "between_tools"}}),
                Some(json!({"type": "between_tools"})),
                None,
            ),
            ("claude-fable-5", json!({"thinking": false}), None, None),
            (
                "claude-opus-5-5",
                json!({"thinking": false, "effort": "max"}),
                None,
                Some("max"),
            ),
            (
                "claude-sonnet-5-5",
                json!({"thinking": false}),
                Some(json!({"type": "between_tools"})),
                None,
            ),
            (
                "claude-haiku-5-5",
                json!({"thinking": false}),
                Some(json!({"type": "disabled"})),
                None,
            ),
            (
                "claude-opus-5",
                json!({"reasoning_effort": "none"}),
                Some(json!({"type": "disabled"})),
                None,
            ),
            (
                "claude-opus-5",
                json!({"reasoning_effort": "minimal"}),
                None,
                Some("low"),
            ),
            (
                "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
                json!({"reasoning_type": true, "reasoning_budget": 2000}),
                Some(json!({"type": "enabled", "budget_tokens": 2000})),
                None,
            ),
        ] {
            let told = thinking(model, &parameters(&given));
            assert_eq!(told.config, config, "{model} {given}");
            assert_eq!(told.effort.as_deref(), effort, "{model} {given}");
        }
    }

    #[test]
    fn the_newest_are_bound_and_not_forced() {
        let one = ToolChoice::One("look".to_owned());
        for (model, bound, goes_on) in [
            ("claude-opus-5-5", true, false),
            ("claude-haiku-5-5-20261007", true, false),
            ("claude-fable-5-1", true, false),
            ("claude-fable-5", false, false),
            ("claude-opus-5", false, false),
            ("claude-sonnet-4-5", false, true),
            ("amazon.nova-pro-v1:0", false, true),
        ] {
            assert_eq!(is_bound(model), bound, "{model}");
            assert_eq!(goes_on_with_an_answer(model), goes_on, "{model}");
            assert_eq!(told_choice(model, Some(&one)).is_some(), bound, "{model}");
            assert_eq!(told_choice(model, Some(&ToolChoice::Auto)), None);
        }
    }

    #[test]
    fn sampling_is_told_to_models_that_take_it() {
        let all = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 5});
        let thinks = json!({"temperature": 0.5, "top_p": 0.9, "top_k": 5, "thinking": true});
        for (model, given, names) in [
            (
                "claude-3-5-haiku",
                &all,
                vec!["temperature", "top_p", "top_k"],
            ),
            ("claude-sonnet-4-5", &all, vec!["temperature", "top_k"]),
            (
                "claude-sonnet-4-5",
                &json!({"temperature": null, "top_p": 0.9}),
                vec!["top_p"],
            ),
            ("claude-sonnet-4-5", &thinks, vec![]),
            ("claude-opus-4-8", &all, vec![]),
            (
                "amazon.nova-pro-v1:0",
                &all,
                vec!["temperature", "top_p", "top_k"],
            ),
        ] {
            let given = parameters(given);
            let told = sampling(model, &given, &thinking(model, &given));
            let told: Vec<&str> = told.into_iter().map(|(name, _)| name).collect();
            assert_eq!(told, names, "{model}");
        }
    }
}
