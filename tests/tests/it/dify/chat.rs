//! Apps that answer in conversations: memory, variables that last, branches of a conversation, names, suggestions, lists, ratings.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::{shown, wait};
use serde_json::{Value as Json, json};

use super::{App, app, order};

/// A model that remembers, and a counter that lasts.
fn talking() -> Document {
    let count = json!({"version": "2", "items": [{"variable_selector": ["conversation", "count"], "operation": "+=", "input_type": "constant", "value": 1}]});
    Document::chat("talking", &["name"])
        .llm("ask", "You help {{#start.name#}}.", "only")
        .node("add", "assigner", count)
        .answer("say", "{{#ask.text#}} ({{#conversation.count#}}, {{#sys.dialogue_count#}})")
        .line(&["start", "ask", "add", "say"])
        .with(remembering)
        .with(|file| {
            file["workflow"]["conversation_variables"] = json!([
                {"id": "01900000-0000-7000-8000-00000000000a", "name": "count", "value_type": "number", "value": 0, "description": "how often"},
                {"id": "01900000-0000-7000-8000-00000000000b", "name": "tags", "value_type": "array[string]", "value": ["x"], "description": ""}]);
            file["workflow"]["features"] = json!({"opening_statement": "Hello {{name}}", "suggested_questions": ["a?"],
                "suggested_questions_after_answer": {"enabled": true}, "retriever_resource": {"enabled": true}});
        })
}

/// The model has the last two exchanges before it.
fn remembering(file: &mut Json) {
    let nodes = file["workflow"]["graph"]["nodes"].as_array_mut().unwrap();
    let ask = nodes.iter_mut().find(|node| node["id"] == "ask").unwrap();
    ask["data"]["memory"] =
        json!({"window": {"enabled": true, "size": 2}, "query_prompt_template": "{{#sys.query#}}"});
}

async fn talk(of: &TestApp) -> App {
    of.credential("only").await;
    app(of, &talking()).await
}

fn id(said: &Json) -> &str {
    said["conversation_id"].as_str().unwrap()
}

#[tokio::test]
async fn an_answer_is_told_as_dify_tells_it() {
    let of = TestApp::new().await.answering(Reply::words("yes"));
    let app = talk(&of).await;
    let body = json!({"inputs": {"name": "Ada"}, "query": "are you there", "user": "ada", "auto_generate_name": false, "conversation_id": null, "files": null});
    assert_snapshot!(shown::answer(&app.post("/chat-messages", body).await), @r#"
    200
    {
      "event": "message",
      "task_id": "<id 1>",
      "id": "<id 2>",
      "message_id": "<id 2>",
      "conversation_id": "<id 3>",
      "mode": "advanced-chat",
      "answer": "yes (1, 1)",
      "metadata": {
        "annotation_reply": null,
        "retriever_resources": [],
        "usage": {
          "prompt_tokens": 6,
          "prompt_unit_price": "0.28",
          "prompt_price_unit": "0.000001",
          "prompt_price": "0.00000168",
          "completion_tokens": 1,
          "completion_unit_price": "0.42",
          "completion_price_unit": "0.000001",
          "completion_price": "0.00000042",
          "total_tokens": 7,
          "total_price": "0.0000021",
          "currency": "USD",
          "latency": "<measured>",
          "time_to_first_token": "<measured>",
          "time_to_generate": "<measured>"
        }
      },
      "files": [],
      "created_at": 1767225600
    }
    "#);
}

#[tokio::test]
async fn a_stream_ends_with_the_message_and_then_the_workflow() {
    let of = TestApp::new().await.answering(Reply::words("yes"));
    let app = talk(&of).await;
    let body = json!({"inputs": {}, "query": "are you there", "user": "ada", "response_mode": "streaming", "auto_generate_name": false});
    let events = app.stream("/chat-messages", body).await.rest().await;
    assert_snapshot!(order(&events), @r#"
    workflow_started reason=initial
    node_started start index=1
    node_finished start status=succeeded
    node_started ask index=2
    node_finished ask status=succeeded
    node_started add index=3
    message "yes"
    message ""
    message " ("
    message "1"
    message ", "
    message "1"
    message ")"
    node_finished add status=succeeded
    node_started say index=4
    node_finished say status=succeeded
    message_end
    workflow_finished status=succeeded
    "#);
    let of_name = |name: &str| {
        let found = events.iter().find(|event| event.data["event"] == name);
        shown::json(&found.unwrap().data)
    };
    assert_snapshot!(format!("{}\n{}\n{}", of_name("workflow_started"), of_name("message"), of_name("message_end")), @r#"
    {
      "event": "workflow_started",
      "conversation_id": "<id 1>",
      "message_id": "<id 2>",
      "created_at": 1767225600,
      "task_id": "<id 3>",
      "workflow_run_id": "<id 4>",
      "data": {
        "id": "<id 4>",
        "workflow_id": "<id 5>",
        "inputs": {
          "name": null,
          "sys.files": [],
          "sys.app_id": "<id 6>",
          "sys.workflow_id": "<id 6>",
          "sys.user_id": "ada",
          "sys.workflow_run_id": "<id 4>",
          "sys.query": "are you there",
          "sys.dialogue_count": 1
        },
        "created_at": 1767225600,
        "reason": "initial"
      }
    }
    {
      "event": "message",
      "conversation_id": "<id 1>",
      "message_id": "<id 2>",
      "created_at": 1767225600,
      "task_id": "<id 3>",
      "id": "<id 2>",
      "answer": "yes",
      "from_variable_selector": ["ask","text"]
    }
    {
      "event": "message_end",
      "conversation_id": "<id 1>",
      "message_id": "<id 2>",
      "created_at": 1767225600,
      "task_id": "<id 3>",
      "id": "<id 2>",
      "metadata": {
        "annotation_reply": null,
        "retriever_resources": [],
        "usage": {
          "prompt_tokens": 6,
          "prompt_unit_price": "0.28",
          "prompt_price_unit": "0.000001",
          "prompt_price": "0.00000168",
          "completion_tokens": 1,
          "completion_unit_price": "0.42",
          "completion_price_unit": "0.000001",
          "completion_price": "0.00000042",
          "total_tokens": 7,
          "total_price": "0.0000021",
          "currency": "USD",
          "latency": "<measured>",
          "time_to_first_token": "<measured>",
          "time_to_generate": "<measured>"
        }
      },
      "files": []
    }
    "#);
}

#[tokio::test]
async fn a_conversation_remembers_what_was_said_and_what_was_assigned() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    let app = talk(&of).await;
    let first = app.ask("one", "").await;
    assert_eq!(first["answer"], "ok (1, 1)");
    for (query, answer) in [
        ("two", "ok (2, 2)"),
        ("three", "ok (3, 3)"),
        ("four", "ok (4, 4)"),
    ] {
        let said = app.ask(query, id(&first)).await;
        assert_eq!((&said["answer"], id(&said)), (&json!(answer), id(&first)));
    }
    // Its window is two exchanges.
    let asked = of.provider().chats().pop().unwrap().body;
    let said: Vec<&str> = asked["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    assert_eq!(
        said[1..],
        ["two", "ok (2, 2)", "three", "ok (3, 3)", "four"],
        "{asked}"
    );
    // Another conversation knows nothing of it.
    assert_eq!(app.ask("one", "").await["answer"], "ok (1, 1)");
}

#[tokio::test]
async fn an_answer_can_be_asked_for_again_from_where_it_was() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    let app = talk(&of).await;
    let first = app.ask("one", "").await;
    let _ = app.ask("two", id(&first)).await;
    let again = json!({"inputs": {}, "query": "two again", "user": "ada", "conversation_id": id(&first),
        "parent_message_id": first["message_id"], "auto_generate_name": false});
    let again = app.post("/chat-messages", again).await.expect(200);
    let asked = of.provider().chats().pop().unwrap().text;
    assert!(asked.contains("one") && !asked.contains("two\n"), "{asked}");
    let list = format!("/messages?user=ada&conversation_id={}", id(&first));
    let messages = app.get(&list).await.expect(200);
    let last = &messages["data"][2];
    assert_eq!(
        (&last["id"], &last["parent_message_id"]),
        (&again["message_id"], &first["message_id"])
    );
}

#[tokio::test]
async fn of_runs_at_once_the_later_commit_wins_and_each_counts_once() {
    let of = TestApp::new().await;
    let set = json!({"version": "2", "items": [{"variable_selector": ["conversation", "last"], "operation": "over-write", "input_type": "variable", "value": ["sys", "query"]}]});
    let document = Document::chat("last", &[])
        .llm("ask", "{{#sys.query#}}", "only")
        .node("set", "assigner", set)
        .answer("say", "{{#conversation.last#}}")
        .line(&["start", "ask", "set", "say"])
        .with(|file| {
            file["workflow"]["conversation_variables"] = json!([{"id": "v", "name": "last", "value_type": "string", "value": "nobody", "description": ""}]);
        });
    of.credential("only").await;
    of.provider()
        .script(Rule::for_prompt("slow", Reply::Gated("x".to_owned())));
    of.provider().script(Rule::always(Reply::words("x")));
    let app = app(&of, &document).await;
    let first = app.ask("first", "").await;
    let slow = json!({"inputs": {}, "query": "slow", "user": "ada", "conversation_id": id(&first), "response_mode": "streaming"});
    let mut slow = app.stream("/chat-messages", slow).await;
    let _ = slow.next().await.unwrap();
    assert_eq!(app.ask("quick", id(&first)).await["answer"], "quick");
    let variables = format!("/conversations/{}/variables?user=ada", id(&first));
    let value = async || app.get(&variables).await.expect(200)["data"][0]["value"].clone();
    assert_eq!(value().await, "quick");
    of.provider().release(10);
    let _ = slow.rest().await;
    assert_eq!(value().await, "slow");
}

#[tokio::test]
async fn variables_of_a_conversation_are_listed_and_changed() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    let app = talk(&of).await;
    let said = app.ask("one", "").await;
    let path = format!("/conversations/{}/variables", id(&said));
    let list = app.get(&format!("{path}?user=ada")).await;
    assert_snapshot!(shown::answer(&list), @r#"
    200
    {
      "limit": 20,
      "has_more": false,
      "data": [
        {
          "id": "<id 1>",
          "name": "count",
          "value_type": "number",
          "value": "1",
          "description": "how often",
          "created_at": 1767225600,
          "updated_at": 1767225600
        },
        {
          "id": "<id 2>",
          "name": "tags",
          "value_type": "array[string]",
          "value": "[\"x\"]",
          "description": "",
          "created_at": 1767225600,
          "updated_at": 1767225600
        }
      ]
    }
    "#);
    let count = "01900000-0000-7000-8000-00000000000a";
    let app = &app;
    let put = |variable: &str, value: Json| {
        let path = format!("/v1{path}/{variable}");
        async move {
            let body = json!({"value": value, "user": "ada"});
            app.client.put(&path, body).await
        }
    };
    let changed = put(count, json!(41)).await.expect(200);
    assert_eq!(
        (&changed["value"], &changed["value_type"]),
        (&json!("41"), &json!("number"))
    );
    assert_eq!(app.ask("two", id(&said)).await["answer"], "ok (42, 2)");
    let wrong = put(count, json!("many")).await;
    assert_eq!(wrong.refusal(), (400, "bad_request".to_owned()));
    assert!(
        wrong
            .text
            .contains("Type mismatch: variable 'count' expects number, but got string type"),
        "{}",
        wrong.text
    );
    assert_eq!(
        put("none", json!(1)).await.refusal(),
        (404, "not_found".to_owned())
    );
    let after = format!("&last_id={count}");
    for (query, names) in [
        ("&variable_name=TAG", vec!["tags"]),
        ("&limit=1", vec!["count"]),
        (after.as_str(), vec!["tags"]),
    ] {
        let list = app
            .get(&format!("{path}?user=ada{query}"))
            .await
            .expect(200);
        let found: Vec<&str> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{query}");
    }
    for query in ["&variable_name=a%20b", "&last_id=none"] {
        let refused = app.get(&format!("{path}?user=ada{query}")).await;
        assert_eq!(
            refused.refusal(),
            (400, "invalid_param".to_owned()),
            "{query}"
        );
    }
}

#[tokio::test]
async fn conversations_are_listed_named_and_removed() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    let app = talk(&of).await;
    let body = json!({"inputs": {"name": "Ada"}, "query": "a question that is rather long", "user": "ada", "auto_generate_name": false});
    let first = app.post("/chat-messages", body).await.expect(200);
    of.passes(std::time::Duration::from_secs(5));
    let second = app.ask("second", "").await;
    assert_snapshot!(shown::answer(&app.get("/conversations?user=ada").await), @r#"
    200
    {
      "limit": 20,
      "has_more": false,
      "data": [
        {
          "id": "<id 1>",
          "name": "second",
          "inputs": {"name":null},
          "status": "normal",
          "introduction": "Hello ",
          "created_at": 1767225605,
          "updated_at": 1767225605
        },
        {
          "id": "<id 2>",
          "name": "a question that is r…",
          "inputs": {"name":"Ada"},
          "status": "normal",
          "introduction": "Hello Ada",
          "created_at": 1767225600,
          "updated_at": 1767225600
        }
      ]
    }
    "#);
    let ids = async |query: &str| {
        let list = app
            .get(&format!("/conversations?user=ada{query}"))
            .await
            .expect(200);
        let data = list["data"].as_array().unwrap().clone();
        (
            data.iter()
                .map(|one| one["id"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>(),
            list["has_more"].clone(),
        )
    };
    assert_eq!(
        ids("&limit=1").await,
        (vec![id(&second).to_owned()], json!(true))
    );
    assert_eq!(
        ids(&format!("&limit=1&last_id={}", id(&second))).await,
        (vec![id(&first).to_owned()], json!(false))
    );
    assert_eq!(ids("&sort_by=created_at&limit=1").await.0, [id(&first)]);
    let path = format!("/conversations/{}", id(&first));
    let named = app
        .post(
            &format!("{path}/name"),
            json!({"name": " Mine ", "user": "ada"}),
        )
        .await
        .expect(200);
    assert_eq!(named["name"], "Mine");
    let nameless = app
        .post(&format!("{path}/name"), json!({"user": "ada"}))
        .await;
    assert_eq!(nameless.refusal(), (400, "invalid_param".to_owned()));
    let not_found = (404, "not_found".to_owned());
    for other in ["bob", ""] {
        let body = json!({"name": "Theirs", "user": other});
        assert_eq!(
            app.post(&format!("{path}/name"), body).await.refusal(),
            not_found,
            "{other}"
        );
        assert_eq!(
            app.delete(&path, json!({"user": other})).await.refusal(),
            not_found
        );
    }
    assert_eq!(app.delete(&path, json!({"user": "ada"})).await.status, 204);
    assert_eq!(
        app.delete(&path, json!({"user": "ada"})).await.refusal(),
        not_found
    );
    assert_eq!(ids("").await.0, [id(&second)]);
    let list = format!("/messages?user=ada&conversation_id={}", id(&first));
    assert_eq!(app.get(&list).await.refusal(), not_found);
    let body = json!({"inputs": {}, "query": "x", "user": "ada", "conversation_id": id(&first)});
    let gone = app.post("/chat-messages", body).await;
    assert_eq!(gone.refusal(), not_found);
    assert!(
        gone.text.contains("Conversation Not Exists."),
        "{}",
        gone.text
    );
}

#[tokio::test]
async fn messages_are_listed_and_rated() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    let app = talk(&of).await;
    let first = app.ask("one", "").await;
    let second = app.ask("two", id(&first)).await;
    let list = format!("/messages?user=ada&conversation_id={}", id(&first));
    let app = &app;
    let rate = |message: &Json, body: Json| {
        let path = format!(
            "/messages/{}/feedbacks",
            message["message_id"].as_str().unwrap()
        );
        async move { app.post(&path, body).await }
    };
    let success = json!({"result": "success"});
    let like = json!({"rating": "like", "content": "good", "user": "ada"});
    assert_eq!(rate(&first, like).await.expect(200), success);
    assert_eq!(
        rate(&second, json!({"rating": null, "user": "ada"}))
            .await
            .refusal(),
        (400, "invalid_param".to_owned())
    );
    assert_eq!(
        rate(&second, json!({"rating": "meh", "user": "ada"}))
            .await
            .refusal(),
        (400, "invalid_param".to_owned())
    );
    assert_eq!(
        rate(&second, json!({"rating": "like", "user": "bob"}))
            .await
            .refusal(),
        (404, "not_found".to_owned())
    );
    let page = app.get(&format!("{list}&limit=1")).await.expect(200);
    assert_eq!(
        (&page["data"][0]["id"], &page["has_more"]),
        (&second["message_id"], &json!(true))
    );
    let older = app
        .get(&format!(
            "{list}&limit=1&first_id={}",
            second["message_id"].as_str().unwrap()
        ))
        .await;
    assert_snapshot!(shown::answer(&older), @r#"
    200
    {
      "limit": 1,
      "has_more": false,
      "data": [
        {
          "id": "<id 1>",
          "conversation_id": "<id 2>",
          "parent_message_id": "<id 3>",
          "inputs": {"name":null},
          "query": "one",
          "answer": "ok (1, 1)",
          "status": "normal",
          "error": null,
          "feedback": {"rating":"like"},
          "retriever_resources": [],
          "message_files": [],
          "agent_thoughts": [],
          "created_at": 1767225600,
          "extra_contents": [],
          "message_tokens": 4,
          "answer_tokens": 1,
          "total_tokens": 5,
          "provider_response_latency": 0.0,
          "total_price": "0.00000154",
          "currency": "USD"
        }
      ]
    }
    "#);
    assert_snapshot!(shown::answer(&app.get("/app/feedbacks").await), @r#"
    200
    {
      "data": [
        {
          "id": "<id 1>",
          "app_id": "<id 2>",
          "conversation_id": "<id 3>",
          "message_id": "<id 4>",
          "rating": "like",
          "content": "good",
          "from_source": "user",
          "from_end_user_id": "<id 5>",
          "from_account_id": null,
          "created_at": "2026-01-01T00:00:00.000Z",
          "updated_at": "2026-01-01T00:00:00.000Z"
        }
      ]
    }
    "#);
    assert_eq!(
        rate(&first, json!({"rating": null, "user": "ada"}))
            .await
            .expect(200),
        success
    );
    assert_eq!(
        app.get("/app/feedbacks").await.expect(200),
        json!({"data": []})
    );
}

#[tokio::test]
async fn a_model_names_conversations_and_thinks_of_questions_for_no_node() {
    let of = TestApp::new().await;
    of.provider().script(Rule::for_prompt(
        "You name conversations",
        Reply::words("\"A fine title\""),
    ));
    of.provider().script(Rule::for_prompt(
        "would most likely ask next",
        Reply::words("Here: [\"Why?\", \"How?\", \"When?\"]"),
    ));
    of.provider().script(Rule::always(Reply::words("ok")));
    let app = talk(&of).await;
    // A node's own credential has no say where no node asks.
    let provider = json!({"credential_id": of.credential("everyday").await});
    let _ = of
        .user()
        .put("/providers/deepseek/default", provider)
        .await
        .expect(200);
    let body = json!({"inputs": {}, "query": "tell me about Rome", "user": "ada"});
    let said = app.post("/chat-messages", body).await.expect(200);
    wait::until("the conversation has its name", async || {
        let list = app.get("/conversations?user=ada").await.expect(200);
        (list["data"][0]["name"] == "A fine title").then_some(())
    })
    .await;
    let path = format!(
        "/messages/{}/suggested?user=ada",
        said["message_id"].as_str().unwrap()
    );
    let suggested = app.get(&path).await.expect(200);
    assert_eq!(
        suggested,
        json!({"result": "success", "data": ["Why?", "How?", "When?"]})
    );
    let named = format!("/conversations/{}/name", id(&said));
    let named = app
        .post(&named, json!({"auto_generate": true, "user": "ada"}))
        .await
        .expect(200);
    assert_eq!(named["name"], "A fine title");
    let calls = of.user().pages("/api/v1/model-calls").await;
    let of_nobody: Vec<&Json> = calls
        .iter()
        .filter(|call| call["node_id"].is_null())
        .collect();
    assert_eq!(of_nobody.len(), 3, "{calls:#?}");
    for call in of_nobody {
        assert_eq!(
            (
                &call["credential_name"],
                &call["level"],
                &call["end_user"],
                &call["outcome"]
            ),
            (
                &json!("everyday"),
                &json!("workspace_default"),
                &json!("ada"),
                &json!("succeeded")
            )
        );
        assert_eq!(call["workflow_id"], json!(app.workflow.id));
    }
}

#[tokio::test]
async fn what_was_said_before_a_stop_stays() {
    let of = TestApp::new().await;
    let hangs = Reply::HangsAfter("so far".to_owned());
    of.provider()
        .script(Rule::for_prompt("one", hangs).times(1));
    of.provider().script(Rule::always(Reply::words("ok")));
    of.credential("only").await;
    // Not the counting one: what an assigner of it writes is in its answer, so that nothing of the answer is told before that.
    let document = Document::chat("remembering", &[])
        .llm("ask", "You help.", "only")
        .answer("say", "{{#ask.text#}}")
        .line(&["start", "ask", "say"])
        .with(remembering);
    let app = app(&of, &document).await;
    let body = json!({"inputs": {}, "query": "one", "user": "ada", "response_mode": "streaming", "auto_generate_name": false});
    let mut stream = app.stream("/chat-messages", body).await;
    let mut said = String::new();
    let (task, conversation) = loop {
        let event = stream.next().await;
        let event = event.unwrap_or_else(|| panic!("it ended: {said}")).data;
        said.push_str(event["answer"].as_str().unwrap_or_default());
        if said.contains("far") {
            let text = |key: &str| event[key].as_str().unwrap().to_owned();
            break (text("task_id"), text("conversation_id"));
        }
    };
    let stop = app
        .post(
            &format!("/chat-messages/{task}/stop"),
            json!({"user": "ada"}),
        )
        .await;
    assert_eq!(stop.expect(200), json!({"result": "success"}));
    let rest = stream.rest().await;
    assert_eq!(rest.last().unwrap().data["data"]["status"], "stopped");
    let list = format!("/messages?user=ada&conversation_id={conversation}");
    let messages = app.get(&list).await.expect(200);
    let kept = &messages["data"][0];
    assert_eq!(
        (&kept["answer"], &kept["status"]),
        (&json!("so far"), &json!("normal"))
    );
    let _ = app.ask("two", &conversation).await;
    let asked = of.provider().chats().pop().unwrap().text;
    assert!(asked.contains("so far"), "{asked}");
}

#[tokio::test]
async fn a_run_that_fails_is_a_refusal_and_a_message_with_its_error() {
    let of = TestApp::new().await.answering(Reply::unauthorized());
    let app = talk(&of).await;
    let body = json!({"inputs": {}, "query": "one", "user": "ada", "auto_generate_name": false});
    let refused = app.post("/chat-messages", body).await;
    assert_eq!(refused.refusal(), (400, "invalid_param".to_owned()));
    assert!(refused.text.contains("Run failed: "), "{}", refused.text);
    let list = app.get("/conversations?user=ada").await.expect(200);
    let list = format!(
        "/messages?user=ada&conversation_id={}",
        list["data"][0]["id"].as_str().unwrap()
    );
    let messages = app.get(&list).await.expect(200);
    let message = &messages["data"][0];
    assert_eq!(
        (&message["status"], &message["answer"]),
        (&json!("error"), &json!(""))
    );
    assert!(message["error"].is_string(), "{message}");
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused() {
    let of = TestApp::new().await.answering(Reply::words("ok"));
    let app = talk(&of).await;
    for (body, text) in [
        (
            json!({"inputs": {}, "query": "", "user": "ada"}),
            "query is required",
        ),
        (json!({"inputs": {}, "user": "ada"}), "query is required"),
        (json!({"query": "x", "user": "ada"}), "inputs"),
        (
            json!({"inputs": {}, "query": "x"}),
            "Arg user must be provided.",
        ),
        (
            json!({"inputs": {}, "query": "x", "user": "ada", "conversation_id": "x"}),
            "must be a valid UUID",
        ),
    ] {
        let refused = app.post("/chat-messages", body.clone()).await;
        assert_eq!(
            refused.refusal(),
            (400, "invalid_param".to_owned()),
            "{body}"
        );
        assert!(refused.text.contains(text), "{}", refused.text);
    }
    let plain = Document::chat("plain", &[])
        .answer("say", "hi")
        .line(&["start", "say"]);
    let plain = super::app(&of, &plain).await;
    let said = plain.ask("x", "").await;
    let path = format!(
        "/messages/{}/suggested?user=ada",
        said["message_id"].as_str().unwrap()
    );
    assert_eq!(
        plain.get(&path).await.refusal(),
        (400, "bad_request".to_owned())
    );
}
