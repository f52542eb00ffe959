//! The crash-point matrix: a run with several kinds of nodes is recorded once, place by place; then the built binary is killed at
//! every one of these places, started again, and what the run promises is checked.
//!
//! Promised is: no accepted run is lost; it comes to its end; a node that had finished is not executed again; and every call that the
//! provider saw is exactly one row of the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::time::Duration;

use latchkey_domain::time::Timestamp;
use latchkey_engine::clock::{Clock as _, SystemClock};
use serde_json::{Value as Json, json};
use tokio::time::timeout;

use crate::client::{Answer, Client};
use crate::document::Document;
use crate::provider::{Provider, Reply, Rule};
use crate::server::{Server, Setup};
use crate::tool_server::ToolServer;
use crate::user::{User, Workflow};

/// How the binary is told where to die.
const VARIABLE: &str = "LATCHKEY_TEST_POINTS";
/// Writes that come with time and not with the run.
const TIMED: [&str; 2] = [" workers", "DELETE FROM idempotency"];
/// How long a run may take, and a process to die of what has just happened.
const LONGEST: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_secs(5);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// What is asked for again at most, when an answer was lost with the process.
const TRIES: usize = 4;

/// The installation on which everything is tried.
pub struct Matrix {
    server: Server,
    provider: Provider,
    tools: ToolServer,
    user: User,
    workflow: Workflow,
    runs: usize,
}

/// Start, a model, a request, code, two items with a model each, a question, a model that fails once, end.
fn document(tools: &ToolServer) -> Document {
    let request = json!({"method": "get", "url": tools.url("/v1/weather?city={{#start.tag#}}"), "authorization": {"type": "no-auth", "config": null},
        "headers": "", "params": "", "body": {"type": "none", "data": []}, "timeout": {}});
    let code = json!({"code_language": "python3", "code": "def main(tag: str):\n    return {'list': [tag + '-x', tag + '-y']}",
        "variables": [{"variable": "tag", "value_selector": ["start", "tag"]}], "outputs": {"list": {"type": "array[string]", "children": null}}});
    let actions = json!([{"id": "approve", "title": "Approve"}]);
    let ask = json!({"form_content": "{{#start.tag#}}?", "inputs": [], "user_actions": actions});
    let mut json = Document::workflow("crash", &["tag"])
        .llm("one", "one {{#start.tag#}}.", "only")
        .node("request", "http-request", request)
        .node("code", "code", code)
        .iteration("each", "code.list", "item.text")
        .llm("item", "item {{#each.item#}}.", "only")
        .outside()
        .node("check", "human-input", ask)
        .llm("again", "again {{#start.tag#}}.", "only")
        .end("end", &[("answers", "each.output"), ("last", "again.text")])
        .line(&["start", "one", "request", "code", "each", "check"])
        .edge("check:approve", "again")
        .edge("again", "end")
        .edge("eachstart", "item")
        .json();
    let nodes = json["workflow"]["graph"]["nodes"].as_array_mut();
    for node in nodes.into_iter().flatten() {
        if node["id"] == "each" {
            node["data"]["is_parallel"] = json!(false);
        }
        if node["id"] == "again" {
            node["data"]["retry_config"] =
                json!({"retry_enabled": true, "max_retries": 3, "retry_interval": 100});
        }
    }
    Document::from_json(json)
}

fn body_of(answer: &Answer) -> Json {
    serde_json::from_str(&answer.text).unwrap_or(Json::Null)
}

impl Matrix {
    /// An installation with everything that a run needs.
    pub async fn prepare(setup: Setup) -> Self {
        let server = setup.start().await;
        let (provider, tools) = (Provider::start(), ToolServer::start());
        let user = User::new(server.client());
        user.credential("only", "test-key-only", &provider).await;
        let workflow = user.publish(&document(&tools), &[]).await;
        Self {
            server,
            provider,
            tools,
            user,
            workflow,
            runs: 0,
        }
    }

    /// The places that one run passes, in order.
    ///
    /// # Panics
    /// If the run does not succeed undisturbed.
    pub async fn record(&mut self) -> Vec<String> {
        let file = self.server.home().join("places");
        let path = file.display().to_string();
        self.server.kill();
        self.server.set(VARIABLE, Some(&format!("record:{path}")));
        self.server.start().await;
        let before = read_to_string(&file).unwrap_or_default().lines().count();
        let tag = self.next_tag();
        let run = self.begin(&tag).await.expect("nobody disturbs it");
        let over = self.see_through(&run).await.expect("nobody disturbs it");
        assert_eq!(over["status"], "partial-succeeded", "{over}");
        let text = read_to_string(&file).expect("places were written");
        let is_meant = |place: &&str| TIMED.iter().all(|timed| !place.contains(timed));
        let places = text.lines().skip(before).filter(is_meant);
        let places: Vec<String> = places.map(str::to_owned).collect();
        self.server.kill();
        self.server.set(VARIABLE, None);
        self.server.start().await;
        places
    }

    /// Kills the binary at a place of a new run and checks what is promised; why it is not kept.
    ///
    /// # Errors
    /// With what is wrong.
    pub async fn try_at(&mut self, place: &str) -> Result<(), String> {
        if !self.server.is_dead() {
            self.server.kill();
        }
        self.server.set(VARIABLE, Some(&format!("die:{place}")));
        let tag = self.next_tag();
        let mut run = None;
        if self.server.start_if_it_lives().await {
            run = self.begin(&tag).await;
            if let Some(run) = &run {
                // It ends when the process does.
                let _ = self.see_through(run).await;
            }
            // A place behind the end of the run is passed a moment later.
            if !self.dies().await {
                return Err("the place was not passed".to_owned());
            }
        }
        let (asked, died_at) = (self.asked(&tag), SystemClock.now());
        self.server.set(VARIABLE, None);
        self.server.start().await;
        // The same start again: it is the same run, if it was accepted.
        let again = self.begin(&tag).await.ok_or("the start is not answered")?;
        if run.as_ref().is_some_and(|run| *run != again) {
            return Err(format!(
                "the accepted run {run:?} is lost: the start made {again}"
            ));
        }
        run = Some(again);
        let run = run.unwrap_or_default();
        let over = self.see_through(&run).await.ok_or("the run does not end")?;
        self.check(&tag, &run, &over, (&asked, died_at)).await
    }

    async fn check(
        &self,
        tag: &str,
        run: &str,
        over: &Json,
        (before, died_at): (&BTreeMap<String, usize>, Timestamp),
    ) -> Result<(), String> {
        let answers = over["outputs"]["answers"].as_array().map(Vec::len);
        if !["succeeded", "partial-succeeded"]
            .contains(&over["status"].as_str().unwrap_or_default())
            || answers != Some(2)
        {
            return Err(format!("it came to another end: {over}"));
        }
        let events = self.user.events(run, None).await.rest().await;
        let ends = events.iter().filter(|event| event.name == "run_finished");
        if ends.count() != 1 {
            return Err("its end was told more than once, or not at all".to_owned());
        }
        // What was finished when the process died has asked nobody again.
        let after = self.asked(tag);
        let finished = events.iter().filter(|event| {
            let at = event.data["at"].as_str().and_then(Timestamp::parse);
            event.name == "node_finished" && at.is_some_and(|at| at < died_at)
        });
        for event in finished {
            let node = event.data["node_id"].as_str().unwrap_or_default();
            let index = event.data["iteration_path"][0]["index"].as_u64();
            let key = match index {
                Some(index) => format!("{node}{index}"),
                None => node.to_owned(),
            };
            if before.get(&key) != after.get(&key) {
                return Err(format!("{key} had finished and was executed again"));
            }
        }
        self.check_ledger(tag, run).await
    }

    async fn check_ledger(&self, tag: &str, run: &str) -> Result<(), String> {
        let rows = self.user.model_calls(run).await;
        let ids: Vec<&str> = rows.iter().filter_map(|row| row["id"].as_str()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        let seen = self.provider.chats();
        let seen = seen.iter().filter(|one| one.prompt.contains(tag));
        let seen: Vec<String> = seen.map(|one| one.call.clone()).collect();
        if unique.len() != ids.len() {
            return Err("two rows have one id".to_owned());
        }
        if let Some(call) = seen.iter().find(|call| !unique.contains(call.as_str())) {
            return Err(format!("the provider saw {call}, which is no row"));
        }
        if rows.iter().any(|row| row["outcome"].is_null()) {
            return Err("a row is left open".to_owned());
        }
        let unseen = rows.iter().filter(|row| {
            let id = row["id"].as_str().unwrap_or_default();
            row["outcome"] != "lost" && !seen.iter().any(|call| call == id)
        });
        match unseen.count() {
            0 => Ok(()),
            some => Err(format!("{some} rows tell of calls that nobody saw")),
        }
    }

    fn next_tag(&mut self) -> String {
        self.runs += 1;
        let tag = format!("tag{}z", self.runs);
        let again = format!("again {tag}.");
        self.provider
            .script(Rule::for_prompt(&again, Reply::server_error(500)).times(1));
        tag
    }

    /// Starts the run of a tag, or finds it; none when the process dies meanwhile.
    async fn begin(&mut self, tag: &str) -> Option<String> {
        for _ in 0..TRIES {
            let body = json!({"inputs": {"tag": tag}, "response_mode": "detached"});
            let path = self.workflow.path("/runs");
            let request = self.server.client().request("POST", &path);
            let sent = request.header("idempotency-key", tag).json(&body);
            if let Ok(answer) = sent.try_send().await
                && answer.status == 202
            {
                return body_of(&answer)["id"].as_str().map(str::to_owned);
            }
            if self.server.is_dead() {
                return None;
            }
        }
        None
    }

    /// Whether the process dies within a moment.
    async fn dies(&mut self) -> bool {
        let dies = async {
            while !self.server.is_dead() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        timeout(MOMENT, dies).await.is_ok()
    }

    /// Answers what the run asks and waits for its end; none when the process dies meanwhile, or it does not end.
    async fn see_through(&mut self, run: &str) -> Option<Json> {
        let path = format!("/api/v1/runs/{run}");
        let client = self.server.client().clone();
        let ended = timeout(LONGEST, async {
            while !self.server.is_dead() {
                if let Some(over) = look(&client, &path).await {
                    return Some(over);
                }
                tokio::time::sleep(PAUSE).await;
            }
            None
        });
        ended.await.ok().flatten()
    }

    /// How often each node has asked somebody for this tag, items by their index.
    fn asked(&self, tag: &str) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        let prompts = self.provider.chats().into_iter().map(|seen| seen.prompt);
        for prompt in prompts.filter(|prompt| prompt.contains(tag)) {
            let node = prompt.split_whitespace().next().unwrap_or_default();
            let index = match () {
                () if prompt.contains("-x") => "0",
                () if prompt.contains("-y") => "1",
                () => "",
            };
            *asked.entry(format!("{node}{index}")).or_default() += 1;
        }
        let requests = self.tools.asked();
        let requests = requests.iter().filter(|asked| asked.line.contains(tag));
        let count = requests.count();
        if count > 0 {
            asked.insert("request".to_owned(), count);
        }
        asked
    }
}

/// Looks at a run and answers what it asks; the run when it is over.
async fn look(client: &Client, path: &str) -> Option<Json> {
    let run = body_of(&client.request("GET", path).try_send().await.ok()?);
    let status = run["status"].as_str()?;
    if status == "paused" {
        let forms = client.request("GET", &format!("{path}/forms"));
        let forms = body_of(&forms.try_send().await.ok()?);
        for form in forms["data"].as_array().or(forms.as_array())? {
            let place = format!("{path}/forms/{}", form["id"].as_str()?);
            let answer = client
                .request("POST", &place)
                .json(&json!({"action": "approve"}));
            // An answer that was given before is refused; one that dies with the process is given again.
            let _ = answer.try_send().await;
        }
    }
    let over = ["succeeded", "partial-succeeded", "failed", "stopped"];
    over.contains(&status).then_some(run)
}
