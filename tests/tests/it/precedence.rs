//! Which credential pays, against a second opinion: generated workspaces, workflows, runs and requests are given to the
//! resolver and to a small model that was written from the text of the design (parts 5.1 and 5.2) and shares no code with it.
//!
//! The seed is fixed, so that a failure can be looked at again; a failure prints the case.

mod cases;
mod model;
mod translated;

use std::collections::BTreeMap;
use std::sync::Arc;

use latchkey_domain::credential::{Level as Real, LevelOutcome};
use latchkey_models::catalogue::Catalogue;
use latchkey_models::{Candidates, ProviderConfiguration};

use self::cases::Random;
use self::model::{Case, Level, Payer, Strategy, Verdict};

/// Where the stream of cases begins.
const SEED: u64 = 0x6c61_7463_686b_6579;
const CASES: usize = 100_000;
/// How often each level and each code has to come about.
const ENOUGH: usize = 500;

/// Codes that a resolution can give; the others are found at a start, or when a call is opened.
const CODES: [&str; 12] = [
    "credential_missing",
    "credential_not_found",
    "credential_selector_empty",
    "credential_selector_conflict",
    "credential_provider_mismatch",
    "credential_forbidden",
    "credential_override_not_allowed",
    "credential_disabled",
    "credential_expired",
    "credential_invalid",
    "credential_exhausted",
    "credential_rate_limited",
];

#[test]
fn a_hundred_thousand_resolutions_are_as_the_design_says() {
    println!("seed {SEED:#x}");
    let mut random = Random::new(SEED);
    let catalogue = Catalogue::built_in();
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..CASES {
        let case = cases::any(&mut random);
        let expected = model::decide(&case);
        let answered = answer(&catalogue, &case);
        let told = Told::of(&case, &answered);
        let at = || format!("case {number} of seed {SEED:#x}: {case:#?}\n{answered:#?}");
        assert!(
            told.agrees(&case, &expected),
            "{expected:?}\nnot {told:?}\n{}",
            at()
        );
        if let Err(broken) = invariants(&case, &answered) {
            panic!("{broken}\n{}", at());
        }
        for one in met_by(&expected) {
            *met.entry(one).or_default() += 1;
        }
    }
    let levels = [
        "run_override",
        "node",
        "workflow_binding",
        "workspace_model_default",
        "workspace_default",
        "system",
        "not_needed",
    ];
    let features = ["inline", "pool", "fallback", "next"];
    let wanted = levels.iter().chain(&CODES).chain(&features);
    let rare: Vec<_> = wanted
        .map(|name| (*name, met.get(*name).copied().unwrap_or(0)))
        .filter(|(_, times)| *times < ENOUGH)
        .collect();
    assert!(rare.is_empty(), "too rare: {rare:?}, of {met:?}");
}

/// What a verdict is an example of.
fn met_by(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::NotNeeded => vec!["not_needed".to_owned()],
        Verdict::Refused { code, .. } => vec![(*code).to_owned()],
        Verdict::Pays {
            level,
            payers,
            was_empty,
        } => {
            let mut met = vec![level.name().to_owned()];
            met.extend(was_empty.then(|| "next".to_owned()));
            let Some(first) = payers.first() else {
                return met;
            };
            met.extend(first.pool.as_ref().map(|_| "pool".to_owned()));
            met.extend((first.place > 0).then(|| "fallback".to_owned()));
            met.extend(first.is_inline.then(|| "inline".to_owned()));
            met
        }
    }
}

type Answer = Result<Candidates, Box<latchkey_domain::credential::CredentialFailure>>;

fn answer(catalogue: &Catalogue, case: &Case) -> Answer {
    let asked = translated::of(case);
    let provider = catalogue
        .provider(&asked.provider)
        .expect("a provider of the catalogue");
    let configuration = ProviderConfiguration::new(Arc::clone(provider), asked.snapshot);
    configuration.current_credentials(
        &asked.context,
        asked.model_type,
        &asked.model,
        &asked.selector,
        &asked.rendered,
    )
}

/// What the resolver has said, in the words of the model.
#[derive(Debug)]
enum Told {
    NotNeeded,
    Refused {
        code: &'static str,
        level: Option<&'static str>,
    },
    Pays {
        level: &'static str,
        payers: Vec<Payer>,
    },
}

impl Told {
    fn of(case: &Case, answer: &Answer) -> Self {
        match answer {
            Err(failure) => Self::Refused {
                code: failure.code.as_str(),
                level: failure.level.map(Real::as_str),
            },
            Ok(candidates) => {
                let level = candidates.first().resolution.level;
                if level == Real::NotNeeded {
                    return Self::NotNeeded;
                }
                let payer = |candidate: &latchkey_models::Candidate| {
                    let reason = &candidate.resolution;
                    let name = reason.credential_name.as_deref();
                    Payer {
                        credential: name.map(|name| {
                            case.index_of(name, reason.credential_id.map(|id| id.uuid().as_u128()))
                        }),
                        is_inline: candidate.inline.is_some(),
                        place: reason.fallback.unwrap_or(0) as usize,
                        pool: reason.pool.as_ref().map(|pool| pool.name.clone()),
                    }
                };
                Self::Pays {
                    level: level.as_str(),
                    payers: candidates.all().iter().map(payer).collect(),
                }
            }
        }
    }

    fn agrees(&self, case: &Case, expected: &Verdict) -> bool {
        match (self, expected) {
            (Self::NotNeeded, Verdict::NotNeeded) => true,
            (
                Self::Refused { code, level },
                Verdict::Refused {
                    code: other,
                    level: at,
                },
            ) => code == other && *level == at.map(Level::name),
            (
                Self::Pays { level, payers },
                Verdict::Pays {
                    level: other,
                    payers: wanted,
                    ..
                },
            ) => *level == other.name() && same_payers(case, payers, wanted),
            _ => false,
        }
    }
}

/// Whether the same pay in the same order; who comes first in a weighted pool is a matter of shares, not of the design's text.
fn same_payers(case: &Case, told: &[Payer], wanted: &[Payer]) -> bool {
    let is_weighted = |payer: &Payer| {
        let pool = payer.pool.as_ref();
        pool.is_some_and(|name| case.strategy_of(name) == Some(Strategy::Weighted))
    };
    let sorted = |payers: &[Payer]| {
        let mut payers = payers.to_vec();
        payers.sort();
        payers
    };
    if told.iter().chain(wanted).any(is_weighted) {
        sorted(told) == sorted(wanted)
    } else {
        told == wanted
    }
}

/// What must hold of every answer, whoever is right about the rest.
fn invariants(case: &Case, answer: &Answer) -> Result<(), String> {
    let (level, considered) = match answer {
        Ok(candidates) => {
            let first = &candidates.first().resolution;
            let all = candidates.all().iter();
            if all.clone().any(|one| one.resolution.level != first.level) {
                return Err("candidates of two levels".to_owned());
            }
            let falls_back = all.clone().any(|one| one.resolution.fallback.is_some());
            if falls_back && (first.level != Real::Node || case.fallback.is_empty()) {
                return Err("a fallback that nobody has written".to_owned());
            }
            for one in all {
                let Some(credential) = &one.credential else {
                    continue;
                };
                let id = credential.id.uuid().as_u128();
                let index = case.index_of(&credential.name, Some(id));
                if !case.may_ever_pay(index) {
                    return Err(format!("{} may not pay", credential.name));
                }
            }
            (Some(first.level), &first.considered)
        }
        Err(failure) => (failure.level, &failure.considered),
    };
    let Some(level) = level.filter(|level| *level != Real::NotNeeded) else {
        return Ok(());
    };
    if level.as_str() != case.weakest.name() && level > translated::level(case.weakest) {
        return Err(format!("{} is weaker than the weakest", level.as_str()));
    }
    for step in considered {
        let fits = match step.outcome {
            LevelOutcome::Silent | LevelOutcome::Locked => step.level < level,
            LevelOutcome::Decided => step.level == level && answer.is_ok(),
            LevelOutcome::Failed => step.level == level && answer.is_err(),
            LevelOutcome::NotAsked => step.level > level,
        };
        if !fits {
            return Err(format!(
                "level {} is {:?}",
                step.level.as_str(),
                step.outcome
            ));
        }
    }
    Ok(())
}
