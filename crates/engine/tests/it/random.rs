//! Random graphs under random results: whatever happens, the journal shows the same events again.

use std::fmt::Write as _;

use super::world::World;

/// A small generator with a fixed seed: failures repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }
}

fn graph(dice: &mut Dice) -> String {
    let inner = 3 + dice.roll(8);
    let mut text = String::from("start: start\n");
    let mut edges = String::new();
    for at in 0..inner {
        let shown = dice.roll(at + 1);
        let kind = match dice.roll(14) {
            0 => "branch true".to_owned(),
            1 => format!("answer {at} {{{{#n{shown}.text#}}}}!"),
            2 => "text T".to_owned(),
            3 => "assigner conversation.topic".to_owned(),
            4 => r#"model | {"error_strategy": "fail-branch"}"#.to_owned(),
            5 => r#"model | {"error_strategy": "default-value"}"#.to_owned(),
            6 => r#"model | {"retry_config": {"retry_enabled": true, "max_retries": 1, "retry_interval": 1}}"#.to_owned(),
            7 => format!("group env.{}", ["key", "twin", "stage"][dice.roll(3)]),
            8 => format!("answer {at} {{{{#env.key#}}}}{{{{#n{shown}.group.output#}}}}"),
            9 => format!(
                r#"iteration start.items n{at}b.text | {{"at_once": {}, "on_failure": "{}", "error_strategy": "{}"}}"#,
                1 + dice.roll(3),
                ["", "null", "omit"][dice.roll(3)],
                ["none", "fail-branch"][dice.roll(2)],
            ),
            13 => "ask ?".to_owned(),
            10 => format!(r#"loop 3 n{at}.v=2 | {{"variables": {{"v": 0}}}}"#),
            _ => "model".to_owned(),
        };
        writeln!(text, "n{at}: {kind}").unwrap();
        container(dice, at, &mut text, &mut edges);
        for _ in 0..=dice.roll(2) {
            let from = dice.roll(at + 1);
            let source = if from == 0 {
                "start".into()
            } else {
                format!("n{}", from - 1)
            };
            let handle = ["", "", "-true", "-false", "-fail-branch", "-yes"][dice.roll(6)];
            writeln!(edges, "{source} {handle}-> n{at}").unwrap();
        }
    }
    write!(
        text,
        "end: end n0.text n1.value n1.group.output n2.list conversation.topic\n{edges}n{} -> end",
        inner - 1
    )
    .unwrap();
    text
}

/// What is inside, if the node is a container.
fn container(dice: &mut Dice, at: usize, text: &mut String, edges: &mut String) {
    let line = text.lines().last().unwrap_or_default();
    let Some((_, kind)) = line.split_once(": ") else {
        return;
    };
    let is_loop = kind.starts_with("loop");
    if !is_loop && !kind.starts_with("iteration") {
        return;
    }
    let last = match dice.roll(5) {
        0 if is_loop => "loop-end".to_owned(),
        1 => format!("answer {{{{#n{at}.item#}}}}"),
        2 => r#"model | {"error_strategy": "default-value"}"#.to_owned(),
        3 => "ask ?".to_owned(),
        _ => "assigner conversation.topic".to_owned(),
    };
    let first = if is_loop {
        format!("count n{at}.v")
    } else {
        "group env.key".to_owned()
    };
    writeln!(
        text,
        "n{at}a in n{at}: {first}\nn{at}b in n{at}: model\nn{at}c in n{at}: {last}"
    )
    .unwrap();
    writeln!(edges, "n{at}start -> n{at}a -> n{at}b -> n{at}c").unwrap();
}

fn word(dice: &mut Dice, world: &World) -> String {
    if let Some(paused) = &world.paused {
        let form = &paused.forms[0].node_id;
        return format!("{form}: answer {}", ["yes", "no", ""][dice.roll(3)]);
    }
    let pick = dice.roll(world.running.len() + world.waiting.len());
    let node = |id| world.state.node_of(id).unwrap().as_str().to_owned();
    let Some(running) = world.running.get(pick) else {
        return format!("{}: due", node(world.waiting[pick - world.running.len()]));
    };
    let verb = [
        "ok x",
        "ok y",
        "fail Broken",
        "chunk a",
        "chunk b",
        "close c",
        "think t",
    ];
    format!("{}: {}", node(*running), verb[dice.roll(verb.len())])
}

#[test]
fn replay_equals_live() {
    for seed in 0..400 {
        let mut dice = Dice(seed * 7919 + 1);
        let text = graph(&mut dice);
        let mut world = World::new(&text);
        let mut steps = 0;
        while world.finished.is_none() {
            let is_paused = world.paused.is_some();
            if dice.roll(25) == 0 {
                world.step("crash");
            } else if dice.roll(60) == 0 && !is_paused {
                world.step("stop");
            } else if !is_paused && (world.running.is_empty() || steps > 200) {
                world.step("grace");
            } else {
                let word = word(&mut dice, &world);
                world.step(&word);
            }
            steps += 1;
            if steps % 7 == 0 {
                world.check_replay();
            }
        }
        world.check_replay();
        world.check_secrets();
    }
}
