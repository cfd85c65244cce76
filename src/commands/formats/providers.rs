//! `countersign formats --providers`: what is known of the services that issue tokens.

use super::super::text::{columns, labelled};
use crate::error::Error;
use crate::inventory::facts::{FACTS, FactValue, SourcedFacts};
use crate::inventory::record::ScopeClass;
use crate::inventory::registry::{Known, Registry};
use crate::nearest::did_you_mean;
use crate::render::clean;

/// All providers, or one in full.
///
/// # Errors
/// If there is no such provider.
pub fn text(registry: &Registry, name: Option<&str>) -> Result<String, Error> {
    let Some(name) = name else { return Ok(list(registry)) };
    match registry.known(name) {
        Some(known) => Ok(described(&known)),
        None => {
            let hint = did_you_mean(name, registry.providers().map(|(id, _)| id));
            Err(Error::Unknown { what: "provider", name: name.to_owned(), hint })
        }
    }
}

fn list(registry: &Registry) -> String {
    let mut rows = vec![["ID", "TITLE", "FACTS", "SCOPES"].map(str::to_owned).to_vec()];
    for (id, _) in registry.providers() {
        let Some(known) = registry.known(id) else { continue };
        let mut facts: Vec<&str> = known.facts().flat_map(|(_, facts)| facts.sources.keys().copied()).collect();
        facts.sort_unstable();
        facts.dedup();
        let scopes: usize = known.scopes.iter().map(|(_, count)| count).sum();
        rows.push(vec![id.to_owned(), clean::line(known.title).into_owned(), facts.len().to_string(), scopes.to_string()]);
    }
    let facts: Vec<Vec<String>> = FACTS.iter().map(|fact| vec![format!("  {}", fact.name), fact.help.to_owned()]).collect();
    format!(
        "{}\n`countersign formats --providers ID` says what is known of one. [[provider]] in countersign.toml adds and corrects.\n\n\
         Facts\n{}",
        columns(&rows),
        columns(&facts)
    )
}

fn described(known: &Known<'_>) -> String {
    let mut text = format!("{}\n{}\n\n", known.id, clean::line(known.title));
    text.push_str(&labelled("also", &clean::line(&known.aliases.join(", "))));
    let scopes: Vec<String> =
        known.scopes.iter().filter(|(_, count)| *count > 0).map(|(class, count)| scopes_of(*class, *count)).collect();
    let scopes = if scopes.is_empty() { "none is known".to_owned() } else { scopes.join(", ") };
    text.push_str(&labelled("scopes", &scopes));
    for (kind, facts) in known.facts() {
        let rows = rows(facts);
        if !rows.is_empty() {
            let heading = kind.map_or("Every token".into(), clean::line);
            text.push('\n');
            text.push_str(&heading);
            text.push('\n');
            text.push_str(&columns(&rows));
        }
    }
    text
}

fn scopes_of(class: ScopeClass, count: usize) -> String {
    format!("{count} {}", class.word())
}

/// Fact, value, source.
fn rows(known: &SourcedFacts) -> Vec<Vec<String>> {
    let row = |fact: &crate::inventory::facts::Fact| {
        let value = match (fact.of)(&known.facts)? {
            FactValue::Flag(true) => "yes".to_owned(),
            FactValue::Flag(false) => "no".to_owned(),
            FactValue::Number(number) => number.to_string(),
            FactValue::Word(word) => word.to_owned(),
        };
        let source = known.sources.get(fact.name).map(|source| clean::line(source).into_owned()).unwrap_or_default();
        Some(vec![format!("  {}", fact.name), value, source])
    };
    FACTS.iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_listed_and_described_with_its_sources() {
        let registry = Registry::built_in();
        let list = list(registry);
        for (id, title) in registry.providers() {
            assert!(list.contains(id) && list.contains(title), "{id}");
            assert!(text(registry, Some(id)).is_ok_and(|text| text.contains(title)), "{id}");
        }
        let gitlab = text(registry, Some("GitLab")).unwrap_or_default();
        assert!(gitlab.contains("value_fixed_at_creation") && gitlab.contains("GitLab docs"), "{gitlab}");
        assert!(text(registry, Some("no-such-provider")).is_err());
    }
}
