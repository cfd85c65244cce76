//! What a header declares against what its SQL does.

use super::Check;
use crate::checks::parameter::Parameter;
use crate::checks::result::Subject;
use crate::checks::sql_text::{self, Kind, Token};
use crate::inventory::facts::FACTS;
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What does not agree, and where it stands in the file.
#[derive(Debug)]
pub struct Disagreement {
    pub message: String,
    /// In bytes.
    pub offset: usize,
}

/// The declared parameters against those of the SELECT, and the declared reasons against what it can say.
pub fn compare(check: &Check) -> Result<(), Disagreement> {
    let tokens = sql_text::tokens(&check.sql);
    let at = |offset: usize, message: String| Err(Disagreement { message, offset });
    let header = |words: &str| check.sql.find(words).unwrap_or_default();

    let read: BTreeMap<&str, usize> = parameters_of(&tokens).collect();
    let known: BTreeSet<String> =
        check.bound_parameters().flat_map(Parameter::bound_names).map(|name| format!(":{name}")).collect();
    for (name, offset) in read.iter().filter(|(name, _)| **name != ":as_of") {
        if !known.contains(*name) {
            return at(*offset, format!("the SQL reads `{name}`, which the header does not declare as a parameter to bind"));
        }
    }
    for parameter in &check.parameters {
        let place = header(&format!("[parameters.{}]", parameter.name));
        let name = parameter.deciding_name();
        if parameter.per_token {
            let stated = |text: &str| tokens.iter().any(|token| token.name() == text);
            if check.subject == Subject::Source {
                return at(place, "a source has none of the attributes that overrides look at: leave `per_token` out".to_owned());
            }
            if !stated("parameter_value") || !stated(&parameter.name) {
                let message =
                    format!("`{}` may change per token, and the SQL does not read it from `parameter_value`", parameter.name);
                return at(place, message);
            }
        } else if !read.contains_key(format!(":{name}").as_str()) {
            return at(place, format!("the parameter `{}` is declared, and the SQL does not read `:{name}`", parameter.name));
        }
    }
    let rests_on_fact = tokens.iter().find(|token| token.text == "'provider-fact'");
    let names_fact = tokens.windows(2).any(|pair| matches!(pair, [first, second] if first.is("AS") && second.name() == "fact"));
    if let Some(token) = rests_on_fact.filter(|_| !names_fact) {
        return at(token.offset, "a result can rest on a provider fact: name it in a column `fact`".to_owned());
    }
    for fact in check.evidence.iter().filter_map(|evidence| evidence.strip_prefix("fact:")) {
        if !FACTS.iter().any(|known| known.name == fact) {
            return at(header(&format!("fact:{fact}")), format!("`fact:{fact}` is no fact of the provider registry"));
        }
    }
    let said = outcomes_of(&tokens);
    if said.is_empty() && check.reasons.is_empty() {
        // a user's own check that decides in another way: its reasons are shown as codes
        return Ok(());
    }
    let explained: BTreeSet<(String, String)> =
        check.reasons.iter().map(|reason| (reason.result.word().to_owned(), reason.code.clone())).collect();
    for ((result, code), offset) in &said {
        if !explained.contains(&(result.clone(), code.clone())) {
            return at(*offset, format!("the SQL can say '{result} {code}': explain it under [reasons.{result}]"));
        }
    }
    for (result, code) in &explained {
        if !said.contains_key(&(result.clone(), code.clone())) {
            let offset = header(&format!("\n{code} ")) + 1;
            return at(offset, format!("[reasons.{result}] explains `{code}`, which the SQL never says"));
        }
    }
    Ok(())
}

/// Parameters as written, each where it occurs last.
fn parameters_of<'s>(tokens: &[Token<'s>]) -> impl Iterator<Item = (&'s str, usize)> {
    tokens.iter().filter(|token| token.kind == Kind::Parameter).map(|token| (token.text, token.offset))
}

/// Pairs of result and reason that stand in the SQL as one text.
fn outcomes_of(tokens: &[Token<'_>]) -> BTreeMap<(String, String), usize> {
    static OUTCOME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("^(pass|fail|unknown|not-applicable) ([a-z0-9-]+)$").ok());
    let Some(form) = OUTCOME.as_ref() else { return BTreeMap::new() };
    let mut outcomes = BTreeMap::new();
    for token in tokens.iter().filter(|token| token.kind == Kind::Text) {
        if let Some((_, [result, code])) = form.captures(&token.content()).map(|captures| captures.extract()) {
            outcomes.entry((result.to_owned(), code.to_owned())).or_insert(token.offset);
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toml_reader::TomlError;

    const HEADER: &str = "/*---
id = \"TST-001\"
title = \"A test\"
severity = \"low\"
since = \"0.1.0\"
controls = [\"owasp-nhi-2025:NHI1\"]
rationale = \"why\"
remediation = \"how\"
required = \"The name is at most {longest} letters.\"
[parameters.longest]
type = \"number\"
default = 3
help = \"letters\"
[reasons.fail]
too-long = \"{name} is too long\"
[reasons.pass]
short = \"{name} is short\"
---*/
";
    const SELECT: &str =
        "SELECT token_key, CASE WHEN length(name) > :longest THEN 'fail too-long' ELSE 'pass short' END FROM token;";

    fn parse(header: &str, select: &str) -> Result<Check, TomlError> {
        Check::parse("test/short-name.sql", "short-name.sql", &format!("{header}{select}"))
    }

    fn problem(header: &str, select: &str) -> String {
        parse(header, select).map_or_else(|error| error.to_string(), |check| panic!("accepted {}", check.id))
    }

    #[test]
    fn a_sound_check_is_read() {
        let check = parse(HEADER, SELECT).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((check.area.as_str(), check.name.as_str(), check.waivable), ("test", "short-name", true));
        assert_eq!(check.reasons.len(), 2);
    }

    #[test]
    fn parameters_and_reasons_must_agree_with_the_sql() {
        let unbound = SELECT.replace(":longest", "3");
        assert!(problem(HEADER, &unbound).contains("the SQL does not read `:longest`"));
        let undeclared = SELECT.replace(":longest", ":longest + :more");
        assert!(problem(HEADER, &undeclared).contains("the SQL reads `:more`"));
        let unexplained = SELECT.replace("pass short", "pass brief");
        assert!(problem(HEADER, &unexplained).contains("explain it under [reasons.pass]"));
        let commented = format!("-- 'fail other' and :other\n{SELECT}");
        assert!(parse(HEADER, &commented).is_ok());
        let unsaid = HEADER.replace("[reasons.pass]", "[reasons.unknown]\nodd = \"odd\"\n[reasons.pass]");
        assert!(problem(&unsaid, SELECT).contains("explains `odd`, which the SQL never says"));
    }

    #[test]
    fn a_result_that_rests_on_a_fact_names_it() {
        let based = SELECT.replace("FROM token", ", 'provider-fact' AS basis FROM token");
        assert!(problem(HEADER, &based).contains("name it in a column `fact`"));
        assert!(parse(HEADER, &based.replace("FROM", ", 'keyless' AS fact\nFROM")).is_ok());
        let unheard = HEADER.replace("required =", "evidence = [\"fact:colour\"]\nrequired =");
        assert!(problem(&unheard, SELECT).contains("`fact:colour` is no fact"));
    }

    #[test]
    fn mistakes_in_a_header_name_their_line() {
        let typo = HEADER.replace("rationale =", "rationals =");
        assert!(problem(&typo, SELECT).starts_with("short-name.sql:1:1: the header has no `rationale`"));
        let key = HEADER.replace("[reasons.fail]", "colour = \"red\"\n[reasons.fail]");
        assert_eq!(problem(&key, SELECT), "short-name.sql:14:1: unknown key of [longest]: `colour`");
        let control = HEADER.replace("NHI1", "NHI99");
        assert_eq!(problem(&control, SELECT), "short-name.sql:6:13: unknown control of owasp-nhi-2025 `NHI99`");
    }
}
