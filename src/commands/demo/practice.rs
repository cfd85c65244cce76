//! How the organisation of `demo` treats a token: who may read it, who was given it, what it is for and who looks after it.

use super::organisation::{AS_OF, Dice, Token};
use crate::report::words;
use std::io::{self, Write};

const DAY: i64 = 86_400;

/// Columns by their canonical names, after those of the token itself.
pub const HEADER: &str = "purpose_status,reviewed_at,storage.readers,authorized_readers,shares.recipient,shares.authorized,\
shares.channel,shares.at,integrations.application,integrations.environment,contacts.1.role,contacts.1.address,\
contacts.1.verified_at,contacts.1.status,active_secret_count,secrets.created_at,secrets.state,usage_observed_since,scope_last_used";

/// The cells under [`HEADER`], each with a comma before it.
pub fn cells(seed: u64, token: &Token, out: &mut dyn Write) -> io::Result<()> {
    let mut dice = Dice::new(seed ^ 0x7072_6163_7469_6365, token.number);
    let application = token.application;
    let purpose = if dice.percent(2) { "ended" } else { "active" };
    let reviewed = AS_OF - if dice.percent(92) { dice.days(1, 170) } else { dice.days(190, 500) } * DAY;
    write!(out, ",{purpose},{}", words::date(reviewed))?;
    let readers = if dice.percent(4) { format!("{application};contractors") } else { application.to_owned() };
    write!(out, ",{readers},{application};platform-ops")?;
    let channel = dice.weighted(&[(70, Word("secret-manager-grant")), (26, Word("one-time-secret-link")), (4, Word("chat"))]);
    write!(out, ",platform-ops,yes,{},{}", channel.0, words::date(token.rotated_at + DAY))?;
    let environment = if dice.percent(3) { "development" } else { token.environment };
    write!(out, ",{application},{environment}")?;
    if dice.percent(95) {
        let status = if dice.percent(97) { "ok" } else { "bounced" };
        write!(out, ",technical,{application}-oncall@demo.example,{},{status}", words::date(token.contact_verified_at))?;
    } else {
        write!(out, ",,,,")?;
    }
    let secrets = if dice.percent(4) { 2 } else { 1 };
    write!(out, ",{secrets},{},enabled", words::date(token.rotated_at))?;
    write!(out, ",{},\"{{", words::date(AS_OF - 200 * DAY))?;
    for (index, scope) in token.granted.iter().enumerate() {
        let used = AS_OF - if dice.percent(96) { dice.days(1, 60) } else { dice.days(100, 200) } * DAY;
        write!(out, "{}\"\"{scope}\"\":\"\"{}\"\"", if index == 0 { "" } else { "," }, words::date(used))?;
    }
    write!(out, "}}\"")
}

#[derive(Debug, Clone, Copy, Default)]
struct Word(&'static str);
