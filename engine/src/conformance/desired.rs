//! A schema as a desired schema file, and back: what the replay of a case leads to must survive being written down.

use std::sync::Arc;

use super::difference;
use super::history::{History, Stop};
use crate::desired::{files, read, write};
use crate::diagnostic::{Diagnostics, render};
use crate::notation::Notation;
use crate::schema::Schema;
use crate::source::{Node, Sources, parse};

/// Sees that the model of a case, and what the database would report of it, read back as they were.
pub(super) fn check(history: &History) -> Result<(), String> {
    for stop in [Stop::Given, Stop::When] {
        let model = history.model(stop);
        reads_back(history, model)?;
        reads_back(history, &history.dialect.normalize(model))?;
    }
    Ok(())
}

fn reads_back(history: &History, schema: &Schema) -> Result<(), String> {
    let notation = Notation::new(Arc::clone(&history.dialect), Arc::clone(&history.context.naming));
    let one = vec![("schema.yaml".to_owned(), write(schema, &notation))];
    for texts in [one, files(schema, &notation)] {
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let nodes: Vec<Node> = texts
            .iter()
            .filter_map(|(path, text)| {
                let file = sources.add(path, text.as_str());
                parse(&sources, file, &mut diagnostics)
            })
            .collect();
        let found = read(&nodes.iter().collect::<Vec<_>>(), &history.context, &mut diagnostics);
        let text = || texts.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n---\n");
        if diagnostics.has_errors() {
            let said: Vec<String> = diagnostics.sorted().iter().map(|found| render(found, &sources, false)).collect();
            return Err(format!("the schema as written is not one:\n{}\n{}", said.join("\n"), text()));
        }
        let form = |schema: &Schema| listed(&history.dialect.normalize(schema));
        let (before, after) = (form(schema), form(&found.schema));
        if before != after {
            return Err(format!("the schema reads back as another\n{}\n{}", difference::lines(&before, &after), text()));
        }
        if std::env::var_os("ALUDEL_RAW").is_some() {
            let (before, after) = (listed(&sorted(schema)), listed(&sorted(&found.schema)));
            if before != after {
                return Err(format!("RAW\n{}\n{}", difference::lines(&before, &after), text()));
            }
        }
    }
    Ok(())
}

/// Everything in a schema, in order.
fn listed(schema: &Schema) -> String {
    let (enums, tables, objects): (Vec<_>, Vec<_>, Vec<_>) =
        (schema.enums().collect(), schema.tables().collect(), schema.objects().collect());
    format!("{enums:#?}\n{tables:#?}\n{objects:#?}")
}

fn sorted(schema: &Schema) -> Schema {
    let mut out = schema.clone();
    for table in schema.tables() {
        let mut table = crate::schema::Table::clone(table);
        table.constraints.sort_by_key(|c| format!("{c:?}"));
        table.indexes.sort_by_key(|c| format!("{c:?}"));
        out.put_table(table);
    }
    out
}
