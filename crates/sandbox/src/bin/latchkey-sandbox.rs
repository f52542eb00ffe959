//! The launcher on its own, for tests and for programs that cannot start themselves. It offers functions that use up whatever
//! they can, so that it can be seen what stops them.

use latchkey_sandbox::worker::{Function, main_if_asked};

const FUNCTIONS: [Function; 4] = [
    Function {
        name: "echo",
        run: |input| String::from_utf8(input.to_vec()).map_err(|cause| cause.to_string()),
    },
    Function {
        name: "spin",
        run: |input| {
            let mut rounds = input.len() as u64;
            loop {
                rounds = std::hint::black_box(rounds.wrapping_add(1));
            }
        },
    },
    Function {
        name: "hoard",
        run: |input| {
            let mut kept = Vec::new();
            loop {
                kept.push(vec![input.len() as u8 | 1; 1 << 20]);
                std::hint::black_box(&kept);
            }
        },
    },
    Function {
        name: "fall",
        run: |input| Ok(fall(input.len()).to_string()),
    },
];

fn main() -> std::process::ExitCode {
    main_if_asked(&FUNCTIONS);
    // Nobody but a sandbox has anything to ask of it.
    std::process::ExitCode::from(2)
}

/// Calls itself until the stack is used up.
fn fall(depth: usize) -> usize {
    let page = std::hint::black_box([depth; 512]);
    if page[511] == usize::MAX {
        return 0;
    }
    fall(depth + 1) + std::hint::black_box(page)[0]
}
