//! Groups of changes put together at random: the catalog must be what the model says, there and back, and no value may
//! end up in another column.

use std::collections::BTreeMap;

use crate::lab::*;
use aludel_engine::change::{Change, Position, column_mentions};
use aludel_engine::dialect::Dialect;
use aludel_engine::schema::{Column, Computed, Table, Type, Value};
use proptest::prelude::*;

/// One choice of what to do, made definite by the table it meets.
type Choice = (u8, usize, usize);

fn position(table: &Table, pick: usize) -> Position {
    match pick % 3 {
        0 => Position::Last,
        1 => Position::First,
        _ => Position::After(table.columns[pick % table.columns.len()].name.clone()),
    }
}

/// The change that a choice means for a table as it is, if it means one.
fn change(table: &Table, (what, one, two): Choice, lab: &Lab) -> Option<Change> {
    let name = table.name.clone();
    let others: Vec<&Column> = table.columns.iter().filter(|c| c.identity.is_none()).collect();
    let column = others.get(one % others.len().max(1)).copied()?;
    let free = |base: usize| (0..).map(|n| format!("c{}", base % 5 + n)).find(|n| table.column(n).is_none());
    let mentioned = |column: &Column| column_mentions(table, &column.name, lab.dialect.lexicon());
    let altered = |after: Column| Change::AlterColumn {
        table: name.clone(),
        before: column.clone(),
        after,
        using: None,
        using_down: None,
        existing_null_value: None,
    };
    match what % 9 {
        0 => {
            let mut new = col(&free(two)?, "text");
            match two % 4 {
                0 => new.default = Some(Value::Sql("1 + 6".to_owned())),
                1 => new.computed = Some(Computed { sql: format!("\"{}\" || 'x'", column.name), stored: two % 8 < 4 }),
                _ => {}
            }
            if new.computed.is_some() && column.computed.is_some() {
                return None;
            }
            Some(Change::AddColumn { table: name, column: new, position: position(table, two), if_not_exists: false })
        }
        1 => {
            let found = mentioned(column);
            if others.len() < 3 || found != Default::default() {
                return None;
            }
            let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
            let at = table.position(&column.name)?;
            Some(Change::DropColumn { table: name, column: column.clone(), position: Position::of(at, &names) })
        }
        2 => Some(Change::RenameColumn { table: name, from: column.name.clone(), to: free(two)? }),
        3 if column.computed.is_none() => {
            let mut after = column.clone();
            after.ty = if column.ty == Type::Text { Type::Integer } else { Type::Text };
            Some(altered(after))
        }
        4 if column.computed.is_none() => {
            let mut after = column.clone();
            after.default = if column.default.is_none() { Some(Value::Text("7".to_owned())) } else { None };
            Some(altered(after))
        }
        5 => {
            let ck = format!("ck_{}", two % 4);
            match table.constraint(&ck) {
                Some(old) => Some(Change::DropConstraint { table: name, constraint: old.clone() }),
                None => Some(add_constraint(&name.name, check(&ck, &format!("{} <> 'never'", column.name)))),
            }
        }
        6 => {
            let ix = format!("ix_{}", two % 4);
            match table.index(&ix) {
                Some(old) => Some(Change::DropIndex { table: name, index: old.clone() }),
                None => Some(create_index(&name.name, index(&ix, &[&column.name]))),
            }
        }
        7 if table.constraint("uq").is_none() => Some(add_constraint(&name.name, unique("uq", &["id", &column.name]))),
        _ => None,
    }
}

fn run(mode: Mode, groups: &[Vec<Choice>]) {
    let mut lab = Lab::new(mode);
    lab.apply(&[create(table("t", vec![col("c0", "text"), col("c1", "text"), col("c2", "text")], vec![]))]);
    lab.sql("INSERT INTO t (c0, c1, c2) VALUES ('10', '11', '12'), ('10', '11', '12')");
    lab.sql("DELETE FROM t WHERE id = 1");
    let mut values: BTreeMap<String, Option<String>> =
        (0..3).map(|n| (format!("c{n}"), Some(format!("1{n}")))).collect();
    for group in groups {
        let mut schema = lab.schema.clone();
        let mut changes = Vec::new();
        for choice in group {
            let now = schema.table(&"t".into()).expect("t").clone();
            if let Some(change) = change(&now, *choice, &lab) {
                change.apply(&mut schema, lab.dialect.lexicon()).expect("fits");
                match &change {
                    Change::RenameColumn { from, to, .. } => {
                        let value = values.remove(from).flatten();
                        values.insert(to.clone(), value);
                    }
                    Change::DropColumn { column, .. } => drop(values.remove(&column.name)),
                    Change::AddColumn { column, .. } => drop(values.insert(column.name.clone(), None)),
                    _ => {}
                }
                changes.push(change);
            }
        }
        lab.apply(&changes);
        for (column, value) in &values {
            if let Some(value) = value {
                assert_eq!(lab.text(&format!("SELECT CAST({column} AS TEXT) FROM t")), *value, "{mode:?} {changes:#?}");
            }
        }
        assert_eq!(lab.text("SELECT id FROM t"), "2");
        let back = aludel_engine::change::invert_all(&changes).expect("reversible");
        lab.apply(&back);
        lab.apply(&changes);
        // What was dropped and made again is empty now.
        let gone = changes.iter().any(|change| matches!(change, Change::DropColumn { .. }));
        let added = changes.iter().any(|change| matches!(change, Change::AddColumn { .. }));
        if gone || added {
            for (column, value) in &mut values {
                let text = lab.text(&format!("SELECT CAST({column} AS TEXT) FROM t"));
                assert!(
                    value.as_ref().is_none_or(|value| *value == text || text == "NULL" || text == "7"),
                    "{column} {text}"
                );
                *value = value.take().filter(|value| *value == text);
            }
        }
    }
    lab.remove();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn groups_of_changes_do_what_they_say(
        groups in prop::collection::vec(prop::collection::vec((any::<u8>(), 0..40_usize, 0..40_usize), 1..7), 1..4)
    ) {
        run(Mode::Running, &groups);
        run(Mode::Oldest, &groups);
    }
}
