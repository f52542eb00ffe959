//! Calls of models that no node makes: the name of a conversation, and questions that could follow an answer.
//!
//! They ask the model that the workflow itself asks first; its node has no say in who pays (design 5.1: levels 1 and 3 to 6).

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::chat::{Conversation, EndUser, Message as Said};
use latchkey_domain::credential::{CredentialSelector, Overrides, RenderedSelector};
use latchkey_domain::document::ModelPlace;
use latchkey_domain::id::{ConversationId, MessageId, WorkflowId};
use latchkey_domain::provider::ModelType;
use latchkey_domain::run::Run;
use latchkey_models::{ChatRequest, Message, ModelRef, Role, WorkflowContext};
use serde_json::{Map, Value as Json};

use crate::apps::is_on;
use crate::documents::Kept;
use crate::error::{Error, ErrorKind};
use crate::resolve::Version;
use crate::{Service, require};

/// The longest name that a model may find, in characters (Dify).
const NAME: usize = 75;
/// How many characters of a question are a name when no model finds one, and from which length on it is cut (Dify).
const CUT: (usize, usize) = (47, 50);
/// How much of a conversation a model is shown that thinks of further questions, in messages and characters of each.
const SHOWN: (u64, usize) = (3, 2000);
/// Tokens that such an answer may have.
const MOST: u64 = 256;

const NAMING: &str = "You name conversations. Answer with nothing but a title of at most eight words for a conversation that \
begins with the user's message, in the language of that message, without quotation marks.";
const SUGGESTING: &str = "You are shown a conversation. Think of the three questions that the person would most likely ask next, \
each of at most 20 words, in the language of the person. Answer with nothing but a JSON array of three strings.";

impl Service {
    /// Names a conversation that has begun, beside the run of its first question. What cannot be named keeps its name.
    pub(crate) fn name_beside(&self, caller: &Caller, run: Run, id: ConversationId, query: String) {
        let (service, caller) = (self.clone(), caller.clone());
        let naming = async move {
            let found = service.inner.store.conversation(run.workspace, id).await;
            let Ok(Some(conversation)) = found else {
                return;
            };
            let overrides = run.overrides.clone();
            let named = service.name_of(&caller, &conversation, &query, overrides);
            let Ok(name) = named.await else { return };
            let store = &service.inner.store;
            // The list is sorted by when a conversation was gone on with; its name is no such thing.
            let at = conversation.updated_at;
            if let Err(error) = store
                .rename_conversation(run.workspace, id, &name, at)
                .await
            {
                tracing::warn!(run.id = %run.id, %error, "the name of a conversation cannot be kept");
            }
        };
        self.inner
            .tasks
            .spawn_on(Box::pin(naming), &self.inner.runtime);
    }

    /// A name that a model finds for a conversation; none when it has no question yet.
    pub(crate) async fn found_name(
        &self,
        caller: &Caller,
        conversation: &Conversation,
    ) -> Result<Option<String>, Error> {
        let Some(query) = self.first_question(conversation).await? else {
            return Ok(None);
        };
        let named = self.name_of(caller, conversation, &query, Overrides::new());
        Ok(Some(named.await?))
    }

    async fn name_of(
        &self,
        caller: &Caller,
        conversation: &Conversation,
        query: &str,
        overrides: Overrides,
    ) -> Result<String, Error> {
        let asked = self
            .aside(
                caller,
                conversation.workflow,
                overrides,
                self.session_of(conversation).await?,
                (NAMING, cut(query, SHOWN.1)),
            )
            .await;
        let found = asked.map(|said| title(&said)).unwrap_or_else(|error| {
            tracing::info!(conversation.id = %conversation.id, %error, "no model has named a conversation");
            None
        });
        Ok(found.unwrap_or_else(|| cut_name(query)))
    }

    async fn first_question(&self, of: &Conversation) -> Result<Option<String>, Error> {
        let store = &self.inner.store;
        let said = store
            .messages(of.workspace, of.id, None, u64::from(u16::MAX))
            .await?;
        Ok(said.last().map(|message| message.query.clone()))
    }

    async fn session_of(&self, of: &Conversation) -> Result<Option<String>, Error> {
        let store = &self.inner.store;
        let user = store.end_user(of.workspace, of.end_user).await?;
        Ok(user.map(|user| user.session))
    }

    /// Questions that could follow a message, thought of by a model.
    ///
    /// # Errors
    /// When the caller may not, there is no such message, the feature is off, or no model can be asked.
    pub async fn suggested_questions(
        &self,
        caller: &Caller,
        workflow: WorkflowId,
        user: &EndUser,
        id: MessageId,
    ) -> Result<Vec<String>, Error> {
        require(caller, Permission::RunsRead)?;
        let message = self.message(caller, workflow, user, id).await?;
        if self
            .visible(caller, workflow)
            .await?
            .published_version
            .is_none()
        {
            return Ok(Vec::new());
        }
        let kept = self.kept(caller, workflow, Version::Published).await?;
        let feature = "suggested_questions_after_answer";
        if !is_on(kept.document.features(), feature) {
            let detail = "Suggested Questions Is Disabled.";
            return Err(Error::new(ErrorKind::Malformed, "bad_request", detail));
        }
        let shown = self.transcript(&message).await?;
        let overrides = message.run.as_ref().map(|run| run.overrides.clone());
        let said = self
            .aside(
                caller,
                workflow,
                overrides.unwrap_or_default(),
                Some(user.session.clone()),
                (SUGGESTING, shown),
            )
            .await?;
        Ok(questions(&said))
    }

    /// The last messages up to one, as text.
    async fn transcript(&self, message: &Said) -> Result<String, Error> {
        let Some(run) = &message.run else {
            return Ok(String::new());
        };
        let store = &self.inner.store;
        let mut said = store
            .messages(
                run.workspace,
                message.conversation,
                Some(message.id),
                SHOWN.0 - 1,
            )
            .await?;
        said.insert(0, message.clone());
        let lines = said.iter().rev().map(|message| {
            let (query, answer) = (cut(&message.query, SHOWN.1), cut(message.answer(), SHOWN.1));
            format!("Human: {query}\nAssistant: {answer}")
        });
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Asks the model that a workflow asks first, for no node.
    async fn aside(
        &self,
        caller: &Caller,
        id: WorkflowId,
        overrides: Overrides,
        end_user: Option<String>,
        (system, user): (&str, String),
    ) -> Result<String, Error> {
        let workflow = self.visible(caller, id).await?;
        let kept = self.kept(caller, id, Version::Published).await?;
        let place = first_model(&kept).ok_or_else(|| {
            let detail = "the workflow has no model that could be asked";
            Error::unprocessable("model_missing", detail)
        })?;
        let context = WorkflowContext {
            workspace: caller.workspace,
            workflow: Some(id),
            workflow_name: Some(workflow.name),
            version: kept.number,
            author: kept.author.unwrap_or(caller.principal),
            caller: caller.principal,
            run: None,
            epoch: 0,
            node: None,
            node_execution: None,
            iteration_path: Vec::new(),
            environment: self.environment(caller, None, false).await?,
            end_user: end_user.clone(),
            overrides,
            attempt: 1,
        };
        let model = ModelRef {
            provider: place.provider,
            model: place.model,
            model_type: ModelType::Llm,
            selector_source: CredentialSelector::default(),
            rendered: RenderedSelector::Silent,
        };
        let request = ChatRequest {
            messages: vec![
                Message::text(Role::System, system),
                Message::text(Role::User, user),
            ],
            parameters: Map::from_iter([("max_tokens".to_owned(), Json::from(MOST))]),
            user: end_user,
            ..ChatRequest::default()
        };
        let instance = self.inner.models.model_instance(&context, &model);
        let mut stream = instance.invoke(request).await?;
        let mut said = String::new();
        while let Some(chunk) = stream.next().await {
            said.push_str(&chunk?.text);
        }
        Ok(said)
    }
}

fn first_model(kept: &Kept) -> Option<ModelPlace> {
    let places = kept.document.model_places();
    let mut places = places.into_iter();
    places.find(|place| place.model_type == ModelType::Llm)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn cut_name(query: &str) -> String {
    if query.chars().count() <= CUT.1 {
        return query.to_owned();
    }
    format!("{}...", cut(query, CUT.0))
}

/// The first line that a model says, without thoughts and quotation marks; none when it says nothing.
fn title(said: &str) -> Option<String> {
    let said = said.rsplit_once("</think>").map_or(said, |(_, said)| said);
    let line = said.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.trim_matches(['"', '\'', '“', '”', '«', '»', '#', '*', ' ']);
    Some(cut(line, NAME)).filter(|line| !line.is_empty())
}

/// The texts of the first JSON array in what a model says.
fn questions(said: &str) -> Vec<String> {
    let (Some(from), Some(to)) = (said.find('['), said.rfind(']')) else {
        return Vec::new();
    };
    let list: Option<Vec<Json>> = said
        .get(from..=to)
        .and_then(|list| serde_json::from_str(list).ok());
    let list = list.unwrap_or_default().into_iter();
    let texts = list.filter_map(|one| one.as_str().map(str::to_owned));
    texts.filter(|text| !text.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{cut_name, questions, title};

    #[test]
    fn a_title_is_what_a_model_says_without_its_frame() {
        for (said, expected) in [
            ("\"A trip to Rome\"\n", Some("A trip to Rome")),
            ("<think>\nhm\n</think>\n\n# Rome", Some("Rome")),
            (" \n", None),
            ("\"\"", None),
        ] {
            assert_eq!(title(said).as_deref(), expected, "{said}");
        }
        assert_eq!(title(&"x".repeat(100)).map(|name| name.len()), Some(75));
    }

    #[test]
    fn a_name_without_a_model_is_the_question_cut_short() {
        assert_eq!(cut_name("short"), "short");
        assert_eq!(cut_name(&"é".repeat(50)), "é".repeat(50));
        assert_eq!(cut_name(&"é".repeat(51)), format!("{}...", "é".repeat(47)));
    }

    #[test]
    fn questions_are_the_texts_of_the_first_list() {
        let said = "Sure: [\"a?\", 5, \"\", \"b?\"] …";
        assert_eq!(questions(said), ["a?", "b?"]);
        for nothing in ["", "no list", "] [", "[broken"] {
            assert!(questions(nothing).is_empty(), "{nothing}");
        }
    }
}
