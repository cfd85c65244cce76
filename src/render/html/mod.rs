//! The HTML report: one self-contained file that works without scripts and fetches nothing.
//!
//! Each section is one template under `templates/sections/` and is filled and written on its own; findings are filled a few hundred
//! rows at a time. So memory does not grow with their number, and nothing is held twice.

mod breakdowns;
mod chart;
mod checks;
mod cover;
mod engine;
mod figures;
mod findings;
mod gaps;
mod policy;
mod sources;
mod summary;
#[cfg(test)]
mod tests;

use super::{RenderError, Rendered, Renderer};
use crate::report::Report;
use engine::Engine;
use serde::Serialize;
use std::io::Write;

/// Writes `report.html`.
pub struct Html;

/// From this many findings on, groups start closed and printing leaves them so.
const LARGE: usize = 2_000;

/// One section: its anchor, its heading, the template that fills it and the figure beside its name in the contents.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Body,
    count: fn(&Report) -> Option<u64>,
}

/// How a section is written.
enum Body {
    /// One template, filled at once.
    Whole(&'static str, fn(&Report) -> Result<tera::Context, tera::Error>),
    /// The findings, filled in parts.
    Findings,
}

/// Sections in reading order; the contents list is made from it.
const SECTIONS: &[Section] = &[
    Section { id: "sign-off", title: "Sign-off", body: Body::Whole("sections/sign-off.html", cover::sign_off), count: |_| None },
    Section {
        id: "summary",
        title: "Executive summary",
        body: Body::Whole("sections/summary.html", summary::view),
        count: |_| None,
    },
    Section {
        id: "sources",
        title: "Scope and completeness",
        body: Body::Whole("sections/sources.html", sources::view),
        count: |report| Some(report.sources.len() as u64),
    },
    Section {
        id: "checks",
        title: "Results by check",
        body: Body::Whole("sections/checks.html", checks::matrix),
        count: |report| Some(report.checks.len() as u64),
    },
    Section {
        id: "scores",
        title: "Scores by area, provider and environment",
        body: Body::Whole("sections/scores.html", breakdowns::scores),
        count: |_| None,
    },
    Section { id: "movement", title: "Movement", body: Body::Whole("sections/movement.html", cover::nothing), count: |_| None },
    Section { id: "findings", title: "Findings", body: Body::Findings, count: |report| Some(report.findings_total) },
    Section {
        id: "owners",
        title: "By owner",
        body: Body::Whole("sections/owners.html", breakdowns::owners),
        count: |report| Some(report.owners.len() as u64),
    },
    Section {
        id: "providers",
        title: "By provider",
        body: Body::Whole("sections/providers.html", breakdowns::providers),
        count: |report| Some(report.providers.len() as u64),
    },
    Section {
        id: "waivers",
        title: "Waivers",
        body: Body::Whole("sections/waivers.html", breakdowns::waivers),
        count: |report| Some(report.waivers.len() as u64),
    },
    Section {
        id: "unknown",
        title: "What could not be judged",
        body: Body::Whole("sections/unknown.html", gaps::unknown),
        count: |report| Some(report.summary.results.unknown),
    },
    Section {
        id: "rejected",
        title: "Rejected rows and contradictions",
        body: Body::Whole("sections/rejected.html", gaps::rejected),
        count: |report| Some(report.rejected_total + report.contradictions_total),
    },
    Section {
        id: "frameworks",
        title: "Framework view",
        body: Body::Whole("sections/frameworks.html", breakdowns::frameworks),
        count: |report| Some(report.frameworks.len() as u64),
    },
    Section {
        id: "method",
        title: "Limits and method",
        body: Body::Whole("sections/method.html", cover::method),
        count: |_| None,
    },
    Section { id: "annex", title: "Annex", body: Body::Whole("sections/annex.html", checks::annex), count: |_| None },
];

/// A section as its template and the contents list see it.
#[derive(Serialize)]
struct SectionView {
    id: &'static str,
    title: &'static str,
    number: usize,
    count: Option<u64>,
}

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn file_name(&self) -> &'static str {
        "report.html"
    }

    fn render(&self, report: &Report, out: &mut dyn Write) -> Result<Rendered, RenderError> {
        let engine = Engine::new()?;
        let sections: Vec<SectionView> = SECTIONS
            .iter()
            .enumerate()
            .map(|(index, section)| SectionView {
                id: section.id,
                title: section.title,
                number: index + 1,
                count: (section.count)(report),
            })
            .collect();
        let mut head = cover::head(report).map_err(|error| engine::failed("head.html", &error))?;
        head.insert("sections", &sections);
        engine.fill("head.html", head, out)?;
        for (section, view) in SECTIONS.iter().zip(&sections) {
            match section.body {
                Body::Whole(template, context_of) => {
                    let mut context = context_of(report).map_err(|error| engine::failed(template, &error))?;
                    context.insert("section", view);
                    engine.fill(template, context, out)?;
                }
                Body::Findings => findings::write(&engine, report, view, out)?,
            }
        }
        engine.fill("foot.html", cover::foot(report), out)?;
        Ok(Rendered::default())
    }
}
