//! The variable pool of a run: node id and variable name to typed value (Dify DSL reference, 3.1).
//!
//! A pool is persistent: a clone is one reference count, and a later change of the one is not seen through the other.
//! A [`Pool::layer`] over a pool costs as little: it holds only what is changed through it.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;

use latchkey_domain::id::NodeId;
use latchkey_domain::value::{File, NamedValues, Value};

/// The namespaces that a start node copies into its own outputs under dotted names.
const COPIED: [&str; 3] = ["sys", "env", "conversation"];

/// The variables of one run.
#[derive(Clone, Debug, Default)]
pub struct Pool {
    inner: Arc<Inner>,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    nodes: HashMap<NodeId, Arc<Variables>>,
    entry: Option<Arc<Entry>>,
    /// What holds for nodes that are not here. A node that is here hides the one below, also without any variable.
    below: Option<Arc<Inner>>,
}

impl Inner {
    fn node(&self, id: &str) -> Option<&Arc<Variables>> {
        let mut layer = self;
        loop {
            if let Some(found) = layer.nodes.get(id) {
                return Some(found);
            }
            layer = layer.below.as_ref()?;
        }
    }
}

/// The entry node and the namespaces as they were at the start: `[start, "sys.query"]` reads them.
#[derive(Clone, Debug)]
struct Entry {
    node: NodeId,
    copied: [Option<Arc<Variables>>; 3],
    /// Whether some node is really called `start`, so that the word means no other one.
    start_is_a_node: bool,
}

/// The variables of one node; few enough that a search beats a map.
#[derive(Clone, Debug, Default)]
struct Variables(Vec<(Arc<str>, Value)>);

impl Variables {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| &**known == name)
            .map(|(_, value)| value)
    }

    fn set(&mut self, name: &str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| &**known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.into(), value)),
        }
    }
}

impl Pool {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A pool that begins with the variables of this one and of which this one sees nothing.
    #[must_use]
    pub fn layer(&self) -> Self {
        Self {
            inner: Arc::new(Inner {
                nodes: HashMap::new(),
                entry: self.inner.entry.clone(),
                below: Some(Arc::clone(&self.inner)),
            }),
        }
    }

    /// Declares the entry node, after the namespaces are filled: under its id, `sys.query` and the like are variables
    /// with the values of this moment. `start_is_a_node` tells whether some node has the id `start`.
    pub fn set_entry(&mut self, node: &NodeId, start_is_a_node: bool) {
        let inner = Arc::make_mut(&mut self.inner);
        let copied = COPIED.map(|name| inner.node(name).cloned());
        inner.entry = Some(Arc::new(Entry {
            node: node.clone(),
            copied,
            start_is_a_node,
        }));
    }

    /// The node that the word `start` stands for in credential selectors.
    pub(crate) fn start_alias(&self) -> Option<&NodeId> {
        let entry = self.inner.entry.as_ref()?;
        (!entry.start_is_a_node).then_some(&entry.node)
    }

    /// Whether the word `start` is the id of a node.
    pub(crate) fn start_is_a_node(&self) -> bool {
        self.inner
            .entry
            .as_ref()
            .is_some_and(|entry| entry.start_is_a_node)
    }

    /// The value that a selector (`[node, name, …path]`) finds; a present null is a value, not nothing.
    #[must_use]
    pub fn get(&self, selector: &[impl AsRef<str>]) -> Option<Value> {
        let [node, name, path @ ..] = selector else {
            return None;
        };
        let value = self.variable(node.as_ref(), name.as_ref())?;
        match path {
            [] => Some(value.clone()),
            [attribute, ..] => match value {
                Value::File(file) => file.attribute(attribute.as_ref()),
                Value::Object(map) => walk(map, path).map(|value| self.typed(value)),
                Value::None
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Float(_)
                | Value::String(_)
                | Value::Secret(_)
                | Value::Array(_) => None,
            },
        }
    }

    /// A secret that was put into a mapping is one again when it is taken out.
    pub(crate) fn typed(&self, value: Value) -> Value {
        let Value::String(text) = &value else {
            return value;
        };
        let environment = self.inner.node("env");
        let mut secrets = environment.iter().flat_map(|variables| &variables.0);
        let secret = secrets.find(|(_, secret)| {
            matches!(secret, Value::Secret(plain) if plain == text && !plain.is_empty())
        });
        secret.map_or(value, |(_, secret)| secret.clone())
    }

    /// The stored value of a variable, not cloned.
    #[must_use]
    pub fn variable(&self, node: &str, name: &str) -> Option<&Value> {
        let stored = self
            .inner
            .node(node)
            .and_then(|variables| variables.get(name));
        stored.or_else(|| self.inner.entry.as_ref()?.copied(node, name))
    }

    /// Whether the node has any variable.
    #[must_use]
    pub fn has_node(&self, node: &str) -> bool {
        self.inner
            .node(node)
            .is_some_and(|variables| !variables.0.is_empty())
    }

    /// Sets a variable.
    pub fn set(&mut self, node: &str, name: &str, value: Value) {
        Arc::make_mut(self.entry_of(node)).set(name, value);
    }

    /// Sets the variables of a node that has none yet, or adds them to those that it has.
    pub fn set_all(&mut self, node: &NodeId, values: &[(String, Value)]) {
        if values.is_empty() {
            return;
        }
        let variables = Arc::make_mut(self.entry_of(node.as_str()));
        for (name, value) in values {
            variables.set(name, value.clone());
        }
    }

    /// Forgets all variables of a node.
    pub fn remove_node(&mut self, node: &str) {
        if !self.has_node(node) {
            return;
        }
        let inner = Arc::make_mut(&mut self.inner);
        match &inner.below {
            Some(below) if below.node(node).is_some() => {
                inner.nodes.insert(NodeId::new(node), Arc::default());
            }
            _ => {
                inner.nodes.remove(node);
            }
        }
    }

    /// All variables of a node, in the order in which they first appeared.
    #[must_use]
    pub fn node_values(&self, node: &str) -> NamedValues {
        let variables = self.inner.node(node);
        variables.map_or_else(Vec::new, |variables| {
            let pairs = variables.0.iter();
            pairs
                .map(|(name, value)| (name.to_string(), value.clone()))
                .collect()
        })
    }

    fn entry_of(&mut self, node: &str) -> &mut Arc<Variables> {
        let inner = Arc::make_mut(&mut self.inner);
        if !inner.nodes.contains_key(node) {
            let below = inner.below.as_ref().and_then(|below| below.node(node));
            let variables = below.cloned().unwrap_or_default();
            inner.nodes.insert(NodeId::new(node), variables);
        }
        inner.nodes.get_mut(node).expect("inserted above")
    }
}

impl Entry {
    /// `[entry, "sys.query"]`: a copy made at the start.
    fn copied(&self, node: &str, name: &str) -> Option<&Value> {
        if self.node.as_str() != node {
            return None;
        }
        let (namespace, name) = name.split_once('.')?;
        let index = COPIED.iter().position(|known| *known == namespace)?;
        self.copied[index].as_ref()?.get(name)
    }
}

/// Walks keys of mappings; lists and texts cannot be walked into, a file met on the way answers with an attribute.
fn walk(map: &serde_json::Map<String, Json>, path: &[impl AsRef<str>]) -> Option<Value> {
    let mut keys = path.iter();
    let mut current = map.get(keys.next()?.as_ref())?;
    for key in keys {
        if File::is_marked(current) {
            return File::from_json(current)?.attribute(key.as_ref());
        }
        current = current.as_object()?.get(key.as_ref())?;
    }
    Some(Value::infer(current.clone()))
}
