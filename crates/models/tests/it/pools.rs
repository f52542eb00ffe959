//! Pools: who of them pays, in which order, and what is told of those that do not.

use latchkey_domain::credential::{
    CredentialState, Environment, PoolStrategy, Principal, RenderedChoice, RenderedSelector,
};
use latchkey_domain::id::ApiKeyId;
use uuid::Uuid;

use crate::resolution::{check, outcome};
use crate::world::{NOW, World, by_id, credential_id, id_text, named};

/// `team` is 1 `customer-acme`, 2 `customer-globex`, 3 `house`, bound to the workflow.
fn team(world: &mut World, strategy: PoolStrategy) -> &mut World {
    world
        .pool(strategy, &[(1, 3), (2, 1), (3, 1)])
        .bind(None, None, named("team"))
}

#[test]
fn a_name_may_be_a_pools() {
    const ALL: &str = "customer-acme, L customer-globex, L house";
    let expected = |level: &str| format!("L {ALL}").replace('L', level);
    let rows: [(&str, fn(&mut World)); 4] = [
        ("node", |w| {
            w.node(named("team"));
        }),
        ("workflow_binding", |w| {
            w.bind(Some("gpt-4o"), None, named("team"));
        }),
        ("workflow_binding", |w| {
            w.bind(None, None, named("team"));
        }),
        ("run_override", |w| {
            w.overrides("openai", named("team")).allow(&["team"]);
        }),
    ];
    for (level, arrange) in rows {
        let mut world = World::new();
        world.pool(PoolStrategy::Priority, &[(1, 1), (2, 1), (3, 1)]);
        arrange(&mut world);
        assert_eq!(outcome(&world), expected(level));
    }
}

#[test]
fn members_that_cannot_pay_are_left_out_or_skipped() {
    check(&[
        (
            "a member out of scope is left out",
            |w| {
                team(w, PoolStrategy::Priority);
                w.one(1).scope.environments = Some(vec![Environment("staging".to_owned())]);
            },
            "workflow_binding customer-globex, workflow_binding house",
        ),
        (
            "nobody in scope",
            |w| {
                team(w, PoolStrategy::Priority);
                let stranger = Principal::ApiKey(ApiKeyId::new(Uuid::nil()));
                for number in 1..=3 {
                    w.one(number).scope.principals = Some(vec![stranger]);
                }
            },
            "credential_forbidden @workflow_binding",
        ),
        (
            "out of scope and unavailable: what is left is unavailable",
            |w| {
                team(w, PoolStrategy::Priority);
                w.one(1).scope.workflows = Some(Vec::new());
                w.one(2).state = CredentialState::Disabled;
                w.one(3).state = CredentialState::Invalid;
            },
            "credential_disabled @workflow_binding",
        ),
        (
            "nobody available: the first one's code",
            |w| {
                team(w, PoolStrategy::RoundRobin);
                w.turns = Some(1);
                w.one(1).expires_at = Some(NOW);
                w.one(2).state = CredentialState::Invalid;
                w.one(3).state = CredentialState::Disabled;
            },
            "credential_expired @workflow_binding",
        ),
        (
            "a failed pool asks no weaker level",
            |w| {
                team(w, PoolStrategy::Priority).defaults(Some(4), None);
                for number in 1..=3 {
                    w.one(number).state = CredentialState::Disabled;
                }
            },
            "credential_disabled @workflow_binding",
        ),
        (
            "a pool that has become empty",
            |w| {
                w.pool(PoolStrategy::Priority, &[]).node(named("team"));
            },
            "credential_forbidden @node",
        ),
        (
            "members that are gone",
            |w| {
                w.pool(PoolStrategy::Priority, &[(99, 1), (3, 1)])
                    .node(named("team"));
            },
            "node house",
        ),
        (
            "a pool of another provider",
            |w| {
                w.pool(PoolStrategy::Priority, &[(1, 1)])
                    .node(named("team"));
                w.provider = latchkey_domain::provider::ProviderId::normalise("deepseek");
            },
            "credential_not_found @node",
        ),
        (
            "a pool is named, and an id is a member's",
            |w| {
                w.pool(PoolStrategy::Priority, &[(1, 1)]);
                let mut both = by_id(&id_text(1));
                both.credential_name = Some("team".to_owned());
                w.node(both);
            },
            "credential_selector_conflict @node",
        ),
        (
            "a run may choose a pool only if its name is allowed",
            |w| {
                w.pool(PoolStrategy::Priority, &[(1, 1)])
                    .overrides("openai", named("team"))
                    .allow(&["customer-*"]);
            },
            "credential_override_not_allowed @run_override",
        ),
    ]);
}

#[test]
fn health_keeps_a_credential_from_paying_for_now() {
    check(&[
        (
            "cooling",
            |w| {
                w.node(named("house"));
                w.one(3).health.cooling_until = Some(NOW.plus_millis(1));
            },
            "credential_rate_limited @node",
        ),
        (
            "cooled down",
            |w| {
                w.node(named("house"));
                w.one(3).health.cooling_until = Some(NOW);
            },
            "node house",
        ),
        (
            "exhausted",
            |w| {
                w.node(named("house"));
                w.one(3).health.exhausted_at = Some(NOW);
                w.one(3).health.probe_at = Some(NOW.plus_millis(1));
            },
            "credential_exhausted @node",
        ),
        (
            "time to ask again",
            |w| {
                w.node(named("house"));
                w.one(3).health.exhausted_at = Some(NOW);
                w.one(3).health.probe_at = Some(NOW);
            },
            "node house",
        ),
        (
            "a cooling member is skipped",
            |w| {
                team(w, PoolStrategy::Priority);
                w.one(1).health.cooling_until = Some(NOW.plus_millis(1));
            },
            "workflow_binding customer-globex, workflow_binding house",
        ),
    ]);
}

#[test]
fn a_fallback_may_be_a_pool_and_each_credential_is_tried_once() {
    let mut world = World::new();
    world
        .pool(PoolStrategy::Priority, &[(3, 1), (2, 1), (1, 1)])
        .node(named("customer-acme"));
    world.selector.fallback = vec!["team".to_owned(), "spare".to_owned()];
    assert_eq!(
        outcome(&world),
        "node customer-acme, node house, node customer-globex, node spare"
    );
    let candidates = world.resolve().unwrap();
    let told: Vec<_> = candidates
        .all()
        .iter()
        .map(|candidate| {
            let reason = &candidate.resolution;
            let pool = reason.pool.as_ref();
            (
                reason.fallback,
                pool.map(|pool| (&*pool.name, pool.attempt)),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (None, None),
            (Some(1), Some(("team", 1))),
            (Some(1), Some(("team", 2))),
            (Some(2), None)
        ]
    );
    world.one(3).state = CredentialState::Disabled;
    world.one(1).state = CredentialState::Invalid;
    assert_eq!(outcome(&world), "node customer-globex, node spare");
    let skipped = world.resolve().unwrap().first().resolution.skipped.clone();
    let codes: Vec<&str> = skipped.iter().map(|one| &*one.code).collect();
    assert_eq!(codes, ["credential_invalid", "credential_disabled"]);
}

/// The names of the candidates at a turn.
fn order(world: &mut World, turn: u64) -> Vec<String> {
    world.turns = Some(turn);
    let candidates = world.resolve().unwrap();
    let names = candidates.all().iter().map(|candidate| {
        let credential = candidate.credential.as_ref().unwrap();
        credential.name.replace("customer-", "")
    });
    names.collect()
}

#[test]
fn in_a_round_robin_each_has_its_turn() {
    let mut world = World::new();
    team(&mut world, PoolStrategy::RoundRobin);
    assert_eq!(order(&mut world, 0), ["acme", "globex", "house"]);
    assert_eq!(order(&mut world, 1), ["globex", "house", "acme"]);
    assert_eq!(order(&mut world, 2), ["house", "acme", "globex"]);
    assert_eq!(order(&mut world, 3), ["acme", "globex", "house"]);
    // One that cannot pay has no turn, and its neighbour gets no second one.
    world.one(1).state = CredentialState::Disabled;
    let firsts: Vec<String> = (0..4)
        .map(|turn| order(&mut world, turn).remove(0))
        .collect();
    assert_eq!(firsts, ["globex", "house", "globex", "house"]);
    let skipped = &world.resolve().unwrap().first().resolution.skipped.clone();
    assert_eq!(skipped[0].code, "credential_disabled");
    assert_eq!(skipped[0].credential_name.as_deref(), Some("customer-acme"));
}

#[test]
fn weights_are_shares_of_every_cycle() {
    let mut world = World::new();
    team(&mut world, PoolStrategy::Weighted);
    for cycle in 0..4 {
        let firsts = (0..5).map(|turn| order(&mut world, cycle * 5 + turn).remove(0));
        let mut firsts: Vec<String> = firsts.collect();
        firsts.sort();
        assert_eq!(firsts, ["acme", "acme", "acme", "globex", "house"]);
    }
    for turn in 0..5 {
        let mut all = order(&mut world, turn);
        all.sort();
        assert_eq!(all, ["acme", "globex", "house"], "each is tried once");
    }
}

#[test]
fn the_least_busy_pays_and_the_turn_decides_between_equals() {
    let mut world = World::new();
    team(&mut world, PoolStrategy::LeastBusy);
    assert_eq!(order(&mut world, 0), ["acme", "globex", "house"]);
    assert_eq!(order(&mut world, 1), ["globex", "house", "acme"]);
    world.busy.insert(credential_id(1), 2);
    world.busy.insert(credential_id(2), 1);
    for turn in 0..3 {
        assert_eq!(order(&mut world, turn), ["house", "globex", "acme"]);
    }
    world.busy.insert(credential_id(3), 1);
    assert_eq!(order(&mut world, 0), ["globex", "house", "acme"]);
    assert_eq!(order(&mut world, 2), ["house", "globex", "acme"]);
}

#[test]
fn a_chain_keeps_its_order_whatever_the_turn() {
    let mut world = World::new();
    team(&mut world, PoolStrategy::Priority);
    for turn in 0..3 {
        assert_eq!(order(&mut world, turn), ["acme", "globex", "house"]);
    }
    world.one(2).state = CredentialState::Disabled;
    let candidates = world.resolve().unwrap();
    let skipped: Vec<usize> = candidates
        .all()
        .iter()
        .map(|candidate| candidate.resolution.skipped.len())
        .collect();
    assert_eq!(skipped, [0, 1], "only those before it are told");
}

#[test]
fn a_templates_text_may_name_a_pool() {
    let mut world = World::new();
    world.pool(PoolStrategy::Priority, &[(3, 1)]);
    world.selector.choice = named("{{#env.pool#}}");
    world.rendered = RenderedSelector::Choice(RenderedChoice {
        choice: named("team"),
        by_run: false,
    });
    assert_eq!(outcome(&world), "node house");
    let reason = world.resolve().unwrap().first().resolution.clone();
    assert_eq!(reason.selector.as_deref(), Some("{{#env.pool#}}"));
    assert_eq!(reason.selector_rendered.as_deref(), Some("team"));
    assert_eq!(
        reason.pool.map(|pool| pool.member).as_deref(),
        Some("house")
    );
}
