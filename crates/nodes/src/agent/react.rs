//! ReAct: the model writes what it thinks and which tool it wants, reads what the tool answered, and goes on until it
//! writes a final answer. Only that one is shown.

mod prompt;
mod reading;

use latchkey_models::{ChatRequest, Message, Role, ToolCall};

use crate::host::Host;

use super::Error;
use super::parameters::Task;
use super::session::Session;

use self::reading::{FinalAnswer, Said};

/// Works until the model writes a final answer.
pub(super) async fn run(session: &mut Session<'_>, host: &Host, task: &Task) -> Result<(), Error> {
    let system = prompt::system(task, &session.toolbox.offered());
    let mut messages = session.opening(Some(system), task);
    for number in 1..=task.rounds + 1 {
        let is_last = number > task.rounds;
        if is_last {
            messages.push(Message::text(Role::User, prompt::NO_MORE_TOOLS));
        }
        let round = session.begin_round(number).await;
        let done = in_round(session, host, &mut messages, &round, is_last).await;
        if session.close_round(round, done).await? {
            break;
        }
    }
    session.close_rounds().await;
    Ok(())
}

/// One round: what the model wrote, and what it is told in return.
async fn in_round(
    session: &mut Session<'_>,
    host: &Host,
    messages: &mut Vec<Message>,
    round: &super::steps::Step,
    is_last: bool,
) -> Result<(String, Vec<String>), Error> {
    let mut request: ChatRequest = session.request(messages);
    if !request.stop.iter().any(|word| word.contains("Observation")) {
        request.stop.push(prompt::OBSERVATION.to_owned());
    }
    let mut reader = FinalAnswer::default();
    let reply = session.think(request, round, &mut reader, true).await?;
    let (kept, said) = reading::said(&reply.text);
    let observed = match said {
        _ if reader.has_begun() => Vec::new(),
        Said::Final(answer) => {
            session.say(&answer).await;
            Vec::new()
        }
        // It was told that there are no more tools.
        Said::Action { .. } | Said::Broken(_) if is_last => Vec::new(),
        Said::Broken(cause) => vec![cause],
        Said::Action { name, input } => {
            let call = ToolCall {
                id: format!("call_{}", messages.len()),
                name,
                arguments: input,
            };
            session.use_tools(&[call], host, round).await?
        }
    };
    messages.push(Message::text(Role::Assistant, kept));
    for observed in &observed {
        let text = format!("{} {observed}", prompt::OBSERVATION);
        messages.push(Message::text(Role::User, text));
    }
    Ok((reply.text, observed))
}
