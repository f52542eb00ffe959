//! What must hold of a dataset before it is kept.

use latchkey_domain::access::{Caller, Permission};
use latchkey_domain::credential::{CredentialChoice, is_credential_name};
use latchkey_domain::id::CredentialId;
use latchkey_domain::knowledge::{Chunking, Dataset, Retrieval, Source, Technique, Unit};
use latchkey_domain::provider::{ModelType, ProviderId};
use latchkey_models::catalogue::EXTERNAL_KNOWLEDGE;

use crate::access::{check_name, check_text};
use crate::credentials::MODEL;
use crate::error::Error;
use crate::{Service, require};

/// The longest description, in characters.
const DESCRIPTION: usize = 2000;
/// The longest alias, in characters: Dify encrypts the ids in its files.
const ALIAS: usize = 512;
/// The most aliases of a dataset.
const ALIASES: usize = 50;

impl Service {
    /// Whether a dataset may be kept; a new choice of who pays needs the right to bind credentials.
    pub(super) async fn check_dataset(
        &self,
        caller: &Caller,
        dataset: &Dataset,
        before: &CredentialChoice,
    ) -> Result<(), Error> {
        check_name(&dataset.name)?;
        check_text(&dataset.description, "/description", DESCRIPTION)?;
        check_aliases(&dataset.aliases)?;
        check_retrieval(&dataset.retrieval)?;
        check_chunking(&dataset.chunking, "/chunking")?;
        let payer = match (&dataset.source, dataset.technique, &dataset.embedding) {
            (Source::External { knowledge_id }, _, None) => {
                check_text(knowledge_id, "/external/knowledge_id", ALIAS)?;
                Some(ProviderId::normalise(EXTERNAL_KNOWLEDGE))
            }
            (Source::Own, Technique::HighQuality, Some(model)) => {
                check_text(&model.name, "/embedding_model/name", MODEL)?;
                self.callable(&model.provider, "/embedding_model/provider")?;
                Some(model.provider.clone())
            }
            (Source::Own, Technique::Economy, None) => None,
            (Source::Own, Technique::HighQuality, None) => {
                let detail = "a model is needed for vectors; without one the technique is economy";
                return Err(Error::field(
                    "embedding_model_missing",
                    "/embedding_model",
                    detail,
                ));
            }
            (Source::Own, Technique::Economy, Some(_)) | (Source::External { .. }, _, Some(_)) => {
                let detail = "this dataset has no vectors here, so it needs no model for them";
                return Err(Error::field("invalid_input", "/embedding_model", detail));
            }
        };
        if dataset.choice == *before {
            return Ok(());
        }
        require(caller, Permission::CredentialsBind)?;
        self.check_choice(caller, &dataset.choice, payer.as_ref())
            .await
    }

    /// Whether a provider can be asked for vectors or an order.
    pub(super) fn callable(&self, provider: &ProviderId, pointer: &str) -> Result<(), Error> {
        let known = self
            .inner
            .models
            .model_info(provider, "", ModelType::TextEmbedding);
        if known.is_some() && provider.as_str() != EXTERNAL_KNOWLEDGE {
            return Ok(());
        }
        let detail = format!("there is no provider {provider} with models");
        Err(Error::field("provider_unknown", pointer, detail))
    }

    /// A choice names a credential that is here; what it pays for decides of which provider.
    async fn check_choice(
        &self,
        caller: &Caller,
        choice: &CredentialChoice,
        provider: Option<&ProviderId>,
    ) -> Result<(), Error> {
        if *choice == CredentialChoice::default() {
            return Ok(());
        }
        let pointer = match choice.credential_id {
            Some(_) => "/credential_id",
            None => "/credential_name",
        };
        let Some(provider) = provider else {
            let detail = "this dataset asks nobody, so nobody pays for it";
            return Err(Error::field("invalid_input", pointer, detail));
        };
        let known = self.inner.facts.credentials(caller.workspace).await?;
        let id = choice
            .credential_id
            .as_ref()
            .map(|text| text.parse::<CredentialId>());
        let by_id = match id {
            Some(Ok(id)) => known.by_id(id).filter(|found| found.provider == *provider),
            Some(Err(_)) => None,
            None => None,
        };
        let by_name = choice.credential_name.as_ref();
        let by_name = by_name.filter(|name| is_credential_name(name));
        let by_name = by_name.and_then(|name| known.by_name(provider, name));
        let is_right = match (&choice.credential_id, &choice.credential_name) {
            (Some(_), Some(_)) => {
                by_id.is_some() && by_id.map(|one| one.id) == by_name.map(|one| one.id)
            }
            (Some(_), None) => by_id.is_some(),
            (None, name) => {
                let pool = name.as_ref().and_then(|name| known.pool(provider, name));
                by_name.is_some() || pool.is_some()
            }
        };
        if is_right {
            return Ok(());
        }
        let detail = format!("{provider} has no such credential here");
        Err(Error::field("credential_not_found", pointer, detail))
    }
}

fn check_aliases(aliases: &[String]) -> Result<(), Error> {
    if aliases.len() > ALIASES {
        let detail = format!("a dataset has at most {ALIASES} aliases");
        return Err(Error::field("invalid_input", "/aliases", detail));
    }
    for (at, alias) in aliases.iter().enumerate() {
        let pointer = format!("/aliases/{at}");
        check_text(alias, &pointer, ALIAS)?;
        if alias.trim().is_empty() || aliases[..at].contains(alias) {
            let detail = "an alias is not empty and stands once";
            return Err(Error::field("invalid_input", &pointer, detail));
        }
    }
    Ok(())
}

pub(super) fn check_retrieval(retrieval: &Retrieval) -> Result<(), Error> {
    if !(1..=Retrieval::MOST).contains(&retrieval.top_k) {
        let detail = format!("a number from 1 to {} is needed", Retrieval::MOST);
        return Err(Error::field("invalid_input", "/top_k", detail));
    }
    let is_score = |score: f64| (-1.0..=1.0).contains(&score);
    if retrieval
        .score_threshold
        .is_some_and(|score| !is_score(score))
    {
        let detail = "a number from -1 to 1 is needed";
        return Err(Error::field("invalid_input", "/score_threshold", detail));
    }
    Ok(())
}

pub(crate) fn check_chunking(chunking: &Chunking, pointer: &str) -> Result<(), Error> {
    let (least, most, name) = match chunking.unit {
        Unit::Characters => (50, 16_000, "max_characters"),
        Unit::Tokens => (10, 4000, "max_tokens"),
    };
    let wrong = |field: &str, detail: String| {
        Err(Error::field(
            "invalid_input",
            &format!("{pointer}/{field}"),
            detail,
        ))
    };
    if !(least..=most).contains(&chunking.max) {
        return wrong(name, format!("a number from {least} to {most} is needed"));
    }
    if chunking.overlap > chunking.max / 2 {
        return wrong(
            "overlap",
            "at most half of a segment can be repeated".to_owned(),
        );
    }
    if chunking.separator.chars().count() > 50 {
        return wrong(
            "separator",
            "a separator has at most 50 characters".to_owned(),
        );
    }
    Ok(())
}
