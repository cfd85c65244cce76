//! `[frameworks.ID]`: a user's own framework, or more controls of one that comes with the program.
//!
//! ```toml
//! [frameworks.acme-rules]
//! name = "Acme rules for credentials"
//! version = "2026"
//! source = "intranet, page Credentials"      # where the ids were read; optional
//! provider = "aws"                           # for tokens of others it is supporting evidence; optional
//!
//! [frameworks.acme-rules.controls]
//! "T-1" = { title = "Secrets are changed", checks = ["ROT-001", "~EXP-001"] }
//! "T-2" = { title = "Vendors are assessed" } # no check: listed as not assessed
//! ```

use crate::checks::Catalog;
use crate::checks::header::Control;
use crate::inventory::registry::Registry;
use crate::policy::Policy;
use crate::policy::frameworks::Framework;
use crate::toml_reader::{Placed, Section, TomlError};
use std::collections::BTreeMap;

/// Adds one framework of a file to the policy.
pub fn read(id: &Placed<String>, mut section: Section<'_>, policy: &mut Policy, catalog: &Catalog) -> Result<(), TomlError> {
    let file = section.file();
    let sound = id.value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    if id.value.is_empty() || !sound {
        return Err(file.error_at(id.offset, "the id of a framework is written in small letters, digits, `-` and `.`"));
    }
    let dotted = policy.frameworks.keys().find(|known| known.strip_prefix(&id.value).is_some_and(|rest| rest.starts_with('.')));
    if let Some(dotted) = dotted {
        return Err(file.error_at(id.offset, format!("an id with dots stands in quotes: `[frameworks.\"{dotted}\"]`")));
    }
    let known = policy.frameworks.contains_key(&id.value);
    let (name, version) = (section.text("name")?, section.text("version")?);
    let (source, provider) = (section.text("source")?, section.text("provider")?);
    if known {
        // its name and version say which publication the ids are those of
        if let Some(stated) = [&name, &version, &source, &provider].into_iter().flatten().next() {
            let message = format!("`{}` comes with the program; only controls can be added to it", id.value);
            return Err(file.error_at(stated.offset, message));
        }
    } else {
        let text = |found: Option<Placed<String>>| found.map(|found| found.value).filter(|text| !text.trim().is_empty());
        let (Some(name), Some(version)) = (text(name), text(version)) else {
            return Err(section.error(format!("the framework `{}` needs `name` and `version`", id.value)));
        };
        let framework = Framework {
            name,
            version,
            source: text(source).unwrap_or_else(|| "the policy".to_owned()),
            provider: text(provider).map(|name| Registry::built_in().provider(&name).map_or(name.to_lowercase(), str::to_owned)),
            note: None,
            notes: BTreeMap::new(),
            notes_when_off: BTreeMap::new(),
            controls: BTreeMap::new(),
        };
        policy.frameworks.insert(id.value.clone(), framework);
    }
    let Some(mut controls) = section.section("controls")? else {
        return Err(section.error(format!("the framework `{}` has no `controls`", id.value)));
    };
    for entry in controls.entries() {
        let control = entry.name.clone();
        let mut entry = entry.section()?;
        let title = entry.text("title")?;
        let checks = entry.words("checks")?.unwrap_or_default();
        let Some(framework) = policy.frameworks.get_mut(&id.value) else { continue };
        match (title, framework.controls.contains_key(&control.value)) {
            (Some(title), true) => {
                let message = format!("`{}` of `{}` has its title already", control.value, id.value);
                return Err(file.error_at(title.offset, message));
            }
            (None, false) => {
                return Err(file.error_at(control.offset, format!("the control `{}` needs a `title`", control.value)));
            }
            (Some(title), false) => {
                framework.controls.insert(control.value.clone(), title.value);
            }
            (None, true) => {}
        }
        for word in checks {
            let (name, supporting) = word.value.strip_prefix('~').map_or((word.value.as_str(), false), |name| (name, true));
            let Some(check) = catalog.find(name) else {
                return Err(file.unknown_at(word.offset, "check", name, catalog.names()));
            };
            let mapped = policy.mapped.entry(check.id.clone()).or_default();
            mapped.push(Control { framework: id.value.clone(), id: control.value.clone(), supporting });
        }
        entry.finish()?;
    }
    section.finish()
}
