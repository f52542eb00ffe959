//! `knowledge-retrieval` over datasets that a test makes up: which are asked, by whom, and in what order things come out.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use latchkey_domain::id::{DatasetId, DocumentId, SegmentId, WorkspaceId};
use latchkey_domain::knowledge::{Filter, Retrieval, Segment};
use latchkey_domain::time::Timestamp;
use latchkey_engine::node::{Attempt, Behaviour, NodeTypes as _};
use latchkey_nodes::{
    AskedModel, BuiltinNodes, DatasetCard, Hit, Knowledge, KnowledgeError, KnowledgeQuestion,
};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::world::{World, build, node, outcome, pool};

/// What the node asked of the port.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    datasets: Vec<DatasetId>,
    query: String,
    top_k: usize,
    filter: Option<Filter>,
}

/// Datasets `manual` and `prices` with two passages each.
#[derive(Default)]
struct Shelf {
    asked: Mutex<Vec<Asked>>,
    fails: bool,
}

fn id(number: u128) -> DatasetId {
    DatasetId::new(Uuid::from_u128(number))
}

fn hit(dataset: u128, position: u32, content: &str, score: f64) -> Hit {
    let document = DocumentId::new(Uuid::from_u128(100 + dataset));
    Hit {
        dataset: id(dataset),
        dataset_name: if dataset == 1 { "manual" } else { "prices" }.to_owned(),
        document_id: document.to_string(),
        document_name: "document".to_owned(),
        metadata: Map::from_iter([("year".to_owned(), json!(2025))]),
        segment: Some(Segment {
            id: SegmentId::new(Uuid::from_u128(1000 + u128::from(position))),
            document,
            dataset: id(dataset),
            position,
            content: content.to_owned(),
            answer: None,
            hits: 0,
            created_at: Timestamp::default(),
        }),
        content: content.to_owned(),
        score,
        vector_score: Some(score),
    }
}

#[async_trait]
impl Knowledge for Shelf {
    async fn datasets(
        &self,
        _: WorkspaceId,
        named: &[String],
    ) -> Result<Vec<DatasetCard>, KnowledgeError> {
        if self.fails {
            return Err(KnowledgeError::Unavailable(
                "the shelf is broken".to_owned(),
            ));
        }
        let all = [
            (1, "manual", true),
            (2, "prices", true),
            (3, "empty", false),
        ];
        let named = all
            .into_iter()
            .filter(|(_, name, _)| named.iter().any(|one| one == name));
        let cards = named.map(|(number, name, has_documents)| DatasetCard {
            id: id(number),
            name: name.to_owned(),
            description: String::new(),
            retrieval: Retrieval {
                top_k: 1,
                ..Retrieval::default()
            },
            has_documents,
        });
        Ok(cards.collect())
    }

    async fn metadata_names(
        &self,
        _: WorkspaceId,
        _: &[DatasetId],
    ) -> Result<Vec<String>, KnowledgeError> {
        Ok(vec!["year".to_owned()])
    }

    async fn search(
        &self,
        question: &KnowledgeQuestion<'_>,
        _: &mut Vec<AskedModel>,
    ) -> Result<Vec<Hit>, KnowledgeError> {
        self.asked.lock().unwrap().push(Asked {
            datasets: question.datasets.to_vec(),
            query: question.query.to_owned(),
            top_k: question.top_k,
            filter: question.filter.cloned(),
        });
        let all = [
            hit(1, 1, "reset a password", 0.5),
            hit(1, 2, "bake a cake", 0.9),
            hit(2, 1, "a password costs nothing", 0.7),
        ];
        let asked = all
            .into_iter()
            .filter(|hit| question.datasets.contains(&hit.dataset));
        Ok(asked.collect())
    }
}

struct Ran {
    attempt: Attempt,
    asked: Vec<Asked>,
    keys: Vec<String>,
}

impl Ran {
    fn contents(&self) -> Vec<String> {
        let outputs = outcome(&self.attempt).unwrap();
        let items = outputs["result"].as_array().unwrap().iter();
        items
            .map(|item| item["content"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Runs a node with these data over the shelf; models say `said`.
async fn run(said: &str, data: Json, query: Json) -> Ran {
    run_over(Shelf::default(), said, data, query).await
}

async fn run_over(shelf: Shelf, said: &str, data: Json, query: Json) -> Ran {
    let world = World::saying(&[said]).with_credential("house");
    let mut all = json!({"query_variable_selector": ["start", "q"], "dataset_ids": ["manual", "prices", "empty", "unknown"],
        "retrieval_mode": "multiple"});
    all.as_object_mut()
        .unwrap()
        .extend(data.as_object().unwrap().clone());
    let shelf = Arc::new(shelf);
    let mut host = world.host();
    host.knowledge = Arc::clone(&shelf) as _;
    let spec = BuiltinNodes::new(host)
        .build(&node("knowledge-retrieval", all))
        .unwrap();
    let Behaviour::Effect(node) = spec.behaviour else {
        panic!("it has effects");
    };
    let context = world.context(pool(
        json!({"start": {"q": query, "year": 2025, "who": "Ada"}}),
    ));
    let attempt = node.run(context).await;
    let asked = shelf.asked.lock().unwrap().clone();
    Ran {
        attempt,
        asked,
        keys: world.keys(),
    }
}

fn model() -> Json {
    json!({"provider": "openai", "name": "gpt-4o-mini", "mode": "chat", "completion_params": {}})
}

#[tokio::test]
async fn several_datasets_are_searched_and_the_best_come_first() {
    let config = json!({"multiple_retrieval_config": {"top_k": 2, "score_threshold": null, "reranking_enable": false}});
    let ran = run("", config, json!("password")).await;
    assert_eq!(ran.contents(), ["bake a cake", "a password costs nothing"]);
    let asked = Asked {
        datasets: vec![id(1), id(2)],
        query: "password".to_owned(),
        top_k: 2,
        filter: None,
    };
    assert_eq!(ran.asked, [asked]);
    assert_eq!(ran.attempt.inputs["query"], "password");
    assert!(ran.keys.is_empty(), "no model is needed");
}

#[tokio::test]
async fn an_item_looks_as_workflows_know_it() {
    let config = json!({"multiple_retrieval_config": {"top_k": 1}});
    let outputs = outcome(&run("", config, json!("cake")).await.attempt).unwrap();
    let hash = hit(1, 2, "bake a cake", 0.9).segment.unwrap().hash();
    assert_eq!(hash.len(), 64);
    let metadata = json!({"_source": "knowledge", "position": 1, "dataset_id": id(1), "dataset_name": "manual",
        "document_id": Uuid::from_u128(101), "document_name": "document", "data_source_type": "upload_file",
        "retriever_from": "workflow", "score": 0.9, "doc_metadata": {"year": 2025},
        "segment_id": Uuid::from_u128(1002), "segment_hit_count": 0, "segment_word_count": 11, "segment_position": 2,
        "segment_index_node_hash": hash});
    assert_eq!(
        outputs["result"],
        json!([{"metadata": metadata, "title": "document", "content": "bake a cake"}])
    );
}

#[tokio::test]
async fn a_threshold_keeps_what_is_bad_out() {
    let config = json!({"multiple_retrieval_config": {"top_k": 5, "score_threshold": 0.6}});
    assert_eq!(run("", config, json!("x")).await.contents().len(), 2);
}

#[tokio::test]
async fn weights_order_by_words_and_vectors() {
    let weights = |vector: f64, keyword: f64| {
        json!({"multiple_retrieval_config": {"top_k": 1, "reranking_mode": "weighted_score", "weights": {
            "vector_setting": {"vector_weight": vector, "embedding_provider_name": "openai", "embedding_model_name": "x"},
            "keyword_setting": {"keyword_weight": keyword}}}})
    };
    let question = json!("reset password");
    assert_eq!(
        run("", weights(0.0, 1.0), question.clone())
            .await
            .contents(),
        ["reset a password"]
    );
    assert_eq!(
        run("", weights(1.0, 0.0), question.clone())
            .await
            .contents(),
        ["bake a cake"]
    );
    let missing =
        json!({"multiple_retrieval_config": {"top_k": 1, "reranking_mode": "weighted_score"}});
    let ran = run("", missing, question).await;
    assert_eq!(outcome(&ran.attempt), Err("weights is required".to_owned()));
}

#[tokio::test]
async fn a_rerank_model_orders_and_is_paid_for() {
    let rerank = json!({"provider": "simulated", "model": "simulated-rerank"});
    let config = json!({"multiple_retrieval_config": {"top_k": 1, "reranking_mode": "reranking_model", "reranking_model": rerank}});
    let ran = run("", config, json!("reset password")).await;
    assert_eq!(ran.contents(), ["reset a password"]);
    assert!(
        ran.attempt.usage.tokens.input > 0,
        "{:?}",
        ran.attempt.usage
    );
    assert_eq!(
        ran.attempt.resolution.unwrap().provider.as_str(),
        "simulated"
    );
}

#[tokio::test]
async fn the_credential_of_a_rerank_model_is_the_nodes_own_say() {
    let rerank =
        json!({"provider": "cohere", "model": "rerank-v3.5", "credential_name": "{{#start.who#}}"});
    let config = json!({"multiple_retrieval_config": {"top_k": 1, "reranking_model": rerank}});
    let ran = run("", config, json!("x")).await;
    let failure = ran.attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "CredentialError");
    assert!(
        failure
            .message
            .starts_with("credential_override_not_allowed"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_model_chooses_one_dataset() {
    let config = json!({"retrieval_mode": "single", "single_retrieval_config": {"model": model()}});
    let said = format!("I choose {}.", id(2));
    let ran = run(&said, config.clone(), json!("what does it cost")).await;
    assert_eq!(ran.contents(), ["a password costs nothing"]);
    assert_eq!((ran.asked[0].top_k, ran.keys.len()), (1, 1));
    assert_eq!(ran.keys, ["Bearer key-house"]);
    assert_eq!(ran.attempt.usage.tokens.total(), 15);
    assert_eq!(ran.attempt.process_data["dataset"]["name"], "prices");
    assert!(
        run("NONE", config.clone(), json!("x"))
            .await
            .contents()
            .is_empty()
    );
    let mut only = config;
    only["dataset_ids"] = json!(["manual"]);
    let ran = run("", only, json!("x")).await;
    assert_eq!(
        (ran.contents(), ran.keys.len()),
        (vec!["bake a cake".to_owned()], 0)
    );
}

#[tokio::test]
async fn manual_conditions_take_the_values_of_variables() {
    let condition = |name: &str, operator: &str, value: &str| json!({"id": "c", "name": name, "comparison_operator": operator, "value": value});
    let conditions = json!([
        condition("year", "is", "{{#start.year#}}"),
        condition("by", "contains", "x {{#start.who#}}")
    ]);
    let data = json!({"metadata_filtering_mode": "manual",
        "metadata_filtering_conditions": {"logical_operator": "or", "conditions": conditions}});
    let ran = run("", data, json!("x")).await;
    let filter = json!(ran.asked[0].filter);
    assert_eq!(filter["logical_operator"], "or");
    let values: Vec<&Json> = [0, 1].map(|at| &filter["conditions"][at]["value"]).to_vec();
    assert_eq!(values, [&json!(2025), &json!("x Ada")]);
}

#[tokio::test]
async fn a_model_reads_conditions_out_of_the_question() {
    let said = json!([{"metadata_field_name": "year", "comparison_operator": "after", "metadata_field_value": 2020}]);
    let data = json!({"metadata_filtering_mode": "automatic", "metadata_model_config": model()});
    let ran = run(&said.to_string(), data, json!("what is new since 2020")).await;
    let filter = json!(ran.asked[0].filter);
    let condition = json!({"name": "year", "comparison_operator": "after", "value": 2020});
    assert_eq!(filter["conditions"], json!([condition]));
    assert_eq!(ran.attempt.process_data["metadata_filter"], filter);
    assert_eq!(ran.keys, ["Bearer key-house"]);
}

#[tokio::test]
async fn a_question_is_a_text_and_an_empty_one_finds_nothing() {
    for query in [json!(5), json!(["x"]), json!({"a": 1})] {
        let ran = run("", json!({}), query).await;
        let failure = ran.attempt.outcome.unwrap_err();
        assert_eq!(failure.message, "Query variable is not string type.");
        assert_eq!(failure.error_type, "KnowledgeRetrievalNodeError");
    }
    let unset = json!({"query_variable_selector": ["start", "gone"]});
    assert!(outcome(&run("", unset, json!("x")).await.attempt).is_err());
    for (data, query) in [
        (json!({}), json!("  ")),
        (json!({"query_variable_selector": null}), json!("x")),
        (json!({"dataset_ids": ["unknown", "empty"]}), json!("x")),
        (json!({"dataset_ids": []}), json!("x")),
    ] {
        let ran = run("", data, query).await;
        assert!(ran.contents().is_empty() && ran.asked.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_read_fails_the_node() {
    let shelf = Shelf {
        fails: true,
        ..Shelf::default()
    };
    let ran = run_over(shelf, "", json!({}), json!("x")).await;
    assert_eq!(outcome(&ran.attempt), Err("the shelf is broken".to_owned()));
}

#[test]
fn data_that_make_no_sense_are_refused_with_their_field() {
    for (data, field) in [
        (json!({"retrieval_mode": "both"}), "data.retrieval_mode"),
        (
            json!({"metadata_filtering_mode": "magic"}),
            "data.metadata_filtering_mode",
        ),
        (
            json!({"multiple_retrieval_config": {"reranking_mode": "x"}}),
            "data.multiple_retrieval_config.reranking_mode",
        ),
        (
            json!({"metadata_filtering_mode": "manual", "metadata_filtering_conditions": {"conditions": [
            {"name": "a", "comparison_operator": "near", "value": "b"}]}}),
            "data.metadata_filtering_conditions",
        ),
    ] {
        let problem = build("knowledge-retrieval", data).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some(field), "{problem}");
    }
    for data in [
        json!({}),
        json!({"multiple_retrieval_config": null, "dataset_ids": null}),
    ] {
        build("knowledge-retrieval", data).unwrap();
    }
}

#[tokio::test]
async fn an_llm_node_tells_where_its_context_comes_from() {
    let found = json!({"content": "reset it", "title": "help", "metadata": {"_source": "knowledge", "position": 1,
        "dataset_name": "manual", "segment_hit_count": 3, "score": 0.5}});
    let data = json!({"context": {"enabled": true, "variable_selector": ["find", "result"]},
        "prompt_template": [{"role": "user", "text": "{{#context#}}"}]});
    let world = World::saying(&["ok"]).with_credential("house");
    let other = json!({"content": "not of a dataset", "metadata": {"_source": "web"}});
    let ran = world
        .ask(data, pool(json!({"find": {"result": [found, other]}})))
        .await;
    let resources = ran.process_data["retriever_resources"].as_array().unwrap();
    assert_eq!(resources.len(), 1);
    let told =
        ["dataset_name", "hit_count", "content", "title", "page"].map(|key| &resources[0][key]);
    assert_eq!(
        told,
        [
            &json!("manual"),
            &json!(3),
            &json!("reset it"),
            &json!("help"),
            &Json::Null
        ]
    );
}
