//! The values of a stored credential are entered again: what stays, and where a key may go from then on.

use std::collections::BTreeMap;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::{Credential, CredentialState, ReferenceError, ValueReference};
use latchkey_models::catalogue::{Field, FieldKind, ProviderInfo, Wire};
use latchkey_models::{FormValues, check_form, is_host_entry};
use latchkey_secrets::Secret;
use latchkey_store::SealedValues;

use crate::Service;
use crate::error::Error;
use crate::validation::{Payer, not_accepted};
use crate::vault::References;

/// Secret fields that are kept elsewhere: where, and what is there now.
pub(crate) struct Read {
    pub(crate) references: References,
    pub(crate) values: BTreeMap<String, Secret<String>>,
}

impl Service {
    /// Reads what references stand for: one that cannot be read is found out when it is entered.
    pub(crate) async fn read_references(
        &self,
        caller: &Caller,
        info: &ProviderInfo,
        given: &BTreeMap<String, String>,
    ) -> Result<Read, Error> {
        let mut read = Read {
            references: References::new(),
            values: BTreeMap::new(),
        };
        for (name, text) in given {
            let pointer = format!("/values/{}", name.replace('~', "~0").replace('/', "~1"));
            let field = info.fields.iter().find(|field| field.name == *name);
            if field.is_some_and(|field| field.kind != FieldKind::Secret) {
                let detail = format!("{name} is no secret: say its value");
                return Err(Error::field("reference_not_allowed", &pointer, detail));
            }
            let wrong =
                |why: ReferenceError| Error::field("reference_invalid", &pointer, why.to_string());
            let reference: ValueReference = text.parse().map_err(wrong)?;
            let value = self
                .inner
                .vault
                .read_reference(caller.workspace, &reference);
            let value = value.await.map_err(|error| {
                let detail = error.detail.clone();
                Error::field(&error.code, &pointer, detail)
            })?;
            read.values.insert(name.clone(), value);
            read.references.insert(name.clone(), reference);
        }
        Ok(read)
    }

    /// Puts values into a changed credential; tried out first if wanted.
    pub(crate) async fn replace_values(
        &self,
        caller: &Caller,
        old: &Credential,
        new: &mut Credential,
        (form, references): (FormValues, References),
        validate: bool,
    ) -> Result<SealedValues, Error> {
        new.version = self.next_version(old).await?;
        let (info, _) = self.provider_info(caller, &old.provider).await?;
        let validate = validate && info.wire != Wire::Tool;
        if validate {
            let payer = Payer {
                version: new.version,
                ..Payer::stored(old)
            };
            self.ask_provider(caller, &info, &form, old.model.as_ref(), payer)
                .await
                .map_err(|error| not_accepted(&error))?;
        }
        new.last_validated_at = validate.then(|| self.now());
        if new.state == CredentialState::Invalid {
            new.state = CredentialState::Active;
        }
        let vault = &self.inner.vault;
        new.secrets = vault.fingerprints(caller.workspace, &form.values, &references);
        new.hosts = form.hosts;
        new.settings = form.settings;
        vault
            .seal_credential(caller.workspace, old.id, &form.values, &references)
            .await
    }

    /// The whole form of a credential of which some fields are entered again: the others stay, except that no secret goes
    /// where it has not been.
    pub(crate) async fn entered_again(
        &self,
        caller: &Caller,
        old: &Credential,
        sealed: &SealedValues,
        (given, refer): (&BTreeMap<String, Secret<String>>, &BTreeMap<String, String>),
        hosts: Option<&[String]>,
    ) -> Result<(FormValues, References), Error> {
        let (info, own) = self.provider_info(caller, &old.provider).await?;
        if let Some(bad) = hosts
            .into_iter()
            .flatten()
            .find(|host| !is_host_entry(host))
        {
            let detail = format!("{bad} is no host or host:port");
            return Err(Error::field("invalid_host", "/hosts", detail));
        }
        let Read {
            values: mut read,
            mut references,
        } = self.read_references(caller, &info, refer).await?;
        let mut values = given.clone();
        values.append(&mut read);
        for (name, value) in &old.settings {
            if info.fields.iter().any(|field| field.name == *name) {
                let kept = || Secret::from(value.as_str());
                values.entry(name.clone()).or_insert_with(kept);
            }
        }
        // Hosts that nobody has stated are those of the URL, also of another one.
        let is_entered = |name: &String| given.contains_key(name) || refer.contains_key(name);
        let kept = old.secrets.keys().find(|name| !is_entered(name));
        // A tool's provider may have moved: a key that is entered again goes where it is now.
        let moved = own.as_deref().filter(|_| kept.is_none());
        let stays = own.is_some() || is_stated(&info, old);
        let hosts = hosts.or(moved).or_else(|| stays.then_some(&*old.hosts));
        if let Some(kept) = kept {
            let hosts = hosts.unwrap_or(&old.hosts);
            if *hosts != *old.hosts || has_moved(&info, old, &values) {
                return Err(values_required(kept));
            }
            let vault = &self.inner.vault;
            let opened = vault.open_fields(caller.workspace, old.id, sealed);
            let (opened, kept) = opened.await?;
            for (name, value) in opened.secrets {
                values.entry(name).or_insert(value);
            }
            for (name, reference) in kept {
                if !is_entered(&name) {
                    let value = vault.read_reference(caller.workspace, &reference).await?;
                    values.insert(name.clone(), value);
                    references.insert(name, reference);
                }
            }
        }
        let form = check_form(&info, &values, hosts).map_err(Error::of_form)?;
        // Not every address is a field: some are made of a region, a resource or a project.
        if let Some(kept) = kept
            && form.hosts != old.hosts
        {
            return Err(values_required(kept));
        }
        Ok((form, references))
    }
}

/// Whether a credential's hosts are others than its URL would give it.
fn is_stated(info: &ProviderInfo, credential: &Credential) -> bool {
    credential.hosts != info.default_hosts(&credential.settings)
}

/// Whether values lead to another address than the stored ones.
fn has_moved(
    info: &ProviderInfo,
    old: &Credential,
    values: &BTreeMap<String, Secret<String>>,
) -> bool {
    let urls = info
        .fields
        .iter()
        .filter(|field| field.kind == FieldKind::Url);
    let given = |field: &Field| {
        let given = values.get(&field.name).map(|value| value.expose());
        let given = given.filter(|value| !value.is_empty());
        given.or(field.default.as_ref()).cloned()
    };
    let is_other = |field: &Field| given(field).as_ref() != old.settings.get(&field.name);
    let shown = info.fields.iter();
    let shown = shown.filter(|field| field.kind != FieldKind::Secret);
    let settings = shown.filter_map(|field| Some((field.name.clone(), given(field)?)));
    // An address may also follow from other settings, such as a region.
    urls.into_iter().any(is_other)
        || info.address(&settings.collect()) != info.address(&old.settings)
}

fn values_required(field: &str) -> Error {
    let detail = format!("a key never goes to a new host: enter {field} again together with it");
    Error::field("values_required", &format!("/values/{field}"), detail)
}
