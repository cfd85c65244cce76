//! What must hold for the report of any run.

use super::policy::{SCRIPT, STYLE};
use super::{Html, SECTIONS};
use crate::render::Renderer;
use crate::report::{Finding, Limit, Report, ResultWord, Severity, Subject, sample};
use std::collections::{BTreeMap, BTreeSet};

fn html(report: &Report) -> String {
    let mut bytes = Vec::new();
    Html.render(report, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn reports() -> Vec<(&'static str, Report)> {
    vec![
        ("sample", sample::sample()),
        ("sized", sample::sample_sized(3_000)),
        ("hostile", sample::hostile()),
        ("empty", sample::empty()),
        ("all clean", sample::all_clean()),
    ]
}

/// The page without our own style and script.
fn body(html: &str) -> String {
    html.replace(STYLE, "").replace(SCRIPT, "")
}

/// Every value of an attribute.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(start.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every tag as it was written, without the brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split('>').next())
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for (name, report) in reports() {
        assert!(html(&report) == html(&report), "{name}");
    }
}

#[test]
fn nothing_comes_from_outside_and_nothing_runs_but_our_own() {
    for (name, report) in reports() {
        let html = html(&report);
        let page = body(&html);
        for tag in tags(&page) {
            let tag_name = tag.split_whitespace().next().unwrap_or_default();
            for forbidden in ["link", "img", "iframe", "object", "embed", "base", "audio", "video", "source", "use", "image"] {
                assert_ne!(tag_name, forbidden, "{name}: <{tag}>");
            }
            // Quoted values may hold anything; the names of the attributes are what counts.
            let names: String = tag.split('"').step_by(2).collect();
            for attribute in [" src=", " srcset=", " style=", " action=", " on", " xlink:href="] {
                assert!(!names.contains(attribute), "{name}: <{tag}>");
            }
        }
        for target in values(&page, "href") {
            assert!(target.starts_with('#'), "{name}: {target}");
        }
        for url in STYLE.split("url(").skip(1) {
            assert!(url.starts_with('#'), "{url}");
        }
        assert!(!STYLE.contains("@import"));
        assert_eq!(html.matches("<script").count(), 1, "{name}");
        assert_eq!(html.matches("<style").count(), 1, "{name}");
        assert!(html.contains(&format!("<style>{STYLE}</style>")), "{name}: the digest is that of the style as written");
        assert!(html.contains(&format!("<script>{SCRIPT}</script>")), "{name}: the digest is that of the script as written");
    }
}

#[test]
fn hostile_text_is_shown_and_changes_nothing() {
    let report = sample::hostile();
    let html = html(&report);
    let page = body(&html);
    let known: BTreeSet<&str> = BTreeSet::from([
        "!DOCTYPE",
        "a",
        "b",
        "bdi",
        "body",
        "br",
        "button",
        "caption",
        "circle",
        "code",
        "datalist",
        "dd",
        "defs",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "header",
        "html",
        "i",
        "input",
        "label",
        "li",
        "main",
        "meta",
        "nav",
        "ol",
        "option",
        "output",
        "p",
        "path",
        "pattern",
        "rect",
        "script",
        "section",
        "select",
        "small",
        "span",
        "strong",
        "style",
        "summary",
        "svg",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "title",
        "tr",
        "ul",
        "var",
        "wbr",
    ]);
    for tag in tags(&page) {
        let name = tag.trim_start_matches('/').split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        assert!(known.contains(name), "an element that no template writes: <{tag}>");
    }
    let unseen = page.chars().find(|c| *c != '\n' && (c.is_control() || crate::render::clean::acts_unseen(*c)));
    assert_eq!(unseen, None);
    assert!(page.contains("U+202E"), "an override is shown by its number");
    assert!(page.contains("&lt;script&gt;"), "markup is shown as text");
}

#[test]
fn every_link_leads_somewhere_and_every_id_is_used_once() {
    for (name, report) in reports() {
        let page = body(&html(&report));
        let ids = values(&page, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id occurs twice");
        for target in values(&page, "href") {
            assert!(unique.contains(target.trim_start_matches('#')), "{name}: {target} leads nowhere");
        }
        for labelled in values(&page, "aria-labelledby") {
            assert!(unique.contains(labelled), "{name}: no label {labelled}");
        }
        for section in SECTIONS {
            assert!(unique.contains(section.id), "{name}: no section {}", section.id);
            assert!(page.contains(&format!("href=\"#{}\"", section.id)), "{name}: {} is not in the contents", section.id);
        }
    }
}

#[test]
fn every_finding_appears() {
    for (name, report) in reports() {
        let page = body(&html(&report));
        let rows: usize = page
            .split("<table class=\"findings\">")
            .skip(1)
            .map(|table| table.split("</table>").next().unwrap_or_default().matches("<tr><th scope=\"row\">").count())
            .sum();
        assert_eq!(rows, report.findings.len(), "{name}");
    }
    let report = sample::sample();
    let page = body(&html(&report)).replace("<wbr>", "");
    for id in report.findings.iter().filter_map(|finding| finding.token_id.as_deref()) {
        assert!(page.contains(id), "{id}");
    }
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    for (name, report) in reports() {
        let page = body(&html(&report));
        let mut before = 0;
        for tag in tags(&page) {
            let level = match tag.split_whitespace().next().unwrap_or_default() {
                "h1" => 1,
                "h2" => 2,
                "h3" => 3,
                "h4" => 4,
                _ => continue,
            };
            assert!(level <= before + 1, "{name}: h{before} is followed by <{tag}>");
            before = level;
        }
        assert_eq!(page.matches("<h1>").count(), 1, "{name}");
    }
}

#[test]
fn every_heading_of_a_table_says_what_it_heads() {
    for (name, report) in reports() {
        for tag in tags(&body(&html(&report))).filter(|tag| tag.starts_with("th ") || *tag == "th") {
            assert!(tag.contains(" scope=\""), "{name}: <{tag}>");
        }
    }
}

#[test]
fn figures_are_those_of_the_report() {
    let report = sample::sample();
    let page = body(&html(&report));
    for expected in [
        format!("<dt>tokens in scope</dt><dd>{}</dd>", report.summary.tokens),
        format!("<dt>non-compliant</dt><dd>{}</dd>", report.summary.tokens_by_result.fail),
        format!("<strong>{}</strong>", report.summary.score.compliance.percent_text().replace(" %", "\u{a0}%")),
        report.run.id.clone(),
        report.run.policy.digest.clone(),
    ] {
        assert!(page.contains(&expected), "{expected}");
    }
    for source in &report.sources {
        assert!(page.contains(&source.sha256), "{}", source.name);
    }
    for severity in Severity::ALL {
        assert!(page.contains(&format!("{}</span>{}", severity.mark(), severity.word())));
    }
}

#[test]
fn a_cut_is_announced_with_the_file_that_holds_the_rest() {
    let mut report = sample::sample();
    report.findings.truncate(10);
    report.findings_file = Some("findings.csv".to_owned());
    assert!(html(&report).contains(&format!("The first 10 of {} findings", report.findings_total)));
    assert!(html(&report).contains("<code>findings.csv</code>"));
}

/// One finding of each kind that the rows tell apart.
fn three_findings() -> Report {
    let mut report = sample::sample();
    let plain = Finding {
        check: "ROT-001".to_owned(),
        title: "The secret is young enough".to_owned(),
        severity: Severity::Medium,
        subject: Subject::Token,
        source: "keys.json".to_owned(),
        provider: Some("acme".to_owned()),
        account: Some("main".to_owned()),
        token_id: Some("key/1".to_owned()),
        name: Some("deploy <b>".to_owned()),
        owner: Some("ada@acme.example".to_owned()),
        environment: Some("production".to_owned()),
        result: ResultWord::Fail,
        plain_result: ResultWord::Fail,
        reason: "too-old".to_owned(),
        basis: "direct".to_owned(),
        evidence: BTreeMap::from([("age_days".to_owned(), serde_json::json!(120))]),
        observed: "Last changed 120 days ago.".to_owned(),
        required: "Changed within 90 days.".to_owned(),
        limit: Some(Limit { value: serde_json::json!(90), origin: "default".to_owned() }),
        remediation: "Change it.".to_owned(),
        waiver: None,
        blanket: false,
        count: 1,
        value_sources: BTreeMap::new(),
        relaxed: false,
    };
    let stricter = Finding {
        name: None,
        owner: None,
        required: "Changed within 60 days.".to_owned(),
        limit: Some(Limit { value: serde_json::json!(60), origin: "sensitivity high".to_owned() }),
        ..plain.clone()
    };
    let blanket = Finding {
        result: ResultWord::Unknown,
        plain_result: ResultWord::Unknown,
        provider: None,
        account: None,
        token_id: None,
        name: None,
        owner: None,
        environment: None,
        reason: "not-collected".to_owned(),
        observed: "keys.json does not collect last_rotated_at.".to_owned(),
        blanket: true,
        count: 1_200,
        ..plain.clone()
    };
    report.findings = vec![plain, stricter, blanket];
    report.findings_total = 3;
    report.summary.by_severity.clear();
    report.providers.clear();
    report.owners.clear();
    report
}

#[test]
fn findings_are_spelled_like_this() {
    let page = html(&three_findings());
    let (_, from) = page.split_once("</form>").unwrap();
    let (section, _) = from.split_once("</section>").unwrap();
    insta::assert_snapshot!(section.trim());
}

/// Relative luminance and contrast as WCAG 2.2 defines them.
fn contrast(one: &str, other: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_text_colour_is_readable_on_every_ground_in_light_and_dark() {
    let palettes: Vec<&str> = STYLE.split(":root {").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(palettes.len(), 2);
    for palette in palettes {
        let colour = |name: &str| {
            let line = palette.lines().find_map(|line| line.trim().strip_prefix(&format!("--{name}: ")));
            line.unwrap_or_else(|| panic!("no colour {name}")).trim_end_matches(';')
        };
        for text in ["ink", "soft", "accent", "critical", "high", "medium", "low", "fail", "error", "unknown", "waived", "pass"] {
            for ground in ["paper", "wash"] {
                let found = contrast(colour(text), colour(ground));
                assert!(found >= 4.5, "{text} on {ground}: {found:.2}");
            }
        }
    }
}

/// `cargo test --lib look_at_the_report -- --ignored` writes the samples to the folder named by `LOOK_AT`, for looking at in a browser.
#[test]
#[ignore = "writes files for a person to look at"]
fn look_at_the_report() {
    let folder = std::path::PathBuf::from(std::env::var_os("LOOK_AT").expect("LOOK_AT names a folder"));
    for (name, report) in reports().into_iter().chain([("large", sample::sample_sized(100_000))]) {
        let started = std::time::Instant::now();
        let page = html(&report);
        println!("{name}: {} findings, {} bytes, {:?}", report.findings.len(), page.len(), started.elapsed());
        std::fs::write(folder.join(format!("{}.html", name.replace(' ', "-"))), page).unwrap();
    }
}
