//! What the figures were measured on, without names and paths.

use std::path::Path;

/// A line about this machine; `place` is where the databases lie.
pub(crate) fn describe(place: &Path) -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = cpu
        .lines()
        .filter_map(|line| line.strip_prefix("model name"))
        .filter_map(|line| line.split_once(':').map(|(_, name)| name.trim()))
        .collect();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let number: String = kernel
        .chars()
        .take_while(|letter| letter.is_ascii_digit() || *letter == '.')
        .collect();
    format!(
        "{} × {}, Linux {}, databases on {}",
        models.len(),
        models.first().unwrap_or(&"an unknown processor"),
        number.trim_end_matches('.'),
        file_system(place)
    )
}

fn file_system(place: &Path) -> String {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounted = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (device, folder, kind) = (words.next()?, words.next()?, words.next()?);
        place
            .starts_with(folder)
            .then_some((folder.len(), device, kind))
    });
    let Some((_, device, kind)) = mounted.max_by_key(|(length, ..)| *length) else {
        return "an unknown file system".to_owned();
    };
    let disk = match device.trim_start_matches("/dev/") {
        name if name.starts_with("vd") || name.starts_with("xvd") => ", a virtual disk",
        name if name.starts_with("nvme") => ", NVMe",
        _ => "",
    };
    format!("{kind}{disk}")
}
