use super::organisation::{AS_OF, Token};
use super::*;
use crate::inventory::target::Target;
use crate::settings::{Settings, Typed};
use serde_json::Value as Json;
use std::collections::BTreeSet;

fn text(name: &str, tokens: u64, seed: u64) -> String {
    let (_, write) = FILES.iter().find(|(file, _)| *file == name).unwrap();
    let mut bytes = Vec::new();
    write(&Organisation::new(tokens, seed), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn tokens(number: u64) -> impl Iterator<Item = Token> {
    let organisation = Organisation::new(number, 1);
    (0..number).map(move |number| organisation.token(number))
}

#[test]
fn the_same_seed_gives_the_same_files_and_another_gives_others() {
    for (name, _) in FILES {
        assert_eq!(text(name, 200, 1), text(name, 200, 1), "{name}");
        assert_ne!(text(name, 200, 1), text(name, 200, 2), "{name}");
    }
}

#[test]
fn the_sheet_has_known_columns_and_rows_of_a_realistic_size() {
    let sheet = text("tokens.csv", 5000, 1);
    let header: Vec<&str> = sheet.lines().next().unwrap().split(',').collect();
    assert_eq!(header.len(), 46);
    assert!(header.iter().all(|column| Target::parse(column).is_some()), "{header:?}");
    let mut rows = csv::Reader::from_reader(sheet.as_bytes());
    let count = rows.records().map(Result::unwrap).count();
    assert!((4950..5100).contains(&count), "{count}");
    let average = sheet.len() / count;
    assert!((550..700).contains(&average), "{average} bytes in a row");
}

#[test]
fn the_exports_describe_part_of_the_tokens_of_the_sheet() {
    let sheet = text("tokens.csv", 1000, 1);
    let mut rows = csv::Reader::from_reader(sheet.as_bytes());
    let ids: BTreeSet<String> = rows.records().map(|row| row.unwrap()[0].to_owned()).collect();
    let gitlab: Json = serde_json::from_str(&text("gitlab-personal-access-tokens.json", 1000, 1)).unwrap();
    let cloudflare: Json = serde_json::from_str(&text("cloudflare-user-tokens.json", 1000, 1)).unwrap();
    let exported: Vec<String> = gitlab.as_array().unwrap().iter().map(|token| token["id"].to_string()).collect();
    let shared = exported.iter().filter(|id| ids.contains(*id)).count();
    assert!(shared > 180 && shared < exported.len(), "{shared} of {}", exported.len());
    let result = cloudflare["result"].as_array().unwrap();
    assert_eq!(cloudflare["result_info"]["total_count"], result.len());
    assert!(result.iter().any(|token| ids.contains(token["id"].as_str().unwrap())));
}

#[test]
fn dates_are_in_order_and_none_lies_ahead_that_may_not() {
    for token in tokens(5000) {
        let past = [Some(token.rotated_at), token.last_used_at, Some(token.updated_at), token.suspected_at];
        assert!(past.into_iter().flatten().all(|at| at <= AS_OF), "{token:?}");
        assert!(token.rotated_at >= token.created_at && token.last_used_at.is_none_or(|at| at >= token.created_at), "{token:?}");
        assert!(token.expires_at.is_none_or(|at| at > token.created_at && at % 86_400 == 0), "{token:?}");
    }
}

#[test]
fn the_settings_file_is_good() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("countersign.toml"), text("countersign.toml", 10, 1)).unwrap();
    let settings = Settings::resolve(Typed::default(), folder.path(), None, || AS_OF).unwrap();
    assert_eq!((settings.as_of.seconds, settings.sources.len()), (AS_OF, 4));
    assert!(settings.people.complete && settings.people.includes_leavers);
    let written: BTreeSet<&str> = FILES.iter().map(|(name, _)| *name).collect();
    for source in &settings.sources {
        assert!(written.contains(source.path.as_str()), "{}", source.path);
    }
}
