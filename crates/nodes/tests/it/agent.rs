//! Agents that call functions: what they ask and are told, when they end, and what fails them.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use latchkey_domain::credential::{RenderedChoice, RenderedSelector};
use latchkey_engine::node::{Attempt, Exchange};

use super::tools::{ScriptedTools, listed};
use super::world::{World, build, call, outcome, pool, reply};

pub(crate) fn agent(parameters: Json, more: Json) -> Json {
    let constant = |value: Json| json!({"type": "constant", "value": value});
    let mut given = json!({
        "model": constant(json!({
            "provider": "langgenius/openai/openai", "model": "gpt-4o-mini", "mode": "chat",
            "completion_params": {"temperature": 0.5}, "model_type": "llm", "type": "model-selector",
        })),
        "query": constant(json!("{{#sys.query#}}")),
        "instruction": constant(json!("be kind to {{#sys.user_id#}}")),
    });
    let fields = given.as_object_mut().unwrap();
    for (name, value) in parameters.as_object().unwrap() {
        let is_typed = value.get("type").is_some();
        fields.insert(
            name.clone(),
            if is_typed {
                value.clone()
            } else {
                constant(value.clone())
            },
        );
    }
    let mut data = json!({
        "agent_strategy_name": "function_calling",
        "agent_strategy_provider_name": "langgenius/agent/agent",
        "agent_parameters": given,
    });
    data.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    data
}

pub(crate) struct Played {
    pub(crate) world: World,
    pub(crate) tools: Arc<ScriptedTools>,
    pub(crate) attempt: Attempt,
}

impl Played {
    pub(crate) fn outputs(&self) -> Json {
        outcome(&self.attempt).unwrap()
    }

    /// What the model was told of the tools in its last call.
    pub(crate) fn observed(&self) -> Vec<String> {
        let messages = self.world.messages();
        let messages = messages.as_array().unwrap().iter();
        let told = messages.filter(|it| it["role"] == "tool");
        told.map(|it| it["content"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub(crate) async fn play(replies: Vec<String>, data: Json) -> Played {
    let tools = ScriptedTools::new();
    let mut world = World::replying(replies).with_credential("house");
    world.tools = tools.clone();
    let variables = json!({"sys": {"query": "weather?", "user_id": "ann", "conversation_id": "c"}});
    let attempt = world.run("agent", data, pool(variables)).await;
    Played {
        world,
        tools,
        attempt,
    }
}

pub(crate) fn says(text: &str) -> String {
    reply([json!({"content": text})])
}

#[tokio::test]
async fn the_model_hears_what_its_tools_answer() {
    let data = agent(json!({"tools": [listed("weather", json!({}))]}), json!({}));
    let first = call("c1", "weather", r#"{"city": "Rome"}"#);
    let played = play(vec![first, says("It is sunny.")], data).await;
    let outputs = played.outputs();
    assert_eq!(outputs["text"], "It is sunny.");
    assert_eq!(outputs["usage"]["total_tokens"], 30);
    assert_eq!(played.attempt.usage.tokens.total(), 30);
    assert_eq!(outputs["files"], json!([]));
    let bodies = played.world.bodies();
    assert_eq!(bodies[0]["temperature"], 0.5);
    let function = &bodies[0]["tools"][0]["function"];
    assert_eq!(function["name"], "weather");
    // Neither what the author alone says nor files.
    assert_eq!(
        function["parameters"],
        json!({
            "type": "object", "required": ["city"],
            "properties": {"city": {"type": "string", "description": "the city"}},
        })
    );
    let messages = &bodies[1]["messages"];
    assert_eq!(
        messages[0],
        json!({"role": "system", "content": "be kind to ann"})
    );
    assert_eq!(messages[1], json!({"role": "user", "content": "weather?"}));
    assert_eq!(
        messages[2]["tool_calls"][0]["function"]["arguments"],
        r#"{"city": "Rome"}"#
    );
    assert_eq!(
        messages[3],
        json!({"role": "tool", "tool_call_id": "c1", "content": "sunny in Rome"})
    );
    assert_eq!(
        played
            .attempt
            .resolution
            .unwrap()
            .credential_name
            .as_deref(),
        Some("house")
    );
}

#[tokio::test]
async fn steps_are_told_with_their_parents() {
    let data = agent(json!({"tools": [listed("weather", json!({}))]}), json!({}));
    let first = call("c1", "weather", r#"{"city": "Rome"}"#);
    let played = play(vec![first, says("done")], data).await;
    let json = played.outputs()["json"].clone();
    let steps = json.as_array().unwrap();
    assert_eq!(steps.last(), Some(&json!({"data": []})));
    let labels: Vec<&str> = steps.iter().filter_map(|it| it["label"].as_str()).collect();
    assert_eq!(
        labels,
        [
            "ROUND 1",
            "gpt-4o-mini Thought",
            "CALL weather",
            "ROUND 2",
            "gpt-4o-mini Thought",
        ]
    );
    assert!(
        steps[..5].iter().all(|it| it["status"] == "success"),
        "{json}"
    );
    assert_eq!(steps[0]["parent_id"], Json::Null);
    assert_eq!(steps[2]["parent_id"], steps[0]["id"]);
    assert_eq!(steps[2]["data"]["tool_call_args"], json!({"city": "Rome"}));
    assert_eq!(steps[2]["data"]["output"], "sunny in Rome");
    assert_eq!(steps[2]["metadata"]["provider"], "acme");
    assert_eq!(steps[1]["metadata"]["total_tokens"], 15);
}

#[tokio::test]
async fn several_tools_are_used_in_one_round_and_answer_in_order() {
    let tools = json!({"tools": [listed("weather", json!({})), listed("draws", json!({}))]});
    let calls = reply([json!({"content": "let me see", "tool_calls": [
        {"index": 0, "id": "a", "function": {"name": "draws", "arguments": ""}},
        {"index": 1, "id": "b", "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\"}"}},
    ]})]);
    let played = play(vec![calls, says("done")], agent(tools, json!({}))).await;
    let observed = played.observed();
    assert!(
        observed[0].contains("drawn") && observed[0].contains("cat.png"),
        "{observed:?}"
    );
    assert_eq!(observed[1], "sunny in Oslo");
    let outputs = played.outputs();
    assert_eq!(outputs["text"], "let me see\ndone");
    assert_eq!(outputs["files"][0]["filename"], "cat.png");
    // What the tools' own model calls used is the agent's too.
    assert_eq!(outputs["usage"]["prompt_tokens"], 120);
}

#[tokio::test]
async fn what_goes_wrong_with_a_tool_is_told_to_the_model() {
    for (name, arguments, told) in [
        (
            "breaks",
            r#"{"city": "Rome"}"#,
            "tool error: the tool is out of order",
        ),
        (
            "ghost",
            "{}",
            "there is no tool \"ghost\"; the tools are: weather, breaks",
        ),
        ("weather", r#"{"city": "#, "the arguments are no JSON"),
        ("weather", "[1]", "the arguments are no JSON object"),
        ("weather", "", "sunny in nowhere"),
        ("weather", "\"Rome\"", "sunny in Rome"),
    ] {
        let tools = json!({"tools": [listed("weather", json!({})), listed("breaks", json!({}))]});
        let played = play(
            vec![call("c1", name, arguments), says("sorry")],
            agent(tools, json!({})),
        )
        .await;
        assert_eq!(played.outputs()["text"], "sorry");
        let observed = played.observed();
        assert!(
            observed[0].contains(told),
            "{name} {arguments}: {observed:?}"
        );
    }
}

#[tokio::test]
async fn rounds_come_to_an_end() {
    let parameters = json!({"tools": [listed("weather", json!({}))], "maximum_iterations": 2});
    let endless = call("c1", "weather", r#"{"city": "Rome"}"#);
    let played = play(vec![endless], agent(parameters, json!({}))).await;
    let bodies = played.world.bodies();
    assert_eq!(bodies.len(), 3);
    assert_eq!(played.tools.given().len(), 2);
    assert_eq!(bodies[2].get("tools"), None);
    let text = played.outputs()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("used up its rounds"), "{text}");
}

#[tokio::test]
async fn the_last_round_has_no_tools_and_still_answers() {
    let parameters = json!({"tools": [listed("weather", json!({}))], "maximum_iterations": "1"});
    let first = call("c1", "weather", "{}");
    let played = play(
        vec![first, says("as far as I know")],
        agent(parameters, json!({})),
    )
    .await;
    assert_eq!(played.outputs()["text"], "as far as I know");
    assert_eq!(played.world.bodies()[1].get("tools"), None);
}

/// An answer of Anthropic's that thinks, and then does this.
fn thinks_and(block: &Json) -> String {
    let started = |index: u32, block: &Json| json!({"type": "content_block_start", "index": index, "content_block": block});
    let thought = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    let events = [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 10}}}),
        started(0, &thought),
        started(1, block),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ];
    events
        .iter()
        .map(|event| format!("data: {event}\n\n"))
        .collect()
}

#[tokio::test]
async fn signed_thoughts_go_back_with_the_calls_that_they_led_to() {
    let call =
        json!({"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Rome"}});
    let replies = vec![
        thinks_and(&call),
        thinks_and(&json!({"type": "text", "text": "Sunny."})),
    ];
    let mut world = World::replying(replies).with_credential_of("anthropic", "house");
    world.tools = ScriptedTools::new();
    let model = json!({"provider": "langgenius/anthropic/anthropic", "model": "claude-opus-5-5", "mode": "chat"});
    let parameters =
        json!({"tools": [listed("weather", json!({}))], "model": model, "maximum_iterations": 1});
    let variables = pool(json!({"sys": {"query": "weather?", "user_id": "ann"}}));
    let data = agent(parameters, json!({"reasoning_format": "separated"}));
    let attempt = world.run("agent", data, variables).await;
    assert_eq!(outcome(&attempt).unwrap()["text"], "Sunny.");
    let last = &world.bodies()[1];
    let thought = json!({"type": "thinking", "thinking": "Hm", "signature": "c2ln"});
    assert_eq!(last["messages"][1]["content"], json!([thought, call]));
    assert_eq!(
        last["messages"][2]["content"][0]["content"],
        "sunny in Rome"
    );
    // The last round offers no tools, so that the conversation is not the one that the thought was made in.
    let behaviour = &last["thinking"]["block_binding"]["prefix_mismatch_behavior"];
    assert_eq!(
        (behaviour, &last["tool_choice"]),
        (&json!("drop_block"), &json!({"type": "none"}))
    );
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let data = agent(json!({"tools": [listed("endless", json!({}))]}), json!({}));
    let played = play(vec![call("c1", "endless", "{}"), says("ok")], data).await;
    let observed = played.observed();
    assert!(
        observed[0].len() < 60_000 && observed[0].contains("950000 more"),
        "{}",
        observed[0].len()
    );
    assert!(played.outputs()["json"].to_string().len() < 20_000);
}

#[tokio::test]
async fn what_the_author_settles_the_model_cannot_change() {
    let settled = json!({
        "settings": {"units": {"value": {"type": "mixed", "value": "for {{#sys.user_id#}}"}}},
        "parameters": {"city": {"auto": 0, "value": {"type": "constant", "value": "Rome"}}},
    });
    let data = agent(json!({"tools": [listed("weather", settled)]}), json!({}));
    let stubborn = call(
        "c1",
        "weather",
        r#"{"city": "Oslo", "units": "mine", "x": 1}"#,
    );
    let played = play(vec![stubborn, says("ok")], data).await;
    assert_eq!(
        played.tools.given()[0].arguments,
        json!({"units": "for ann", "city": "Rome"})
    );
    let function = &played.world.bodies()[0]["tools"][0]["function"];
    assert_eq!(function["parameters"]["properties"], json!({}));
}

#[tokio::test]
async fn a_tool_has_a_credential_of_its_own() {
    let selector = json!({"credential_name": "tool-{{#sys.user_id#}}"});
    let data = agent(json!({"tools": [listed("weather", selector)]}), json!({}));
    let played = play(vec![call("c1", "weather", "{}"), says("ok")], data).await;
    let given = &played.tools.given()[0];
    assert_eq!(given.tool.provider, "acme");
    let RenderedSelector::Choice(RenderedChoice { choice, by_run }) = &given.rendered else {
        panic!("{:?}", given.rendered);
    };
    assert_eq!(choice.credential_name.as_deref(), Some("tool-ann"));
    assert!(by_run);
}

#[tokio::test]
async fn a_credential_that_a_tool_cannot_use_fails_the_node_and_is_told_to_nobody_else() {
    let data = agent(json!({"tools": [listed("locked", json!({}))]}), json!({}));
    let played = play(vec![call("c1", "locked", "{}"), says("ok")], data).await;
    assert_eq!(played.world.bodies().len(), 1);
    let failure = played.attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "CredentialError");
    assert!(failure.message.starts_with("credential_not_found"));
    assert_eq!(played.attempt.usage.tokens.total(), 15);
}

#[tokio::test]
async fn tools_of_one_name_are_told_apart_and_those_switched_off_are_not_there() {
    let other = json!({"provider_name": "globex", "extra": {"description": "the better one"}});
    let tools = json!({"tools": [
        listed("weather", json!({})),
        listed("weather", other),
        listed("breaks", json!({"enabled": false})),
    ]});
    let played = play(
        vec![call("c1", "weather_2", "{}"), says("ok")],
        agent(tools, json!({})),
    )
    .await;
    assert_eq!(played.tools.given()[0].tool.provider, "globex");
    let offered = played.world.bodies()[0]["tools"].clone();
    assert_eq!(offered.as_array().unwrap().len(), 2);
    assert_eq!(offered[1]["function"]["description"], "the better one");
}

#[tokio::test]
async fn what_cannot_work_fails_before_anything_is_paid() {
    let tools = |name: &str| json!({"tools": [listed(name, json!({}))]});
    let missing = json!({"query": {"type": "variable", "value": ["n", "ghost"]}});
    for (parameters, more, class, words) in [
        (
            tools("unbound"),
            json!({}),
            "AgentInvocationError",
            "bind the tool unbound first",
        ),
        (
            json!({}),
            json!({"agent_strategy_name": "TOD"}),
            "AgentStrategyNotFoundError",
            "\"TOD\"",
        ),
        (
            json!({"mcp_server": "https://mcp.test"}),
            json!({}),
            "AgentStrategyNotFoundError",
            "mcp_server",
        ),
        (missing, json!({}), "AgentVariableNotFoundError", "n.ghost"),
        (
            json!({"maximum_iterations": "many"}),
            json!({}),
            "AgentParameterError",
            "maximum_iterations",
        ),
        (
            json!({"query": null}),
            json!({}),
            "AgentParameterError",
            "query",
        ),
        (
            json!({"model": null}),
            json!({}),
            "AgentParameterError",
            "model",
        ),
    ] {
        let played = play(vec![says("never")], agent(parameters, more)).await;
        assert!(played.world.bodies().is_empty());
        let failure = played.attempt.outcome.unwrap_err();
        assert_eq!(failure.error_type, class, "{}", failure.message);
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_model_that_refuses_fails_the_node_with_its_class() {
    let world = World::refusing(429).with_credential("house");
    let variables = pool(json!({"sys": {"query": "hi"}}));
    let attempt = world
        .run("agent", agent(json!({}), json!({})), variables)
        .await;
    let failure = attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "InvokeRateLimitError");
    assert!(
        failure.message.starts_with("Failed to invoke agent: "),
        "{}",
        failure.message
    );
    let world = World::saying(&["ok"]);
    let variables = pool(json!({"sys": {"query": "hi"}}));
    let attempt = world
        .run("agent", agent(json!({}), json!({})), variables)
        .await;
    let failure = attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "CredentialError");
    assert!(
        failure.message.starts_with("credential_missing"),
        "{}",
        failure.message
    );
}

#[tokio::test]
async fn a_stopped_agent_waits_for_no_tool() {
    let tools = ScriptedTools::new();
    let mut world = World::replying(vec![call("c1", "hangs", "{}")]).with_credential("house");
    world.tools = tools.clone();
    let data = agent(json!({"tools": [listed("hangs", json!({}))]}), json!({}));
    let cancel = world.cancel.clone();
    let run = world.run("agent", data, pool(json!({"sys": {"query": "hi"}})));
    let stop = async {
        while tools.given().is_empty() {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let (attempt, ()) = tokio::join!(run, stop);
    assert_eq!(attempt.outcome.unwrap_err().error_type, "RunOver");
    assert_eq!(attempt.usage.tokens.total(), 15);
}

#[tokio::test]
async fn history_and_context_are_told() {
    let mut world = World::saying(&["ok"]).with_credential("house");
    world.history = vec![Exchange {
        query: "q1".to_owned(),
        answer: "a1".to_owned(),
    }];
    let context = json!({"context": {"type": "variable", "value": ["kb", "result"]}});
    let memory = json!({"memory": {"window": {"enabled": false, "size": 50}}});
    let variables = pool(json!({
        "sys": {"query": "now", "conversation_id": "c", "user_id": "u"},
        "kb": {"result": [{"content": "cats purr", "title": "t"}, {"content": "dogs bark"}]},
    }));
    let attempt = world.run("agent", agent(context, memory), variables).await;
    attempt.outcome.unwrap();
    let messages = world.messages();
    let said: Vec<&str> = messages
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["content"].as_str().unwrap())
        .collect();
    assert!(said[0].contains("cats purr\n\ndogs bark"), "{}", said[0]);
    assert_eq!(said[1..], ["q1", "a1", "now"]);
}

#[tokio::test]
async fn a_model_that_calls_no_tools_is_not_asked_to() {
    let model = json!({"provider": "deepseek", "model": "deepseek-reasoner", "mode": "chat"});
    let parameters = json!({"model": model, "tools": [listed("weather", json!({}))]});
    let played = play(vec![says("never")], agent(parameters, json!({}))).await;
    let failure = played.attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "AgentInvocationError");
    assert!(
        failure.message.contains("choose ReAct"),
        "{}",
        failure.message
    );
    assert_eq!(played.attempt.usage.tokens.total(), 0);
}

#[test]
fn agents_of_the_second_version_are_refused_with_what_is_missing() {
    let data = json!({"version": "2", "agent_node_kind": "dify_agent", "agent_binding": {}});
    let problem = build("agent", data).unwrap_err();
    assert_eq!(problem.code, "node_type_unsupported");
    assert!(problem.message.contains("agent_binding"), "{problem}");
}

#[test]
fn an_agent_may_be_without_parameters_until_it_runs() {
    let data = json!({"agent_strategy_name": "react", "agent_parameters": {}});
    assert_eq!(build("agent", data), Ok(()));
}
