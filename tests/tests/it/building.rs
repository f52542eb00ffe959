//! The nodes of real files that ask models can be built as they stand there.

use std::sync::Arc;

use latchkey_domain::document::{ImportOptions, import};
use latchkey_domain::time::Timestamp;
use latchkey_engine::node::NodeTypes as _;
use latchkey_models::ModelManager;
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_nodes::{BuiltinNodes, Host};
use latchkey_outbound::{Error, Outbound};
use latchkey_tests::requires;

const ASKING: [&str; 4] = ["llm", "question-classifier", "parameter-extractor", "agent"];

fn nodes() -> BuiltinNodes {
    let outbound = Outbound::scripted(Arc::new(|request| {
        Err(Error::Refused(request.url().to_owned()))
    }));
    let source = MemorySource::new(Arc::new(|| Timestamp::from_millis(0)));
    let book = Arc::new(MemoryBook::default());
    let models = ModelManager::new(Arc::new(source), book, outbound.clone());
    BuiltinNodes::new(Host::new(Arc::new(models), outbound))
}

#[test]
fn every_node_of_the_corpus_that_asks_a_model_is_built() {
    let shared = requires!(shared);
    let supported = |_: &str| true;
    let options = ImportOptions {
        confirm_newer: true,
        supported: &supported,
    };
    let (mut built, mut refused) = (0, Vec::new());
    for file in std::fs::read_dir(shared.join("corpus")).unwrap() {
        let path = file.unwrap().path();
        let is_workflow = path.extension().is_some_and(|kind| kind == "yml");
        let text = if is_workflow {
            std::fs::read_to_string(&path).unwrap()
        } else {
            String::new()
        };
        let document = import(&text, &options).document;
        let graphs = document.iter().flat_map(|document| &document.graph().nodes);
        for node in graphs.filter(|node| ASKING.contains(&node.node_type.as_str())) {
            match nodes().build(node) {
                Ok(_) => built += 1,
                Err(problem) => refused.push(format!("{} {}: {problem}", path.display(), node.id)),
            }
        }
    }
    assert_eq!(refused, Vec::<String>::new());
    assert!(built > 80, "only {built} nodes were built");
}
