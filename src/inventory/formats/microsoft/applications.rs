//! Entra applications and service principals: one token for each credential.
//!
//! The permissions are those an application asks for; granted ones are other lists. Owners are another call too, unless the request
//! expanded them. An application without credentials is normal: it signs in through federation, or not at all.

use super::{collection, credentials, first, graph_permissions, page};
use crate::inventory::field::Field;
use crate::inventory::format::{Layout, Records, Row, Sight, Sink, SourceContext};
use crate::inventory::formats::element::{self, scalar, truth};
use crate::inventory::formats::export::{Export, Reading, no_pages};
use crate::inventory::identity::share_secrets;
use crate::inventory::record::{Cell, Record, Scope, State, Value};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// `GET /applications`.
pub const APPLICATIONS: Export = Export {
    id: "entra-applications",
    title: "Microsoft Entra applications (Graph)",
    how_to_export: "az rest --url 'https://graph.microsoft.com/v1.0/applications?$top=999&$select=id,appId,displayName,passwordCredentials,keyCredentials,requiredResourceAccess' > applications.json",
    layout: Layout::Json(Records::Under("value")),
    signature: "JSON object with value, whose @odata.context names applications, or whose entries have appId and credentials",
    recognises: |sight| is_answer(sight, "applications", false),
    // Scopes and owners depend on what the request selects, so each record tells.
    collects: Some(&[
        Field::TokenId,
        Field::Provider,
        Field::Name,
        Field::TokenKind,
        Field::State,
        Field::CreatedAt,
        Field::ExpiresAt,
        Field::ActiveSecretCount,
        Field::Secrets,
    ]),
    secret_fields: &[
        "passwordCredentials[].secretText",
        "~passwordCredentials[].hint",
        "passwordCredentials[].value",
        "~keyCredentials[].key",
        "keyCredentials[].value",
    ],
    reading: Reading::Each { record: application, page: |envelope, _| page(envelope) },
    ..Export::OF_PROVIDER
};

/// `az ad app list`.
pub const APPLICATIONS_CLI: Export = Export {
    id: "entra-applications-cli",
    title: "Microsoft Entra applications (Azure command line)",
    how_to_export: "az ad app list --all > applications.json",
    layout: Layout::Json(Records::Array),
    signature: "JSON array with appId and passwordCredentials or keyCredentials",
    recognises: |sight| is_list(sight, "", false),
    export: Some("entra-applications"),
    reading: Reading::Each { record: application, page: no_pages },
    ..APPLICATIONS
};

/// `GET /servicePrincipals`: they carry credentials of their own.
pub const SERVICE_PRINCIPALS: Export = Export {
    id: "entra-service-principals",
    title: "Microsoft Entra service principals (Graph)",
    how_to_export: "az rest --url 'https://graph.microsoft.com/v1.0/servicePrincipals?$top=999&$select=id,appId,displayName,servicePrincipalType,passwordCredentials,keyCredentials' > principals.json",
    signature: "JSON object with value, whose @odata.context names servicePrincipals, or whose entries have servicePrincipalType and credentials",
    recognises: |sight| is_answer(sight, "servicePrincipals", true),
    ..APPLICATIONS
};

/// `az ad sp list`.
pub const SERVICE_PRINCIPALS_CLI: Export = Export {
    id: "entra-service-principals-cli",
    title: "Microsoft Entra service principals (Azure command line)",
    how_to_export: "az ad sp list --all > principals.json",
    signature: "JSON array with appId, servicePrincipalType and passwordCredentials or keyCredentials",
    recognises: |sight| is_list(sight, "", true),
    export: Some("entra-service-principals"),
    ..APPLICATIONS_CLI
};

fn is_answer(sight: &Sight, name: &str, principals: bool) -> bool {
    sight.envelope_has("value") && collection(sight).map_or_else(|| is_list(sight, "value", principals), |told| told == name)
}

fn is_list(sight: &Sight, key: &str, principals: bool) -> bool {
    let has = |name: &str| sight.has_keys(key, &[name]);
    let are_principals = ["servicePrincipalType", "servicePrincipalNames", "appOwnerOrganizationId"].into_iter().any(has);
    has("appId") && (has("passwordCredentials") || has("keyCredentials")) && are_principals == principals
}

fn application(row: Row<'_>, context: &SourceContext, sink: &mut dyn Sink) {
    let Some((line, application)) = element::object(row, sink) else { return };
    if first(application, &["passwordCredentials", "keyCredentials"]).is_none() {
        sink.problem(
            "applications are listed without their credentials: ask for passwordCredentials and keyCredentials".to_owned(),
        );
        return sink.skip(line, "an application without its credentials");
    }
    if application.get("servicePrincipalType").and_then(Json::as_str) == Some("ManagedIdentity") {
        return sink.skip(line, "Azure makes and replaces the credentials of a managed identity by itself");
    }
    let text = |keys: &[&str]| first(application, keys).and_then(scalar).unwrap_or_default();
    let (app_id, object_id, name) = (text(&["appId"]), text(&["id", "objectId"]), text(&["displayName", "appDisplayName"]));
    let (stated, repeated) = credentials::of(application);
    for _ in 0..repeated {
        sink.skip(line, "another entry of a signing certificate, which is one credential");
    }
    if stated.is_empty() {
        return sink.skip(line, "an application without credentials");
    }
    let requested = application.get("requiredResourceAccess").map(requested);
    let owners = application.get("owners").map(owners);
    let mut by_kind: BTreeMap<bool, Vec<Record>> = BTreeMap::new();
    for credential in &stated {
        let mut record = credentials::token(line, credential, context.as_of).record;
        if record.text(Field::State) == Some("enabled") && is_switched_off(application) {
            record.set_text(Field::State, "disabled");
        }
        let label = record.tags.get("credential_name").map(String::as_str).unwrap_or_default();
        let names: Vec<&str> = [name.as_str(), label].into_iter().filter(|name| !name.is_empty()).collect();
        record.set_text(Field::Name, names.join(": "));
        for (tag, value) in [("application_name", &name), ("application_id", &app_id), ("application_object_id", &object_id)] {
            if !value.is_empty() {
                record.tags.insert(tag.to_owned(), value.clone());
            }
        }
        if let Some(domain) = application.get("publisherDomain").and_then(scalar) {
            record.tags.insert("publisher_domain".to_owned(), domain);
        }
        if let Some(requested) = &requested {
            requested.state(&mut record);
        }
        if let Some(owners) = &owners {
            record.set_text(Field::Owner, owners.first().cloned().unwrap_or_default());
            if owners.len() > 1 {
                record.tags.insert("owners".to_owned(), owners.join(" "));
            }
        }
        by_kind.entry(credential.is_certificate).or_default().push(record);
    }
    let identity = if app_id.is_empty() { &object_id } else { &app_id };
    for (_, mut records) in by_kind {
        share_secrets(&mut records, identity);
        records.into_iter().for_each(|record| sink.token(record));
    }
}

/// True if nobody can sign in as the application, whatever its credentials.
fn is_switched_off(application: &Map<String, Json>) -> bool {
    let flag = |key: &str| application.get(key).and_then(truth);
    let by_microsoft = application.get("disabledByMicrosoftStatus").and_then(Json::as_str);
    flag("accountEnabled") == Some(false)
        || flag("isDisabled") == Some(true)
        || by_microsoft.is_some_and(|status| status.starts_with("Disabled"))
}

/// Permissions that an application asks for, by name where it is known.
#[derive(Default)]
struct Requested {
    /// It acts as itself: the whole tenant.
    of_application: BTreeSet<String>,
    /// It acts as a user, within that user's rights.
    delegated: BTreeSet<String>,
}

impl Requested {
    /// States the permissions as scopes. Asking for none says nothing of roles that were given in other ways.
    fn state(&self, record: &mut Record) {
        let scopes: Vec<Scope> =
            self.of_application.union(&self.delegated).map(|name| Scope { name: name.clone(), class: None }).collect();
        let cell = if scopes.is_empty() { Cell::of(State::Empty) } else { Cell::value(Value::Scopes(scopes)) };
        record.set(Field::ScopesGranted, cell);
        record.set_text(Field::ScopeModel, "scoped");
        for (tag, names) in
            [("requested_application_permissions", &self.of_application), ("requested_delegated_permissions", &self.delegated)]
        {
            if !names.is_empty() {
                record.tags.insert(tag.to_owned(), names.iter().cloned().collect::<Vec<_>>().join(" "));
            }
        }
    }
}

fn requested(access: &Json) -> Requested {
    let mut requested = Requested::default();
    for resource in access.as_array().into_iter().flatten() {
        let of = resource.get("resourceAppId").and_then(scalar).unwrap_or_default();
        for permission in resource.get("resourceAccess").and_then(Json::as_array).into_iter().flatten() {
            let Some(id) = permission.get("id").and_then(scalar) else { continue };
            let name = graph_permissions::name(&of, &id);
            let is_delegated = permission.get("type").and_then(Json::as_str) == Some("Scope");
            let names = if is_delegated { &mut requested.delegated } else { &mut requested.of_application };
            names.insert(name);
        }
    }
    requested
}

/// People who own the application, if the request expanded them; in an order of their own.
fn owners(owners: &Json) -> Vec<String> {
    let address = |owner: &Map<String, Json>| {
        let known = ["mail", "userPrincipalName", "id"].into_iter();
        known.filter_map(|key| owner.get(key).and_then(scalar)).find(|address| !address.is_empty())
    };
    let is_user =
        |owner: &&Map<String, Json>| owner.get("@odata.type").and_then(Json::as_str).is_none_or(|kind| kind.ends_with(".user"));
    let owners = owners.as_array().into_iter().flatten().filter_map(Json::as_object).filter(is_user);
    owners.filter_map(address).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
#[path = "applications_tests.rs"]
mod tests;
