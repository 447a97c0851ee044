//! A schema made from nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::code::{code_in_order, early};
use super::tables::expressions;
use crate::change::Change;
use crate::schema::{Constraint, Object, ObjectClass, ObjectName, Schema, Sequence, Table};

/// The changes that lead from nothing to a schema, in an order that runs: namespaces, extensions, domains and sequences,
/// enums, the routines that tables call, tables, the constraints that need other tables or that cannot be made with their
/// table, the owners of sequences, and last what is built on tables. The same schema gives the same order.
#[must_use]
pub fn creation(model: &Schema) -> Vec<Change> {
    let create = |object: &Arc<Object>| Change::CreateObject { object: Arc::clone(object), if_not_exists: false };
    let (last, first): (Vec<&Arc<Object>>, Vec<&Arc<Object>>) =
        model.objects().partition(|object| object.class().follows_tables());
    let mut changes: Vec<Change> = first.iter().map(|object| create(&Arc::new(without_owner(object)))).collect();
    changes.extend(model.enums().map(|found| Change::CreateEnum { enumeration: Arc::clone(found) }));
    let called = called_by_tables(model);
    let (routines, last): (Vec<&Arc<Object>>, Vec<&Arc<Object>>) =
        last.into_iter().partition(|object| object.class() == ObjectClass::Routine);
    let (called, late) = early(routines, |name| called.contains(name), model);
    changes.extend(called.iter().map(create));
    let last: Vec<&Arc<Object>> = late.iter().chain(last).collect();

    let mut made: BTreeSet<&ObjectName> = BTreeSet::new();
    let mut later = Vec::new();
    for table in tables_in_order(model) {
        let mut own = Table::clone(table);
        let waits = |constraint: &Constraint| {
            let refers = constraint.foreign_key().map(|key| &key.referred_table);
            refers.is_some_and(|name| *name != table.name && !made.contains(name) && model.table(name).is_some())
        };
        own.constraints.retain(|constraint| {
            let stays = constraint.validated && !waits(constraint);
            if !stays {
                later.push(Change::AddConstraint { table: table.name.clone(), constraint: constraint.clone() });
            }
            stays
        });
        changes.push(Change::CreateTable { table: Arc::new(own), if_not_exists: false });
        made.insert(&table.name);
    }
    changes.extend(later);
    changes.extend(
        first
            .into_iter()
            .filter(|object| without_owner(object) != ***object)
            .map(|object| Change::AlterObject { before: Arc::new(without_owner(object)), after: Arc::clone(object) }),
    );
    changes.extend(code_in_order(last).into_iter().map(create));
    changes
}

/// A sequence on its own: the column that it goes with may take its default from it, so each has to be there before the other.
pub(super) fn without_owner(object: &Object) -> Object {
    match object {
        Object::Sequence(sequence) => Object::Sequence(Sequence { owned_by: None, ..sequence.clone() }),
        other => other.clone(),
    }
}

/// Tables with those that they refer to or are partitions of before them. In a circle one has to do without until all are there.
fn tables_in_order(model: &Schema) -> Vec<&Arc<Table>> {
    let tables: Vec<&Arc<Table>> = model.tables().collect();
    let places: BTreeMap<&ObjectName, usize> = tables.iter().enumerate().map(|(place, t)| (&t.name, place)).collect();
    let needs = |place: usize| {
        let whole = tables[place].partition.as_ref().map(|partition| &partition.of);
        let referred = tables[place].foreign_keys().map(|(_, key)| &key.referred_table);
        whole.into_iter().chain(referred).filter_map(|name| places.get(name).copied()).collect()
    };
    in_order(tables.len(), needs).into_iter().map(|place| tables[place]).collect()
}

/// The places 0 to `count`, each after those that it needs, as far as that can be; otherwise in their own order.
pub(super) fn in_order(count: usize, needs: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut seen = vec![false; count];
    let mut ordered = Vec::with_capacity(count);
    // No recursion: a chain may be as long as there are tables.
    let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
    for start in 0..count {
        let mut enter = Some(start);
        loop {
            if let Some(place) = enter.take().filter(|place| !std::mem::replace(&mut seen[*place], true)) {
                let mut waiting = needs(place);
                waiting.sort_unstable();
                waiting.reverse();
                stack.push((place, waiting));
            }
            let Some((place, waiting)) = stack.last_mut() else { break };
            match waiting.pop() {
                Some(next) => enter = Some(next),
                None => {
                    ordered.push(*place);
                    stack.pop();
                }
            }
        }
    }
    ordered
}

/// What expressions of tables may call, in lower case.
fn called_by_tables(model: &Schema) -> BTreeSet<String> {
    model.tables().flat_map(|table| expressions(table).flat_map(called_in).collect::<Vec<_>>()).collect()
}

/// The words before a parenthesis in an expression, in lower case: what it may call.
pub(super) fn called_in(sql: &str) -> Vec<String> {
    let mut called = Vec::new();
    for (at, _) in sql.match_indices('(') {
        let before = sql.get(..at).unwrap_or_default().trim_end();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let quoted = before.strip_suffix(['"', '`']);
        let word: String = match quoted {
            Some(inner) => inner.chars().rev().take_while(|c| !matches!(c, '"' | '`')).collect(),
            None => before.chars().rev().take_while(|c| is_part(*c)).collect(),
        };
        if !word.is_empty() {
            let word = word.chars().rev().collect::<String>().to_lowercase();
            // What stands before it may be the quote that a body begins with.
            if let Some((_, rest)) = word.rsplit_once('$').filter(|(_, rest)| !rest.is_empty()) {
                called.push(rest.to_owned());
            }
            called.push(word);
        }
    }
    called
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Column, ConstraintKind, ForeignKey, Match, ReferentialAction, Routine, Type, Value, View};

    fn table(name: &str, refers: &[&str]) -> Table {
        let mut table = Table::new(name);
        table.columns.push(Column::new("id", Type::Integer));
        for other in refers {
            let key = ForeignKey {
                columns: vec!["id".to_owned()],
                referred_table: (*other).into(),
                referred_columns: vec!["id".to_owned()],
                on_delete: ReferentialAction::NoAction,
                on_update: ReferentialAction::NoAction,
                matching: Match::Simple,
            };
            table.constraints.push(Constraint::new(Some(format!("fk_{other}")), ConstraintKind::ForeignKey(key)));
        }
        table
    }

    fn shown(schema: &Schema) -> Vec<String> {
        let shown = |change: &Change| match change {
            Change::CreateTable { table, .. } => format!("{} {}", table.name, table.constraints.len()),
            Change::AddConstraint { table, constraint } => {
                format!("{table}.{}", constraint.name.as_deref().unwrap_or_default())
            }
            Change::CreateObject { object, .. } => object.id().name.to_string(),
            other => other.describe(),
        };
        creation(schema).iter().map(shown).collect()
    }

    #[test]
    fn what_is_needed_comes_first() {
        let mut schema = Schema::default();
        for table in [table("a", &["c"]), table("b", &["a", "b"]), table("c", &["d"]), table("d", &["c"])] {
            schema.put_table(table);
        }
        assert_eq!(shown(&schema), ["d 0", "c 1", "a 1", "b 2", "d.fk_c"]);
    }

    #[test]
    fn views_and_routines_stand_where_they_are_needed() {
        let mut schema = Schema::default();
        let view = |name: &str, sql: &str| Object::View(View { sql: sql.to_owned(), ..View::named(name.into()) });
        schema.put_object(view("v1", "select * from v2"));
        // The name of another view within a word is no mention.
        schema.put_object(view("v2", "select 1 as not_v1x"));
        for name in ["f", "g"] {
            let sql = format!("create function {name}() …");
            schema.put_object(Object::Routine(Routine {
                name: name.into(),
                arguments: None,
                procedure: false,
                sql,
                comment: None,
            }));
        }
        let mut table = table("t", &[]);
        table.columns[0].default = Some(Value::Sql("1 + g (2)".to_owned()));
        schema.put_table(table);
        assert_eq!(shown(&schema), ["g", "t 0", "f", "v2", "v1"]);
    }

    #[test]
    fn a_chain_of_many_tables_is_no_trouble() {
        let mut schema = Schema::default();
        for number in 0..10_000 {
            let next = format!("t{:05}", number + 1);
            schema.put_table(table(&format!("t{number:05}"), &[&next]));
        }
        schema.put_table(table("t10000", &[]));
        let order = shown(&schema);
        assert_eq!((order.len(), order[0].as_str()), (10_001, "t10000 0"));
    }
}
