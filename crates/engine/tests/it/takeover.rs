//! Runs that somebody else goes on with: what had ended stays, what was at work starts over.

use insta::assert_snapshot;

use crate::world::World;

const TWO_MODELS: &str = "start: start
a: model
b: model
answer: answer {{#a.text#}} and {{#b.text#}}
start -> a -> answer
start -> b -> answer";

#[test]
fn what_has_ended_stays_and_what_was_at_work_starts_over() {
    let world = World::new(TWO_MODELS).play("a: ok one\ncrash\nb: ok two");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    b started
    a says "one". (a.text)
    answer says " and " (answer.answer)
    a succeeded
    b restarted, "one and " remains
    b says "two". (b.text)
    b succeeded
    answer started
    answer succeeded
    run succeeded {"answer":"one and two"}
    "#);
}

#[test]
fn what_an_interrupted_node_has_said_does_not_count() {
    let world = World::new(TWO_MODELS)
        .play("a: chunk lo\nb: ok two\ncrash\na: chunk right\na: close !\na: ok right!");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    b started
    a says "lo" (a.text)
    b succeeded
    a restarted, "" remains
    a says "right" (a.text)
    a says "!". (a.text)
    answer says " and " (answer.answer)
    b says "two". (b.text)
    a succeeded
    answer started
    answer succeeded
    run succeeded {"answer":"right! and two"}
    "#);
}

#[test]
fn a_wait_before_a_repetition_goes_on() {
    let graph = r#"start: start
a: model | {"retry_config": {"retry_enabled": true, "max_retries": 2, "retry_interval": 100}}
end: end a.text
start -> a -> end"#;
    let world = World::new(graph).play("a: fail Broken\ncrash\na: due\na: ok well");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    a retry 1
    a says "well". (a.text)
    a succeeded
    end started
    end succeeded
    run partial-succeeded {"a.text":"well"}
    "#);
}

#[test]
fn a_node_that_must_not_be_started_over_has_failed_without_a_repetition() {
    let graph = r#"start: start
a: model | {"on_recovery": "fail", "error_strategy": "fail-branch", "retry_config": {"retry_enabled": true, "max_retries": 2, "retry_interval": 100}}
good: end a.text
bad: end a.error_type
start -> a -> good
a -fail-branch-> bad"#;
    let world = World::new(graph).play("crash");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    a says "NodeInterrupted". (a.error_type)
    a exception -fail-branch->
    bad started
    bad succeeded
    run partial-succeeded {"a.error_type":"NodeInterrupted"}
    "#);
}

#[test]
fn a_round_goes_on_where_it_was() {
    let graph = "start: start
i: iteration start.items m.text
m in i: model
end: end i.output
start -> i -> end
istart -> m";
    let world = World::new(graph).play("m: ok 1\ncrash\nm: ok 2\ncrash\nm: ok 3");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    i started
    i has 3
    i next 0
    m@0 started
    m@0 succeeded
    i next 1 after "1"
    m@1 started
    m restarted, "" remains
    m@1 succeeded
    i next 2 after "2"
    m@2 started
    m restarted, "" remains
    m@2 succeeded
    i done {"output":["1","2","3"]}
    i says "- 1\n- 2\n- 3". (i.output)
    i succeeded
    end started
    end succeeded
    run succeeded {"i.output":["1","2","3"]}
    "#);
}

#[test]
fn a_run_that_was_ending_ends() {
    let world = World::new(TWO_MODELS).play("a: ok one\nstop\ncrash");
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    a started
    b started
    a says "one". (a.text)
    answer says " and " (answer.answer)
    a succeeded
    b stopped
    run stopped {}
    "#);
}

#[test]
fn nobody_s_time_is_spent_while_nobody_executes_the_run() {
    let world = World::new(TWO_MODELS)
        .play("wait 1000000\na: ok one\nwait 1000000\ncrash\ntime\nb: ok two");
    assert!(world.finished.is_some(), "{}", world.shown());
    let late = World::new(TWO_MODELS).play("wait 1000000\na: ok one\nwait 300000\ntime\ngrace");
    let error = late.finished.unwrap().error.unwrap();
    assert_eq!(error.code, "time_limit");
}
