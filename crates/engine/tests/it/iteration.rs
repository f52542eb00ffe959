//! Iterations: items in turn or at the same time, their variables, failures, results.

use insta::assert_snapshot;
use latchkey_domain::event::EventBody;
use latchkey_domain::journal::Limits;
use latchkey_domain::run::RunStatus;
use serde_json::json;

use super::world::{World, start_values};

#[test]
fn items_run_one_after_another_each_with_its_own_variables() {
    let world = World::new(
        "start: start
        it: iteration start.items a.output
        a in it: text {{#it.index#}}{{#it.item#}}{{#start.q#}}
        end: end it.output it.item a.output
        start -> it -> end
        itstart -> a",
    );
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    it started
    it has 3
    it next 0
    a@0 started
    a@0 succeeded
    it next 1 after "0xhi"
    a@1 started
    a@1 succeeded
    it next 2 after "1yhi"
    a@2 started
    a@2 succeeded
    it done {"output":["0xhi","1yhi","2zhi"]}
    it says "- 0xhi\n- 1yhi\n- 2zhi". (it.output)
    end says "\n" (end.answer)
    it succeeded
    end started
    end succeeded
    run succeeded {"it.output":["0xhi","1yhi","2zhi"],"it.item":null,"a.output":null}
    "#);
    assert_eq!(world.end().steps, 3);
}

#[test]
fn as_many_items_run_at_once_as_the_iteration_says() {
    let mut world = World::new(
        r#"start: start
        it: iteration start.items a.text | {"at_once": 2}
        a in it: model
        end: end it.output
        start -> it -> end
        itstart -> a"#,
    );
    assert_eq!(world.running.len(), 2);
    world.step("a@1: ok second");
    assert_eq!(world.running.len(), 2);
    world = world.play("a@1: ok third\na: ok first");
    assert_eq!(
        world.end().outputs["it.output"],
        json!(["first", "second", "third"])
    );
    let paths = world.events.iter().filter_map(|event| {
        let EventBody::NodeFinished(node) = &event.body else {
            return None;
        };
        node.iteration_path.first().map(|step| step.index)
    });
    assert_eq!(paths.collect::<Vec<_>>(), [1, 2, 0]);
    world.check_replay();
}

#[test]
fn a_failed_item_ends_the_iteration_and_what_runs_comes_to_its_end() {
    let world = World::new(
        r#"start: start
        it: iteration start.items b.output | {"at_once": 2}
        a in it: model
        b in it: text {{#a.text#}}!
        start -> it
        itstart -> a -> b"#,
    );
    let world = world.play("a: fail Broken");
    assert!(!world.cancelled && world.finished.is_none());
    let world = world.play("a: ok fine");
    assert_snapshot!(world.shown().lines().skip(4).collect::<Vec<_>>().join("\n"), @r#"
    it has 3
    it next 0
    it next 1
    a@0 started
    a@1 started
    a@0 failed
    a@1 succeeded
    b@1 started
    b@1 succeeded
    it failed {"output":["fine!"]}
    it failed
    run failed {}
    "#);
    let error = world.end().error.clone().unwrap();
    assert_eq!(
        (error.message.as_str(), world.end().exceptions),
        ("it broke", 2)
    );
}

#[test]
fn other_modes_put_null_for_a_failed_item_or_leave_it_out() {
    for (mode, expected) in [
        ("null", json!(["1", null, "3"])),
        ("omit", json!(["1", "3"])),
    ] {
        let world = World::new(&format!(
            r#"start: start
            it: iteration start.items a.text | {{"on_failure": "{mode}"}}
            a in it: model
            b in it: text never after a failure
            end: end it.output
            start -> it -> end
            itstart -> a -> b"#
        ));
        let world = world.play("a: ok 1\na: fail Broken\na: ok 3");
        assert_eq!(world.end().outputs["it.output"], expected);
        assert_eq!(world.end().status, RunStatus::PartialSucceeded);
        assert_eq!(world.shown().matches("b@").count(), 4);
    }
}

#[test]
fn the_strategy_of_an_iteration_takes_its_failure() {
    let graph = |strategy: &str| {
        format!(
            r#"start: start
            it: iteration start.items a.text | {strategy}
            a in it: model
            end: end it.output it.error_message it.error_type
            start -> it
            it -fail-branch-> end
            itstart -> a"#
        )
    };
    let branch = r#"{"error_strategy": "fail-branch"}"#;
    let world = World::new(&graph(branch)).play("a: fail Broken");
    let told = json!({"it.output": null, "it.error_message": "it broke", "it.error_type": ""});
    assert_eq!(json!(world.end().outputs), told);
    let value = r#"{"error_strategy": "default-value", "default_value": [{"key": "output", "type": "array[string]", "value": ["d"]}]}"#;
    let world = World::new(&graph(value)).play("a: fail Broken");
    assert_eq!(world.end().outputs["it.output"], json!(["d"]));
    assert_eq!(world.end().exceptions, 2);
    world.check_replay();
}

#[test]
fn a_retry_inside_stays_in_its_item() {
    let world = World::new(
        r#"start: start
        it: iteration start.items a.text | {"at_once": 3}
        a in it: model | {"retry_config": {"retry_enabled": true, "max_retries": 1, "retry_interval": 100}}
        end: end it.output
        start -> it -> end
        itstart -> a"#,
    );
    let world = world.play("a@1: fail Broken\na: ok 1\na: ok 3\na: due\na: ok 2");
    assert_eq!(world.end().outputs["it.output"], json!(["1", "2", "3"]));
    assert_eq!((world.end().steps, world.end().exceptions), (3, 1));
    assert_eq!(world.end().usage.tokens.total(), 60);
    world.check_replay();
}

#[test]
fn what_an_item_assigns_nobody_else_sees() {
    let world = World::new(
        "start: start
        it: iteration start.items see.output
        see in it: text {{#conversation.topic#}}
        set in it: assigner conversation.topic
        end: end it.output conversation.topic
        start -> it -> end
        itstart -> see -> set",
    );
    let told = json!({"it.output": ["first", "first", "first"], "conversation.topic": "first"});
    assert_eq!(json!(world.end().outputs), told);
}

#[test]
fn nothing_to_iterate_succeeds_and_what_is_no_list_fails() {
    for (list, ends) in [
        (
            "start.none",
            "end succeeded\nrun succeeded {\"it.output\":[]}",
        ),
        ("start.q", "it failed\nrun failed {}"),
        ("start.gone", "it failed\nrun failed {}"),
    ] {
        let world = World::new(&format!(
            "start: start
            it: iteration {list} a.output
            a in it: text A
            end: end it.output
            start -> it -> end
            itstart -> a"
        ));
        assert!(world.shown().ends_with(ends), "{}", world.shown());
        assert!(!world.shown().contains("next"));
    }
}

#[test]
fn lists_of_lists_become_one_list_unless_the_iteration_keeps_them() {
    let graph = |more: &str| {
        format!(
            "start: start
            it: iteration start.lists in.output {more}
            in in it: iteration it.item a.output
            a in in: text {{{{#it.index#}}}}.{{{{#in.index#}}}}={{{{#in.item#}}}}
            end: end it.output
            start -> it -> end
            itstart -> in
            instart -> a"
        )
    };
    let world = World::new(&graph(""));
    assert_eq!(
        world.end().outputs["it.output"],
        json!(["0.0=a", "0.1=b", "1.0=c"])
    );
    assert!(world.shown().contains("a@0.1 succeeded") && world.shown().contains("in@1 succeeded"));
    let world = World::new(&graph(r#"| {"keeps_lists": true}"#));
    assert_eq!(
        world.end().outputs["it.output"],
        json!([["0.0=a", "0.1=b"], ["1.0=c"]])
    );
}

#[test]
fn an_answer_inside_counts_for_the_last_item_and_is_not_streamed() {
    let world = World::new(
        "start: start
        it: iteration start.items it.item
        a in it: answer <{{#it.item#}}>
        b: answer .
        start -> it -> b
        itstart -> a",
    );
    assert_eq!(world.end().outputs["answer"], json!("<z>."));
    assert_eq!(world.stream(), ".");
}

#[test]
fn children_count_for_the_step_limit_and_not_as_steps() {
    let graph = "start: start
        it: iteration start.items a.output
        a in it: text A
        start -> it
        itstart -> a";
    let limits = |max_steps| Limits {
        max_steps,
        ..Limits::default()
    };
    let world = World::with(graph, start_values(), limits(3));
    assert_eq!(world.end().error.as_ref().unwrap().code, "step_limit");
    let tail = "a@1 succeeded\nit stopped\nrun stopped {}";
    assert!(world.shown().ends_with(tail), "{}", world.shown());
    let world = World::with(graph, start_values(), limits(5));
    assert_eq!(
        (world.end().status, world.end().steps),
        (RunStatus::Succeeded, 2)
    );
}

#[test]
fn a_stop_cuts_containers_short_after_what_is_inside_of_them() {
    let world = World::new(
        r#"start: start
        it: iteration start.lists in.output | {"at_once": 2}
        in in it: iteration it.item a.text
        a in in: model
        start -> it
        itstart -> in
        instart -> a"#,
    );
    let world = world.play("stop\ngrace");
    let tail =
        "a@0.0 stopped\na@1.0 stopped\nin@1 stopped\nin@0 stopped\nit stopped\nrun stopped {}";
    assert!(world.shown().ends_with(tail), "{}", world.shown());
}

#[test]
fn a_secret_that_is_iterated_stays_one() {
    let world = World::new(
        "start: start
        g: group env.twin
        it: iteration g.list in.value
        in in it: group it.item
        end: end it.output in.value
        start -> g -> it -> end
        itstart -> in",
    );
    let masked = "test-k************me";
    assert_eq!(world.end().outputs["it.output"], json!([masked]));
    world.check_secrets();
    let events = serde_json::to_string(&world.events).unwrap();
    assert!(events.contains("iterator_selector") && !events.contains("globex"));
}

#[test]
fn the_journal_of_many_items_grows_with_them_and_no_faster() {
    let size = |items: usize| {
        let mut values = start_values();
        let list: Vec<_> = (0..items).map(|at| json!(format!("{at:06}"))).collect();
        values.inputs.push((
            "many".into(),
            latchkey_domain::value::Value::infer(json!(list)),
        ));
        let limits = Limits {
            max_steps: 10_000,
            ..Limits::default()
        };
        let graph = r#"start: start
            it: iteration start.many a.output | {"at_once": 1000}
            a in it: text {{#it.item#}}
            start -> it
            itstart -> a"#;
        let world = World::with(graph, values, limits);
        assert_eq!(world.end().status, RunStatus::Succeeded);
        let records = world
            .records
            .iter()
            .skip(2)
            .map(|it| serde_json::to_string(it).unwrap());
        records.map(|it| it.len()).sum::<usize>()
    };
    let (few, many) = (size(100), size(1_000));
    assert!(many < few * 11, "{few} {many}");
}
