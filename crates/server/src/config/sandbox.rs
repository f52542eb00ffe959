//! What code may use of the machine and of the network.

use std::path::PathBuf;
use std::time::Duration;

use latchkey_outbound::ProxyLimits;
use latchkey_sandbox::{Config, Limits};

use super::error::Error;
use super::layers::Layers;
use super::switch;

const MIB: u64 = 1024 * 1024;

/// The settings of the sandbox.
pub(super) fn read(layers: &Layers) -> Result<Config, Error> {
    let usual = Config::default();
    Ok(Config {
        python: layers.get("sandbox_python").map(PathBuf::from),
        packages: layers.parse("sandbox_packages", folder, || None)?,
        jobs_at_once: layers.parse("sandbox_processes", processes, || usual.jobs_at_once)?,
        limits: Limits {
            time: layers.parse("sandbox_seconds", seconds, || usual.limits.time)?,
            memory: layers.parse("sandbox_memory_mb", megabytes, || usual.limits.memory)?,
            ..usual.limits
        },
        ..usual
    })
}

/// What code may use of the network; none: nothing.
pub(super) fn network(layers: &Layers) -> Result<Option<ProxyLimits>, Error> {
    let usual = ProxyLimits::default();
    let is_on = layers.parse("sandbox_network", switch, || false)?;
    let bytes = layers.parse("sandbox_network_mb", carried, || usual.bytes)?;
    Ok(is_on.then_some(ProxyLimits { bytes, ..usual }))
}

/// Every setting of the sandbox with its value.
pub(super) fn shown(
    config: &Config,
    network: Option<ProxyLimits>,
) -> [(&'static str, Option<String>); 7] {
    let carried = network.map(|limits| (limits.bytes / MIB).to_string());
    let network = if network.is_some() { "on" } else { "off" };
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    [
        ("sandbox_python", path(&config.python)),
        ("sandbox_packages", path(&config.packages)),
        (
            "sandbox_seconds",
            Some(config.limits.time.as_secs().to_string()),
        ),
        (
            "sandbox_memory_mb",
            Some((config.limits.memory / MIB).to_string()),
        ),
        ("sandbox_processes", Some(config.jobs_at_once.to_string())),
        ("sandbox_network", Some(network.to_owned())),
        ("sandbox_network_mb", carried),
    ]
}

fn folder(text: &str) -> Result<Option<PathBuf>, String> {
    let folder = PathBuf::from(text);
    if folder.is_dir() {
        Ok(Some(folder))
    } else {
        Err("a folder that exists is needed".to_owned())
    }
}

fn processes(text: &str) -> Result<usize, String> {
    let number = within(text, 1, 256)?;
    usize::try_from(number).map_err(|cause| cause.to_string())
}

fn seconds(text: &str) -> Result<Duration, String> {
    within(text, 1, 600).map(Duration::from_secs)
}

fn megabytes(text: &str) -> Result<u64, String> {
    within(text, 64, 65_536).map(|number| number * MIB)
}

fn carried(text: &str) -> Result<u64, String> {
    within(text, 1, 65_536).map(|number| number * MIB)
}

fn within(text: &str, least: u64, most: u64) -> Result<u64, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("a number from {least} to {most} is needed"))
}
