//! The launcher on its own, for tests and for programs that cannot start themselves.

fn main() -> std::process::ExitCode {
    latchkey_sandbox::worker::main_if_asked();
    // Nobody but a sandbox has anything to ask of it.
    std::process::ExitCode::from(2)
}
