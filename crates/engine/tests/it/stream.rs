//! The streaming order of answers.

use super::world::World;

#[track_caller]
fn check(graph: &str, script: &str, expected: &str) {
    let world = World::new(graph).play(script);
    assert!(world.finished.is_some(), "the run has not ended");
    assert_eq!(world.stream(), expected);
}

#[test]
fn text_comes_before_any_node_starts() {
    let world = World::new(
        "start: start
         a: model
         answer: answer Hello {{#a.text#}}!
         start -> a -> answer",
    );
    assert!(
        world
            .shown()
            .starts_with("run started\nanswer says \"Hello \"")
    );
    let world = world.play("a: chunk wor\na: chunk ld");
    assert_eq!(world.stream(), "Hello world");
    let world = world.play("a: close\na: ok world");
    assert_eq!(world.stream(), "Hello world!");
}

#[test]
fn parallel_models_are_shown_in_template_order() {
    check(
        "start: start
         a: model
         b: model
         answer: answer {{#a.text#}}/{{#b.text#}}
         start -> a -> answer
         start -> b -> answer",
        "b: chunk B1
         a: chunk A1
         b: close B2
         b: ok B1B2
         a: close A2
         a: ok A1A2",
        "A1A2/B1B2",
    );
}

#[test]
fn nothing_of_a_branch_is_shown_before_it_is_taken() {
    let world = World::new(
        "start: start
         m: model
         if: branch true
         yes: answer yes {{#m.text#}}
         no: answer no {{#m.text#}}
         start -> m -> if
         if -true-> yes
         if -false-> no",
    );
    let world = world.play("m: chunk deep");
    assert_eq!(world.stream(), "");
    let world = world.play("m: close thought\nm: ok deepthought");
    assert_eq!(world.stream(), "yes deepthought");
}

#[test]
fn a_variable_of_a_skipped_node_is_left_out_of_the_stream_only() {
    let world = World::new(
        "start: start
         if: branch true
         a: text A
         b: text B
         answer: answer {{#a.output#}}-{{#b.output#}}.
         start -> if
         if -true-> a -> answer
         if -false-> b -> answer",
    );
    assert_eq!(world.stream(), "A-.");
    assert_eq!(world.end().outputs["answer"], "A-b.output.");
}

#[test]
fn a_missing_variable_stops_the_stream_for_good() {
    check(
        "start: start
         one: answer before {{#start.nothing#}} after
         two: answer second
         start -> one -> two",
        "",
        "before ",
    );
}

#[test]
fn streamed_text_is_shown_once_and_plain_values_each_time() {
    check(
        "start: start
         a: model
         answer: answer {{#a.text#}},{{#a.text#}},{{#start.q#}},{{#start.q#}}
         start -> a -> answer",
        "a: chunk x\na: close\na: ok x",
        "x,,hi,hi",
    );
}

#[test]
fn a_model_that_breaks_off_leaves_the_stream_open() {
    check(
        r#"start: start
         a: model | {"error_strategy": "default-value", "default_value": [{"key": "text", "type": "string", "value": "instead"}]}
         answer: answer {{#a.text#}} end
         start -> a -> answer"#,
        "a: chunk half\na: fail Broken",
        "half",
    );
}

#[test]
fn an_answer_waits_for_the_assigner_of_its_variable() {
    let graph = "start: start
         m: model
         set: assigner conversation.topic
         answer: answer now {{#conversation.topic#}}
         start -> m -> set -> answer";
    let world = World::new(graph);
    assert_eq!(world.stream(), "");
    assert_eq!(world.play("m: ok x").stream(), "now assigned");
}

#[test]
fn a_second_answer_waits_for_the_first_to_run() {
    let world = World::new(
        "start: start
         a: model
         b: model
         one: answer one {{#a.text#}}
         two: answer two {{#b.text#}}
         start -> a -> one -> b -> two",
    );
    let world = world.play("a: close A");
    assert_eq!(world.stream(), "one A");
    let world = world.play("a: ok A");
    assert_eq!(world.stream(), "one Atwo ");
}

#[test]
fn sessions_begin_in_the_order_of_node_ids() {
    check(
        "start: start
         z: answer Z
         a: answer A
         start -> z
         start -> a",
        "",
        "AZ",
    );
}

#[test]
fn only_reasoning_behind_an_activated_answer_is_shown() {
    let world = World::new(
        "start: start
         a: model
         b: model
         answer: answer {{#a.text#}}
         start -> a -> answer
         start -> b -> answer",
    );
    let world = world.play("a: think hm\nb: think secretly\na: close x\na: ok x\nb: ok y");
    let shown = world.shown();
    assert!(shown.contains("a thinks \"hm\"") && !shown.contains("secretly"));
}

#[test]
fn an_empty_chunk_that_nobody_shows_is_not_in_the_journal() {
    let world = World::new(
        "start: start
         a: model
         end: end start.q
         start -> a -> end",
    );
    let world = world.play("a: chunk unseen\na: ok unseen");
    assert_eq!(world.stream(), "hi");
    assert!(world.records.iter().all(|record| record.reports.is_empty()));
}
