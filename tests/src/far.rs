//! A network of its own on this machine: a namespace with one cable to ours, which can be pulled. What is sent into a pulled cable is
//! lost without a word, as between two machines: no connection is closed, nobody is told.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, ensure};

/// A network with one cable. Dropping it takes it away.
#[derive(Debug)]
pub struct Far {
    name: String,
    cable: String,
    /// The first three numbers of its addresses.
    net: String,
}

impl Far {
    /// Lays one. It takes root's rights and `ip` (iproute2).
    ///
    /// # Errors
    /// With what `ip` said.
    pub fn lay() -> anyhow::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let own = std::process::id() * 8 + NEXT.fetch_add(1, Ordering::Relaxed);
        let far = Self {
            name: format!("latchkey-{own}"),
            cable: format!("lk{own}"),
            net: format!("10.{}.{}", 64 + own / 256 % 64, own % 256),
        };
        let (name, here) = (&far.name, &far.cable);
        let (near, there) = (format!("{}/30", far.here()), format!("{}/30", far.there()));
        ip(&["netns", "add", name])?;
        ip(&[
            "link", "add", here, "type", "veth", "peer", "name", "far", "netns", name,
        ])?;
        ip(&["addr", "add", &near, "dev", here])?;
        ip(&["link", "set", here, "up"])?;
        ip(&["-n", name, "addr", "add", &there, "dev", "far"])?;
        ip(&["-n", name, "link", "set", "far", "up"])?;
        ip(&["-n", name, "link", "set", "lo", "up"])?;
        // A machine may let networks be made and nothing run in them.
        ip(&["netns", "exec", name, "true"])?;
        Ok(far)
    }

    /// The address of this machine at the cable: who listens here is reached from both sides.
    #[must_use]
    pub fn here(&self) -> String {
        format!("{}.1", self.net)
    }

    /// The address of the other side.
    #[must_use]
    pub fn there(&self) -> String {
        format!("{}.2", self.net)
    }

    /// A command that runs on the other side.
    #[must_use]
    pub fn command(&self, program: &std::path::Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]).arg(program);
        command
    }

    /// Pulls the cable, until [`Far::plug`].
    ///
    /// # Panics
    /// If it is gone.
    pub fn pull(&self) {
        ip(&["link", "set", &self.cable, "down"]).expect("the cable is there");
    }

    /// Plugs it in again.
    ///
    /// # Panics
    /// If it is gone.
    pub fn plug(&self) {
        ip(&["link", "set", &self.cable, "up"]).expect("the cable is there");
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        // It ends with its last process otherwise.
        let _ = ip(&["link", "delete", &self.cable]);
        let _ = ip(&["netns", "delete", &self.name]);
    }
}

fn ip(words: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("ip");
    let done = command.args(words).stdin(Stdio::null()).output();
    let done = done.context("`ip` does not run")?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(
        done.status.success(),
        "ip {}: {}",
        words.join(" "),
        said.trim()
    );
    Ok(())
}
