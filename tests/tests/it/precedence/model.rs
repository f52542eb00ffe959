//! Who pays, as the text of the design says it (parts 5.1 and 5.2). It knows nothing of the code that it judges: not a type
//! of it, not a word.

/// The levels, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    RunOverride,
    Node,
    Binding,
    ModelDefault,
    ProviderDefault,
    System,
}

impl Level {
    pub(super) const ALL: [Self; 6] = [
        Self::RunOverride,
        Self::Node,
        Self::Binding,
        Self::ModelDefault,
        Self::ProviderDefault,
        Self::System,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::RunOverride => "run_override",
            Self::Node => "node",
            Self::Binding => "workflow_binding",
            Self::ModelDefault => "workspace_model_default",
            Self::ProviderDefault => "workspace_default",
            Self::System => "system",
        }
    }
}

/// Whether a provider has secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// It needs one.
    Needed,
    /// It takes one, and goes without.
    Optional,
    /// It has none.
    None,
}

/// Why a credential cannot pay for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Disabled,
    Invalid,
    Expired,
    Exhausted,
    Cooling,
}

impl Trouble {
    const fn code(self) -> &'static str {
        match self {
            Self::Disabled => "credential_disabled",
            Self::Invalid => "credential_invalid",
            Self::Expired => "credential_expired",
            Self::Exhausted => "credential_exhausted",
            Self::Cooling => "credential_rate_limited",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Credential {
    /// Whether it is of the provider that is asked.
    pub(super) is_of_provider: bool,
    pub(super) name: String,
    /// The model that it is for, if it is for one only.
    pub(super) model: Option<String>,
    /// Scopes: absent is everybody.
    pub(super) workflows: Option<Vec<u8>>,
    pub(super) environments: Option<Vec<String>>,
    pub(super) principals: Option<Vec<u8>>,
    /// Whether its URL leads to a host that is not its own.
    pub(super) is_astray: bool,
    pub(super) trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    Priority,
    RoundRobin,
    Weighted,
    LeastBusy,
}

#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) name: String,
    pub(super) strategy: Strategy,
    /// Indices into the credentials.
    pub(super) members: Vec<usize>,
}

/// An id as somebody states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    /// Of a credential here.
    Of(usize),
    /// Of nothing in this workspace.
    Unknown,
    /// No id at all.
    Garbage,
}

/// One statement: by id, by name, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) id: Option<Id>,
    pub(super) name: Option<String>,
}

/// What a run states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    Stored(Choice),
    /// Values of its own; of two with the same number the values are the same.
    Inline {
        number: u8,
        host: Option<String>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Override {
    /// Written as `vendor/name/name`, which is the same provider.
    pub(super) is_long: bool,
    pub(super) is_of_provider: bool,
    pub(super) model: Option<String>,
    pub(super) stated: Stated,
}

#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub(super) is_of_provider: bool,
    pub(super) model: Option<String>,
    pub(super) environment: Option<String>,
    pub(super) choice: Choice,
}

/// The text of a node's selector: pieces of text and variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable(Variable),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Start,
    Sys,
    Env,
    Conversation,
    Upstream,
    Unknown,
}

/// What a variable holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Null,
    List,
    Object,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    None,
    Named,
    Inline,
}

/// Everything that a resolution may look at.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) keys: Keys,
    pub(super) model: String,
    pub(super) credentials: Vec<Credential>,
    pub(super) pools: Vec<Pool>,
    /// How often the pools were asked before.
    pub(super) turn: u64,
    /// Calls under way, by credential.
    pub(super) busy: Vec<u32>,
    pub(super) model_default: Option<usize>,
    pub(super) provider_default: Option<usize>,
    pub(super) system: bool,
    pub(super) bindings: Vec<Binding>,
    pub(super) weakest: Level,
    pub(super) runtime: Runtime,
    pub(super) allow: Vec<String>,
    pub(super) hosts: Vec<String>,
    pub(super) id: Option<Vec<Piece>>,
    pub(super) name: Option<Vec<Piece>>,
    pub(super) is_locked: bool,
    pub(super) next_on_empty: bool,
    pub(super) fallback: Vec<String>,
    pub(super) values: Vec<(Variable, Value)>,
    pub(super) overrides: Vec<Override>,
    pub(super) workflow: u8,
    pub(super) environment: String,
    pub(super) caller: u8,
    pub(super) author: u8,
}

/// Somebody who may pay.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Payer {
    /// Which credential; none for the operator's and for values of the run.
    pub(super) credential: Option<usize>,
    pub(super) is_inline: bool,
    /// 0, or its place in the fallbacks.
    pub(super) place: usize,
    pub(super) pool: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    NotNeeded,
    Pays {
        level: Level,
        payers: Vec<Payer>,
        /// Whether the node's selector was empty and let the next level decide.
        was_empty: bool,
    },
    Refused {
        code: &'static str,
        level: Option<Level>,
    },
}

/// What a level says.
enum Says {
    Nothing,
    /// Something, with who is asked instead when it is unavailable.
    Names {
        choice: Choice,
        by_run: bool,
        about_model: bool,
        fallback: Vec<String>,
    },
    Payer(Payer),
    Wrong(&'static str),
}

const NOBODY: Payer = Payer {
    credential: None,
    is_inline: false,
    place: 0,
    pool: None,
};

/// The first level that says something decides.
pub(super) fn decide(case: &Case) -> Verdict {
    if case.keys == Keys::None {
        return Verdict::NotNeeded;
    }
    let was_empty = case.next_on_empty && matches!(case.rendered(), Rendered::Empty);
    for level in Level::ALL {
        // Levels weaker than the weakest are not asked.
        if level > case.weakest {
            break;
        }
        let answer = match case.says(level) {
            Says::Nothing => continue,
            Says::Wrong(code) => Err(code),
            Says::Payer(payer) => Ok(vec![payer]),
            Says::Names {
                choice,
                by_run,
                about_model,
                fallback,
            } => case.payers(&choice, by_run, about_model, &fallback),
        };
        // It never half-decides.
        return match answer {
            Ok(payers) => Verdict::Pays {
                level,
                payers,
                was_empty: was_empty && level > Level::Node,
            },
            Err(code) => Verdict::Refused {
                code,
                level: Some(level),
            },
        };
    }
    match case.keys {
        Keys::Optional => Verdict::NotNeeded,
        Keys::Needed | Keys::None => Verdict::Refused {
            code: "credential_missing",
            level: None,
        },
    }
}

enum Rendered {
    Silent,
    Empty,
    Choice(Choice, bool),
}

impl Case {
    fn says(&self, level: Level) -> Says {
        match level {
            Level::RunOverride => self.run_says(),
            Level::Node => match self.rendered() {
                Rendered::Silent => Says::Nothing,
                Rendered::Empty if self.next_on_empty => Says::Nothing,
                Rendered::Empty => Says::Wrong("credential_selector_empty"),
                Rendered::Choice(choice, by_run) => Says::Names {
                    choice,
                    by_run,
                    about_model: true,
                    fallback: self.fallback.clone(),
                },
            },
            Level::Binding => self.binding_says(),
            Level::ModelDefault => default_says(self.model_default, true),
            Level::ProviderDefault => default_says(self.provider_default, false),
            Level::System if self.system => Says::Payer(NOBODY),
            Level::System => Says::Nothing,
        }
    }

    /// The key of the model is stronger than that of the provider; a locked node does not know this level.
    fn run_says(&self) -> Says {
        if self.is_locked {
            return Says::Nothing;
        }
        let about = |model: Option<&String>| -> Vec<&Stated> {
            let fits = |one: &&Override| one.is_of_provider && one.model.as_ref() == model;
            self.overrides
                .iter()
                .filter(fits)
                .map(|one| &one.stated)
                .collect()
        };
        let exact = about(Some(&self.model));
        let about_model = !exact.is_empty();
        let stated = if about_model { exact } else { about(None) };
        let Some(first) = stated.first() else {
            return Says::Nothing;
        };
        if self.runtime == Runtime::None {
            return Says::Wrong("credential_override_not_allowed");
        }
        if stated.iter().any(|other| other != first) {
            return Says::Wrong("credential_selector_conflict");
        }
        match first {
            Stated::Inline { host, .. } => {
                let is_listed = host.as_ref().is_none_or(|host| self.hosts.contains(host));
                if self.runtime == Runtime::Inline && is_listed {
                    Says::Payer(Payer {
                        is_inline: true,
                        ..NOBODY
                    })
                } else {
                    Says::Wrong("credential_override_not_allowed")
                }
            }
            Stated::Stored(choice) if *choice == Choice::default() => {
                Says::Wrong("credential_selector_empty")
            }
            // A level-1 decision never uses a node's fallbacks.
            Stated::Stored(choice) => Says::Names {
                choice: choice.clone(),
                by_run: true,
                about_model,
                fallback: Vec::new(),
            },
        }
    }

    /// Every placeholder must find a non-empty text or a number; else the whole selector is empty.
    fn rendered(&self) -> Rendered {
        if self.id.is_none() && self.name.is_none() {
            return Rendered::Silent;
        }
        let (mut is_empty, mut by_run) = (false, false);
        let mut render = |pieces: &Vec<Piece>| {
            let mut whole = String::new();
            for piece in pieces {
                match piece {
                    Piece::Text(text) => whole.push_str(text),
                    Piece::Variable(variable) => {
                        by_run |= *variable != Variable::Env;
                        let found = self.values.iter().find(|(known, _)| known == variable);
                        match found.map(|(_, value)| value) {
                            Some(Value::Text(text)) if !text.is_empty() => whole.push_str(text),
                            Some(Value::Number(number)) => whole.push_str(&number.to_string()),
                            _ => is_empty = true,
                        }
                    }
                }
            }
            whole
        };
        let id = self.id.as_ref().map(&mut render);
        let name = self.name.as_ref().map(&mut render);
        if is_empty {
            return Rendered::Empty;
        }
        let id = id.map(|text| self.id_of(&text));
        Rendered::Choice(Choice { id, name }, by_run)
    }

    /// Most specific first: model and environment, environment, model, neither.
    fn binding_says(&self) -> Says {
        let fits = |one: &&Binding| {
            one.is_of_provider
                && one.model.as_ref().is_none_or(|model| *model == self.model)
                && one
                    .environment
                    .as_ref()
                    .is_none_or(|label| *label == self.environment)
        };
        let fitting: Vec<&Binding> = self.bindings.iter().filter(fits).collect();
        for (model, environment) in [(true, true), (false, true), (true, false), (false, false)] {
            let mut these = fitting.iter().filter(|one| {
                (one.model.is_some(), one.environment.is_some()) == (model, environment)
            });
            let Some(first) = these.next() else {
                continue;
            };
            if these.any(|other| other.choice != first.choice) {
                return Says::Wrong("credential_selector_conflict");
            }
            return Says::Names {
                choice: first.choice.clone(),
                by_run: false,
                about_model: model,
                fallback: Vec::new(),
            };
        }
        Says::Nothing
    }

    /// Those who may pay, in order; they go on only from what is unavailable, never from what is wrong.
    fn payers(
        &self,
        choice: &Choice,
        by_run: bool,
        about_model: bool,
        fallback: &[String],
    ) -> Result<Vec<Payer>, &'static str> {
        let mut payers: Vec<Payer> = Vec::new();
        let mut first_trouble = None;
        let stated = self.named(choice, by_run, about_model);
        let others = fallback.iter().map(|name| {
            let choice = Choice {
                id: None,
                name: Some(name.clone()),
            };
            self.named(&choice, false, true)
        });
        for (place, named) in std::iter::once(stated).chain(others).enumerate() {
            let named = match named {
                Ok(named) => named,
                Err(code) if payers.is_empty() => return Err(code),
                Err(_) => break,
            };
            for (credential, pool) in named {
                match self.credentials[credential].trouble {
                    Some(trouble) => {
                        first_trouble.get_or_insert(trouble);
                    }
                    None if payers.iter().any(|one| one.credential == Some(credential)) => {}
                    None => payers.push(Payer {
                        credential: Some(credential),
                        is_inline: false,
                        place,
                        pool,
                    }),
                }
            }
        }
        match first_trouble {
            Some(trouble) if payers.is_empty() => Err(trouble.code()),
            _ => Ok(payers),
        }
    }

    /// The credential of a statement, or the members of its pool that are in scope; unavailable ones are among them.
    fn named(
        &self,
        choice: &Choice,
        by_run: bool,
        about_model: bool,
    ) -> Result<Vec<(usize, Option<String>)>, &'static str> {
        let fenced = |name: &str| by_run && !self.allow.iter().any(|pattern| fits(pattern, name));
        // The list is checked before the lookup.
        if choice.name.as_deref().is_some_and(fenced) {
            return Err("credential_override_not_allowed");
        }
        if let Some(id) = choice.id {
            let Id::Of(index) = id else {
                return Err("credential_not_found");
            };
            let named = &self.credentials[index].name;
            if fenced(named) {
                return Err("credential_override_not_allowed");
            }
            if choice.name.as_ref().is_some_and(|name| name != named) {
                return Err("credential_selector_conflict");
            }
            self.fits(index, about_model)?;
            return Ok(vec![(index, None)]);
        }
        let name = choice.name.as_deref().unwrap_or_default();
        let is_named = |one: &Credential| one.is_of_provider && one.name == name;
        if let Some(index) = self.credentials.iter().position(is_named) {
            self.fits(index, about_model)?;
            return Ok(vec![(index, None)]);
        }
        let Some(pool) = self.pools.iter().find(|pool| pool.name == name) else {
            return Err("credential_not_found");
        };
        let in_scope = pool
            .members
            .iter()
            .copied()
            .filter(|index| self.fits(*index, about_model).is_ok());
        let in_scope: Vec<usize> = in_scope.collect();
        if in_scope.is_empty() {
            return Err("credential_forbidden");
        }
        let ordered = self.in_order(pool.strategy, in_scope).into_iter();
        Ok(ordered
            .map(|index| (index, Some(pool.name.clone())))
            .collect())
    }

    /// Whether it is the right one: of this provider and model, in scope for workflow, environment, caller and author, and
    /// sent to its own hosts only.
    fn fits(&self, index: usize, about_model: bool) -> Result<(), &'static str> {
        let one = &self.credentials[index];
        let is_of_model = one
            .model
            .as_ref()
            .is_none_or(|model| about_model && *model == self.model);
        if !one.is_of_provider || !is_of_model {
            return Err("credential_provider_mismatch");
        }
        let principal = |who: u8| one.principals.as_ref().is_none_or(|all| all.contains(&who));
        let in_scope = one
            .workflows
            .as_ref()
            .is_none_or(|all| all.contains(&self.workflow))
            && one
                .environments
                .as_ref()
                .is_none_or(|all| all.contains(&self.environment))
            && principal(self.caller)
            && principal(self.author);
        if !in_scope || one.is_astray {
            return Err("credential_forbidden");
        }
        Ok(())
    }

    fn in_order(&self, strategy: Strategy, members: Vec<usize>) -> Vec<usize> {
        if strategy == Strategy::Priority {
            return members;
        }
        let is_troubled = |index: &usize| self.credentials[*index].trouble.is_some();
        let (mut order, mut able): (Vec<usize>, Vec<usize>) =
            members.into_iter().partition(is_troubled);
        if !able.is_empty() {
            let first = usize::try_from(self.turn).unwrap() % able.len();
            able.rotate_left(first);
        }
        if strategy == Strategy::LeastBusy {
            able.sort_by_key(|index| self.busy[*index]);
        }
        order.extend(able);
        order
    }

    /// Whether a credential could pay for this call, if only somebody chose it.
    pub(super) fn may_ever_pay(&self, index: usize) -> bool {
        self.fits(index, true).is_ok() && self.credentials[index].trouble.is_none()
    }

    /// The strategy of a pool.
    pub(super) fn strategy_of(&self, name: &str) -> Option<Strategy> {
        let pool = self.pools.iter().find(|pool| pool.name == name)?;
        Some(pool.strategy)
    }

    /// Which credential has this name and id.
    pub(super) fn index_of(&self, name: &str, id: Option<u128>) -> usize {
        let fits = |(index, one): (usize, &Credential)| {
            (one.name == name && id == Some(number_of(index))).then_some(index)
        };
        let mut all = self.credentials.iter().enumerate();
        all.find_map(fits).expect("a credential of the case")
    }

    fn id_of(&self, text: &str) -> Id {
        let known = (0..self.credentials.len()).find(|index| text == text_of(Id::Of(*index)));
        known.map_or(Id::Unknown, Id::Of)
    }
}

/// What an id is when it is a number.
pub(super) const fn number_of(index: usize) -> u128 {
    0x1000 + index as u128
}

/// An id as a text.
pub(super) fn text_of(id: Id) -> String {
    match id {
        Id::Of(index) => format!("00000000-0000-0000-0000-{:012x}", number_of(index)),
        Id::Unknown => "00000000-0000-0000-0000-0000000fffff".to_owned(),
        Id::Garbage => "no-id".to_owned(),
    }
}

fn default_says(index: Option<usize>, about_model: bool) -> Says {
    match index {
        None => Says::Nothing,
        Some(index) => Says::Names {
            choice: Choice {
                id: Some(Id::Of(index)),
                name: None,
            },
            by_run: false,
            about_model,
            fallback: Vec::new(),
        },
    }
}

/// Patterns of these cases have one star at most.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => {
            name.len() >= before.len() + after.len()
                && name.starts_with(before)
                && name.ends_with(after)
        }
    }
}
