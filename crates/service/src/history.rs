//! What a conversation remembers: what was said on the way to a question, and what was said before an answer was cut short.

use std::collections::HashSet;

use latchkey_domain::chat::{Exchange, Message, NewMessage};
use latchkey_domain::event::EventBody;
use latchkey_domain::id::{ConversationId, MessageId, RunId, WorkspaceId};
use latchkey_domain::run::{Run, RunStatus};

use crate::Service;
use crate::error::Error;
use crate::execution::Live;

/// Questions that are looked at for a memory, at most: as many as any node may remember (Dify: 500 messages).
const REMEMBERED: u64 = 250;

impl Service {
    /// What was said before a question, oldest first: the memory of its run.
    pub(crate) async fn history_before(&self, new: &NewMessage) -> Result<Vec<Exchange>, Error> {
        if new.begins {
            let earlier = new.earlier.iter();
            return Ok(earlier.map(|(_, exchange)| exchange.clone()).collect());
        }
        let conversation = &new.conversation;
        self.history(conversation.workspace, conversation.id, new.id, new.parent)
            .await
    }

    /// What was said before the question that a run answers, for whoever rebuilds the run. A run without a conversation has none.
    pub(crate) async fn history_of(
        &self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<Vec<Exchange>, Error> {
        match self.inner.store.message_of_run(workspace, run).await? {
            None => Ok(Vec::new()),
            Some(place) => {
                self.history(workspace, place.conversation, place.message, place.parent)
                    .await
            }
        }
    }

    async fn history(
        &self,
        workspace: WorkspaceId,
        conversation: ConversationId,
        before: MessageId,
        parent: Option<MessageId>,
    ) -> Result<Vec<Exchange>, Error> {
        let store = &self.inner.store;
        let found = store
            .messages(workspace, conversation, Some(before), REMEMBERED)
            .await?;
        Ok(thread(&found, parent))
    }

    /// Keeps what the run of a question has said before it was cut short: its outputs do not have it.
    pub(crate) async fn keep_said(&self, live: &Live) {
        let Some(run) = live.ended() else { return };
        let is_whole = matches!(
            run.status,
            RunStatus::Succeeded | RunStatus::PartialSucceeded
        );
        if is_whole {
            return;
        }
        if let Err(error) = self.keep_said_by(live, &run).await {
            tracing::warn!(run.id = %run.id, %error, "what a run has said before its end is not kept");
        }
    }

    async fn keep_said_by(&self, live: &Live, run: &Run) -> Result<(), Error> {
        let store = &self.inner.store;
        let question = store.message_of_run(run.workspace, run.id).await?;
        if question.is_none() {
            return Ok(());
        }
        // The words of a node that was cut off are in no record: only whoever listens has heard them.
        let mut events = self.events_from_here(live, run.workspace);
        let mut said = String::new();
        while let Some(event) = events.next().await {
            if let EventBody::TextChunk { text, .. } = &event.body {
                said.push_str(text);
            } else if let EventBody::NodeRestarted { text, .. } = &event.body {
                said.clone_from(text);
            } else if matches!(event.body, EventBody::RunFinished(_)) {
                break;
            }
        }
        if !said.is_empty() {
            store.keep_said(run.workspace, run.id, &said).await?;
        }
        Ok(())
    }
}

/// What was said on the way to a message, oldest first, out of what is found newest first. Without a parent that is everything.
fn thread(newest_first: &[Message], parent: Option<MessageId>) -> Vec<Exchange> {
    let mut wanted = parent;
    let mut is_all = parent.is_none();
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for message in newest_first {
        let is_wanted = is_all || wanted == Some(message.id);
        if !is_wanted || !seen.insert(message.id) {
            continue;
        }
        match message.parent {
            Some(parent) => (wanted, is_all) = (Some(parent), false),
            None => is_all = true,
        }
        let answer = message.answer();
        if !answer.is_empty() {
            kept.push(Exchange {
                query: message.query.clone(),
                answer: answer.to_owned(),
            });
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use latchkey_domain::chat::Message;
    use latchkey_domain::id::{ConversationId, EndUserId, MessageId, WorkflowId};
    use latchkey_domain::time::Timestamp;
    use uuid::Uuid;

    use super::thread;

    const fn id(number: u128) -> MessageId {
        MessageId::new(Uuid::from_u128(number))
    }

    fn message(number: u128, parent: Option<u128>, answer: &str) -> Message {
        Message {
            id: id(number),
            workflow: WorkflowId::new(Uuid::nil()),
            conversation: ConversationId::new(Uuid::nil()),
            parent: parent.map(id),
            end_user: EndUserId::new(Uuid::nil()),
            query: number.to_string(),
            inputs: serde_json::Map::new(),
            said: Some(answer.to_owned()),
            run: None,
            created_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn a_thread_goes_back_along_its_parents() {
        // 1 ← 2 and, asked again, 1 ← 3 ← 4; 5 has no answer.
        let found = [
            message(5, None, ""),
            message(4, Some(3), "d"),
            message(3, Some(1), "c"),
            message(2, None, "b"),
            message(1, None, "a"),
        ];
        let told = |parent: Option<u128>| {
            let said = thread(&found, parent.map(id));
            let queries: Vec<String> = said.into_iter().map(|exchange| exchange.query).collect();
            queries.join(" ")
        };
        assert_eq!(told(Some(4)), "1 3 4");
        assert_eq!(told(Some(2)), "1 2");
        assert_eq!(told(None), "1 3 4", "the newest says which branch it is on");
        assert_eq!(told(Some(9)), "");
    }
}
