//! Cases at random, from few names, so that statements often meet.

use super::model::{
    Binding, Case, Choice, Credential, Id, Keys, Level, Override, Piece, Pool, Runtime, Stated,
    Strategy, Trouble, Value, Variable,
};

/// A stream of numbers that a seed decides (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// True in so many of a hundred cases.
    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn maybe<T>(&mut self, share: usize, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.percent(share).then(|| make(self))
    }

    fn several<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.below(most + 1);
        (0..count).map(|_| make(self)).collect()
    }
}

const MODELS: [&str; 2] = ["gpt-4o", "gpt-4o-mini"];
const ENVIRONMENTS: [&str; 2] = ["production", "staging"];
const NAMES: [&str; 6] = [
    "customer-acme",
    "customer-7",
    "house",
    "spare",
    "other",
    "last",
];
const POOLS: [&str; 2] = ["team", "customer-team"];
const UNKNOWN: &str = "customer-nobody";
const HOST: &str = "llm.acme.test";

fn text(of: &str) -> String {
    of.to_owned()
}

pub(super) fn any(random: &mut Random) -> Case {
    let credentials: Vec<Credential> = NAMES.iter().map(|name| credential(random, name)).collect();
    let pools = POOLS.map(|name| pool(random, name)).to_vec();
    let default = |random: &mut Random| random.below(NAMES.len());
    let (id, name) = selector(random);
    let runtime = [
        Runtime::None,
        Runtime::Named,
        Runtime::Named,
        Runtime::Inline,
        Runtime::Inline,
    ];
    Case {
        keys: match random.below(20) {
            0 => Keys::None,
            1 | 2 => Keys::Optional,
            _ => Keys::Needed,
        },
        model: text(random.one(&MODELS)),
        turn: random.next() % 1000,
        busy: NAMES
            .iter()
            .map(|_| u32::try_from(random.below(3)).unwrap())
            .collect(),
        model_default: random.maybe(25, default),
        provider_default: random.maybe(40, default),
        system: random.percent(40),
        bindings: if random.percent(50) {
            random.several(4, binding)
        } else {
            Vec::new()
        },
        weakest: random.one(&[
            Level::System,
            Level::System,
            Level::ProviderDefault,
            Level::ProviderDefault,
            Level::ModelDefault,
            Level::Binding,
            Level::Node,
            Level::RunOverride,
        ]),
        runtime: random.one(&runtime),
        allow: random.several(3, |random| {
            text(random.one(&["*", "customer-*", "*-acme", "house", "team", "custom*team"]))
        }),
        hosts: random.maybe(50, |_| text(HOST)).into_iter().collect(),
        id,
        name,
        is_locked: random.percent(20),
        next_on_empty: random.percent(40),
        fallback: if random.percent(65) {
            random.several(3, any_name)
        } else {
            Vec::new()
        },
        values: values(random),
        overrides: if random.percent(35) {
            overrides(random)
        } else {
            Vec::new()
        },
        workflow: 1,
        environment: text(random.one(&ENVIRONMENTS)),
        caller: u8::try_from(random.below(2)).unwrap(),
        author: u8::try_from(random.below(2)).unwrap(),
        credentials,
        pools,
    }
}

fn credential(random: &mut Random, name: &str) -> Credential {
    let troubles = [
        Trouble::Disabled,
        Trouble::Invalid,
        Trouble::Expired,
        Trouble::Exhausted,
        Trouble::Cooling,
    ];
    Credential {
        is_of_provider: random.percent(88),
        name: text(name),
        model: random.maybe(15, |random| text(random.one(&MODELS))),
        workflows: random.maybe(8, |random| {
            random.several(2, |random| u8::try_from(random.below(3)).unwrap())
        }),
        environments: random.maybe(10, |random| {
            random.several(2, |random| text(random.one(&ENVIRONMENTS)))
        }),
        principals: random.maybe(12, |random| {
            random.several(3, |random| u8::try_from(random.below(2)).unwrap())
        }),
        is_astray: random.percent(3),
        trouble: random.maybe(30, |random| random.one(&troubles)),
    }
}

fn pool(random: &mut Random, name: &str) -> Pool {
    let mut members = random.several(4, |random| random.below(NAMES.len()));
    let mut seen = Vec::new();
    members.retain(|member| {
        let is_new = !seen.contains(member);
        seen.push(*member);
        is_new
    });
    Pool {
        name: text(name),
        strategy: random.one(&[
            Strategy::Priority,
            Strategy::RoundRobin,
            Strategy::Weighted,
            Strategy::LeastBusy,
        ]),
        members,
    }
}

fn any_name(random: &mut Random) -> String {
    match random.below(10) {
        0 => text(UNKNOWN),
        1..=3 => text(random.one(&POOLS)),
        _ => text(random.one(&NAMES)),
    }
}

fn any_id(random: &mut Random) -> Id {
    match random.below(12) {
        0 => Id::Unknown,
        1 => Id::Garbage,
        _ => Id::Of(random.below(NAMES.len())),
    }
}

fn choice(random: &mut Random) -> Choice {
    match random.below(10) {
        0 => {
            let index = random.below(NAMES.len());
            let name = if random.percent(60) {
                text(NAMES[index])
            } else {
                any_name(random)
            };
            Choice {
                id: Some(Id::Of(index)),
                name: Some(name),
            }
        }
        1 | 2 => Choice {
            id: Some(any_id(random)),
            name: None,
        },
        _ => Choice {
            id: None,
            name: Some(any_name(random)),
        },
    }
}

fn binding(random: &mut Random) -> Binding {
    Binding {
        is_of_provider: random.percent(85),
        model: random.maybe(40, |random| text(random.one(&MODELS))),
        environment: random.maybe(40, |random| text(random.one(&ENVIRONMENTS))),
        choice: choice(random),
    }
}

/// A map keeps one statement for each way to write a key.
fn overrides(random: &mut Random) -> Vec<Override> {
    let mut all = random.several(3, stated);
    let mut seen = Vec::new();
    all.retain(|one| {
        let key = (one.is_long, one.is_of_provider, one.model.clone());
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    all
}

fn stated(random: &mut Random) -> Override {
    let stated = match random.below(10) {
        0 => Stated::Stored(Choice::default()),
        1..=3 => {
            let number = u8::try_from(random.below(2)).unwrap();
            // Equal values go to equal hosts.
            let host = (number == 1).then(|| text(HOST));
            Stated::Inline { number, host }
        }
        _ => Stated::Stored(choice(random)),
    };
    Override {
        is_long: random.percent(40),
        is_of_provider: random.percent(85),
        model: random.maybe(40, |random| text(random.one(&MODELS))),
        stated,
    }
}

/// The two texts of a node's selector, either of which may hold variables.
fn selector(random: &mut Random) -> (Option<Vec<Piece>>, Option<Vec<Piece>>) {
    let name = |random: &mut Random| {
        let variables = [
            Variable::Start,
            Variable::Sys,
            Variable::Env,
            Variable::Env,
            Variable::Conversation,
            Variable::Upstream,
            Variable::Unknown,
        ];
        match random.below(10) {
            0..=4 => vec![Piece::Text(any_name(random))],
            5..=7 => vec![
                Piece::Text(text("customer-")),
                Piece::Variable(random.one(&variables)),
            ],
            8 => vec![Piece::Variable(random.one(&variables))],
            _ => vec![
                Piece::Variable(random.one(&variables)),
                Piece::Text(text("-")),
                Piece::Variable(random.one(&variables)),
            ],
        }
    };
    let id = |random: &mut Random| vec![Piece::Text(super::model::text_of(any_id(random)))];
    match random.below(20) {
        0..=10 => (None, None),
        11 => (Some(id(random)), None),
        12 => (Some(id(random)), Some(name(random))),
        _ => (None, Some(name(random))),
    }
}

fn values(random: &mut Random) -> Vec<(Variable, Value)> {
    let all = [
        Variable::Start,
        Variable::Sys,
        Variable::Env,
        Variable::Conversation,
        Variable::Upstream,
    ];
    let mut values = Vec::new();
    for variable in all {
        let value = match random.below(12) {
            0 => continue,
            1 => Value::Text(String::new()),
            2 => Value::Null,
            3 => Value::List,
            4 => Value::Object,
            5 | 6 => Value::Number(7),
            7 => Value::Text(text("house")),
            8 => Value::Text(text("team")),
            9 => Value::Text(text(" acme")),
            _ => Value::Text(text("acme")),
        };
        values.push((variable, value));
    }
    values
}
