//! What two providers export about the same tokens, in their own formats.

use super::organisation::{Organisation, Provider, Token};
use crate::report::words;
use serde_json::{Value as Json, json};
use std::io::{self, Write};

fn tokens(organisation: &Organisation, provider: Provider) -> impl Iterator<Item = Token> {
    let mine = move |token: &Token| token.provider == provider && token.in_export;
    (0..organisation.tokens).map(|number| organisation.token(number)).filter(mine)
}

/// One element after another, so that the array is never in memory.
fn elements(mut elements: impl Iterator<Item = Json>, out: &mut dyn Write) -> io::Result<u64> {
    let mut count = 0;
    elements.try_for_each(|element| {
        let separator = if count == 0 { "\n  " } else { ",\n  " };
        count += 1;
        write!(out, "{separator}{element}")
    })?;
    Ok(count)
}

/// `GET /personal_access_tokens`: a bare array; expiry is a date, times have milliseconds.
pub fn write_gitlab(organisation: &Organisation, out: &mut dyn Write) -> io::Result<()> {
    let element = |token: Token| {
        json!({
            "id": 100_000 + token.number,
            "name": token.name,
            "revoked": token.state == "revoked",
            "created_at": milliseconds(token.created_at),
            "description": token.purpose,
            "scopes": token.granted,
            "user_id": organisation.gitlab_user(token.owner),
            "last_used_at": token.last_used_at.map(milliseconds),
            "active": token.state == "enabled",
            "expires_at": token.expires_at.map(words::date),
        })
    };
    write!(out, "[")?;
    elements(tokens(organisation, Provider::Gitlab).map(element), out)?;
    writeln!(out, "\n]")
}

/// `GET /user/tokens`: an envelope that counts what it holds.
pub fn write_cloudflare(organisation: &Organisation, out: &mut dyn Write) -> io::Result<()> {
    let element = |token: Token| {
        let status = if token.state == "enabled" { "active" } else { token.state };
        let groups: Vec<Json> = token.granted.iter().map(|scope| json!({ "id": group_id(scope), "name": scope })).collect();
        let zone = format!("com.cloudflare.api.account.zone.{:032x}", token.number);
        json!({
            "id": token.token_id,
            "name": token.name,
            "status": status,
            "issued_on": words::instant(token.created_at),
            "modified_on": words::instant(token.rotated_at),
            "last_used_on": token.last_used_at.map(words::instant),
            "expires_on": token.expires_at.map(words::instant),
            "policies": [{ "id": format!("{:032x}", 0xb011_u64), "effect": "allow", "resources": { zone: "*" }, "permission_groups": groups }],
        })
    };
    write!(out, "{{\"success\": true, \"errors\": [], \"messages\": [], \"result\": [")?;
    let count = elements(tokens(organisation, Provider::Cloudflare).map(element), out)?;
    writeln!(out, "\n],")?;
    let info = json!({ "page": 1, "per_page": count, "count": count, "total_count": count });
    writeln!(out, "\"result_info\": {info}}}")
}

/// Ids of permission groups are digests of nothing here; they only have to differ.
fn group_id(name: &str) -> String {
    let sum: u64 = name.bytes().map(u64::from).sum();
    format!("{:032x}", 0x9000_0000_u64 + sum)
}

fn milliseconds(at: i64) -> String {
    format!("{}.000Z", words::instant(at).trim_end_matches('Z'))
}
