//! Loops: their variables, turns, conditions and ends.

use insta::assert_snapshot;
use latchkey_domain::run::RunStatus;
use serde_json::json;

use super::world::World;

#[test]
fn turns_share_the_variables_until_the_condition_is_met() {
    let world = World::new(
        r#"start: start
        lp: loop 5 lp.n=2 | {"variables": {"n": 0, "from": "=start.q"}}
        inc in lp: count lp.n
        a in lp: text {{#lp.n#}}
        end: end lp.n lp.loop_round lp.from
        start -> lp -> end
        lpstart -> inc -> a"#,
    );
    assert_snapshot!(world.shown(), @r#"
    run started
    start started
    start succeeded
    lp started
    lp has 5
    inc@0 started
    inc@0 succeeded
    a@0 started
    a@0 succeeded
    lp next 1 after {"n":1,"from":"hi"}
    inc@1 started
    inc@1 succeeded
    a@1 started
    a@1 succeeded
    lp done loop_break {"n":2,"from":"hi","loop_round":2}
    lp says "2". (lp.n)
    end says "\n" (end.answer)
    lp says "2". (lp.loop_round)
    end says "\n" (end.answer)
    lp says "hi". (lp.from)
    lp succeeded
    end started
    end succeeded
    run succeeded {"lp.n":2,"lp.loop_round":2,"lp.from":"hi"}
    "#);
}

#[test]
fn a_condition_that_is_met_before_leaves_no_turn_at_all() {
    let world = World::new(
        r#"start: start
        lp: loop 5 lp.n=7 | {"variables": {"n": 7}}
        inc in lp: count lp.n
        end: end lp.n lp.loop_round
        start -> lp -> end
        lpstart -> inc"#,
    );
    assert_eq!(
        json!(world.end().outputs),
        json!({"lp.n": 7, "lp.loop_round": null})
    );
    assert!(world.shown().contains("lp done loop_break {}"));
}

#[test]
fn a_condition_that_cannot_be_judged_fails_after_a_turn_not_before() {
    let world = World::new(
        "start: start
        lp: loop 5 gone.n=1
        a in lp: text A
        start -> lp
        lpstart -> a",
    );
    let tail = "a@0 succeeded\nlp failed {}\nlp failed\nrun failed {}";
    assert!(world.shown().ends_with(tail), "{}", world.shown());
    let error = world.end().error.as_ref().unwrap();
    assert_eq!(error.message, "gone.n not found");
}

#[test]
fn outputs_inside_are_forgotten_before_each_turn() {
    let world = World::new(
        r#"start: start
        lp: loop 3 | {"variables": {"n": 0}}
        see in lp: text {{#a.output#}}
        a in lp: text A
        inc in lp: count lp.n
        end: end lp.n
        start -> lp -> end
        lpstart -> see -> a -> inc"#,
    );
    assert_eq!(world.end().outputs["lp.n"], json!(3));
    let seen = world.records.iter().filter(|record| {
        let record = serde_json::to_string(record).unwrap();
        record.contains("a.output")
    });
    assert_eq!(seen.count(), 3);
    world.check_replay();
}

#[test]
fn a_loop_end_lets_the_turn_come_to_its_end() {
    let world = World::new(
        r#"start: start
        lp: loop 9 | {"variables": {"n": 0, "m": 0}}
        inc in lp: count lp.n
        stop in lp: loop-end
        late in lp: count lp.m
        end: end lp.n lp.m lp.loop_round
        start -> lp -> end
        lpstart -> inc -> stop
        inc -> late"#,
    );
    assert_eq!(
        json!(world.end().outputs),
        json!({"lp.n": 1, "lp.m": 1, "lp.loop_round": 1})
    );
}

#[test]
fn a_loop_end_inside_of_an_iteration_ends_the_loop_that_it_names() {
    let world = World::new(
        r#"start: start
        lp: loop 9
        it in lp: iteration start.items a.output
        a in it: text A
        stop in it: loop-end | {"loop_id": "lp"}
        end: end lp.loop_round
        start -> lp -> end
        lpstart -> it
        itstart -> a -> stop"#,
    );
    assert_eq!(world.end().outputs["lp.loop_round"], json!(1));
    let own = World::new(
        "start: start
        lp: loop 2
        it in lp: iteration start.items a.output
        a in it: text A
        stop in it: loop-end
        end: end lp.loop_round
        start -> lp -> end
        lpstart -> it
        itstart -> a -> stop",
    );
    assert_eq!(own.end().outputs["lp.loop_round"], json!(2));
}

#[test]
fn a_failure_inside_fails_the_loop_and_its_strategy_takes_it() {
    let graph = r#"start: start
        lp: loop 3 | {"variables": {"n": 0}, "error_strategy": "fail-branch"}
        a in lp: model
        inc in lp: count lp.n
        good: end lp.n
        bad: end lp.error_message lp.n
        start -> lp -> good
        lp -fail-branch-> bad
        lpstart -> a -> inc"#;
    let world = World::new(graph).play("a: ok 1\na: fail Broken");
    assert_eq!(
        json!(world.end().outputs),
        json!({"lp.error_message": "it broke", "lp.n": 1})
    );
    assert_eq!(world.end().exceptions, 2);
    world.check_replay();
    let well = World::new(graph).play("a: ok 1\na: ok 2\na: ok 3");
    assert_eq!(well.end().outputs["lp.n"], json!(3));
}

#[test]
fn a_variable_of_another_type_or_without_a_source_fails_the_loop() {
    for value in ["wrong", "=gone.x"] {
        let world = World::new(&format!(
            r#"start: start
            lp: loop 3 | {{"variables": {{"n": "{value}"}}}}
            a in lp: text A
            start -> lp
            lpstart -> a"#
        ));
        assert_eq!(world.end().status, RunStatus::Failed);
        assert!(!world.shown().contains("a@"));
        world.check_replay();
    }
}

#[test]
fn the_variables_of_a_loop_inside_begin_anew_each_time() {
    let world = World::new(
        r#"start: start
        lp: loop 2 | {"variables": {"total": 0}}
        in in lp: loop 3 | {"variables": {"n": 0}}
        inc in in: count in.n
        sum in in: count lp.total
        end: end lp.total in.n
        start -> lp -> end
        lpstart -> in
        instart -> inc -> sum"#,
    );
    assert_eq!(
        json!(world.end().outputs),
        json!({"lp.total": 6, "in.n": 3})
    );
    assert!(world.shown().contains("sum@1.2 succeeded"));
}

#[test]
fn answers_of_all_turns_are_joined() {
    let world = World::new(
        r#"start: start
        lp: loop 3 | {"variables": {"n": 0}}
        inc in lp: count lp.n
        a in lp: answer <{{#lp.n#}}>
        b: answer .
        start -> lp -> b
        lpstart -> inc -> a"#,
    );
    assert_eq!(world.end().outputs["answer"], json!("<1><2><3>."));
}

#[test]
fn a_loop_without_nodes_meets_the_step_limit() {
    let world = World::new("start: start\nlp: loop 4000000000\nstart -> lp");
    assert_eq!(world.end().error.as_ref().unwrap().code, "step_limit");
    world.check_replay();
}

#[test]
fn what_a_loop_changes_in_the_conversation_stays_changed() {
    let world = World::new(
        "start: start
        lp: loop 2
        set in lp: assigner conversation.topic
        end: end conversation.topic
        start -> lp -> end
        lpstart -> set",
    );
    assert_eq!(world.end().outputs["conversation.topic"], json!("assigned"));
}
