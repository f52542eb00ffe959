//! Agents that work by ReAct: what they read out of what models write, and that only the answer is shown.

use serde_json::{Value as Json, json};

use super::agent::{Played, agent, play, says};
use super::tools::listed;
use super::world::reply;

async fn react(replies: &[&str], parameters: Json) -> Played {
    let mut all = json!({"tools": [listed("weather", json!({})), listed("breaks", json!({}))]});
    all.as_object_mut()
        .unwrap()
        .extend(parameters.as_object().unwrap().clone());
    let replies = replies.iter().map(|text| says(text)).collect();
    play(replies, agent(all, json!({"agent_strategy_name": "ReAct"}))).await
}

const ACTION: &str =
    "Thought: I need it\nAction: {\"action\": \"weather\", \"action_input\": {\"city\": \"Rome\"}}";

#[tokio::test]
async fn only_the_final_answer_is_shown() {
    let played = react(
        &[ACTION, "Thought: I know\nFinal Answer: It is sunny."],
        json!({}),
    )
    .await;
    let outputs = played.outputs();
    assert_eq!(outputs["text"], "It is sunny.");
    assert_eq!(outputs["usage"]["total_tokens"], 30);
    let bodies = played.world.bodies();
    assert_eq!(bodies[0].get("tools"), None);
    assert_eq!(bodies[0]["stop"], json!(["Observation:"]));
    let system = bodies[0]["messages"][0]["content"].as_str().unwrap();
    assert!(
        system.starts_with("be kind to ann") && system.contains("\"weather\""),
        "{system}"
    );
    let messages = &bodies[1]["messages"];
    assert_eq!(messages[2], json!({"role": "assistant", "content": ACTION}));
    assert_eq!(
        messages[3],
        json!({"role": "user", "content": "Observation: sunny in Rome"})
    );
}

#[tokio::test]
async fn actions_are_read_in_many_forms() {
    for action in [
        "```json\n{\"action\": \"weather\", \"action_input\": {\"city\": \"Rome\"}}\n```",
        "[{\"action\": \"weather\", \"action_input\": \"Rome\"}]",
        "{\"note\": 1} then {\"action\": \"weather\", \"input\": {\"city\": \"Rome\"}}",
        "Action: weather\nAction Input: {\"city\": \"Rome\"}",
        "**Action:** `weather`\n**Action Input:** Rome",
        "Action: weather\nAction Input: ```json\n{\"city\": \"Rome\"}\n```",
        "Action: {\"action\": \"weather\", \"action_input\": {\"city\": \"Rome\"}}\nObservation: rain\nFinal Answer: It rains.",
        "<think>Final Answer: no</think>Action: weather\nAction Input: {\"city\": \"Rome\"}",
    ] {
        let played = react(&[action, "Final Answer: done"], json!({})).await;
        let given = played.tools.given();
        assert_eq!(given.len(), 1, "{action}");
        assert_eq!(given[0].arguments, json!({"city": "Rome"}), "{action}");
        assert_eq!(played.outputs()["text"], "done", "{action}");
    }
}

#[tokio::test]
async fn answers_are_read_in_many_forms() {
    for (said, text) in [
        ("Final Answer: yes", "yes"),
        ("Thought: hm\n**Final Answer:** yes", "yes"),
        ("thought\nFINAL ANSWER：yes", "yes"),
        (
            "{\"action\": \"Final Answer\", \"action_input\": \"yes \\\"so\\\"\"}",
            "yes \"so\"",
        ),
        (
            "Action: {\"action\": \"final_answer\", \"action_input\": {\"a\": 1}}",
            "{\"a\": 1}",
        ),
        ("Action: Final Answer\nAction Input: yes", "yes"),
        ("Thought: nothing is needed, yes", "nothing is needed, yes"),
        ("simply yes", "simply yes"),
    ] {
        let played = react(&[said], json!({})).await;
        assert_eq!(played.outputs()["text"], text, "{said}");
        assert_eq!(played.world.bodies().len(), 1, "{said}");
    }
}

#[tokio::test]
async fn an_answer_in_pieces_is_whole() {
    let pieces = [
        "Thought: I",
        " know\nFi",
        "nal Ans",
        "wer",
        ":",
        "  It",
        " is",
        " so.\n",
    ];
    let body = reply(pieces.iter().map(|piece| json!({"content": piece})));
    let data = agent(json!({}), json!({"agent_strategy_name": "ReAct"}));
    let played = play(vec![body], data).await;
    assert_eq!(played.outputs()["text"], "It is so.\n");
}

#[tokio::test]
async fn what_cannot_be_read_or_used_is_told_to_the_model() {
    for (said, told) in [
        ("Action: {\"action\": ", "could not be read"),
        (
            "Action: ghost\nAction Input: {}",
            "there is no tool \"ghost\"",
        ),
        (
            "Action: breaks\nAction Input: {\"city\": \"x\"}",
            "out of order",
        ),
        ("Action: weather\nAction Input: {\"city\": ", "no JSON"),
    ] {
        let played = react(&[said, "Final Answer: sorry"], json!({})).await;
        assert_eq!(played.outputs()["text"], "sorry", "{said}");
        let messages = played.world.messages();
        let last = messages.as_array().unwrap().last().unwrap()["content"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            last.starts_with("Observation: ") && last.contains(told),
            "{said}: {last}"
        );
    }
}

#[tokio::test]
async fn rounds_come_to_an_end() {
    let played = react(&[ACTION], json!({"maximum_iterations": 2})).await;
    assert_eq!(played.world.bodies().len(), 3);
    assert_eq!(played.tools.given().len(), 2);
    let text = played.outputs()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("used up its rounds"), "{text}");
    let messages = played.world.messages();
    let last = &messages.as_array().unwrap().last().unwrap()["content"];
    assert!(last.as_str().unwrap().contains("no more tools"), "{last}");
}
