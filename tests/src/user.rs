//! What a user does through the API, one word each.

use serde_json::{Value as Json, json};

use crate::client::{Answer, Client, Events};
use crate::document::Document;
use crate::provider::Provider;
use crate::sse::Event;
use crate::wait;

const API: &str = "/api/v1";

/// Somebody with a key.
#[derive(Clone)]
pub struct User {
    client: Client,
}

impl User {
    /// The user of this client's key.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
        }
    }

    /// The client, for what has no word here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// `GET` of a path under `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.client().get(&format!("{API}{path}")).await
    }

    /// `POST` of a JSON body under `/api/v1`.
    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.client().post(&format!("{API}{path}"), body).await
    }

    /// `PUT` of a JSON body under `/api/v1`.
    pub async fn put(&self, path: &str, body: Json) -> Answer {
        self.client().put(&format!("{API}{path}"), body).await
    }

    /// `PATCH` of a JSON body under `/api/v1`.
    pub async fn patch(&self, path: &str, body: Json) -> Answer {
        self.client().patch(&format!("{API}{path}"), body).await
    }

    /// `DELETE` under `/api/v1`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.client().delete(&format!("{API}{path}")).await
    }

    /// Uploads a file as a form does; without a MIME type if that is empty.
    pub async fn upload(&self, name: &str, mime_type: &str, content: &str) -> Answer {
        let kind = if mime_type.is_empty() {
            String::new()
        } else {
            format!("Content-Type: {mime_type}\r\n")
        };
        let disposition = format!("form-data; name=\"file\"; filename=\"{name}\"");
        let body = format!(
            "--limit\r\nContent-Disposition: {disposition}\r\n{kind}\r\n{content}\r\n--limit--\r\n"
        );
        self.client
            .request("POST", &format!("{API}/files"))
            .body("multipart/form-data; boundary=limit", body)
            .send()
            .await
    }

    /// Imports a file; its answer.
    pub async fn try_import(&self, yaml: &str, query: &str) -> Answer {
        self.client
            .request("POST", &format!("{API}/workflows/import{query}"))
            .body("application/yaml", yaml.to_owned())
            .send()
            .await
    }

    /// Imports a document, publishes it and lets runs choose credentials by these patterns.
    pub async fn publish(&self, document: &Document, runtime_allow: &[&str]) -> Workflow {
        let imported = self.try_import(&document.yaml(), "").await.expect(201);
        let workflow = self.workflow(&imported["workflow"]["id"]);
        if !runtime_allow.is_empty() {
            workflow.allow(runtime_allow).await;
        }
        workflow.publish().await;
        workflow
    }

    /// The workflow of an id.
    ///
    /// # Panics
    /// If it is no text.
    #[must_use]
    pub fn workflow(&self, id: &Json) -> Workflow {
        let id = id.as_str().expect("an id is a text").to_owned();
        Workflow {
            client: self.client.clone(),
            id,
        }
    }

    /// Stores a credential of `deepseek` whose host is the scripted provider's; its id.
    pub async fn credential(&self, name: &str, key: &str, provider: &Provider) -> String {
        let body = json!({"provider": "deepseek", "name": name, "validate": false,
            "values": {"api_key": key, "base_url": provider.base_url()}, "hosts": [provider.host()]});
        let made = self
            .client
            .post(&format!("{API}/credentials"), body)
            .await
            .expect(201);
        made["id"].as_str().expect("an id is a text").to_owned()
    }

    /// A run as it stands.
    pub async fn run(&self, id: &str) -> Json {
        self.client
            .get(&format!("{API}/runs/{id}"))
            .await
            .expect(200)
    }

    /// Waits until a run is over and answers it.
    pub async fn run_over(&self, id: &str) -> Json {
        wait::until("the run is over", async || {
            let run = self.run(id).await;
            let over = ["succeeded", "partial-succeeded", "failed", "stopped"];
            over.contains(&run["status"].as_str()?).then_some(run)
        })
        .await
    }

    /// The ledger rows of a run.
    pub async fn model_calls(&self, run: &str) -> Vec<Json> {
        self.pages(&format!("{API}/runs/{run}/model-calls")).await
    }

    /// The node executions of a run.
    pub async fn node_executions(&self, run: &str) -> Vec<Json> {
        let answer = self
            .client
            .get(&format!("{API}/runs/{run}/node-executions"))
            .await
            .expect(200);
        let rows = answer.as_array().or(answer["data"].as_array());
        rows.expect("a list").clone()
    }

    /// All pages of a list.
    pub async fn pages(&self, path: &str) -> Vec<Json> {
        let mut rows = Vec::new();
        let mut cursor = None::<String>;
        loop {
            let from = cursor.map_or(String::new(), |c| format!("&cursor={c}"));
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = self
                .client
                .get(&format!("{path}{sign}limit=200{from}"))
                .await
                .expect(200);
            rows.extend(
                page["data"]
                    .as_array()
                    .expect("a page has data")
                    .iter()
                    .cloned(),
            );
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                return rows;
            }
        }
    }

    /// The events of a run from its start, or after an id.
    pub async fn events(&self, run: &str, after: Option<&str>) -> Events {
        let mut ask = self
            .client
            .request("GET", &format!("{API}/runs/{run}/events"));
        if let Some(id) = after {
            ask = ask.header("last-event-id", id);
        }
        ask.events().await
    }

    /// Asks a run to stop.
    pub async fn stop(&self, run: &str) -> Answer {
        self.client
            .post(&format!("{API}/runs/{run}/stop"), json!({}))
            .await
    }
}

/// A workflow and what a user does with it.
#[derive(Clone)]
pub struct Workflow {
    client: Client,
    /// Its id.
    pub id: String,
}

impl Workflow {
    /// A path under this workflow.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("{API}/workflows/{}{rest}", self.id)
    }

    /// Its draft as JSON, with the `ETag`.
    pub async fn draft(&self) -> (Json, String) {
        let answer = self.client.get(&self.path("/draft")).await;
        let etag = answer.header("etag").unwrap_or_default().to_owned();
        (answer.expect(200), etag)
    }

    /// Stores a draft over the one with this `ETag`.
    pub async fn put_draft(&self, draft: &Json, etag: &str) -> Answer {
        let ask = self
            .client
            .request("PUT", &self.path("/draft"))
            .header("if-match", etag);
        ask.json(draft).send().await
    }

    /// Lets runs choose credentials by these patterns.
    pub async fn allow(&self, patterns: &[&str]) {
        let path = self.path("/credential-settings");
        let mut settings = self.client.get(&path).await.expect(200);
        settings["runtime_allow"] = json!(patterns);
        let _ = self.client.put(&path, settings).await.expect(200);
    }

    /// Publishes the draft; the version's number.
    pub async fn publish(&self) -> Json {
        let published = self.client.post(&self.path("/publish"), json!({})).await;
        assert!(published.status < 300, "{}", published.text);
        published.expect(published.status)["version"].clone()
    }

    /// Starts a run with any body.
    pub async fn start(&self, body: Json) -> Answer {
        self.client.post(&self.path("/runs"), body).await
    }

    /// Runs to the end and answers the run, whatever its status.
    pub async fn run(&self, inputs: Json) -> Json {
        let body = json!({"inputs": inputs, "response_mode": "blocking"});
        self.start(body).await.expect(200)
    }

    /// Starts a run and does not wait; its id.
    pub async fn detach(&self, inputs: Json) -> String {
        let body = json!({"inputs": inputs, "response_mode": "detached"});
        let run = self.start(body).await.expect(202);
        run["id"].as_str().expect("an id is a text").to_owned()
    }

    /// Starts a run and reads its events.
    pub async fn stream(&self, inputs: Json) -> Events {
        let body = json!({"inputs": inputs, "response_mode": "streaming"});
        self.client
            .request("POST", &self.path("/runs"))
            .json(&body)
            .events()
            .await
    }

    /// Runs to the end as a stream.
    pub async fn stream_to_end(&self, inputs: Json) -> Vec<Event> {
        self.stream(inputs).await.rest().await
    }

    /// The dry run of credentials.
    pub async fn resolve(&self, body: Json) -> Answer {
        self.client
            .post(&self.path("/credentials/resolve"), body)
            .await
    }
}
