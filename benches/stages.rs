//! One benchmark for each stage, on demo data of two sizes: read, insert, check, render. Run with `cargo bench --bench stages`.
//!
//! Compare as ratios within one sitting; machines are noisy. `benches/whole-run` times the program as a whole.

use clap::Parser;
use countersign::checks::catalog;
use countersign::checks::result::ResultWord;
use countersign::checks::runner::{self, Job, Waive};
use countersign::cli::Cli;
use countersign::commands;
use countersign::console::{Color, Console};
use countersign::inventory::detect;
use countersign::inventory::facts::SourcedFacts;
use countersign::inventory::field::Field;
use countersign::inventory::format::{SourceContext, Standing};
use countersign::inventory::formats::FORMATS;
use countersign::inventory::input::Input;
use countersign::inventory::join::SourceWord;
use countersign::inventory::read::{self, Collected, Source};
use countersign::inventory::record::Record;
use countersign::inventory::registry::Registry;
use countersign::policy::Policy;
use countersign::render::RENDERERS;
use countersign::report::sample;
use countersign::store::{NewRun, OpenRun, Parameter, Settlement, Store, StoredSource, TokenAttributes, TokenExtras};
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// 2026-10-01T00:00:00Z, the instant that demo data is made for.
const AS_OF: i64 = 1_790_812_800;
const SIZES: [u64; 2] = [10_000, 100_000];

struct Facts;

impl TokenExtras for Facts {
    fn facts(&self, record: &Record) -> Arc<SourcedFacts> {
        let provider = record.text(Field::Provider).unwrap_or_default();
        Registry::built_in().sourced(provider, record.text(Field::TokenKind)).clone()
    }
    fn class(&self, _: &Record) -> String {
        "{}".to_owned()
    }
    fn kin(&self, _: &Record) -> Option<String> {
        None
    }
}

struct NoWaivers;

impl Waive for NoWaivers {
    fn waiver(&self, _: &str, _: ResultWord, _: &str, _: &TokenAttributes) -> Option<String> {
        None
    }
}

/// The token sheet of a demo inventory.
fn sheet(folder: &Path, tokens: u64) -> PathBuf {
    let out = folder.join(tokens.to_string());
    let arguments = ["countersign", "demo", "--quiet", "--tokens", &tokens.to_string(), "--out", &out.to_string_lossy()];
    let cli = Cli::parse_from(arguments);
    commands::run(&cli.command, &Console::new(Color::Never, true)).expect("writes a demo");
    out.join("tokens.csv")
}

fn read_all(sheet: &Path) -> Collected {
    let input = Input::file(sheet);
    let detected = detect::detect(&input, FORMATS, None).expect("is recognised");
    let context = SourceContext { name: input.name.clone(), as_of: AS_OF, ..SourceContext::default() };
    let source =
        Source { input: &input, detected: &detected, context: &context, exported_at: None, registry: Registry::built_in() };
    let mut collected = Collected::default();
    read::read(&source, &mut collected).expect("reads");
    collected
}

fn load(path: &Path, records: &[Record]) -> (Store, OpenRun) {
    let mut store = Store::open(path).expect("opens");
    let new = NewRun {
        run_id: "bench".to_owned(),
        as_of: AS_OF,
        as_of_origin: "--as-of".to_owned(),
        period: None,
        tool_version: "0".to_owned(),
        policy: "baseline".to_owned(),
        policy_digest: "0".to_owned(),
    };
    let run = store.begin(&new).expect("begins");
    let mut loader = store.loader(&run, &Facts).expect("loads");
    let source_key = loader.add_source("tokens.csv", "canonical-csv", "inventory", "0").expect("adds");
    for record in records {
        loader.add(source_key, record).expect("adds");
    }
    let word = SourceWord {
        export: "canonical-csv".to_owned(),
        rank: None,
        standing: Standing::Canonical,
        exported_at: None,
        sha256: "0".to_owned(),
    };
    loader.finish(&[StoredSource { source_key, word }], &Settlement::default()).expect("finishes");
    (store, run)
}

fn jobs() -> Vec<Job> {
    let catalog = catalog::built_in();
    let policy = Policy::profile("baseline", catalog).expect("is a profile");
    let job = |check: &countersign::checks::Check| {
        let mut parameters = policy.bound_values(check);
        parameters.insert("as_of".to_owned(), Parameter::Integer(AS_OF));
        Job {
            check_id: check.id.clone(),
            severity: check.severity,
            subject: check.subject,
            own: false,
            sql: check.sql.clone(),
            parameters,
            has_waivers: false,
        }
    };
    // Checks with limits per token need the limits of a whole run, so the plain ones stand for all.
    policy.selected(catalog).filter(|check| check.per_token_parameters().next().is_none()).map(job).collect()
}

fn stages(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("makes a folder");
    for tokens in SIZES {
        let sheet = sheet(folder.path(), tokens);
        let mut group = criterion.benchmark_group("stages");
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("read", tokens), |bench| bench.iter(|| read_all(&sheet).tokens.len()));
        let records = read_all(&sheet).tokens;
        group.bench_function(BenchmarkId::new("insert", tokens), |bench| {
            bench.iter_batched(
                || tempfile::tempdir_in(folder.path()).expect("makes a folder"),
                |place| drop(load(&place.path().join("runs.db"), &records)),
                BatchSize::PerIteration,
            );
        });
        let jobs = jobs();
        group.bench_function(BenchmarkId::new("check", tokens), |bench| {
            bench.iter_batched(
                || {
                    let place = tempfile::tempdir_in(folder.path()).expect("makes a folder");
                    let loaded = load(&place.path().join("runs.db"), &records);
                    (place, loaded)
                },
                |(_place, (store, run))| runner::run(&store, &run, &jobs, &NoWaivers).expect("runs").counts.len(),
                BatchSize::PerIteration,
            );
        });
        // A tenth of the tokens have a finding.
        let report = sample::sample_sized(usize::try_from(tokens / 10).unwrap_or(1_000));
        for renderer in RENDERERS {
            let name = format!("render {}", renderer.name());
            group.bench_function(BenchmarkId::new(name, tokens / 10), |bench| {
                bench.iter(|| renderer.render(&report, &mut std::io::sink()).expect("renders"));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, stages);
criterion_main!(benches);
