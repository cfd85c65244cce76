//! A setting of a check whose subject is a source.

use super::case::Wanted;
use super::load::{Extras, new_run};
use super::{list, seconds};
use countersign::store::{OpenRun, Settlement, SourceRow, Store};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// Stores the sources of a setting, which list nothing; what is wanted of each by its key.
pub fn load(folder: &Path, setting: &Json) -> (Store, OpenRun, BTreeMap<i64, Wanted>) {
    let mut store = Store::open(&folder.join("test.db")).unwrap();
    let run = store.begin(&new_run(seconds(&setting["as_of"]))).unwrap();
    let extras = Extras::default();
    let mut loader = store.loader(&run, &extras).unwrap();
    let mut wanted = BTreeMap::new();
    for (index, source) in list(setting, "source").iter().enumerate() {
        let mut source = source.as_object().cloned().unwrap_or_default();
        let of_source = Wanted::take(&mut source, || format!("source {}", index + 1));
        let text = |key: &str| source.get(key).and_then(Json::as_str).map(str::to_owned);
        let role = text("role").unwrap_or_else(|| "inventory".to_owned());
        let key = loader.add_source(&format!("source-{index}.csv"), "canonical-csv", &role, &index.to_string()).unwrap();
        let row = SourceRow {
            exported_at: source.get("exported_at").map(seconds),
            exported_at_basis: text("exported_at_basis"),
            exported_at_implausible: source.get("implausible").is_some(),
            ..SourceRow::default()
        };
        loader.describe_source(key, &row).unwrap();
        wanted.insert(key, of_source);
    }
    loader.finish(&[], &Settlement::default()).unwrap();
    (store, run, wanted)
}
