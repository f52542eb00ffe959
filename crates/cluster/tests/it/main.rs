//! The way between processes over a real NATS server, and without it.

mod nats;
