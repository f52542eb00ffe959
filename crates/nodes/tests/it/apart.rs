//! Built-in tools whose arguments decide how long they take: they work in the sandbox, and are stopped there.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use latchkey_domain::time::Timestamp;
use latchkey_domain::tool::NamedTool;
use latchkey_nodes::ToolMessage;
use latchkey_nodes::tools::{Builtin, Reach};
use latchkey_outbound::Outbound;
use latchkey_sandbox::Sandbox;

use super::world::sandbox;

async fn used(
    provider: &str,
    tool: &str,
    arguments: Json,
    sandbox: Option<&Sandbox>,
) -> Result<String, String> {
    let named = NamedTool::new("builtin", provider, "", tool);
    let reach = Reach {
        now: Timestamp::from_millis(0),
        outbound: &Outbound::scripted(std::sync::Arc::new(|_| panic!("nothing is asked"))),
        sandbox,
    };
    let builtin = Builtin::find(&named).unwrap();
    let told = builtin.run(arguments.as_object().unwrap().clone(), reach);
    match told.await.map_err(|cause| cause.to_string())?.as_slice() {
        [ToolMessage::Text(text)] => Ok(text.clone()),
        _ => panic!("it answers with one text"),
    }
}

#[tokio::test]
async fn they_answer_as_they_do_anywhere() {
    let sandbox = sandbox(Duration::from_secs(60));
    for (provider, tool, arguments, told) in [
        (
            "json_process",
            "parse",
            json!({"content": "{\"a\": [1, 2.50, \"é\"]}", "json_filter": "a", "ensure_ascii": true}),
            Ok(r#"[1, 2.5, "\u00e9"]"#),
        ),
        (
            "json_process",
            "json_delete",
            json!({"content": "{\"a\": 1, \"b\": 2}", "query": "$.a"}),
            Ok(r#"{"b": 2}"#),
        ),
        (
            "json_process",
            "parse",
            json!({"content": "{"}),
            Err("the content is no JSON: EOF while parsing an object at line 1 column 1"),
        ),
        (
            "regex",
            "regex_extract",
            json!({"content": "a1 b22", "expression": r"\d+"}),
            Ok("['1', '22']"),
        ),
        (
            "maths",
            "eval_expression",
            json!({"expression": "(3 + 4) * 2"}),
            Ok("14"),
        ),
    ] {
        let answer = used(provider, tool, arguments, Some(&sandbox)).await;
        let answer = answer.as_deref().map_err(String::as_str);
        assert_eq!(answer, told, "{tool}");
    }
}

#[tokio::test]
async fn what_would_take_for_ever_is_stopped() {
    let sandbox = sandbox(Duration::from_secs(1));
    let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for (provider, tool, arguments) in [
        (
            "json_process",
            "parse",
            json!({"content": nested, "json_filter": format!("${}", "..*".repeat(20))}),
        ),
        (
            "json_process",
            "json_delete",
            json!({"content": nested, "query": format!("${}", "..*".repeat(20))}),
        ),
        (
            "regex",
            "regex_extract",
            json!({
                "content": format!("{}!", "a".repeat(14)).repeat(3000),
                "expression": "(?:(?:(?=a)a|(?=a)a)+b)|a",
            }),
        ),
    ] {
        let begun = Instant::now();
        let stopped = used(provider, tool, arguments, Some(&sandbox)).await;
        let stopped = stopped.unwrap_err();
        let is_bounded =
            stopped.contains("ran longer than 1 s") || stopped.contains("ended without");
        assert!(is_bounded, "{tool}: {stopped}");
        assert!(begun.elapsed() < Duration::from_secs(30), "{tool}");
    }
}

#[tokio::test]
async fn whoever_stops_waiting_ends_it() {
    let sandbox = sandbox(Duration::from_secs(60));
    let nested = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let endless = json!({"content": nested, "json_filter": format!("${}", "..*".repeat(20))});
    let given_up = used("json_process", "parse", endless, Some(&sandbox));
    let given_up = tokio::time::timeout(Duration::from_secs(2), given_up).await;
    assert!(given_up.is_err());
    // The process goes with whoever waited; a thread of ours would go on for ever.
    let begun = Instant::now();
    sandbox.close().await;
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn without_a_sandbox_they_are_refused_and_the_harmless_ones_work() {
    let arguments = json!({"content": "a", "expression": "a"});
    let refused = used("regex", "regex_extract", arguments, None).await;
    assert_eq!(
        refused.unwrap_err(),
        "there is no sandbox here to run it in"
    );
    let time = json!({"timezone": "UTC", "format": "%Y"});
    let told = used("time", "current_time", time, None).await;
    assert_eq!(told.as_deref(), Ok("1970"));
}
