//! Things that have another name and are still the same, because their author says so.

use std::sync::Arc;

use super::compare::Comparison;
use super::course::Course;
use super::hints::{Circle, Moves, Names, moves};
use super::tables::TableDifference;
use crate::change::{Change, left_behind};
use crate::desired::Renames;
use crate::dialect::Dialect;
use crate::schema::{Column, ObjectClass, ObjectId, ObjectName, Schema, Table};

/// Renames what there is, and gives back a sentence for each circle of names of which nothing tells which way it is.
pub(super) fn follow(course: &mut Course<'_>, wanted: &Schema, renames: &Renames) -> Vec<String> {
    let mut unclear = Vec::new();
    let known = Tables { dialect: course.dialect, reached: &course.reached, wanted };
    let found = moves(renames.tables.clone(), &known);
    unclear.extend(found.unclear.iter().map(|names| swapped("tables", names)));
    for (from, to) in found.moves {
        course.go(Change::RenameTable { from, to });
    }
    let mut tables: Vec<&ObjectName> = renames.columns.iter().map(|(table, ..)| table).collect();
    tables.dedup();
    for table in tables {
        let found = columns(course, wanted, renames, table);
        let whole = |name: &String| format!("{table}.{name}");
        unclear
            .extend(found.unclear.iter().map(|names| swapped("columns", &names.iter().map(whole).collect::<Vec<_>>())));
        for (from, to) in found.moves {
            // A trigger that cannot follow goes, and comes as it is wanted in the end.
            let lexicon = course.dialect.lexicon();
            let left = left_behind(&course.reached, table, &from, &to, lexicon).into_iter();
            for id in left.filter(|id| id.class == ObjectClass::Trigger) {
                if let Some(object) = course.reached.object(&id).cloned() {
                    course.go(Change::DropObject { object });
                }
            }
            course.go(Change::RenameColumn { table: table.clone(), from, to });
        }
    }
    unclear.extend(objects(course, wanted, renames));
    for (table, from, to) in &renames.constraints {
        let has =
            |schema: &Schema, name: &str| schema.table(table).is_some_and(|table| table.constraint(name).is_some());
        if has(&course.reached, from) && !has(&course.reached, to) && has(wanted, to) {
            course.go(Change::RenameConstraint { table: table.clone(), from: from.clone(), to: to.clone() });
        }
    }
    for (table, from, to) in &renames.indexes {
        let has = |schema: &Schema, name: &str| schema.table(table).is_some_and(|table| table.index(name).is_some());
        if has(&course.reached, from) && !has(&course.reached, to) && has(wanted, to) {
            course.go(Change::RenameIndex { table: table.clone(), from: from.clone(), to: to.clone() });
        }
    }
    unclear
}

/// What is to be said of names that are handed on in a circle.
fn swapped(what: &str, names: &[impl ToString]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.to_string())).collect();
    format!("nothing tells whether the {what} {} have changed names already", names.join(", "))
}

/// Tables under their names.
struct Tables<'a> {
    dialect: &'a dyn Dialect,
    reached: &'a Schema,
    wanted: &'a Schema,
}

impl Names<ObjectName> for Tables<'_> {
    fn is_there(&self, name: &ObjectName) -> bool {
        self.reached.table(name).is_some()
    }

    fn is_wanted(&self, name: &ObjectName) -> bool {
        self.wanted.table(name).is_some()
    }

    fn circle(&self, names: &[ObjectName]) -> Circle {
        // In the words of the server types of one meaning are the same.
        let (reached, wanted) = (self.dialect.normalize(self.reached), self.dialect.normalize(self.wanted));
        let alike = |old: &ObjectName, new: &ObjectName| {
            let (Some(old), Some(new)) = (reached.table(old), wanted.table(new)) else { return 0 };
            let same = |column: &&Column| new.column(&column.name).is_some_and(|other| other.ty == column.ty);
            let same = old.columns.iter().filter(same).count();
            // What is in one of them only counts against it.
            2 * same.cast_signed() - old.columns.len().cast_signed() - new.columns.len().cast_signed()
        };
        way(names, alike)
    }

    fn spare(&self, name: &ObjectName) -> ObjectName {
        let is_free =
            |spare: &str| [self.reached, self.wanted].into_iter().all(|schema| is_free(self.dialect, schema, spare));
        name.sibling(spare_name(self.dialect, &name.name, is_free))
    }
}

/// Whether nothing in a schema has a name.
pub(super) fn is_free(dialect: &dyn Dialect, schema: &Schema, name: &str) -> bool {
    let folds = dialect.capabilities().folds_case;
    let same = |other: &str| other == name || folds && other.eq_ignore_ascii_case(name);
    let of_table = |table: &Arc<Table>| super::tables::own_names(table).any(same);
    !schema.tables().any(of_table)
        && !schema.objects().any(|object| same(&object.id().name.name))
        && !schema.enums().any(|found| same(&found.name.name))
}

/// A name like another, with a number behind it, that fits the dialect and is free.
pub(super) fn spare_name(dialect: &dyn Dialect, name: &str, is_free: impl Fn(&str) -> bool) -> String {
    let limit = dialect.capabilities().identifier_limit;
    let mut number = 1;
    loop {
        let mut stem = name.to_owned();
        let numbered = loop {
            let numbered = format!("{stem}_{number}");
            let is_long = limit.measure(&numbered).is_some_and(|(size, limit)| size > limit);
            if !is_long || stem.pop().is_none() {
                break numbered;
            }
        };
        if is_free(&numbered) {
            return numbered;
        }
        number += 1;
    }
}

/// Which way a circle is: where every member is at least as much like what is wanted under the one reading as under the other,
/// and one of them more, that is it.
fn way<N>(names: &[N], alike: impl Fn(&N, &N) -> isize) -> Circle {
    let next = names.iter().cycle().skip(1);
    let each = names.iter().zip(next).map(|(name, next)| {
        // Under its own name the next one is what it is, or what this one was.
        alike(name, next).cmp(&alike(next, next))
    });
    let each: Vec<_> = each.collect();
    match (each.iter().any(|order| order.is_gt()), each.iter().any(|order| order.is_lt())) {
        (true, false) => Circle::Open,
        (false, true) => Circle::Closed,
        _ => Circle::Unclear,
    }
}

/// Columns of a table under their names.
struct Columns<'a> {
    dialect: &'a dyn Dialect,
    reached: (&'a Schema, &'a Table),
    wanted: (&'a Schema, &'a Table),
}

impl Names<String> for Columns<'_> {
    fn is_there(&self, name: &String) -> bool {
        self.reached.1.column(name).is_some()
    }

    fn is_wanted(&self, name: &String) -> bool {
        self.wanted.1.column(name).is_some()
    }

    fn circle(&self, names: &[String]) -> Circle {
        let words = |(schema, table): (&Schema, &Table)| self.dialect.normalize(schema).table(&table.name).cloned();
        let (Some(reached), Some(wanted)) = (words(self.reached), words(self.wanted)) else { return Circle::Unclear };
        let alike = |old: &String, new: &String| {
            let (Some(old), Some(new)) = (reached.column(old), wanted.column(new)) else { return 0 };
            let rest = |column: &Column| (column.identity, column.computed.clone(), column.comment.clone());
            // Another type weighs more than everything else.
            let weights = [
                (old.ty == new.ty, 4),
                (old.nullable == new.nullable, 1),
                (old.default == new.default, 1),
                (rest(old) == rest(new), 1),
            ];
            weights.iter().filter(|(same, _)| *same).map(|(_, weight)| weight).sum()
        };
        way(names, alike)
    }

    fn spare(&self, name: &String) -> String {
        let folds = self.dialect.capabilities().folds_case;
        let is_free = |spare: &str| {
            let mut all = self.reached.1.columns.iter().chain(&self.wanted.1.columns);
            !all.any(|column| column.name == spare || folds && column.name.eq_ignore_ascii_case(spare))
        };
        spare_name(self.dialect, name, is_free)
    }
}

/// The renames of the columns of a table.
fn columns(course: &Course<'_>, wanted: &Schema, renames: &Renames, table: &ObjectName) -> Moves<String> {
    let nothing = Moves { moves: Vec::new(), unclear: Vec::new() };
    let Some(found) = course.reached.table(table).filter(|found| found.partition.is_none()) else { return nothing };
    let Some(goal) = wanted.table(table) else { return nothing };
    let hints = renames.columns.iter().filter(|(owner, ..)| owner == table);
    let hints = hints.map(|(_, from, to)| (from.clone(), to.clone())).collect();
    let known = Columns { dialect: course.dialect, reached: (&course.reached, found), wanted: (wanted, goal) };
    moves(hints, &known)
}

/// Objects of a kind that can be renamed, under their names.
struct Objects<'a> {
    dialect: &'a dyn Dialect,
    class: ObjectClass,
    reached: &'a Schema,
    wanted: &'a Schema,
}

impl Names<ObjectName> for Objects<'_> {
    fn is_there(&self, name: &ObjectName) -> bool {
        self.reached.object(&ObjectId::new(self.class, name.clone())).is_some()
    }

    fn is_wanted(&self, name: &ObjectName) -> bool {
        self.wanted.object(&ObjectId::new(self.class, name.clone())).is_some()
    }

    fn circle(&self, _: &[ObjectName]) -> Circle {
        // A view is nothing but its definition, which is replaced where it is another.
        if self.class == ObjectClass::View { Circle::Closed } else { Circle::Unclear }
    }

    fn spare(&self, name: &ObjectName) -> ObjectName {
        let is_free =
            |spare: &str| [self.reached, self.wanted].into_iter().all(|schema| is_free(self.dialect, schema, spare));
        name.sibling(spare_name(self.dialect, &name.name, is_free))
    }
}

/// Renames objects whose kind has an operation for that.
fn objects(course: &mut Course<'_>, wanted: &Schema, renames: &Renames) -> Vec<String> {
    let mut unclear = Vec::new();
    for class in [ObjectClass::View, ObjectClass::Sequence] {
        let hints = renames.objects.iter().filter(|(from, _)| from.class == class);
        let hints = hints.map(|(from, to)| (from.name.clone(), to.name.clone())).collect();
        let found = moves(hints, &Objects { dialect: course.dialect, class, reached: &course.reached, wanted });
        unclear.extend(found.unclear.iter().map(|names| swapped(&format!("{}s", class.word()), names)));
        for (from, to) in found.moves {
            course.go(Change::RenameObject { id: ObjectId::new(class, from), to });
        }
    }
    unclear
}

/// Renames tables and columns whose name differs in the case of letters only, where the dialect takes both for one: nothing
/// else can be made under the new name while the old one is there.
pub(super) fn recase(course: &mut Course<'_>, wanted: &Schema) {
    if !course.dialect.capabilities().folds_case {
        return;
    }
    let same = |a: &str, b: &str| a != b && a.eq_ignore_ascii_case(b);
    for table in wanted.tables().filter(|table| table.partition.is_none()) {
        let there = course.reached.tables_with_name(&table.name.name).find(|other| {
            other.name.schema == table.name.schema
                && same(&other.name.name, &table.name.name)
                && other.partition.is_none()
                && wanted.table(&other.name).is_none()
        });
        if let Some(from) = there.map(|other| other.name.clone()) {
            course.go(Change::RenameTable { from, to: table.name.clone() });
        }
        let Some(found) = course.reached.table(&table.name).cloned() else { continue };
        for column in &table.columns {
            if let Some(old) = found.columns.iter().find(|old| same(&old.name, &column.name)) {
                let (from, to) = (old.name.clone(), column.name.clone());
                course.go(Change::RenameColumn { table: table.name.clone(), from, to });
            }
        }
    }
}

/// Takes the new names of constraints and indexes back that are something else as well: those go under their old name, and
/// come under the new one.
pub(super) fn withdraw(course: &mut Course<'_>, comparison: &mut Comparison) {
    for difference in &mut comparison.altered_tables {
        let mut place = 0;
        while place < course.changes.len() {
            if let Some(back) = restored(&course.changes[place], difference)
                && back.apply(&mut course.reached, course.dialect.lexicon()).is_ok()
            {
                course.changes.remove(place);
            } else {
                place += 1;
            }
        }
    }
}

/// The way back of a rename, if what was renamed goes. It goes under its old name then.
fn restored(change: &Change, difference: &mut TableDifference) -> Option<Change> {
    match change {
        Change::RenameConstraint { table, from, to } if *table == difference.name => {
            let going = difference.dropped_constraints.iter_mut().find(|found| found.name.as_ref() == Some(to))?;
            going.name = Some(from.clone());
            Some(Change::RenameConstraint { table: table.clone(), from: to.clone(), to: from.clone() })
        }
        Change::RenameIndex { table, from, to } if *table == difference.name => {
            difference.dropped_indexes.iter_mut().find(|found| found.name == *to)?.name.clone_from(from);
            Some(Change::RenameIndex { table: table.clone(), from: to.clone(), to: from.clone() })
        }
        _ => None,
    }
}
