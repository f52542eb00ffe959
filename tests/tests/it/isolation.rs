//! Five hundred customers, five thousand runs at once, and everything going wrong that can: the key that a provider sees is
//! always one of the customer whose run it is, every call that it saw has exactly one row, and the counts agree.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt as _};
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Break, Provider, Reply, Rule, Seen};
use latchkey_tests::requirement;
use latchkey_tests::server::Setup;
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

/// How many tenants there are, and how many runs.
#[derive(Clone, Copy)]
struct Size {
    tenants: usize,
    runs: usize,
}

/// Requests of this test under way at the same time; the runs themselves are all under way together.
const AT_ONCE: usize = 64;
/// What a tenant with a budget may use, in tokens.
const BUDGET: u64 = 120;

/// What is special about a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Its credential is chosen by a variable.
    ByVariable,
    /// Its credential is stated by each run.
    ByOverride,
    /// Each of its runs brings a key of its own.
    Inline,
    /// It has a pool: one key is dead, the other pays.
    Pool,
    /// It has a pool whose first key is busy at first.
    BusyPool,
    /// Its only key is dead.
    Dead,
    /// Its only key is busy at first.
    Busy,
    /// Its provider fails at first.
    Failing,
    /// Its streams break.
    Cut,
    /// Its streams stop in the middle; its runs are stopped.
    Hanging,
    /// Its key is exchanged while its runs are under way.
    Rotated,
    /// Its key is switched off while its runs are under way.
    Revoked,
    /// It has a budget that its runs would exceed.
    Budgeted,
}

const KINDS: [Kind; 20] = [
    Kind::ByVariable,
    Kind::ByVariable,
    Kind::ByVariable,
    Kind::ByVariable,
    Kind::ByOverride,
    Kind::ByOverride,
    Kind::ByOverride,
    Kind::Inline,
    Kind::Inline,
    Kind::Inline,
    Kind::Pool,
    Kind::BusyPool,
    Kind::Dead,
    Kind::Busy,
    Kind::Failing,
    Kind::Cut,
    Kind::Hanging,
    Kind::Rotated,
    Kind::Revoked,
    Kind::Budgeted,
];

/// One tenant.
#[derive(Clone, Copy)]
struct Tenant(usize);

impl Tenant {
    fn kind(self) -> Kind {
        KINDS[self.0 % KINDS.len()]
    }

    fn name(self) -> String {
        format!("tenant{}", self.0)
    }

    /// What its runs choose: a credential or a pool.
    fn choice(self) -> String {
        format!("customer-{}", self.name())
    }

    /// A stored key; pools have several.
    fn key(self, number: usize) -> String {
        format!("test-key-{}-{number}", self.name())
    }

    fn inline_key(self, run: usize) -> String {
        format!("test-inline-{}-{run}", self.name())
    }

    /// The stored credentials by name, each with its keys in the order of their versions.
    fn credentials(self) -> Vec<(String, Vec<String>)> {
        let named = |name: String, keys: &[usize]| {
            (name, keys.iter().map(|number| self.key(*number)).collect())
        };
        match self.kind() {
            Kind::Inline => Vec::new(),
            Kind::Pool | Kind::BusyPool => vec![
                named(format!("{}-a", self.choice()), &[1]),
                named(format!("{}-b", self.choice()), &[2]),
            ],
            Kind::Rotated => vec![named(self.choice(), &[1, 2])],
            Kind::ByVariable
            | Kind::ByOverride
            | Kind::Dead
            | Kind::Busy
            | Kind::Failing
            | Kind::Cut
            | Kind::Hanging
            | Kind::Revoked
            | Kind::Budgeted => {
                vec![named(self.choice(), &[1])]
            }
        }
    }
}

/// Two model nodes, one after the other; every prompt says whose it is and of which run.
fn document(name: &str, credential_name: &str) -> Document {
    let mark = "tenant=<{{#start.tenant#}}> run=<{{#start.number#}}>";
    let document = Document::workflow(name, &["tenant", "number"])
        .llm("first", &format!("{mark} first"), credential_name)
        .llm("second", &format!("{mark} second"), credential_name)
        .end("end", &[("answer", "second.text")])
        .line(&["start", "first", "second", "end"]);
    let mut json = document.json();
    for node in json["workflow"]["graph"]["nodes"].as_array_mut().unwrap() {
        if node["data"]["type"] == "llm" {
            node["data"]["model"]["completion_params"] = json!({"max_tokens": 20});
        }
    }
    Document::from_json(json)
}

/// The house in which they all live: one server, one provider, two workflows.
struct House {
    user: User,
    provider: Provider,
    by_variable: Workflow,
    by_run: Workflow,
    ids: BTreeMap<String, String>,
    size: Size,
}

impl House {
    async fn build(user: User, provider: Provider, size: Size) -> Self {
        let allow = &["customer-*"];
        let by_variable = document("by variable", "customer-{{#start.tenant#}}");
        let by_variable = user.publish(&by_variable, allow).await;
        let by_run = user.publish(&document("by run", ""), allow).await;
        let path = by_run.path("/credential-settings");
        let mut settings = user.client().get(&path).await.expect(200);
        settings["runtime_override"] = json!("inline");
        settings["runtime_hosts"] = json!([provider.host()]);
        let _ = user.client().put(&path, settings).await.expect(200);
        let mut house = Self {
            user,
            provider,
            by_variable,
            by_run,
            ids: BTreeMap::new(),
            size,
        };
        for tenant in (0..size.tenants).map(Tenant) {
            house.move_in(tenant).await;
        }
        house
    }

    async fn move_in(&mut self, tenant: Tenant) {
        let mut members = Vec::new();
        for (name, keys) in tenant.credentials() {
            let id = self.store(tenant, &name, &keys[0]).await;
            members.push(json!({"credential_id": id}));
            self.ids.insert(name, id);
        }
        if members.len() > 1 {
            let pool = json!({"provider": "deepseek", "name": tenant.choice(), "strategy": "priority", "members": members});
            let _ = self.user.post("/credential-pools", pool).await.expect(201);
        }
        let first = tenant.key(1);
        match tenant.kind() {
            Kind::Pool | Kind::Dead => {
                let dead = [
                    Rule::for_key(&first, Reply::unauthorized()),
                    Rule::for_checks_of(&first, Reply::unauthorized()),
                ];
                for rule in dead {
                    self.provider.script(rule);
                }
            }
            Kind::Busy | Kind::BusyPool => {
                let busy = Rule::for_key(&first, Reply::rate_limited(1)).times(3);
                self.provider.script(busy);
            }
            Kind::Failing => {
                let failing = Rule::for_key(&first, Reply::server_error(500)).times(3);
                self.provider.script(failing);
            }
            Kind::Cut => {
                let cut = Reply::Cut(
                    "this stream is going to break".to_owned(),
                    Break::InsideEvent,
                );
                self.provider.script(Rule::for_key(&first, cut));
            }
            Kind::Hanging => {
                let hangs = Reply::HangsAfter("this stream never ends".to_owned());
                self.provider.script(Rule::for_key(&first, hangs));
            }
            Kind::ByVariable
            | Kind::ByOverride
            | Kind::Inline
            | Kind::Rotated
            | Kind::Revoked
            | Kind::Budgeted => {}
        }
    }

    async fn store(&self, tenant: Tenant, name: &str, key: &str) -> String {
        let mut body = json!({"provider": "deepseek", "name": name, "validate": false,
            "values": {"api_key": key, "base_url": self.provider.base_url()}, "hosts": [self.provider.host()]});
        if tenant.kind() == Kind::Budgeted {
            body["budgets"] = json!([{"period": "total", "tokens": BUDGET}]);
        }
        let made = self.user.post("/credentials", body).await.expect(201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Starts a run; its id.
    async fn start(&self, number: usize) -> String {
        let tenant = Tenant(number % self.size.tenants);
        let inputs = json!({"tenant": tenant.name(), "number": number.to_string()});
        let mut body = json!({"inputs": inputs, "response_mode": "detached"});
        let stated = match tenant.kind() {
            Kind::ByOverride => Some(json!({"credential_name": tenant.choice()})),
            Kind::Inline => Some(
                json!({"values": {"api_key": tenant.inline_key(number), "base_url": self.provider.base_url()}}),
            ),
            Kind::ByVariable
            | Kind::Pool
            | Kind::BusyPool
            | Kind::Dead
            | Kind::Busy
            | Kind::Failing
            | Kind::Cut
            | Kind::Hanging
            | Kind::Rotated
            | Kind::Revoked
            | Kind::Budgeted => None,
        };
        let workflow = if stated.is_some() {
            &self.by_run
        } else {
            &self.by_variable
        };
        if let Some(stated) = stated {
            body["credential_overrides"] = json!({"deepseek": stated});
        }
        let run = workflow.start(body).await.expect(202);
        run["id"].as_str().unwrap().to_owned()
    }

    /// Exchanges and switches off keys while runs use them.
    async fn disturb(&self) {
        let changes = (0..self.size.tenants).map(Tenant).filter_map(|tenant| {
            let change = if tenant.kind() == Kind::Rotated {
                json!({"values": {"api_key": tenant.key(2)}, "validate": false})
            } else if tenant.kind() == Kind::Revoked {
                json!({"state": "disabled"})
            } else {
                return None;
            };
            Some((self.ids[&tenant.choice()].clone(), change))
        });
        let changes: Vec<_> = changes.collect();
        stream::iter(changes)
            .for_each_concurrent(8, async |(id, change)| {
                let _ = self
                    .user
                    .patch(&format!("/credentials/{id}"), change)
                    .await
                    .expect(200);
            })
            .await;
    }

    /// How a run ended; one whose stream hangs is stopped.
    async fn end(&self, number: usize, run: &str) -> String {
        if Tenant(number % self.size.tenants).kind() == Kind::Hanging {
            let _ = self.user.stop(run).await;
        }
        self.user.run_over(run).await["status"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// What stands between `name=<` and `>` in a prompt.
fn mark<'a>(prompt: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = prompt.split_once(&format!("{name}=<"))?;
    rest.split_once('>').map(|(value, _)| value)
}

/// The keys that a row says have paid: the version of the credential tells which of a rotated one.
fn key_of_row(tenant: Tenant, run: usize, row: &Json) -> String {
    let Some(name) = row["credential_name"].as_str() else {
        return tenant.inline_key(run);
    };
    let version = row["credential_version"].as_u64().unwrap();
    let credentials = tenant.credentials();
    let (_, keys) = credentials
        .iter()
        .find(|(known, _)| known == name)
        .unwrap_or_else(|| panic!("{name} is none of {}'s: {row}", tenant.name()));
    // Keys that were never exchanged have one version only; switching off changes no values.
    keys[usize::try_from(version).unwrap() - 1].clone()
}

/// A request that the provider saw, against its row; whose it is.
fn compare(seen: &Seen, row: &Json) -> Tenant {
    let tenant = mark(&seen.prompt, "tenant").expect("every chat says whose it is");
    let tenant = Tenant(tenant.trim_start_matches("tenant").parse().unwrap());
    let run: usize = mark(&seen.prompt, "run").unwrap().parse().unwrap();
    assert_eq!(seen.key, key_of_row(tenant, run, row), "{row}");
    if row["usage_source"] == "reported" {
        let counts = [&row["input_tokens"], &row["output_tokens"]].map(Json::as_u64);
        assert_eq!(
            counts,
            [Some(seen.input_tokens), Some(seen.output_tokens)],
            "{row}"
        );
    }
    tenant
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_customers_never_cross() {
    let size = Size {
        tenants: 500,
        runs: 5_000,
    };
    never_cross(Setup::sqlite(), size).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_customers_never_cross_on_postgres() {
    if let Some(postgres) = requirement::postgres() {
        let size = Size {
            tenants: 100,
            runs: 1_000,
        };
        never_cross(Setup::postgres(postgres).await, size).await;
    }
}

async fn never_cross(setup: Setup, size: Size) {
    let server = setup.start().await;
    let user = User::new(server.client());
    let house = House::build(user, Provider::start(), size).await;

    let numbers = || stream::iter(0..size.runs);
    let start = async |number| (number, house.start(number).await);
    let starting = numbers()
        .map(start)
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>();
    let disturbing = async {
        house.provider.arrived(size.runs / 4).await;
        house.disturb().await;
    };
    let (runs, ()) = tokio::join!(starting, disturbing);
    let over = stream::iter(&runs)
        .map(async |(number, run)| (*number, house.end(*number, run).await))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;

    check_ends(&over, size);
    check_ledger(&house).await;
}

/// What may become of a tenant's runs.
fn may_end(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::ByVariable
        | Kind::ByOverride
        | Kind::Inline
        | Kind::Pool
        | Kind::BusyPool
        | Kind::Rotated => &["succeeded"],
        Kind::Dead | Kind::Cut => &["failed"],
        Kind::Hanging => &["stopped", "failed"],
        Kind::Busy | Kind::Failing | Kind::Revoked | Kind::Budgeted => &["succeeded", "failed"],
    }
}

fn check_ends(over: &[(usize, String)], size: Size) {
    let mut ends: BTreeMap<Kind, BTreeMap<&str, usize>> = BTreeMap::new();
    for (number, status) in over {
        let kind = Tenant(number % size.tenants).kind();
        assert!(may_end(kind).contains(&&**status), "{kind:?}: {status}");
        *ends.entry(kind).or_default().entry(status).or_default() += 1;
    }
    assert_eq!(over.len(), size.runs);
    for kind in [Kind::Busy, Kind::Failing, Kind::Budgeted] {
        assert_eq!(
            ends[&kind].len(),
            2,
            "some succeed and some fail: {kind:?} {ends:?}"
        );
    }
}

async fn check_ledger(house: &House) {
    house.provider.is_quiet().await;
    let rows = house.user.pages("/api/v1/model-calls").await;
    let (mut reported, mut seen_reported) = (0, 0);
    let sum =
        |row: &Json| row["input_tokens"].as_u64().unwrap() + row["output_tokens"].as_u64().unwrap();
    for row in rows.iter().filter(|row| row["usage_source"] == "reported") {
        reported += sum(row);
    }
    let count = rows.len();
    let mut rows: BTreeMap<String, Json> = rows
        .into_iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row))
        .collect();
    assert_eq!(rows.len(), count, "each row has an id of its own");
    let mut used: BTreeMap<usize, u64> = BTreeMap::new();
    let chats = house.provider.chats();
    assert!(chats.len() > house.size.runs, "{}", chats.len());
    for seen in &chats {
        let row = rows
            .remove(&seen.call)
            .expect("each call has exactly one row");
        assert_ne!(
            row["outcome"], "refused",
            "what is refused is never sent: {row}"
        );
        let tenant = compare(seen, &row);
        let counted = seen.input_tokens + seen.output_tokens;
        *used.entry(tenant.0).or_default() += counted;
        if row["usage_source"] == "reported" {
            seen_reported += counted;
        }
    }
    assert_eq!(
        reported, seen_reported,
        "what is reported is what the provider has counted"
    );
    for (tenant, used) in used {
        if Tenant(tenant).kind() == Kind::Budgeted {
            assert!(
                (1..=BUDGET).contains(&used),
                "tenant {tenant} used {used} of {BUDGET}"
            );
        }
    }
    check_the_rest(house, &rows);
}

/// Rows of calls that are no chats are checks of keys; what no provider has seen has used nothing.
fn check_the_rest(house: &House, rows: &BTreeMap<String, Json>) {
    let checks = house
        .provider
        .seen()
        .into_iter()
        .filter(|seen| seen.path.ends_with("/models"));
    let checks: BTreeSet<String> = checks.map(|seen| seen.call).collect();
    let mut refused = 0;
    for (id, row) in rows.iter().filter(|(id, _)| !checks.contains(*id)) {
        let outcome = row["outcome"].as_str().unwrap();
        assert!(["refused", "cancelled"].contains(&outcome), "{id}: {row}");
        assert_ne!(row["usage_source"], "reported", "{row}");
        refused += usize::from(row["error_code"] == "credential_budget_exceeded");
    }
    assert!(refused > 0, "budgets have refused calls");
}
