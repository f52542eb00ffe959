//! The launcher of the sandbox on its own, with all that nodes have done there: for tests, and for programs that cannot start
//! themselves.

fn main() -> std::process::ExitCode {
    latchkey_sandbox::worker::main_if_asked(latchkey_nodes::CONFINED);
    // Nobody but a sandbox has anything to ask of it.
    std::process::ExitCode::from(2)
}
