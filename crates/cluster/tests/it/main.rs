//! The way between processes over a real NATS server, and without it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps says what it expects"
)]

mod nats;

#[test]
fn what_is_missing_is_told() {
    let folder = latchkey_tests::requirement::workspace().join("crates/cluster/tests/it");
    latchkey_tests::requirement::report(&folder);
}
