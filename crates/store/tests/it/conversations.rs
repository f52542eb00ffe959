//! Conversations: begun with the run of their first question, changed with the records of their runs, and nobody else's.

use latchkey_domain::chat::{
    AppSettings, ChatSource, Conversation, ConversationVariable, EndUser, Exchange, Feedback,
    NewMessage,
};
use latchkey_domain::id::{ConversationId, EndUserId, FileId, FormId, MessageId, WorkspaceId};
use latchkey_domain::journal::{JournalEntry, JournalRecord, NodeResult, VariableUpdate};
use latchkey_domain::run::Run;
use latchkey_domain::value::Value;
use latchkey_store::{ConversationOrder, ConversationQuery, Inserted, NewRun, RunLogQuery};
use serde_json::{Map, Value as Json, json};

use crate::samples::{self, NOW, object};
use crate::world::{World, on_both};

fn user(run: &Run) -> EndUser {
    EndUser {
        id: EndUserId::new(samples::id()),
        workspace: run.workspace,
        workflow: run.workflow,
        session: "ada".to_owned(),
        is_anonymous: false,
        created_at: NOW,
    }
}

fn conversation(run: &Run, user: EndUserId) -> Conversation {
    Conversation {
        id: ConversationId::new(samples::id()),
        workspace: run.workspace,
        workflow: run.workflow,
        end_user: user,
        source: ChatSource::ServiceApi,
        name: "first".to_owned(),
        inputs: object(json!({"name": "Ada"})),
        introduction: Some("Hello".to_owned()),
        created_at: NOW,
        updated_at: NOW,
    }
}

fn variable(name: &str, value: Json) -> ConversationVariable {
    ConversationVariable {
        id: format!("id of {name}"),
        name: name.to_owned(),
        value_type: "string".to_owned(),
        description: "what it is".to_owned(),
        value,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn message(conversation: &Conversation, begins: bool) -> NewMessage {
    let file = FileId::new(samples::id());
    NewMessage {
        id: MessageId::new(samples::id()),
        conversation: conversation.clone(),
        begins,
        variables: vec![variable("mood", json!("good"))],
        parent: None,
        query: "why".to_owned(),
        inputs: Map::new(),
        files: vec![json!({"reference": file.to_string(), "filename": "a.txt"})],
        earlier: Vec::new(),
        created_at: NOW,
    }
}

/// A run with its question.
async fn ask(world: &World, run: &Run, message: &NewMessage) {
    let new = NewRun {
        message: Some(Box::new(message.clone())),
        ..samples::new_run(run)
    };
    assert_eq!(world.insert(&new).await, Inserted::New);
}

/// A record of an assigner that has changed a variable of the conversation.
fn assigned(sequence: u64, run: &Run, value: &str) -> JournalRecord {
    let update = VariableUpdate {
        selector: ["conversation".to_owned(), "mood".to_owned()],
        value: Value::string(value.to_owned()),
    };
    let node = samples::node(run.id, 1);
    JournalRecord {
        entry: JournalEntry::NodeSucceeded {
            execution_id: node.id,
            started_at: NOW,
            result: Box::new(NodeResult {
                updates: vec![update],
                ..NodeResult::default()
            }),
        },
        ..samples::record(sequence, run.epoch)
    }
}

async fn moods(world: &World, of: &Conversation) -> Vec<Json> {
    let store = &world.store;
    let found = store.conversation_variables(world.workspace, of.id);
    let found = found.await.unwrap().into_iter();
    found.map(|variable| variable.value).collect()
}

#[tokio::test]
async fn a_conversation_begins_with_the_run_of_its_first_question() {
    on_both(async |world| {
        let (store, run) = (&world.store, samples::run(world.workspace));
        let conversation = conversation(&run, user(&run).id);
        let mut first = message(&conversation, true);
        let said = Exchange {
            query: "before".to_owned(),
            answer: "elsewhere".to_owned(),
        };
        first.earlier = vec![(MessageId::new(samples::id()), said)];
        first.id = MessageId::new(samples::id());
        ask(world, &run, &first).await;
        let found = store.conversation(world.workspace, conversation.id).await;
        assert_eq!(found.unwrap().unwrap(), conversation);
        world.finish(&run).await;
        let messages = store.messages(world.workspace, conversation.id, None, 9);
        let messages = messages.await.unwrap();
        let shown: Vec<_> = messages
            .iter()
            .map(|message| {
                (
                    message.query.as_str(),
                    message.run.is_some(),
                    message.said.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [("why", true, None), ("before", false, Some("elsewhere"))]
        );
        let count = store.count_messages(world.workspace, conversation.id).await;
        assert_eq!(count.unwrap(), 2);
        let place = store.message_of_run(world.workspace, run.id).await;
        assert_eq!(place.unwrap().unwrap().message, first.id);
        let files = store.message_files(world.workspace, &[first.id]).await;
        assert_eq!(files.unwrap()[0].file["filename"], "a.txt");
    })
    .await;
}

#[tokio::test]
async fn a_variable_changes_with_the_record_that_changes_it_and_only_once() {
    on_both(async |world| {
        let (store, run) = (&world.store, samples::run(world.workspace));
        let conversation = conversation(&run, user(&run).id);
        ask(world, &run, &message(&conversation, true)).await;
        let other = samples::run(world.workspace);
        ask(world, &other, &message(&conversation, false)).await;
        let append = async |run: &Run, sequence, value| {
            let records = [assigned(sequence, run, value)];
            let written = store.append(run.id, world.workspace, 1, &records, &[], None);
            written.await.unwrap();
            records
        };
        let written = append(&run, 1, "better").await;
        assert_eq!(moods(world, &conversation).await, [json!("better")]);
        append(&other, 1, "best").await;
        // What is written again because nobody has heard of its commit changes nothing any more.
        let again = store.append_again(run.id, world.workspace, 1, &written, &[], None);
        again.await.unwrap();
        assert_eq!(moods(world, &conversation).await, [json!("best")]);
        // Nor does a run that somebody else has taken over.
        store.seize_run(run.id, None).await.unwrap().unwrap();
        let late = [assigned(2, &run, "late")];
        let refused = store.append(run.id, world.workspace, 1, &late, &[], None);
        refused.await.unwrap_err();
        assert_eq!(moods(world, &conversation).await, [json!("best")]);
    })
    .await;
}

/// What a workspace finds of a conversation and what belongs to it: a name for each answer that is not empty.
async fn found(
    world: &World,
    asks: WorkspaceId,
    run: &Run,
    message: &NewMessage,
    user: &EndUser,
) -> Vec<&'static str> {
    let (store, conversation) = (&world.store, &message.conversation);
    let query = ConversationQuery {
        workflow: run.workflow,
        end_user: user.id,
        source: ChatSource::ServiceApi,
        order: ConversationOrder::Updated,
        is_descending: true,
        after: None,
        limit: 5,
    };
    let log = RunLogQuery {
        workflow: run.workflow,
        keyword: Some("HÄLLO".to_lowercase()),
        status: None,
        before: None,
        after: None,
        end_user: None,
        from: 0,
        limit: 5,
    };
    let file = message.files[0]["reference"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let (id, ids) = (conversation.id, [message.id]);
    let answers = [
        (
            "conversation",
            store.conversation(asks, id).await.unwrap().is_some(),
        ),
        (
            "conversations",
            !store.conversations(asks, query).await.unwrap().is_empty(),
        ),
        (
            "conversation_variables",
            !store
                .conversation_variables(asks, id)
                .await
                .unwrap()
                .is_empty(),
        ),
        (
            "message",
            store.message(asks, message.id).await.unwrap().is_some(),
        ),
        (
            "messages",
            !store.messages(asks, id, None, 5).await.unwrap().is_empty(),
        ),
        (
            "count_messages",
            store.count_messages(asks, id).await.unwrap() > 0,
        ),
        (
            "message_of_run",
            store.message_of_run(asks, run.id).await.unwrap().is_some(),
        ),
        (
            "message_files",
            !store.message_files(asks, &ids).await.unwrap().is_empty(),
        ),
        (
            "workflows_of_file",
            !store
                .workflows_of_file(asks, file)
                .await
                .unwrap()
                .is_empty(),
        ),
        (
            "feedback_of",
            !store.feedback_of(asks, &ids).await.unwrap().is_empty(),
        ),
        (
            "feedback",
            !store
                .feedback(asks, run.workflow, 0, 5)
                .await
                .unwrap()
                .is_empty(),
        ),
        (
            "end_user",
            store.end_user(asks, user.id).await.unwrap().is_some(),
        ),
        (
            "app_settings",
            store
                .app_settings(asks, run.workflow)
                .await
                .unwrap()
                .mcp_enabled,
        ),
        (
            "all_app_settings",
            !store.all_app_settings(asks).await.unwrap().is_empty(),
        ),
        ("run_log", store.run_log(asks, &log).await.unwrap().1 > 0),
        (
            "form",
            store
                .form(asks, FormId::of(samples::form(run, NOW).execution_id))
                .await
                .unwrap()
                .is_some(),
        ),
    ];
    let answered = answers.into_iter().filter(|(_, is_there)| *is_there);
    answered.map(|(name, _)| name).collect()
}

#[tokio::test]
async fn nothing_of_a_conversation_is_there_for_another_workspace() {
    on_both(async |world| {
        let (store, ours) = (&world.store, world.workspace);
        let theirs = world.neighbour().await;
        let run = samples::run(ours);
        let user = user(&run);
        let message = message(&conversation(&run, user.id), true);
        ask(world, &run, &message).await;
        let asked = JournalRecord {
            entry: JournalEntry::FormAsked {
                started_at: NOW,
                request: Box::new(samples::form(&run, NOW)),
            },
            ..samples::record(1, 1)
        };
        store
            .append(run.id, ours, 1, &[asked], &[], None)
            .await
            .unwrap();
        store.keep_end_user(&user).await.unwrap();
        store.keep_end_user(&user).await.unwrap();
        let like = Feedback {
            id: samples::id(),
            workflow: run.workflow,
            conversation: message.conversation.id,
            message: message.id,
            end_user: user.id,
            rating: "like".to_owned(),
            content: None,
            created_at: NOW,
            updated_at: NOW,
        };
        store.keep_feedback(ours, &like).await.unwrap();
        let settings = AppSettings {
            mcp_enabled: true,
            ..AppSettings::default()
        };
        store
            .put_app_settings(ours, run.workflow, &settings, NOW)
            .await
            .unwrap();
        assert_eq!(found(world, ours, &run, &message, &user).await.len(), 16);
        assert_eq!(
            found(world, theirs, &run, &message, &user).await,
            Vec::<&str>::new()
        );
        let id = message.conversation.id;
        assert!(
            !store
                .rename_conversation(theirs, id, "theirs", NOW)
                .await
                .unwrap()
        );
        let bad = json!("bad");
        let set = store.set_conversation_variable(theirs, id, "id of mood", &bad, NOW);
        assert!(!set.await.unwrap());
        store.keep_said(theirs, run.id, "theirs").await.unwrap();
        assert!(!store.delete_feedback(theirs, message.id).await.unwrap());
        assert!(!store.delete_conversation(theirs, id).await.unwrap());
        let dislike = Feedback {
            rating: "dislike".to_owned(),
            ..like.clone()
        };
        store.keep_feedback(theirs, &dislike).await.unwrap();
        store
            .put_app_settings(theirs, run.workflow, &AppSettings::default(), NOW)
            .await
            .unwrap();
        assert_eq!(found(world, ours, &run, &message, &user).await.len(), 16);
        assert_eq!(
            store.feedback_of(ours, &[message.id]).await.unwrap(),
            [like]
        );
        assert_eq!(
            store.message(ours, message.id).await.unwrap().unwrap().said,
            None
        );
        assert!(store.delete_conversation(ours, id).await.unwrap());
        let left = found(world, ours, &run, &message, &user).await;
        assert_eq!(
            left,
            [
                "end_user",
                "app_settings",
                "all_app_settings",
                "run_log",
                "form"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn a_long_answer_is_read_whole_and_outlives_its_run() {
    on_both(async |world| {
        let folder = tempfile::tempdir().unwrap();
        let store = world
            .store
            .clone()
            .with_blobs(latchkey_store::Blobs::in_directory(folder.path()).unwrap());
        let run = samples::run(world.workspace);
        let talk = conversation(&run, user(&run).id);
        let question = message(&talk, true);
        ask(world, &run, &question).await;
        let long = "a".repeat(70_000);
        let mut end = samples::finished();
        end.outputs = object(json!({"answer": long}));
        let records = [samples::last_record(1, run.epoch, &end)];
        let finished = Some((&end, NOW));
        store
            .append(run.id, run.workspace, 1, &records, &[], finished)
            .await
            .unwrap();
        let answers = async || -> Vec<String> {
            let found = store.messages(world.workspace, talk.id, None, 10).await;
            let answers = found.unwrap().into_iter();
            answers.map(|it| it.answer().to_owned()).collect()
        };
        assert_eq!(answers().await, std::slice::from_ref(&long));
        let query = RunLogQuery {
            workflow: run.workflow,
            status: None,
            before: None,
            after: None,
            end_user: None,
            keyword: None,
            from: 0,
            limit: 10,
        };
        let (log, _) = store.run_log(world.workspace, &query).await.unwrap();
        let logged = log.iter().filter_map(|run| run.outputs.as_ref());
        assert!(logged.into_iter().all(|outputs| outputs["answer"] == long));
        // It is removed as any other; the conversation does not forget.
        store
            .delete_runs(&[(run.id, world.workspace)])
            .await
            .unwrap();
        assert_eq!(store.run(world.workspace, run.id).await.unwrap(), None);
        assert_eq!(answers().await, [long]);
    })
    .await;
}
