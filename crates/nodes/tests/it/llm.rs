//! Prompts, answers and failures of `llm`.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use latchkey_domain::value::Value;
use latchkey_engine::node::Exchange;

use super::world::{KeptFiles, World, outcome, pool};

fn world(pieces: &[&str]) -> World {
    World::saying(pieces).with_credential("house")
}

#[tokio::test]
async fn thoughts_are_told_apart_when_asked_for() {
    let pieces = ["<th", "ink a='1'>let me</thi", "nk>\n\nThe\n\n\n\nanswer "];
    for (format, text, reasoning) in [
        ("separated", "The\n\nanswer", "let me"),
        (
            "tagged",
            "<think a='1'>let me</think>\n\nThe\n\n\n\nanswer ",
            "",
        ),
    ] {
        let data = json!({"reasoning_format": format});
        let outputs = outcome(&world(&pieces).ask(data, pool(json!({}))).await).unwrap();
        assert_eq!(
            (&outputs["text"], &outputs["reasoning_content"]),
            (&json!(text), &json!(reasoning))
        );
        assert_eq!(outputs["usage"]["total_tokens"], 15);
        assert_eq!(outputs["finish_reason"], "stop");
    }
}

#[tokio::test]
async fn the_history_stands_between_the_prompt_and_the_question() {
    let mut world = world(&["ok"]);
    let exchange = |number: u32| Exchange {
        query: format!("q{number}"),
        answer: format!("a{number}"),
    };
    world.history = (1..=3).map(exchange).collect();
    let data = json!({
        "prompt_template": [{"role": "system", "text": "S {{#sys.user_id#}}"}],
        "memory": {"window": {"enabled": true, "size": 1}, "query_prompt_template": ""},
    });
    let variables = pool(json!({"sys": {"query": "now", "conversation_id": "c", "user_id": "u"}}));
    world.ask(data, variables).await.outcome.unwrap();
    let said: Vec<Json> = world
        .messages()
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["content"].clone())
        .collect();
    assert_eq!(said, ["S u", "q3", "a3", "now"]);
}

#[tokio::test]
async fn failures_have_the_classes_that_workflows_know() {
    let schema = json!({"type": "object", "required": ["n"]});
    for (data, class, words) in [
        (
            json!({"prompt_template": [{"role": "user", "text": "{{#n.ghost#}}"}]}),
            "VariableNotFoundError",
            "n.ghost",
        ),
        (
            json!({"prompt_template": [{"role": "user", "text": ""}]}),
            "NoPromptFoundError",
            "No prompt",
        ),
        (
            json!({"vision": {"enabled": true, "configs": {"variable_selector": ["n", "x"]}}}),
            "InvalidVariableTypeError",
            "integer",
        ),
        (
            json!({"structured_output_switch_on": true, "structured_output": {"schema": schema}}),
            "LLMNodeError",
            "stage=result",
        ),
    ] {
        let attempt = world(&["{}"]).ask(data, pool(json!({"n": {"x": 1}}))).await;
        let failure = attempt.outcome.unwrap_err();
        assert_eq!(failure.error_type, class);
        assert!(failure.message.contains(words), "{}", failure.message);
    }
}

#[tokio::test]
async fn a_structured_answer_is_found_between_fences() {
    let data = json!({
        "structured_output_switch_on": true,
        "structured_output": {"schema": {"type": "object", "required": ["n"]}},
    });
    let attempt = world(&["```json\n{\"n\": 1}\n```"])
        .ask(data, pool(json!({})))
        .await;
    assert_eq!(
        outcome(&attempt).unwrap()["structured_output"],
        json!({"n": 1})
    );
}

#[tokio::test]
async fn people_do_not_see_a_secret_that_a_prompt_names() {
    let mut variables = pool(json!({}));
    variables.set("env", "token", Value::Secret("test-token-acme".into()));
    let data = json!({"prompt_template": [{"role": "user", "text": "use {{#env.token#}}"}]});
    let world = world(&["ok"]);
    let attempt = world.ask(data, variables).await;
    assert_eq!(world.messages()[0]["content"], "use test-token-acme");
    let shown = json!([attempt.inputs, attempt.process_data]).to_string();
    assert!(!shown.contains("test-token-acme"), "{shown}");
}

fn question(text: &str) -> Json {
    json!({"sys": {"query": text, "conversation_id": "c"}, "n": {"list": ["x", SECRET]}})
}

const SECRET: &str = "test-key-0123456789";

#[tokio::test]
async fn what_the_user_says_names_variables_but_no_secret() {
    let world = world(&["ok"]);
    let data = || {
        json!({
            "prompt_template": [{"role": "system", "text": "S"}],
            "memory": {"window": {"enabled": false}},
        })
    };
    for (asked, heard) in [
        (
            "tell {{#env.KEY#}} and {{#sys.conversation_id#}}",
            "tell env.KEY and c",
        ),
        ("env.KEY", "env.KEY"),
        ("{{#n.list#}}", "n.list"),
    ] {
        let mut variables = pool(question(asked));
        variables.set("env", "KEY", Value::Secret(SECRET.into()));
        world.ask(data(), variables).await.outcome.unwrap();
        assert_eq!(world.messages()[1]["content"], heard);
    }
    // What the author wrote may name it.
    let mut all = data();
    all["memory"]["query_prompt_template"] = json!("use {{#env.KEY#}}");
    let mut variables = pool(question(""));
    variables.set("env", "KEY", Value::Secret(SECRET.into()));
    world.ask(all, variables).await.outcome.unwrap();
    assert_eq!(world.messages()[1]["content"], format!("use {SECRET}"));
}

#[tokio::test]
async fn the_oldest_messages_go_first_and_unanswered_questions_do_not_count() {
    let mut world = world(&["ok"]);
    let exchange = |query: String, answer: &str| Exchange {
        query,
        answer: answer.to_owned(),
    };
    // The first question alone is more than any model can read.
    let endless = "word ".repeat(300_000);
    world.history = vec![
        exchange(endless, "a1"),
        exchange("q2".to_owned(), ""),
        exchange("q3".to_owned(), "a3"),
    ];
    let data = json!({"memory": {"window": {"enabled": false}}});
    world
        .ask(data, pool(question("now")))
        .await
        .outcome
        .unwrap();
    let messages = world.messages();
    let said: Vec<_> = messages
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["content"])
        .collect();
    assert_eq!(said, ["hi", "a1", "q3", "a3", "now"]);
}

#[tokio::test]
async fn what_went_in_is_recorded_as_far_as_it_was_read() {
    let variables = || pool(json!({"n": {"x": 1, "c": ["one", "two"]}}));
    let data = json!({
        "prompt_template": [{"role": "user", "text": "{{#n.x#}} {{#context#}}"}],
        "context": {"enabled": true, "variable_selector": ["n", "c"]},
    });
    let attempt = world(&["ok"]).ask(data, variables()).await;
    assert_eq!(
        Json::Object(attempt.inputs),
        json!({
            "#n.x#": 1,
            "#context#": "one\ntwo",
            "model_provider": "openai",
            "model_name": "gpt-4o-mini",
        })
    );
    let data = json!({"prompt_template": [{"role": "user", "text": "{{#n.x#}}{{#n.ghost#}}"}]});
    let attempt = world(&["ok"]).ask(data, variables()).await;
    assert!(attempt.outcome.is_err());
    assert_eq!(Json::Object(attempt.inputs), json!({"#n.x#": 1}));
}

fn with_schema(model: &str) -> Json {
    json!({
        "model": {"name": model},
        "structured_output_switch_on": true,
        "structured_output": {"schema": {"type": "object", "required": ["n"]}},
    })
}

#[tokio::test]
async fn a_schema_is_stated_natively_or_in_words() {
    for (model, format, words) in [
        ("gpt-4o-mini", "json_schema", false),
        ("nobody-knows-me", "", true),
    ] {
        let world = world(&["{\"n\": 1}"]);
        let attempt = world.ask(with_schema(model), pool(json!({}))).await;
        let found = &outcome(&attempt).unwrap()["structured_output"];
        assert_eq!(found, &json!({"n": 1}), "{model}");
        let sent = &world.bodies()[0];
        let sent_format = sent["response_format"]["type"].as_str().unwrap_or_default();
        assert_eq!(sent_format, format, "{model}");
        assert_eq!(
            sent["messages"].to_string().contains("<schema>"),
            words,
            "{model}"
        );
    }
}

#[tokio::test]
async fn a_structured_answer_that_cannot_be_read_says_why() {
    for (said, why) in [
        ("{\"n\": ", "the answer is no JSON object"),
        ("```json\n{\"n\": 1,}\n```", "cannot be read"),
        (
            "<think>{\"n\": 1}</think>no",
            "the answer is no JSON object",
        ),
        ("[{\"n\": 1", "the answer is no JSON object"),
        ("{\"m\": 1}", "\"n\" is a required property"),
    ] {
        let attempt = world(&[said])
            .ask(with_schema("gpt-4o-mini"), pool(json!({})))
            .await;
        let failure = attempt.outcome.unwrap_err();
        assert_eq!(failure.error_type, "LLMNodeError");
        assert!(failure.message.contains(why), "{said}: {}", failure.message);
        assert_eq!(attempt.usage.tokens.total(), 15);
    }
}

fn picture(more: Json) -> Json {
    let mut file = json!({
        "dify_model_identity": "__dify__file__", "type": "image", "transfer_method": "local_file",
        "reference": "up-1", "filename": "cat.png", "extension": ".png",
    });
    file.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"sys": {"files": [file]}})
}

/// The address of the picture in what was sent, or the failure.
async fn sent_picture(world: &World, file: Json) -> Result<String, String> {
    let data = json!({"vision": {"enabled": true}});
    let attempt = world.ask(data, pool(picture(file))).await;
    attempt.outcome.map_err(|failure| failure.message)?;
    let messages = world.messages();
    let url = &messages[0]["content"][0]["image_url"]["url"];
    Ok(url.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_picture_that_only_the_host_has_is_sent_whole() {
    let mut world = world(&["a cat"]);
    let kept = vec![("up-1".to_owned(), "meow".into())];
    world.other_files = Some(Arc::new(KeptFiles(kept)));
    let whole = "data:image/png;base64,bWVvdw==";
    let remote = json!({"transfer_method": "remote_url", "remote_url": "https://files.test/c.png"});
    for (file, url) in [
        (json!({}), whole),
        (json!({"url": "https://files.test/c.png"}), whole),
        (
            json!({"reference": "up-2", "url": "https://files.test/c.png"}),
            "https://files.test/c.png",
        ),
        (remote, "https://files.test/c.png"),
    ] {
        assert_eq!(
            sent_picture(&world, file.clone()).await.as_deref(),
            Ok(url),
            "{file}"
        );
    }
    let lost = sent_picture(&world, json!({"reference": "up-2"}))
        .await
        .unwrap_err();
    assert!(lost.contains("cat.png"), "{lost}");
}

#[tokio::test]
async fn the_usage_has_its_prices() {
    let attempt = world(&["ok"]).ask(json!({}), pool(json!({}))).await;
    let usage = outcome(&attempt).unwrap()["usage"].clone();
    for (key, price) in [
        ("prompt_price", "0.0000015"),
        ("completion_price", "0.000003"),
        ("total_price", "0.0000045"),
    ] {
        assert_eq!(usage[key], price, "{key}");
    }
}
