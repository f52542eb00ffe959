//! Functions of the program that the process is: what it offers besides what this crate knows, by name.

/// A function that a job can name. It gets bytes and nothing else; it may take its time, use up its memory and break.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// What jobs call it.
    pub name: &'static str,
    /// What it does: the result, or a text for the author of the workflow that says why there is none.
    pub run: fn(&[u8]) -> Result<String, String>,
}

/// Calls the one with this name.
pub(super) fn call(functions: &[Function], name: &[u8], input: &[u8]) -> Result<String, String> {
    let mut offered = functions.iter();
    match offered.find(|offered| offered.name.as_bytes() == name) {
        Some(found) => (found.run)(input),
        None => Err(format!(
            "the launcher has no function {:?}",
            String::from_utf8_lossy(name)
        )),
    }
}
