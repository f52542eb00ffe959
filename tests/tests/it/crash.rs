//! A bounded sample of the crash-point matrix, and the proof that its places are all of them. `make crash` tries every one.

use latchkey_tests::crash::Matrix;
use latchkey_tests::requirement::workspace;
use latchkey_tests::server::Setup;

/// Places that are tried here.
const SAMPLE: usize = 5;

async fn a_sample_of_places_is_survived(setup: Setup, first: usize) {
    let mut matrix = Matrix::prepare(setup).await;
    let places = matrix.record().await;
    for needed in [
        "before durable open",
        "after durable open",
        "before effect call",
        "after effect call",
        "before durable close",
        "before effect request",
        "after effect code",
        "after durable finish",
    ] {
        let is_there = places.iter().any(|place| place.starts_with(needed));
        assert!(is_there, "{needed} is not among {places:#?}");
    }
    let step = places.len() / SAMPLE;
    let sample = places.iter().skip(first % step).step_by(step).take(SAMPLE);
    for place in sample {
        let tried = matrix.try_at(place).await;
        assert_eq!(tried, Ok(()), "{place}");
    }
}

/// Another sample in every process, so that many of them see all places.
fn some() -> usize {
    std::process::id() as usize
}

#[tokio::test]
async fn a_sample_of_places_is_survived_on_sqlite() {
    a_sample_of_places_is_survived(Setup::sqlite(), some()).await;
}

#[tokio::test]
async fn a_sample_of_places_is_survived_on_postgres() {
    let postgres = latchkey_tests::requires!(postgres);
    a_sample_of_places_is_survived(Setup::postgres(postgres).await, some()).await;
}

/// Nodes with effects run in one place, and a model's provider is asked only by a call that has said so.
#[test]
fn no_effect_bypasses_the_function_that_numbers_them() {
    let read = |path: &str| std::fs::read_to_string(workspace().join(path)).unwrap();
    let dispatcher = read("crates/engine/src/run/dispatcher.rs");
    assert_eq!(dispatcher.matches("node.run(context)").count(), 1);
    assert!(dispatcher.contains("effect(&name, async {"));
    let mut folders = vec![workspace().join("crates/engine/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("run/dispatcher.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(!text.contains(".run(context)"), "{}", path.display());
            }
        }
    }
    let stream = read("crates/models/src/stream.rs");
    let sent = "self.progress = Progress::Sent;";
    let sending = stream.split("pub(crate) fn sending").nth(1).unwrap();
    let sending = sending.split("\n    }").next().unwrap();
    assert!(sending.contains("pass(Kind::Effect, Side::Before"));
    assert!(sending.contains(sent));
}
