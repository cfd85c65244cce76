//! The canonical sheet: one line for each token.

use super::organisation::{Organisation, Provider, Slip, Token};
use super::practice;
use crate::report::words;
use std::io::{self, Write};

/// Columns by their canonical names.
pub const HEADER: &str = "token_id,provider,account,name,kind,environment,sensitivity,state,purpose,owner,created_at,last_rotated_at,\
expires_at,last_used_at,scopes_granted,scopes_required,storage.kind,storage.location,storage.encrypted_at_rest,integrations.name,\
integrations.endpoint,integrations.credential_updated_at,contacts.role,contacts.address,contacts.verified_at,contacts.status,compromise";

pub fn write(organisation: &Organisation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{HEADER},{}", practice::HEADER)?;
    for token in (0..organisation.tokens).map(|number| organisation.token(number)).filter(|token| token.in_sheet) {
        row(organisation, &token, out)?;
        if token.slip == Some(Slip::Twice) {
            row(organisation, &token, out)?;
        }
    }
    Ok(())
}

fn row(organisation: &Organisation, token: &Token, out: &mut dyn Write) -> io::Result<()> {
    let Token { provider, application, environment, store, .. } = token;
    let name = if token.slip == Some(Slip::OtherName) { application } else { token.name.as_str() };
    let issuer = if token.slip == Some(Slip::OtherProvider) { "old-platform" } else { provider.name() };
    write!(out, "{},{issuer},{},{name},{},", token.token_id, provider.account(), provider.kind())?;
    write!(out, "{environment},{},{},{},", token.sensitivity, token.state, token.purpose)?;
    // GitLab's export names the owner by a number, which the settings tell who it is
    let told_by_provider = *provider == Provider::Gitlab && token.in_export;
    let owner = token.owner.filter(|_| !told_by_provider).map(|owner| organisation.person(owner).email);
    write!(out, "{},", owner.unwrap_or_default())?;
    let past = if provider.is_hand_kept() { words::date } else { words::instant };
    let or_word = |at: Option<i64>, spelled: fn(i64) -> String, word: &str| at.map_or_else(|| word.to_owned(), spelled);
    let created = match token.slip {
        Some(Slip::NoCreation) => String::new(),
        Some(Slip::WrongCentury) => past(token.created_at).replacen("20", "21", 1),
        Some(Slip::Twice | Slip::OtherName | Slip::OtherProvider) | None => past(token.created_at),
    };
    write!(out, "{created},{},", past(token.rotated_at))?;
    write!(out, "{},{},", or_word(token.expires_at, words::date, "none"), or_word(token.last_used_at, past, "never"))?;
    // scopes may hold blanks, so both lists are separated by `;` and a single one with blanks ends with it
    list(&token.granted, out)?;
    list(&token.required, out)?;
    write!(out, "{},kv/{},{},", store.kind, token.number, store.encrypted)?;
    let scheme = if token.endpoint_is_plain { "http" } else { "https" };
    write!(out, "{application},{scheme}://{application}.demo.example,{},", words::date(token.updated_at))?;
    match &token.contact {
        Some(address) => write!(out, "token,{address},{},ok,", words::date(token.contact_verified_at))?,
        None => write!(out, ",,,,")?,
    }
    write!(out, "{}", if token.suspected_at.is_some() { "suspected" } else { "none" })?;
    practice::cells(organisation.seed, token, out)?;
    writeln!(out)
}

fn list(words: &[&str], out: &mut dyn Write) -> io::Result<()> {
    for (index, word) in words.iter().enumerate() {
        write!(out, "{}{word}", if index == 0 { "" } else { ";" })?;
    }
    let ends_open = words.len() == 1 && words.iter().any(|word| word.contains(' '));
    write!(out, "{}", if ends_open { ";," } else { "," })
}
