//! Rows in batches.

use aludel_engine::change::Backfill;
use aludel_engine::dialect::{Dialect, comma_list, string_literal};
use aludel_engine::plan::{Batches, KeyColumn, LockLevel, Recheck, Statement};

use super::Compiled;
use crate::identifier::quote;

/// From how many rows on the estimate of the catalog is used instead of counting.
const MANY: u32 = 100_000;

/// UPDATE in batches. A key is compared with literals of unknown type, which take that of the column (manual, 10.2).
pub fn backfill(dialect: &dyn Dialect, backfill: &Backfill) -> Compiled {
    let column = |name: &str| {
        let sql = quote(name);
        KeyColumn { name: name.to_owned(), column: sql.clone(), literal: format!("quote_literal({sql})"), sql }
    };
    let key = backfill.key.iter().map(|(name, _)| column(name)).collect();
    let mut batches = Batches::new(dialect, backfill, key)?;
    if batches.recheck == Recheck::Query {
        batches.recheck = Recheck::Returning;
    }
    if batches.condition.is_none() {
        batches.estimate = format!(
            "SELECT CASE WHEN reltuples > {MANY} THEN reltuples::bigint ELSE (SELECT count(*) FROM {}) END \
             FROM pg_class WHERE oid = {}::regclass",
            batches.target,
            string_literal(&batches.target)
        );
    }
    batches.script = Some(in_a_loop(&batches));
    let table = batches.table.clone();
    Ok(vec![Statement::batched(batches).locks(&table, LockLevel::Online)])
}

/// The batches as an anonymous block, which may commit where it runs outside a transaction (manual, 43.8).
fn in_a_loop(batches: &Batches) -> String {
    let table = &batches.target;
    let columns = comma_list(batches.key.iter().map(|column| column.sql.clone()));
    let backwards = comma_list(batches.key.iter().map(|column| format!("{} DESC", column.sql)));
    let variables = |what: &str| comma_list((1..=batches.key.len()).map(|place| format!("aludel_{what}_{place}")));
    let (first, last, end) = (variables("first"), variables("last"), variables("end"));
    let declared: String = batches
        .key
        .iter()
        .enumerate()
        .flat_map(|(place, column)| {
            ["first", "last", "end"].map(|what| format!("  aludel_{what}_{} {table}.{}%TYPE;\n", place + 1, column.sql))
        })
        .collect();
    let (from, to) = (format!("({columns}) >= ({first})"), format!("({columns}) <= ({last})"));
    let within = format!("({columns}) <= ({end})");
    let copied: String =
        (1..=batches.key.len()).map(|place| format!(" aludel_last_{place} := aludel_end_{place};")).collect();
    let condition = batches.condition.as_ref().map(|sql| format!(" AND ({sql})")).unwrap_or_default();
    let pause = match batches.pause {
        0 => String::new(),
        pause => format!("    PERFORM pg_sleep({}.{:03});\n", pause / 1000, pause % 1000),
    };
    let body = format!(
        "#variable_conflict use_column\n\
         DECLARE\n{declared}\
         BEGIN\n\
         \x20 SELECT {columns} INTO {end} FROM {table} ORDER BY {backwards} LIMIT 1;\n\
         \x20 SELECT {columns} INTO {first} FROM {table} ORDER BY {columns} LIMIT 1;\n\
         \x20 WHILE FOUND LOOP\n\
         \x20   SELECT {columns} INTO {last} FROM {table} WHERE {from} AND {within} ORDER BY {columns} LIMIT 1 OFFSET {};\n\
         \x20   IF NOT FOUND THEN{copied} END IF;\n\
         \x20   UPDATE {table} SET {} WHERE {from} AND {to}{condition};\n\
         \x20   COMMIT;\n\
         {pause}\
         \x20   SELECT {columns} INTO {first} FROM {table} WHERE ({columns}) > ({last}) AND {within} ORDER BY {columns} LIMIT 1;\n\
         \x20 END LOOP;\n\
         END\n",
        batches.size.saturating_sub(1),
        batches.set,
    );
    let mut tag = "$aludel$".to_owned();
    while body.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    format!("DO {tag}\n{body}{tag}")
}
