//! Questions whose answers are read whole: vectors of texts, the order of documents, passages of somebody else's
//! knowledge. They go the way of chats: resolve, open the row, open the values, ask, close the row.

use async_trait::async_trait;
use serde_json::Value as Json;

use latchkey_domain::credential::Resolution;

use crate::error::{ErrorKind, InvokeError};
use crate::mask::Mask;
use crate::provider::{Passage, Provider, ProviderCall, Ranked, WholeAnswer};
use crate::stream::CallReport;
use crate::tokens::{Size, size_of_texts};

use super::tries::Tries;
use super::{Confined, Failed, ModelInstance, Opened};

/// The most numbers of a vector.
const LONGEST_VECTOR: usize = 16_384;

/// An answer that was read whole, with what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<T> {
    /// The answer.
    pub value: T,
    /// The calls that it took, in order; none for a question about nothing.
    pub calls: Vec<CallReport>,
    /// Which credential paid the last of them, and why.
    pub resolution: Option<Resolution>,
}

/// Documents whose order is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RerankRequest {
    /// What they shall answer.
    pub query: String,
    /// Their texts.
    pub documents: Vec<String>,
    /// How many of the best are wanted.
    pub top_n: usize,
}

/// A question to somebody else's knowledge (Dify: external knowledge API).
#[derive(Clone, Debug, PartialEq, Default)]
pub struct RetrieveRequest {
    /// What the other side calls it.
    pub knowledge_id: String,
    /// The question.
    pub query: String,
    /// How many passages are wanted.
    pub top_k: usize,
    /// What each must score at least.
    pub score_threshold: f64,
    /// Conditions on metadata, in the API's own form.
    pub metadata_condition: Option<Json>,
}

/// What can be asked and answered in one piece.
#[async_trait]
trait Question: Sync {
    type Answer: Send;

    /// How big it is.
    fn size(&self) -> Size;

    async fn put(
        &self,
        provider: &dyn Provider,
        call: ProviderCall<'_>,
        model: &str,
    ) -> Result<WholeAnswer<Self::Answer>, InvokeError>;

    /// Whether the answer is one to this question.
    fn check(&self, answer: &Self::Answer) -> Result<(), String>;
}

impl ModelInstance {
    /// The vectors of texts, in their order and as the provider gives them, in as many calls as its limits need. What was
    /// paid for before a call fails is in the ledger all the same.
    ///
    /// # Errors
    /// When nobody may pay, the provider was not reached or refused, or its answer does not fit the question.
    pub async fn embed(&self, texts: &[String]) -> Result<Answered<Vec<Vec<f32>>>, InvokeError> {
        let mut all = Answered {
            value: Vec::with_capacity(texts.len()),
            calls: Vec::new(),
            resolution: None,
        };
        for batch in texts.chunks(self.embedding_batch()) {
            let answered = self.ask_whole(&Embed(batch)).await?;
            all.value.extend(answered.value);
            all.calls.extend(answered.calls);
            all.resolution = answered.resolution;
        }
        Ok(all)
    }

    /// How many texts go into one call.
    #[must_use]
    pub fn embedding_batch(&self) -> usize {
        let known = self.manager.known_provider(&self.model.provider);
        known.map_or(1, |(info, provider)| {
            provider.embedding_batch(&info, &self.model.model)
        })
    }

    /// The best of some documents, the best first, each at most once.
    ///
    /// # Errors
    /// When nobody may pay, the provider was not reached or refused, or its answer does not fit the question.
    pub async fn rerank(
        &self,
        request: &RerankRequest,
    ) -> Result<Answered<Vec<Ranked>>, InvokeError> {
        if request.documents.is_empty() || request.top_n == 0 {
            return Ok(Answered {
                value: Vec::new(),
                calls: Vec::new(),
                resolution: None,
            });
        }
        let mut answered = self.ask_whole(request).await?;
        let ranked = &mut answered.value;
        ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
        ranked.truncate(request.top_n);
        Ok(answered)
    }

    /// Passages of somebody else's knowledge. The ledger has the call as one of the provider's, its model is the knowledge.
    ///
    /// # Errors
    /// When nobody may ask there, or it was not reached or refused.
    pub async fn retrieve(
        &self,
        request: &RetrieveRequest,
    ) -> Result<Answered<Vec<Passage>>, InvokeError> {
        self.ask_whole(request).await
    }

    /// Asks until there is an answer or nobody is left to pay: the author's fallbacks are tried as for chats.
    async fn ask_whole<Q: Question>(
        &self,
        question: &Q,
    ) -> Result<Answered<Q::Answer>, InvokeError> {
        let mut tries = Tries::default();
        loop {
            let opened = match self.open(question.size(), &mut tries).await {
                Ok(opened) => opened,
                Err(failed) => {
                    tries.after(failed)?;
                    continue;
                }
            };
            let (resolution, call) = (opened.candidate.resolution.clone(), opened.call.id());
            match self.send_whole(question, opened).await {
                Ok((value, report)) => {
                    return Ok(Answered {
                        value,
                        calls: report.into_iter().collect(),
                        resolution: Some(resolution),
                    });
                }
                Err(failed) => tries.after(failed.of(&resolution, call))?,
            }
        }
    }

    async fn send_whole<Q: Question>(
        &self,
        question: &Q,
        opened: Opened,
    ) -> Result<(Q::Answer, Option<CallReport>), Failed> {
        let Opened {
            mut call,
            candidate,
            is_last,
        } = opened;
        let (info, provider) = self.manager.known_provider(&self.model.provider)?;
        let Confined { access, .. } = self.access_of(&info, &candidate, &mut call).await?;
        let mask = Mask::of(&access.values);
        let ask = ProviderCall {
            provider: &info,
            access: &access,
            id: call.id(),
            at: call.opened_at(),
            node: self.context.node.as_ref(),
            outbound: &self.manager.outbound,
        };
        call.sending();
        let answer = tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(InvokeError::stopped()),
            answer = question.put(&*provider, ask, &self.model.model) => answer,
        };
        drop(access);
        let read = mask.whole(answer).and_then(|answer| {
            call.answered_whole(&answer);
            let value = answer.value?;
            let nonsense = |text| InvokeError::new(ErrorKind::BadRequest, text).sent();
            question.check(&value).map_err(nonsense)?;
            Ok(value)
        });
        call.close(read.as_ref().err()).await?;
        match read {
            Ok(value) => Ok((value, call.report().cloned())),
            Err(error) => Err(self.turned_away(error, &candidate, is_last).await),
        }
    }
}

/// Texts whose vectors are asked for.
struct Embed<'a>(&'a [String]);

#[async_trait]
impl Question for Embed<'_> {
    type Answer = Vec<Vec<f32>>;

    fn size(&self) -> Size {
        size_of_texts(self.0.iter().map(String::as_str))
    }

    async fn put(
        &self,
        provider: &dyn Provider,
        call: ProviderCall<'_>,
        model: &str,
    ) -> Result<WholeAnswer<Self::Answer>, InvokeError> {
        provider.embed(call, model, self.0).await
    }

    fn check(&self, vectors: &Vec<Vec<f32>>) -> Result<(), String> {
        let (asked, given) = (self.0.len(), vectors.len());
        if asked != given {
            return Err(format!("{asked} vectors were asked for, {given} came"));
        }
        let length = vectors.first().map_or(0, Vec::len);
        if vectors.iter().any(|vector| vector.len() != length) {
            return Err("the vectors are not of one length".to_owned());
        }
        if !vectors.is_empty() && !(1..=LONGEST_VECTOR).contains(&length) {
            return Err(format!("a vector has {length} numbers, which is no vector"));
        }
        let is_number = |vector: &Vec<f32>| vector.iter().all(|number| number.is_finite());
        if !vectors.iter().all(is_number) {
            return Err("a vector has something in it that is no number".to_owned());
        }
        Ok(())
    }
}

#[async_trait]
impl Question for RerankRequest {
    type Answer = Vec<Ranked>;

    fn size(&self) -> Size {
        // The query is read with each document.
        let both = |document| [document, self.query.as_str()];
        size_of_texts(self.documents.iter().map(String::as_str).flat_map(both))
    }

    async fn put(
        &self,
        provider: &dyn Provider,
        call: ProviderCall<'_>,
        model: &str,
    ) -> Result<WholeAnswer<Self::Answer>, InvokeError> {
        provider.rerank(call, model, self).await
    }

    fn check(&self, ranked: &Vec<Ranked>) -> Result<(), String> {
        let mut seen = vec![false; self.documents.len()];
        for one in ranked {
            match seen.get_mut(one.index) {
                None => return Err(format!("there is no document {}", one.index)),
                Some(seen) if *seen => return Err(format!("document {} came twice", one.index)),
                Some(seen) => *seen = true,
            }
            if !one.score.is_finite() {
                return Err("a score is no number".to_owned());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Question for RetrieveRequest {
    type Answer = Vec<Passage>;

    fn size(&self) -> Size {
        size_of_texts(std::iter::once(self.query.as_str()))
    }

    async fn put(
        &self,
        provider: &dyn Provider,
        call: ProviderCall<'_>,
        _: &str,
    ) -> Result<WholeAnswer<Self::Answer>, InvokeError> {
        provider.retrieve(call, self).await
    }

    fn check(&self, _: &Vec<Passage>) -> Result<(), String> {
        Ok(())
    }
}
