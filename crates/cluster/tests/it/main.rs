//! The way between processes over a real NATS server, and without it.

mod nats;

#[test]
fn what_is_missing_is_told() {
    let folder = latchkey_tests::requirement::workspace().join("crates/cluster/tests/it");
    latchkey_tests::requirement::report(&folder);
}
