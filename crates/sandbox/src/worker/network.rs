//! The one socket that a job can reach, if it may have a network: on the loopback interface of its own network, made here and
//! handed to the sandbox, which serves it from outside. A socket belongs to the network in which it was made, so nothing else
//! of the job's network leads anywhere.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;

use rustix::net::sockopt::set_socket_recv_buffer_size;

use crate::error::Refusal;
use crate::protocol::Tag;

use super::channel::Channel;
use super::refusal::Told as _;
use super::system::raise_loopback;

/// How much of what a job sends waits to be taken, per connection, in bytes.
const WAITING: usize = 256 << 10;
/// The variables by which libraries find a proxy; some read only the small ones, some only the others.
const VARIABLES: [&str; 6] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
];
/// The variable by which libraries find certificates.
const CERTIFICATES: &str = "SSL_CERT_FILE";

/// Opens the socket and hands it over; its port.
pub(super) fn open(channel: &Channel) -> Result<u16, Refusal> {
    raise_loopback().told("a network of its own cannot be used")?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listener = listener.told("a network of its own cannot be listened on")?;
    set_socket_recv_buffer_size(&listener, WAITING).told("the socket cannot be bounded")?;
    let address = listener.local_addr().told("the socket has no address")?;
    channel
        .hand_over(Tag::Network, &listener)
        .told("the socket cannot be handed over")?;
    Ok(address.port())
}

/// Tells a program where its way out is.
pub(super) fn tell(program: &mut Command, port: u16, certificates: Option<&Path>) {
    let url = format!("http://{}:{port}", Ipv4Addr::LOCALHOST);
    program.envs(VARIABLES.map(|name| (name, &url)));
    if let Some(file) = certificates {
        program.env(CERTIFICATES, file);
    }
}
