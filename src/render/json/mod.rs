//! `report.json`: the published, versioned form of a report (design, section 6).
//!
//! Written from types of its own, so that changing ours changes no published key. Findings are spelled one by one while they are
//! written; no second copy of them is made.

#[cfg(test)]
mod schema_test;
mod v1;

use super::{RenderError, Rendered, Renderer};
use crate::report::Report;
use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// Value of the key `schema`.
pub const SCHEMA: &str = v1::SCHEMA;

/// `report.json`, indented by two blanks, with a newline at the end.
pub struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn file_name(&self) -> &'static str {
        "report.json"
    }

    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Rendered, RenderError> {
        let mut out = BufWriter::new(out);
        let mut serializer = serde_json::Serializer::pretty(&mut out);
        v1::Report::of(report).serialize(&mut serializer).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        out.flush()?;
        Ok(Rendered::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use serde_json::Value;

    fn rendered(report: &Report) -> (String, Value) {
        let mut bytes = Vec::new();
        Json.render(report, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let value = serde_json::from_str(&text).unwrap();
        (text, value)
    }

    #[test]
    fn the_keys_are_those_of_the_design() {
        let (text, json) = rendered(&sample::sample());
        assert!(text.starts_with("{\n  \"schema\": \"countersign/report/v1\",\n  \"run\": {\n    \"id\": "));
        assert!(text.ends_with("\n}\n"));
        assert_eq!(json["run"]["as_of"], "2026-10-01T00:00:00Z");
        assert_eq!(json["run"]["period"], "2026-Q3");
        assert_eq!(json["run"]["policy"]["name"], "acme");
        assert!(json["sources"][0]["rows"]["read"].is_u64());
        assert!(json["summary"]["results"]["not_applicable"].is_u64());
        assert!(json["summary"]["compliance"]["percent"].is_f64());
        assert_eq!(json["summary"]["verdict"], "error");
        for key in [
            "check", "subject", "source", "provider", "account", "token_id", "name", "owner", "result", "reason", "basis",
            "severity", "evidence", "limit", "waiver", "blanket", "count",
        ] {
            assert!(json["findings"][0].get(key).is_some(), "{key}");
        }
        for key in ["checks", "waivers", "frameworks", "owners"] {
            assert!(json[key].as_array().is_some_and(|list| !list.is_empty()), "{key}");
        }
    }

    #[test]
    fn findings_add_up_to_the_summary() {
        let (_, json) = rendered(&sample::sample());
        for result in ["fail", "unknown", "waived", "error"] {
            let findings = json["findings"].as_array().unwrap();
            let sum: u64 = findings.iter().filter(|f| f["result"] == result).map(|f| f["count"].as_u64().unwrap()).sum();
            assert_eq!(json["summary"]["results"][result], sum, "{result}");
        }
    }

    #[test]
    fn nothing_assessed_has_no_percentage() {
        let (_, json) = rendered(&sample::empty());
        assert_eq!(json["summary"]["compliance"]["percent"], Value::Null);
        assert_eq!(json["summary"]["verdict"], "no applicable results");
    }

    #[test]
    fn percentages_are_cut_to_one_decimal() {
        let mut report = sample::all_clean();
        report.summary.score.compliance = crate::report::Fraction { numerator: 2, denominator: 3 };
        let (text, json) = rendered(&report);
        assert_eq!(json["summary"]["compliance"]["percent"], 66.6);
        assert!(text.contains("\"percent\": 66.6\n"));
    }

    #[test]
    fn hostile_text_survives_exactly() {
        let report = sample::hostile();
        let (_, json) = rendered(&report);
        for (finding, value) in report.findings.iter().zip(json["findings"].as_array().unwrap()) {
            assert_eq!(value["name"].as_str(), finding.name.as_deref());
            assert_eq!(value["observed"].as_str(), Some(finding.observed.as_str()));
        }
    }
}
