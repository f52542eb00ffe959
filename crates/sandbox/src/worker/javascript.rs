//! JavaScript in this process: a new engine, one job, the end.

use rquickjs::context::EvalOptions;
use rquickjs::{CatchResultExt as _, CaughtError, Context, Ctx, Function, Runtime, Value};

/// How deep calls may go, in bytes of the engine's stack.
const STACK: usize = 1024 * 1024;

/// What code may take for granted beside the language. What it says is dropped.
const PRELUDE: &str = "globalThis.console = Object.fromEntries(
    ['log', 'info', 'warn', 'error', 'debug', 'trace'].map((name) => [name, () => {}]));";

/// Runs `main(inputs)` of the code; the result as JSON text.
pub(super) fn run(code: &[u8], inputs: &[u8], memory: u64) -> Result<String, String> {
    let failed = |cause: rquickjs::Error| cause.to_string();
    let runtime = Runtime::new().map_err(failed)?;
    runtime.set_memory_limit(usize::try_from(memory).unwrap_or(usize::MAX));
    runtime.set_max_stack_size(STACK);
    let context = Context::full(&runtime).map_err(failed)?;
    context.with(|ctx| {
        let told = |cause: CaughtError<'_>| told(&cause);
        let result = call(&ctx, code, inputs).catch(&ctx).map_err(told)?;
        if result.is_array() || !result.is_object() || result.is_function() {
            let kind = if result.is_array() {
                "array"
            } else {
                result.type_name()
            };
            return Err(format!("TypeError: main must return an object, not {kind}"));
        }
        let text = ctx.json_stringify(result).catch(&ctx).map_err(told)?;
        let text = text.ok_or("TypeError: what main returned has no JSON form")?;
        text.to_string().map_err(failed)
    })
}

fn call<'js>(ctx: &Ctx<'js>, code: &[u8], inputs: &[u8]) -> rquickjs::Result<Value<'js>> {
    ctx.eval::<(), _>(PRELUDE)?;
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some("code".to_owned());
    ctx.eval_with_options::<(), _>(code, options)?;
    // `const main = …` is no property of the global object.
    let main: Function = ctx.eval("main")?;
    let result: Value = main.call((ctx.json_parse(inputs)?,))?;
    match result.as_promise() {
        Some(promise) => promise.finish(),
        None => Ok(result),
    }
}

/// As an engine prints an error that nobody caught: class, message, places.
fn told(cause: &CaughtError<'_>) -> String {
    let CaughtError::Exception(exception) = cause else {
        return cause.to_string();
    };
    let class: Option<String> = exception.get("name").ok();
    let class = class.unwrap_or_else(|| "Error".to_owned());
    let message = exception.message().unwrap_or_default();
    let places = exception.stack().unwrap_or_default();
    format!("{class}: {message}\n{places}")
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::run;

    const MEMORY: u64 = 64 * 1024 * 1024;

    fn main(code: &str) -> Result<String, String> {
        run(code.as_bytes(), br#"{"n": 2, "list": [1, 2.5]}"#, MEMORY)
    }

    #[test]
    fn main_gets_one_object() {
        for (code, result) in [
            (
                "function main({n, list}) { return {r: n * list[1]} }",
                r#"{"r":5}"#,
            ),
            (
                "const main = ({n}) => ({r: n / 4, u: undefined, z: null})",
                r#"{"r":0.5,"z":null}"#,
            ),
            (
                "async function main({n}) { await null; return {r: await n} }",
                r#"{"r":2}"#,
            ),
            (
                "function main() { console.log('x'); return {r: NaN} }",
                r#"{"r":null}"#,
            ),
            ("x = 1; function main() { return {r: x} }", r#"{"r":1}"#),
        ] {
            assert_eq!(main(code).as_deref(), Ok(result), "{code}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (code, part) in [
            ("function main() { throw new Error('kaboom') }", "kaboom"),
            (
                "async function main() { throw new Error('later') }",
                "later",
            ),
            ("function main() { throw 'text' }", "text"),
            ("function main( {", "SyntaxError"),
            ("function other() {}", "main"),
            ("function main() { return [1] }", "not array"),
            (
                "function main() { }",
                "must return an object, not undefined",
            ),
            (
                "function main() { const o = {}; o.o = o; return o }",
                "circular",
            ),
            ("function main() { return {r: 1n} }", "BigInt"),
            ("function main() { return main() }", "stack"),
            (
                "function main() { let a = []; for (;;) a.push(new Array(1000).fill(1.5)) }",
                "memory",
            ),
            ("function main() { return require('fs') }", "require"),
            ("function main() { return {r: process.env} }", "process"),
            ("function main() { return new Promise(() => {}) }", "block"),
        ] {
            let why = main(code).expect_err(code);
            assert!(why.contains(part), "{code}: {why}");
        }
    }
}
