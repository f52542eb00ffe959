//! Forms and pauses: what still runs, what waits, and how a run goes on, each time rebuilt from its journal.

use insta::assert_snapshot;
use latchkey_domain::journal::Limits;
use latchkey_domain::run::RunStatus;
use serde_json::json;

use super::world::{World, start_values};

const ONE: &str = "start: start
    ask: ask Is it {{#start.q#}}?
    yes: end ask.said
    no: text NO
    late: text LATE
    start -> ask -yes-> yes
    ask -no-> no
    ask -__timeout-> late";

#[test]
fn a_run_waits_for_its_form_and_takes_the_chosen_branch() {
    let world = World::new(ONE).play("ask: answer yes");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    ask started
    ask asks "Is it hi?"
    run paused by ask
    ask hears yes
    ask says "yes". (ask.said)
    ask succeeded -yes->
    yes started
    yes succeeded
    run succeeded {"ask.said":"yes"}
    "#);
    let epochs: Vec<u32> = world.records.iter().map(|record| record.epoch).collect();
    assert_eq!(epochs, [1, 1, 1, 1, 2, 2, 2, 2]);
    assert_eq!(world.end().steps, 3);
}

#[test]
fn nobody_in_time_is_a_branch_too() {
    let world = World::new(ONE).play("ask: answer");
    assert!(
        world
            .shown()
            .contains("ask hears nothing\nask succeeded -__timeout->\nlate started")
    );
    assert_eq!(world.end().status, RunStatus::Succeeded);
}

#[test]
fn what_runs_comes_to_its_end_and_nothing_begins() {
    let world = World::new(
        "start: start
        ask: ask ?
        a: model
        b: text after {{#a.text#}}
        end: end b.output ask.said
        start -> a -> b -> end
        start -> ask -yes-> end",
    );
    assert!(world.paused.is_none());
    let world = world.play("a: ok A");
    let forms = &world.paused.as_ref().unwrap().forms;
    assert_eq!((forms.len(), forms[0].node_id.as_str()), (1, "ask"));
    assert!(!world.shown().contains("b started"));
    let world = world.play("ask: answer yes");
    let told = json!({"b.output": "after A", "ask.said": "yes"});
    assert_eq!(json!(world.end().outputs), told);
    world.check_replay();
}

#[test]
fn a_node_that_waits_to_be_repeated_is_waited_for() {
    let world = World::new(
        r#"start: start
        ask: ask ?
        a: model | {"retry_config": {"retry_enabled": true, "max_retries": 1, "retry_interval": 100}}
        start -> a
        start -> ask"#,
    );
    let world = world.play("a: fail Broken");
    assert!(world.paused.is_none());
    let mut world = world.play("a: due");
    assert!(world.paused.is_some() && world.running.is_empty());
    world.step("ask: answer yes");
    world.step("a: ok again");
    assert_eq!(world.end().status, RunStatus::PartialSucceeded);
    world.check_replay();
}

#[test]
fn of_two_forms_each_is_answered_by_itself() {
    let world = World::new(
        "start: start
        one: ask 1
        two: ask 2
        a: text A
        end: end one.said two.said
        start -> one -yes-> a -> end
        start -> two -no-> end",
    );
    assert_eq!(world.paused.as_ref().unwrap().forms.len(), 2);
    let world = world.play("two: answer no");
    assert_eq!(world.paused.as_ref().unwrap().forms.len(), 1);
    let world = world.play("one: answer yes");
    assert_eq!(
        json!(world.end().outputs),
        json!({"one.said": "yes", "two.said": "no"})
    );
    world.check_replay();
}

#[test]
fn containers_keep_their_progress_while_their_items_ask() {
    let world = World::new(
        r#"start: start
        it: iteration start.items ask.said | {"at_once": 2}
        ask in it: ask {{#it.item#}}?
        end: end it.output
        start -> it -> end
        itstart -> ask"#,
    );
    let world = world.play("ask@1: answer no");
    // The item that was answered is done, and the next one asks.
    assert_eq!(world.paused.as_ref().unwrap().forms.len(), 2);
    let world = world.play("ask: answer yes\nask: answer");
    assert_eq!(
        world.end().outputs["it.output"],
        json!(["yes", "no", "__timeout"])
    );
    assert!(world.shown().contains("ask@2 asks \"z?\""));
}

#[test]
fn a_loop_asks_until_it_hears_yes() {
    let world = World::new(
        r#"start: start
        lp: loop 9 ask.said=yes | {"variables": {"n": 0}}
        ask in lp: ask {{#lp.n#}}
        inc in lp: count lp.n
        end: end lp.n
        start -> lp -> end
        lpstart -> ask -no-> inc"#,
    );
    let world = world.play("ask: answer no\nask: answer no\nask: answer yes");
    assert_eq!(world.end().outputs["lp.n"], json!(2));
    assert!(world.shown().contains("ask@2 asks \"2\""));
}

#[test]
fn a_run_that_waits_spends_no_time() {
    let world = World::new(
        "start: start
        ask: ask ?
        a: text A
        b: text B
        start -> ask -yes-> a -> b",
    );
    let world = world.play("wait 100000000\nask: answer yes");
    assert_eq!(world.end().status, RunStatus::Succeeded);
    world.check_replay();
}

#[test]
fn a_stop_before_the_pause_ends_the_run_with_its_forms() {
    let world = World::new(
        "start: start
        ask: ask ?
        a: model
        start -> a
        start -> ask",
    );
    let world = world.play("stop\na: fail Cancelled");
    let tail = "a stopped\nask stopped\nrun stopped {}";
    assert!(world.shown().ends_with(tail), "{}", world.shown());
}

#[test]
fn a_failure_elsewhere_ends_a_run_that_asks() {
    let world = World::new(
        "start: start
        ask: ask ?
        a: model
        start -> a
        start -> ask",
    );
    let world = world.play("a: fail Broken");
    assert_eq!(world.end().status, RunStatus::Failed);
    assert!(world.shown().contains("ask stopped"));
}

#[test]
fn a_form_shows_no_secret() {
    let world = World::new("start: start\nask: ask The key is {{#env.key#}}.\nstart -> ask");
    assert!(world.shown().contains("The key is test-k************me."));
    let written = serde_json::to_string(&world.records).unwrap();
    assert!(!written.contains("test-key-acme"));
}

#[test]
fn a_pause_under_a_full_set_of_slots_loses_nothing() {
    let limits = Limits {
        slots: 1,
        ..Limits::default()
    };
    let graph = "start: start
        a: model
        b: model
        ask: ask ?
        end: end a.text b.text ask.said
        start -> a -> end
        start -> b -> end
        start -> ask -yes-> end";
    let world = World::with(graph, start_values(), limits).play("a: ok A");
    assert!(world.paused.is_some() && world.running.is_empty());
    let world = world.play("ask: answer yes\nb: ok B");
    let told = json!({"a.text": "A", "b.text": "B", "ask.said": "yes"});
    assert_eq!(json!(world.end().outputs), told);
    world.check_replay();
}
