//! Readiness, branches, skips, retries, strategies, stops, limits.

use insta::assert_snapshot;
use latchkey_domain::event::EventBody;
use latchkey_domain::journal::Limits;
use latchkey_domain::run::RunStatus;
use latchkey_domain::value::Value;
use serde_json::json;

use super::world::{World, start_values};

#[test]
fn a_linear_run_tells_everything_in_order() {
    let world = World::new(
        "start: start
         a: model
         end: end a.text start.q
         start -> a -> end",
    );
    let world = world.play("a: ok done");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    a says "done". (a.text)
    end says "\n" (end.answer)
    start says "hi". (start.q)
    a succeeded
    end started
    end succeeded
    run succeeded {"a.text":"done","start.q":"hi"}
    "#);
}

#[test]
fn a_join_waits_for_all_parallel_branches_and_runs_once() {
    let world = World::new(
        "start: start
         a: model
         b: model
         join: text {{#a.text#}}{{#b.text#}}
         end: end join.output
         start -> a -> join -> end
         start -> b -> join",
    );
    let world = world.play("b: ok B");
    assert!(!world.shown().contains("join"));
    let world = world.play("a: ok A");
    assert_eq!(world.end().outputs["join.output"], json!("AB"));
}

#[test]
fn a_join_runs_when_a_branch_into_it_is_skipped() {
    let world = World::new(
        "start: start
         if: branch true
         a: text A
         b: text B
         c: text C
         join: text {{#a.output#}} {{#b.output#}}
         end: end join.output
         start -> if
         if -true-> a -> join -> end
         if -false-> b -> c -> join",
    );
    assert_eq!(world.end().outputs["join.output"], json!("A b.output"));
    let skipped: Vec<_> = world.state.skipped().iter().map(|id| id.as_str()).collect();
    assert_eq!(skipped, ["b", "c"]);
    world.check_replay();
}

#[test]
fn a_handle_without_an_edge_ends_the_branch_and_the_run_succeeds() {
    let world = World::new(
        "start: start
         if: branch other
         a: text A
         b: text B
         start -> if -true-> a -> b",
    );
    assert_eq!(world.end().status, RunStatus::Succeeded);
    assert_eq!(world.state.skipped().len(), 2);
}

#[test]
fn an_ordinary_node_takes_all_edges_whatever_their_handle() {
    let world = World::new(
        "start: start
         a: text A
         b: text B
         end: end b.output
         start -odd-> a -false-> b -> end",
    );
    assert_eq!(world.end().outputs["b.output"], json!("B"));
}

#[test]
fn a_retry_keeps_the_execution_and_the_run_is_partly_succeeded() {
    let world = World::new(
        r#"start: start
         a: model | {"retry_config": {"retry_enabled": true, "max_retries": 2, "retry_interval": 100}}
         end: end a.text
         start -> a -> end"#,
    );
    let world = world.play(
        "a: fail Broken
         a: due
         a: fail Broken
         a: due
         a: ok third",
    );
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    a retry 1
    a retry 2
    a says "third". (a.text)
    a succeeded
    end started
    end succeeded
    run partial-succeeded {"a.text":"third"}
    "#);
    let end = world.end();
    assert_eq!(
        (end.steps, end.exceptions, end.usage.tokens.total()),
        (5, 2, 45)
    );
}

#[test]
fn when_no_attempt_is_left_the_run_fails() {
    let world = World::new(
        r#"start: start
         a: model | {"retry_config": {"retry_enabled": true, "max_retries": 1, "retry_interval": 100}}
         end: end a.text
         start -> a -> end"#,
    );
    let world = world.play("a: fail Broken\na: due\na: fail Broken");
    let error = world.end().error.clone().unwrap();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("node_failed", "it broke")
    );
    assert_eq!(world.end().status, RunStatus::Failed);
    assert_eq!(error.node_id.unwrap().as_str(), "a");
}

#[test]
fn default_values_stand_in_and_half_outputs_are_discarded() {
    let world = World::new(
        r#"start: start
         a: model | {"error_strategy": "default-value", "default_value": [{"key": "n", "type": "number", "value": "7"}, {"key": "error_type", "type": "string", "value": "mine"}]}
         end: end a.text a.n a.error_type a.error_message
         start -> a -> end"#,
    );
    let world = world.play("a: fail Broken");
    assert_snapshot!(world.shown().lines().last().unwrap(), @r#"run partial-succeeded {"a.text":null,"a.n":7.0,"a.error_type":"Broken","a.error_message":"it broke"}"#);
}

#[test]
fn a_fail_branch_is_taken_instead_of_the_source_edges() {
    let graph = r#"start: start
         a: model | {"error_strategy": "fail-branch"}
         good: end a.text
         bad: end a.error_message
         start -> a -> good
         a -fail-branch-> bad"#;
    let failed = World::new(graph).play("a: fail Broken");
    assert_snapshot!(failed.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    a says "it broke". (a.error_message)
    a exception -fail-branch->
    bad started
    bad succeeded
    run partial-succeeded {"a.error_message":"it broke"}
    "#);
    let fine = World::new(graph).play("a: ok fine");
    assert_eq!(fine.end().outputs["a.text"], json!("fine"));
    assert_eq!(fine.state.skipped()[0].as_str(), "bad");
}

#[test]
fn a_failure_in_a_parallel_branch_starts_nothing_more_and_lets_nodes_report() {
    let world = World::new(
        "start: start
         a: model
         b: model
         c: text C
         start -> a
         start -> b -> c",
    );
    let world = world.play("a: fail Broken");
    assert!(world.cancelled && world.finished.is_none());
    let world = world.play("b: ok late");
    assert_snapshot!(world.shown(), @r"
    run started
    start started
    start succeeded
    a started
    b started
    a failed
    b succeeded
    run failed {}
    ");
}

#[test]
fn a_stop_ends_the_run_when_its_nodes_have_reported() {
    let graph = "start: start
         a: model
         b: model
         start -> a
         start -> b";
    let world = World::new(graph).play("stop\na: fail Cancelled");
    assert!(world.finished.is_none());
    let world = world.play("b: fail Cancelled");
    assert_snapshot!(world.shown(), @r"
    run started
    start started
    start succeeded
    a started
    b started
    a stopped
    b stopped
    run stopped {}
    ");
    assert_eq!(world.end().exceptions, 0);
    let late = World::new(graph).play("stop\ngrace");
    assert_eq!(late.end().status, RunStatus::Stopped);
    assert!(
        late.shown()
            .ends_with("a stopped\nb stopped\nrun stopped {}")
    );
}

#[test]
fn more_starts_than_allowed_stop_the_run() {
    let graph = "start: start
         a: text A
         b: text B
         c: text C
         start -> a -> b -> c";
    let limits = |max_steps| Limits {
        max_steps,
        ..Limits::default()
    };
    let world = World::with(graph, start_values(), limits(2));
    assert_eq!(world.end().status, RunStatus::Stopped);
    let message = &world.end().error.as_ref().unwrap().message;
    assert_eq!(message, "Maximum execution steps exceeded: 3 > 2");
    world.check_replay();
    let just = World::with(graph, start_values(), limits(4));
    assert_eq!(just.end().status, RunStatus::Succeeded);
}

#[test]
fn a_run_that_takes_too_long_is_stopped_when_a_node_ends() {
    let world = World::new(
        "start: start
         a: model
         b: text B
         start -> a -> b",
    );
    let world = world.play("wait 1300000\na: ok late");
    assert_eq!(world.end().error.as_ref().unwrap().code, "time_limit");
}

#[test]
fn nodes_with_effects_wait_for_a_free_slot() {
    let limits = Limits {
        slots: 1,
        ..Limits::default()
    };
    let graph = "start: start
         a: model
         b: model
         c: text C
         start -> a
         start -> b
         start -> c";
    let world = World::with(graph, start_values(), limits);
    assert_eq!(world.running.len(), 1);
    assert!(world.shown().contains("c succeeded") && !world.shown().contains("b started"));
    let world = world.play("a: ok x\nb: ok y");
    assert_eq!(world.end().status, RunStatus::Succeeded);
    world.check_replay();
}

#[test]
fn other_roots_are_skipped_and_what_only_they_feed() {
    let world = World::new(
        "start: start
         hook: trigger-webhook
         only: text X
         both: text Y
         end: end both.output
         start -> both -> end
         hook -> only
         hook -> both",
    );
    assert_eq!(world.end().outputs["both.output"], json!("Y"));
    let skipped: Vec<_> = world.state.skipped().iter().map(|id| id.as_str()).collect();
    assert_eq!(skipped, ["hook", "only"]);
}

#[test]
fn answers_are_joined_and_other_outputs_overwritten() {
    let world = World::new(
        "start: start
         one: answer One
         two: answer Two
         start -> one -> two",
    );
    assert_eq!(world.end().outputs["answer"], json!("OneTwo"));
    let world = World::new(
        "start: start
         a: text A
         one: end start.q
         two: end start.q a.output
         start -> one
         start -> a -> two",
    );
    assert_eq!(world.end().outputs.len(), 2);
}

#[test]
fn secrets_as_values_are_masked_in_journal_and_events() {
    let world = World::new(
        "start: start
         end: end env.key start.env.key
         a: text {{#env.key#}}
         start -> end",
    );
    let all = format!(
        "{}{}",
        serde_json::to_string(&world.records).unwrap(),
        serde_json::to_string(&world.events).unwrap()
    );
    assert!(all.contains("test-k************me") && !all.contains("test-key-acme"));
    world.check_replay();
}

#[test]
fn an_answer_that_names_a_secret_shows_it() {
    let world = World::new("start: start\nanswer: answer {{#env.key#}}\nstart -> answer");
    assert_eq!(world.stream(), "test-key-acme");
}

#[test]
fn a_secret_of_the_conversation_is_there_again_after_a_replay() {
    for text in ["test-key-initech", ""] {
        let mut values = start_values();
        let secret = Value::Secret(text.into());
        values.conversation.push(("token".into(), secret));
        let graph = "start: start\nanswer: answer {{#conversation.token#}}\nstart -> answer";
        let world = World::with(graph, values, Limits::default());
        assert_eq!(world.stream(), "test-key-initech");
        let started = serde_json::to_string(&world.records[0]).unwrap();
        assert!(!started.contains("initech"), "{started}");
        world.check_secrets();
    }
}

#[test]
fn the_start_node_has_copies_of_what_was_there_at_the_start() {
    let world = World::new(
        "start: start
         set: assigner conversation.topic
         start -> set",
    );
    let pool = world.state.pool();
    assert_eq!(pool.get(&["start", "sys.query"]), Some("hello".into()));
    assert_eq!(
        pool.get(&["start", "conversation.topic"]),
        Some("first".into())
    );
    assert_eq!(
        pool.get(&["conversation", "topic"]),
        Some("assigned".into())
    );
    assert_eq!(pool.get(&["start", "sys", "query"]), None);
}

#[test]
fn a_secret_in_a_mapping_or_a_list_is_as_secret_as_one_by_itself() {
    let world = World::new(
        "start: start
         g: group env.twin
         end: end g.value g.group g.group.output g.list conversation.topic
         start -> g -> end",
    );
    let masked = "test-k************me";
    assert_eq!(
        serde_json::Value::Object(world.end().outputs.clone()),
        json!({
            "g.value": masked,
            "g.group": {"output": masked},
            "g.group.output": masked,
            "g.list": [masked],
            "conversation.topic": [masked],
        })
    );
    assert!(!world.stream().contains("globex"));
    let events = serde_json::to_string(&world.events).unwrap();
    assert!(events.contains("Bearer test-k************me") && !events.contains("globex"));
    let pool = world.state.pool();
    let plain = pool.get(&["g", "group", "output"]).unwrap();
    assert_eq!(plain.as_str(), Some("test-key-globex-me"));
    world.check_secrets();
}

#[test]
fn a_failed_credential_tells_the_run_its_public_code_only() {
    for strategy in ["fail-branch", "default-value"] {
        let world = World::new(&format!(
            r#"start: start
            a: model | {{"error_strategy": "{strategy}"}}
            end: end a.error_message a.error_type
            start -> a
            a -fail-branch-> end"#
        ));
        let world = world.play("a: fail CredentialError");
        assert_eq!(
            world.end().outputs["a.error_message"],
            json!("credential_override_not_allowed")
        );
        assert_eq!(
            world.end().outputs["a.error_type"],
            json!("CredentialError")
        );
        let story = world.events.iter().find_map(|event| {
            let EventBody::NodeFinished(node) = &event.body else {
                return None;
            };
            node.error.as_ref()?.credential.clone()
        });
        assert_eq!(story.unwrap().code.as_str(), "credential_not_found");
    }
}

#[test]
fn retries_are_bounded_whatever_the_file_says() {
    let mut world = World::new(
        r#"start: start
        a: model | {"retry_config": {"retry_enabled": true, "max_retries": 1e9, "retry_interval": 1e15}}
        start -> a"#,
    );
    for _ in 0..10 {
        world.step("a: fail Broken");
        world.step("a: due");
    }
    world.step("a: fail Broken");
    assert_eq!(world.end().status, RunStatus::Failed);
    assert_eq!(world.end().steps, 12);
    assert!(world.waits.iter().all(|millis| *millis <= 5_000));
}

#[test]
fn retries_meet_the_time_limit() {
    let retried = || {
        World::new(
            r#"start: start
            a: model | {"retry_config": {"retry_enabled": true, "max_retries": 9, "retry_interval": 1}}
            start -> a"#,
        )
    };
    for script in [
        "wait 1300000\na: fail Broken",
        "a: fail Broken\nwait 1300000\na: due",
    ] {
        let world = retried().play(script);
        assert_eq!(world.end().error.as_ref().unwrap().code, "time_limit");
        world.check_replay();
    }
}

#[test]
fn any_node_with_a_fail_branch_chooses_between_two_handles() {
    let world = World::new(
        r#"start: start
        a: answer A | {"error_strategy": "fail-branch"}
        well: answer W
        badly: answer B
        start -> a
        a -> well
        a -fail-branch-> badly"#,
    );
    assert_eq!(world.end().outputs["answer"], json!("AW"));
    let skipped: Vec<_> = world.state.skipped().iter().map(|id| id.as_str()).collect();
    assert_eq!(skipped, ["badly"]);
    assert_eq!(world.stream(), "AW");
}
