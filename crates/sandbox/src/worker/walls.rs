//! The walls that the confined half puts up around itself, last of all: limits, no rights, no files beyond the tree, no
//! connections, no system calls but the harmless ones.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, Ruleset,
    RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

use crate::error::Refusal;
use crate::spec::{Bounds, Engine, Spec};

use super::refusal::{Told as _, refusal};
use super::{calls, tree};

/// What mends a missing Landlock.
const LANDLOCK: &str = "use a kernel of 5.13 or newer with Landlock switched on (lsm=landlock,…)";
/// The newest rules that are known here; an older kernel enforces those that it knows.
const KNOWN: ABI = ABI::V7;
/// What our own program has mapped beside the memory of a job.
const OWN: u64 = 512 * 1024 * 1024;

/// Puts them up; with a port, that one can be connected to.
pub(super) fn raise(spec: &Spec, port: Option<u16>) -> Result<(), Refusal> {
    limit(spec.engine, &spec.bounds).told("limits cannot be set")?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).told("rights cannot be given up")?;
    set_no_new_privs(true).told("rights cannot be given up")?;
    match places(spec, port).told_with("Landlock cannot be used", LANDLOCK)? {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => {}
        RulesetStatus::NotEnforced => {
            return Err(refusal("the kernel has no Landlock", LANDLOCK));
        }
    }
    let calls = match port {
        Some(_) => calls::limit(calls::Sockets::Streams),
        None => calls::limit(calls::Sockets::Pairs),
    };
    calls.told_with(
        "system calls cannot be limited",
        "use a kernel with seccomp filters",
    )
}

fn limit(engine: Engine, bounds: &Bounds) -> rustix::io::Result<()> {
    let memory = match engine {
        Engine::Python => bounds.memory,
        Engine::JavaScript | Engine::Document | Engine::Function => bounds.memory + OWN,
    };
    for (resource, most) in [
        (Resource::Cpu, bounds.seconds),
        (Resource::As, memory),
        (Resource::Fsize, bounds.files),
        (Resource::Nofile, bounds.open_files),
        (Resource::Nproc, bounds.threads),
        (Resource::Core, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

fn places(spec: &Spec, port: Option<u16>) -> Result<RulesetStatus, landlock::RulesetError> {
    let write = AccessFs::from_all(KNOWN)
        & !(AccessFs::Execute
            | AccessFs::MakeChar
            | AccessFs::MakeBlock
            | AccessFs::MakeSock
            | AccessFs::MakeFifo
            | AccessFs::IoctlDev);
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let mut rules: Vec<(&str, BitFlags<AccessFs>)> = vec![("/", read), (tree::SCRATCH, write)];
    rules.extend(tree::DEVICES.map(|device| (device, AccessFs::ReadFile | AccessFs::WriteFile)));
    let programs = spec.tree.programs.iter().filter_map(|path| path.to_str());
    rules.extend(programs.map(|path| (path, AccessFs::Execute | AccessFs::ReadFile)));
    let mut created = Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?;
    if let Some(port) = port {
        created = created.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?;
    }
    for (path, access) in rules {
        // A path that is not there needs no rule.
        if let Ok(at) = PathFd::new(path) {
            created = created.add_rule(PathBeneath::new(at, access))?;
        }
    }
    Ok(created.restrict_self()?.ruleset)
}
