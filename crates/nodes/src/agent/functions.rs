//! Function calling: the model is told of the tools in its provider's own way, and calls as many as it likes in each
//! round. When its rounds are used up it is asked once more, without tools.

use latchkey_models::{ChatRequest, Message, Role};

use crate::host::Host;

use super::Error;
use super::parameters::Task;
use super::session::{Reader, Session};

/// Works until the model calls no more tools.
pub(super) async fn run(session: &mut Session<'_>, host: &Host, task: &Task) -> Result<(), Error> {
    let mut messages = session.opening(task.system(), task);
    for number in 1..=task.rounds + 1 {
        let is_last = number > task.rounds;
        let round = session.begin_round(number).await;
        let done = in_round(session, host, &mut messages, &round, is_last).await;
        if session.close_round(round, done).await? {
            break;
        }
    }
    session.close_rounds().await;
    Ok(())
}

/// One round: what the model said, and what its tools answered.
async fn in_round(
    session: &mut Session<'_>,
    host: &Host,
    messages: &mut Vec<Message>,
    round: &super::steps::Step,
    is_last: bool,
) -> Result<(String, Vec<String>), Error> {
    let request = ChatRequest {
        tools: if is_last {
            Vec::new()
        } else {
            session.toolbox.offered()
        },
        ..session.request(messages)
    };
    let mut reader = Aloud {
        has_before: session.has_said(),
    };
    let separated = session.is_separated();
    let reply = session
        .think(request, round, &mut reader, separated)
        .await?;
    // Without tools there is nothing to call, whatever the model believes.
    if reply.tool_calls.is_empty() || is_last {
        return Ok((reply.text, Vec::new()));
    }
    messages.push(Message {
        tool_calls: reply.tool_calls.clone(),
        carried: reply.carried,
        ..Message::text(Role::Assistant, reply.text.as_str())
    });
    let observed = session.use_tools(&reply.tool_calls, host, round).await?;
    for (call, observed) in reply.tool_calls.iter().zip(&observed) {
        messages.push(Message {
            tool_call_id: Some(call.id.clone()),
            ..Message::text(Role::Tool, observed.as_str())
        });
    }
    Ok((reply.text, observed))
}

/// Everything is for the user; what is said in different rounds stands on lines of its own.
struct Aloud {
    has_before: bool,
}

impl Reader for Aloud {
    fn read(&mut self, piece: &str) -> Option<String> {
        if std::mem::take(&mut self.has_before) {
            Some(format!("\n{piece}"))
        } else {
            Some(piece.to_owned())
        }
    }
}
