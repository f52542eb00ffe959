//! The latchkey binary: reads the command line and the settings, and hands each command to the module of its name.
//!
//! It decides nothing about workflows or credentials: the commands of an operator speak HTTP to a running server, and what
//! `serve` and `run` do is put together from the other crates.

mod cli;
mod client;
mod code;
mod commands;
mod config;
mod database;
mod doctor;
mod ending;
mod failure;
mod folder;
mod key;
mod lock;
mod master_key;
mod members;
mod migrate;
mod neighbours;
mod openapi;
mod out;
mod points;
mod run;
mod serve;
mod studio;
mod system;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use tokio::runtime::Runtime;

use crate::cli::{Command, CommandLine};
use crate::config::{Environment, Settings};
use crate::failure::Failure;

/// How long work on threads of its own may go on when everything else has ended.
const LAST_WORK: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    // Before there is a thread, a file or a setting: this program is also what runs confined.
    latchkey_sandbox::worker::main_if_asked(latchkey_nodes::CONFINED);
    match start(CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.print();
            failure.exit.into()
        }
    }
}

fn start(line: CommandLine) -> Result<(), Failure> {
    let environment = Environment::of_process();
    let settings = Settings::load(line.config.as_deref(), &environment)?;
    points::watch_as(environment.get(points::VARIABLE)?)?;
    log_to_stderr(&settings);
    latchkey_outbound::install_crypto();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the asynchronous runtime cannot be started")?;
    let done = runtime.block_on(Box::pin(dispatch(line.command, settings, &environment)));
    leave(runtime);
    done
}

/// Ends what is left of the runtime. A thread that hangs ends with the process: nothing waits for it.
fn leave(runtime: Runtime) {
    runtime.shutdown_timeout(LAST_WORK);
}

fn log_to_stderr(settings: &Settings) {
    // The settings have been checked: a filter that cannot be read was refused there.
    let filter = tracing_subscriber::EnvFilter::new(&settings.log);
    // This library tells the log what is said to tools and by them, which no log is to have.
    let silent = "rmcp=off".parse().expect("this is a filter of one target");
    let filter = filter.add_directive(silent);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

async fn dispatch(
    command: Command,
    settings: Settings,
    environment: &Environment,
) -> Result<(), Failure> {
    let client = || client::Client::of(environment, &settings);
    match command {
        Command::Serve { role } => serve::serve(settings, role).await,
        Command::Run(arguments) => run::run(arguments, &settings, environment).await,
        Command::Import(arguments) => commands::import::import(&client()?, arguments).await,
        Command::Export(arguments) => commands::export::export(&client()?, arguments).await,
        Command::Resolve(arguments) => commands::resolve::resolve(&client()?, arguments).await,
        Command::Credentials { command } => {
            commands::credentials::credentials(&client()?, command).await
        }
        Command::Keys { command } => commands::keys::keys(&client()?, command).await,
        Command::MasterKey { command } => {
            Box::pin(master_key::master_key(command, &settings, environment)).await
        }
        Command::Members { command } => members::members(command, &settings).await,
        Command::Migrate { command } => migrate::migrate(command, &settings).await,
        Command::Config => {
            settings.print();
            Ok(())
        }
        Command::Doctor => doctor::doctor(&settings).await,
        Command::Openapi => {
            openapi::openapi();
            Ok(())
        }
    }
}
