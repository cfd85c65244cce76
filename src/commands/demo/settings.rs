//! The settings file: what the exports do not say of themselves.

use super::organisation::{EXPORTED_AT, Organisation, Provider};
use crate::report::words;
use std::io::{self, Write};

pub fn write(organisation: &Organisation, out: &mut dyn Write) -> io::Result<()> {
    let exported_at = words::instant(EXPORTED_AT);
    write!(
        out,
        r#"# Settings of the demo inventory: `countersign audit --config countersign.toml`
inventory = ["tokens.csv", "gitlab-personal-access-tokens.json", "cloudflare-user-tokens.json"]
period = "2026-Q3"

[people]
file = "people.csv"
complete = true
includes_leavers = true

[branding]
organisation = "Demo Ltd"
classification = "Sample data"

# What the registry of providers cannot know: the gateway of the organisation itself.
[[provider]]
id = "gateway"
title = "Internal gateway"

[[provider.facts]]
https_only = true
supports_expiry = true
reset_invalidates_old = false

[[provider.scopes]]
class = "read"
names = ["*:read"]

[[provider.scopes]]
class = "write"
names = ["*:write"]

[[source]]
path = "tokens.csv"
exported_at = {exported_at}

[[source]]
path = "people.csv"
exported_at = {exported_at}

[[source]]
path = "gitlab-personal-access-tokens.json"
account = "{gitlab}"
exported_at = {exported_at}

[[source]]
path = "cloudflare-user-tokens.json"
account = "{cloudflare}"
exported_at = {exported_at}
"#,
        gitlab = Provider::Gitlab.account(),
        cloudflare = Provider::Cloudflare.account(),
    )?;
    writeln!(out, "\n# Who the users of GitLab are.\n[people.aliases]")?;
    (0..organisation.people()).try_for_each(|number| {
        writeln!(out, "\"gitlab:{}\" = \"{}\"", organisation.gitlab_user(Some(number)), organisation.person(number).email)
    })
}
