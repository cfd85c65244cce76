//! What a header declares against what its SQL does.

use super::Check;
use crate::checks::parameter::Parameter;
use crate::checks::result::Subject;
use crate::inventory::facts::FACTS;
use regex::Regex;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The declared parameters against those of the SELECT, and the declared reasons against what it can say.
pub fn compare(check: &Check, select: &str) -> Result<(), String> {
    let select = without_comments(select);
    let read = parameters_of(&select);
    let known: BTreeSet<String> = check.bound_parameters().flat_map(Parameter::bound_names).collect();
    if let Some(name) = read.difference(&known).next() {
        return Err(format!("the SQL reads `:{name}`, which the header does not declare as a parameter to bind"));
    }
    if let Some(name) = check.bound_parameters().map(Parameter::deciding_name).find(|name| !read.contains(name)) {
        return Err(format!("a parameter is declared, and the SQL does not read `:{name}`"));
    }
    if check.subject == Subject::Source && check.parameters.iter().any(|parameter| parameter.per_token) {
        return Err("a source has none of the attributes that overrides look at: leave `per_token` out".to_owned());
    }
    for parameter in check.parameters.iter().filter(|parameter| parameter.per_token) {
        if !select.contains("parameter_value") || !select.contains(&format!("'{}'", parameter.name)) {
            return Err(format!(
                "`{}` may change per token, and the SQL does not read it from `parameter_value`",
                parameter.name
            ));
        }
    }
    if select.contains("'provider-fact'") && !select.contains(" AS fact,") && !select.contains(" AS fact\n") {
        return Err("a result can rest on a provider fact: name it in a column `fact`".to_owned());
    }
    for fact in check.evidence.iter().filter_map(|evidence| evidence.strip_prefix("fact:")) {
        if !FACTS.iter().any(|known| known.name == fact) {
            return Err(format!("`fact:{fact}` is no fact of the provider registry"));
        }
    }
    let said = outcomes_of(&select);
    if said.is_empty() && check.reasons.is_empty() {
        // a user's own check that decides in another way: its reasons are shown as codes
        return Ok(());
    }
    let explained: BTreeSet<(String, String)> =
        check.reasons.iter().map(|reason| (reason.result.word().to_owned(), reason.code.clone())).collect();
    if let Some((result, code)) = said.difference(&explained).next() {
        return Err(format!("the SQL can say '{result} {code}': explain it under [reasons.{result}]"));
    }
    if let Some((result, code)) = explained.difference(&said).next() {
        return Err(format!("[reasons.{result}] explains `{code}`, which the SQL never says"));
    }
    Ok(())
}

/// The SQL without its comments, so that words in them count for nothing.
fn without_comments(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    for line in sql.lines() {
        // no literal of a check holds two hyphens
        text.push_str(line.split("--").next().unwrap_or_default());
        text.push('\n');
    }
    text
}

/// Names that the SQL reads as `:name`, apart from `:as_of`, which is bound always.
fn parameters_of(sql: &str) -> BTreeSet<String> {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("'[^']*'|:([a-z_][a-z0-9_]*)").ok());
    let Some(form) = NAME.as_ref() else { return BTreeSet::new() };
    let names = form.captures_iter(sql).filter_map(|captures| captures.get(1));
    names.map(|name| name.as_str().to_owned()).filter(|name| name != "as_of").collect()
}

/// Pairs of result and reason that stand in the SQL as one text.
fn outcomes_of(sql: &str) -> BTreeSet<(String, String)> {
    static OUTCOME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new("'(pass|fail|unknown|not-applicable) ([a-z0-9-]+)'").ok());
    let Some(form) = OUTCOME.as_ref() else { return BTreeSet::new() };
    let pair = |captures: regex::Captures<'_>| Some((captures.get(1)?.as_str().to_owned(), captures.get(2)?.as_str().to_owned()));
    form.captures_iter(sql).filter_map(pair).collect()
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
