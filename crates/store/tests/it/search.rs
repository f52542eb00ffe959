//! Segments are found by their vectors, exactly, and by their words, in every script.

use latchkey_domain::knowledge::{Filter, cosine, normalised, terms_of_query};
use latchkey_store::{Admitted, VectorModel};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::knowledge::{model, place, vector_model};
use crate::world::on_both;

/// A vector that is the same every time, and another one for every number.
fn vector(number: usize, length: usize) -> Vec<f32> {
    let value = |at: usize| ((number * 31 + at * 17) % 101) as f32 - 50.0;
    normalised(&(0..length).map(value).collect::<Vec<_>>()).unwrap()
}

#[tokio::test]
async fn the_nearest_are_exact_over_more_than_one_batch() {
    on_both(async |world| {
        // Long vectors, so that a batch has few of them.
        const LENGTH: usize = 8192;
        let of = world.dataset("manual").await;
        let all: Vec<Vec<f32>> = (1..=150).map(|number| vector(number, LENGTH)).collect();
        for part in all.chunks(50) {
            let texts: Vec<(&str, &[f32])> = part.iter().map(|one| ("x", one.as_slice())).collect();
            world.indexed(&of, json!({}), &texts).await;
        }
        let asked = vector(1000, LENGTH);
        let mut scores: Vec<f32> = all.iter().map(|one| cosine(&asked, one)).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let model = vector_model();
        let store = &world.store;
        let near = store
            .nearest(world.workspace, of.id, &model, &asked, &Admitted::All, 5)
            .await
            .unwrap();
        let near: Vec<f32> = near.into_iter().map(|(_, score)| score).collect();
        assert_eq!(near, scores[..5]);
    })
    .await;
}

#[tokio::test]
async fn vectors_of_others_are_never_compared() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        world.indexed(&of, json!({}), &[("x", &[1.0, 0.0])]).await;
        assert_eq!(
            world.nearest(&of, &[1.0, 0.0], &Admitted::All).await.len(),
            1
        );
        assert!(
            world
                .nearest(&of, &[1.0, 0.0, 0.0], &Admitted::All)
                .await
                .is_empty()
        );
        assert!(world.nearest(&of, &[], &Admitted::All).await.is_empty());
        let mut theirs = of.clone();
        theirs.workspace = world.neighbour().await;
        assert!(
            world
                .nearest(&theirs, &[1.0, 0.0], &Admitted::All)
                .await
                .is_empty()
        );
        assert!(world.with_words(&theirs, "x").await.is_empty());
        let mut other = model();
        other.name = "another".to_owned();
        let other = VectorModel::of(&other);
        let found = world
            .store
            .nearest(
                world.workspace,
                of.id,
                &other,
                &[1.0, 0.0],
                &Admitted::All,
                5,
            )
            .await;
        assert!(found.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn words_are_found_in_every_script() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        let texts: [(&str, &[f32]); 5] = [
            ("How to RESET a password", &[]),
            ("如何重置您的密码", &[]),
            ("パスワードを変更する", &[]),
            ("비밀번호 재설정", &[]),
            ("Größe: 2,5 m", &[]),
        ];
        world.indexed(&of, json!({}), &texts).await;
        for (question, found) in [
            ("reset", vec!["How to RESET a password"]),
            ("I forgot my password!", vec!["How to RESET a password"]),
            ("密码", vec!["如何重置您的密码"]),
            ("码", vec!["如何重置您的密码"]),
            ("重", vec!["如何重置您的密码"]),
            ("パスワード", vec!["パスワードを変更する"]),
            ("재설정", vec!["비밀번호 재설정"]),
            ("größe", vec!["Größe: 2,5 m"]),
            ("pass", vec![]),
            ("\" OR * AND ' ) ( | & ! : \\", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(world.with_words(&of, question).await, found, "{question}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_text_cannot_pretend_to_be_of_another_dataset() {
    on_both(async |world| {
        let (ours, other) = (world.dataset("ours").await, world.dataset("other").await);
        let victim = world.indexed(&other, json!({}), &[("word", &[])]).await;
        let mark = |id: Uuid| format!("\u{e000}{0} \u{e001}{0} {0} word", id.simple());
        let text = format!("{} {}", mark(other.id.uuid()), mark(victim.id.uuid()));
        world.indexed(&ours, json!({}), &[(&text, &[])]).await;
        assert_eq!(world.with_words(&other, "word").await, ["word"]);
        world.store.delete_document(place(&victim)).await.unwrap();
        assert_eq!(world.with_words(&ours, "word").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_filter_narrows_both_ways_of_searching() {
    on_both(async |world| {
        let of = world.dataset("manual").await;
        for year in [2024, 2025] {
            let facts = json!({"year": year, format!("only-{year}"): true});
            world.indexed(&of, facts, &[("word", &[1.0])]).await;
        }
        let filter =
            json!({"conditions": [{"name": "year", "comparison_operator": ">", "value": 2024}]});
        let filter: Filter = serde_json::from_value(filter).unwrap();
        let store = &world.store;
        let admitted = store
            .admitted(world.workspace, of.id, Some(&filter))
            .await
            .unwrap();
        let terms = terms_of_query("word");
        let by_words = store
            .with_words(world.workspace, of.id, &terms, &admitted, 10)
            .await
            .unwrap();
        assert_eq!(world.nearest(&of, &[1.0], &admitted).await, by_words);
        let found = store
            .found(world.workspace, of.id, &by_words)
            .await
            .unwrap();
        let years: Vec<&Json> = found
            .iter()
            .map(|one| &one.document.metadata["year"])
            .collect();
        assert_eq!(years, [&json!(2025)]);
        let names = store
            .metadata_names(world.workspace, of.id, 2)
            .await
            .unwrap();
        assert_eq!(names.len(), 2, "at most so many: {names:?}");
        let none = Filter::default();
        let all = store.admitted(world.workspace, of.id, Some(&none)).await;
        assert_eq!(all.unwrap(), Admitted::All);
    })
    .await;
}
