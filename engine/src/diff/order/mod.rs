//! The order in which differences are carried out: what is built on something is made after it and goes before it, and what
//! happens to one table happens together as far as that allows.

mod foreign_keys;
mod keyed;
mod names;
mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::code::{code_in_order, early};
use super::compare::Comparison;
use super::course::Course;
use super::creation::{called_in, without_owner};
use super::tables::{TableDifference, expressions, lost_keys, own_names, same_columns};
use crate::change::{Change, Position, column_mentions};
use crate::schema::{
    Column, Constraint, Enum, ForeignKey, Index, IndexPart, Object, ObjectClass, ObjectName, Schema, Table, View,
};
use crate::sql::{Lexicon, mentions, mentions_relation};
use names::Named;

/// Carries out what differs.
pub(super) fn carry_out(course: &mut Course<'_>, wanted: &Schema, comparison: Comparison) {
    let mut way = Way::new(course, wanted, comparison);
    way.make_foundations();
    way.part_views();
    way.drop_views_and_triggers(Time::Early);
    way.drop_keys_in_the_way();
    way.drop_tables(Time::Early);
    way.free_names();
    way.make_types();
    way.tables();
    way.make_code();
    way.drop_views_and_triggers(Time::Late);
    way.drop_late_columns();
    way.drop_tables(Time::Late);
    way.drop_foundations();
}

/// When something that stands on other things goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    /// Before the tables change.
    Early,
    /// After what still speaks of it has been replaced.
    Late,
}

struct Way<'c, 'd> {
    course: &'c mut Course<'d>,
    wanted: &'c Schema,
    rest: Comparison,
    /// Foreign keys that wait for a table or key, with the table that has them.
    waiting: Vec<(ObjectName, Constraint)>,
    /// Columns whose going waits for what speaks of them.
    late_columns: Vec<(ObjectName, String)>,
}

impl<'c, 'd> Way<'c, 'd> {
    fn new(course: &'c mut Course<'d>, wanted: &'c Schema, rest: Comparison) -> Self {
        Way { course, wanted, rest, waiting: Vec::new(), late_columns: Vec::new() }
    }

    fn create(&mut self, object: Arc<Object>) {
        self.course.go(Change::CreateObject { object, if_not_exists: false });
    }

    /// Takes the objects to be made out that are of a kind.
    fn take_created(&mut self, classes: &[ObjectClass]) -> Vec<Arc<Object>> {
        take(&mut self.rest.created_objects, |object| classes.contains(&object.class()))
    }

    fn take_dropped(&mut self, classes: &[ObjectClass]) -> Vec<Arc<Object>> {
        take(&mut self.rest.dropped_objects, |object| classes.contains(&object.class()))
    }

    fn take_altered(&mut self, classes: &[ObjectClass]) -> Vec<(Arc<Object>, Arc<Object>)> {
        take(&mut self.rest.altered_objects, |(_, after)| classes.contains(&after.class()))
    }

    fn make_foundations(&mut self) {
        let foundations = [ObjectClass::Namespace, ObjectClass::Extension];
        for object in self.take_created(&foundations) {
            self.create(object);
        }
        for (before, after) in self.take_altered(&foundations) {
            self.course.remarks.push(format!("the {} is another: {}", after.id(), properties(&before, &after)));
        }
    }

    /// Drops views and triggers, those that are built on others first.
    fn drop_views_and_triggers(&mut self, time: Time) {
        let mut going = take(&mut self.rest.dropped_objects, |object| {
            matches!(object.class(), ObjectClass::View | ObjectClass::Trigger)
        });
        if time == Time::Early {
            let stays = |object: &Arc<Object>| self.is_spoken_of(object);
            let (late, early): (Vec<_>, Vec<_>) = going.into_iter().partition(stays);
            self.rest.dropped_objects.extend(late);
            going = early;
        }
        let (triggers, views): (Vec<_>, Vec<_>) =
            going.into_iter().partition(|object| object.class() == ObjectClass::Trigger);
        let views = in_order(views, self.course.dialect.lexicon());
        for object in triggers.into_iter().chain(views.into_iter().rev()) {
            self.course.go(Change::DropObject { object });
        }
    }

    /// Whether something that is yet to be replaced speaks of a view.
    fn is_spoken_of(&self, object: &Object) -> bool {
        let name = object.id().name;
        let lexicon = self.course.dialect.lexicon();
        object.class() == ObjectClass::View
            && self
                .rest
                .altered_objects
                .iter()
                .any(|(before, _)| before.definition().is_some_and(|sql| mentions_relation(sql, &name, lexicon)))
    }

    /// Drops columns of enums that go and whose names tables need, as far as something is left of their tables.
    fn leave_types(&mut self, needed: &BTreeSet<ObjectName>) {
        let going: Vec<ObjectName> = self
            .rest
            .dropped_enums
            .iter()
            .map(|found| found.name.clone())
            .filter(|name| needed.contains(name))
            .collect();
        let leaves = |column: &Column| column.ty.enum_name().is_some_and(|name| going.contains(name));
        if !self.course.dialect.capabilities().named_enums {
            return;
        }
        for place in 0..self.rest.altered_tables.len() {
            let difference = &mut self.rest.altered_tables[place];
            let table = difference.name.clone();
            let columns = self.course.reached.table(&table).map_or(0, |table| table.columns.len());
            let lost = difference.dropped_columns.iter().filter(|column| leaves(column)).count();
            if lost == 0 || lost == columns {
                continue;
            }
            let lost = take(&mut difference.dropped_columns, leaves);
            let indexes = std::mem::take(&mut difference.dropped_indexes);
            for constraint in std::mem::take(&mut difference.dropped_constraints) {
                self.course.go(Change::DropConstraint { table: table.clone(), constraint });
            }
            for index in indexes {
                self.course.go(Change::DropIndex { table: table.clone(), index });
            }
            self.drop_columns(&table, lost.into_iter().map(|column| column.name).collect());
        }
    }

    /// Makes what columns are made of.
    fn make_types(&mut self) {
        let needed: BTreeSet<ObjectName> = self.rest.created_tables.iter().map(|table| table.name.clone()).collect();
        self.leave_types(&needed);
        let reached = &self.course.reached;
        let free =
            |found: &Arc<Enum>| needed.contains(&found.name) && reached.enum_columns(&found.name).next().is_none();
        for enumeration in take(&mut self.rest.dropped_enums, free) {
            self.course.go(Change::DropEnum { enumeration });
        }
        for enumeration in std::mem::take(&mut self.rest.created_enums) {
            self.course.go(Change::CreateEnum { enumeration });
        }
        for object in self.take_created(&[ObjectClass::Domain]) {
            self.create(object);
        }
        for (before, after) in self.take_altered(&[ObjectClass::Domain]) {
            self.course.go(Change::AlterObject { before, after });
        }
        for object in self.take_created(&[ObjectClass::Sequence]) {
            self.create(Arc::new(without_owner(&object)));
            if without_owner(&object) != *object {
                self.rest.altered_objects.push((Arc::new(without_owner(&object)), object));
            }
        }
        let routines = self.take_created(&[ObjectClass::Routine]);
        let (first, late) = early(routines.iter().collect(), |name| self.tables_call(name), self.wanted);
        self.rest.created_objects.extend(late);
        first.into_iter().for_each(|object| self.create(object));
    }

    /// Whether an expression of a table that is made or changed calls a routine of this name, which is in lower case.
    fn tables_call(&self, called: &str) -> bool {
        let created = self.rest.created_tables.iter().map(AsRef::as_ref);
        let altered =
            self.rest.altered_tables.iter().filter_map(|table| self.wanted.table(&table.name)).map(AsRef::as_ref);
        let calls = |sql: &str| called_in(sql).iter().any(|name| name == called);
        created.chain(altered).any(|table: &Table| expressions(table).any(calls))
    }

    /// Makes and changes tables, one that others refer to before them.
    fn tables(&mut self) {
        let created = std::mem::take(&mut self.rest.created_tables);
        let altered = std::mem::take(&mut self.rest.altered_tables);
        let names: Vec<ObjectName> =
            created.iter().map(|table| &table.name).chain(altered.iter().map(|t| &t.name)).cloned().collect();
        let mut created: BTreeMap<ObjectName, Arc<Table>> =
            created.into_iter().map(|table| (table.name.clone(), table)).collect();
        let mut altered: BTreeMap<ObjectName, TableDifference> =
            altered.into_iter().map(|table| (table.name.clone(), table)).collect();
        let mut unmade: BTreeSet<ObjectName> = created.keys().cloned().collect();
        for name in referred_first(names, self.wanted) {
            if let Some(table) = created.remove(&name) {
                unmade.remove(&name);
                self.create_table(&table, &unmade);
            } else if let Some(difference) = altered.remove(&name) {
                self.alter_table(difference, &unmade, &altered);
            }
        }
        for (table, constraint) in std::mem::take(&mut self.waiting) {
            self.course.go(Change::AddConstraint { table, constraint });
        }
    }

    /// Makes a table, without the references that its circle does not allow yet.
    fn create_table(&mut self, table: &Arc<Table>, unmade: &BTreeSet<ObjectName>) {
        let waits = |constraint: &Constraint| {
            constraint.foreign_key().is_some_and(|key| unmade.contains(&key.referred_table)) || !constraint.validated
        };
        let mut made = Arc::clone(table);
        if table.constraints.iter().any(waits) {
            let mut without = Table::clone(table);
            let later = take(&mut without.constraints, waits);
            self.waiting.extend(later.into_iter().map(|constraint| (table.name.clone(), constraint)));
            made = Arc::new(without);
        }
        self.course.go(Change::CreateTable { table: made, if_not_exists: false });
    }

    fn alter_table(
        &mut self,
        mut difference: TableDifference,
        unmade: &BTreeSet<ObjectName>,
        unaltered: &BTreeMap<ObjectName, TableDifference>,
    ) {
        let table = difference.name.clone();
        let waits = |constraint: &Constraint| {
            constraint
                .foreign_key()
                .is_some_and(|key| unmade.contains(&key.referred_table) || unaltered.contains_key(&key.referred_table))
        };
        let (mut added_constraints, mut created_indexes) = (difference.added_constraints, difference.created_indexes);
        for index in difference.dropped_indexes {
            self.course.go(Change::DropIndex { table: table.clone(), index });
        }
        let (keys, others): (Vec<_>, Vec<_>) =
            difference.dropped_constraints.into_iter().partition(|constraint| constraint.foreign_key().is_some());
        for constraint in keys.into_iter().chain(others) {
            self.make_ready(&table, &constraint, &mut difference.properties);
            self.course.go(Change::DropConstraint { table: table.clone(), constraint });
        }
        self.drop_renamed_keys(&table, &difference.renamed_constraints, &difference.altered_columns);
        for pair in difference.renamed_constraints {
            self.call(table.clone(), Named::Constraint, pair);
        }
        for pair in difference.renamed_indexes {
            self.call(table.clone(), Named::Index, pair);
        }
        for (column, position) in difference.added_columns {
            let name = column.name.clone();
            self.course.go(Change::AddColumn { table: table.clone(), column, position, if_not_exists: false });
            // What is of this column alone comes with it, as its author would write it.
            let Some(found) = self.wanted.table(&table) else { continue };
            let lexicon = self.course.dialect.lexicon();
            let keys: Vec<Vec<String>> = added_constraints
                .iter()
                .filter(|constraint| constraint.foreign_key().is_none())
                .map(|constraint| constraint.columns().to_vec())
                .collect();
            let own_key_comes = |constraint: &Constraint| {
                let key = constraint.foreign_key().filter(|key| key.referred_table == table);
                key.is_some_and(|key| keys.iter().any(|columns| same_columns(columns, &key.referred_columns)))
            };
            for constraint in take(&mut added_constraints, |constraint| {
                !waits(constraint) && !own_key_comes(constraint) && is_of_column(found, constraint, &name, lexicon)
            }) {
                self.course.go(Change::AddConstraint { table: table.clone(), constraint });
            }
            let plain = |index: &Index| {
                index.parts == [IndexPart::column(name.as_str())]
                    && index.predicate.is_none()
                    && index.options.is_empty()
            };
            for index in take(&mut created_indexes, plain) {
                self.course.go(Change::CreateIndex { table: table.clone(), index, if_not_exists: false });
            }
        }
        let mut numbered = Vec::new();
        for (before, after) in difference.altered_columns {
            match self.without_numbers(&table, &before, &after, &added_constraints) {
                Some(plain) => {
                    if plain != before {
                        self.alter_column(&table, before, plain.clone());
                    }
                    numbered.push((plain, after));
                }
                None => self.alter_column(&table, before, after),
            }
        }
        // A table may be divided by a column that comes, or was by one that goes. What its key allows waits for that.
        let waiting_for_key =
            difference.properties.take_if(|(_, after)| self.wait_for_key(&table, &after.options, &added_constraints));
        if let Some((before, after)) = difference.properties {
            self.course.go(Change::AlterTable { table: table.clone(), before, after });
        }
        let going: Vec<String> = difference.dropped_columns.into_iter().map(|column| column.name).collect();
        self.drop_columns(&table, going);
        for name in difference.validated {
            self.course.go(Change::ValidateConstraint { table: table.clone(), name });
        }
        let waits = |constraint: &Constraint| {
            constraint
                .foreign_key()
                .is_some_and(|key| unmade.contains(&key.referred_table) || unaltered.contains_key(&key.referred_table))
        };
        let (later, now): (Vec<_>, Vec<_>) = added_constraints.into_iter().partition(waits);
        let (keys, rules): (Vec<_>, Vec<_>) =
            now.into_iter().partition(|constraint| constraint.foreign_key().is_some());
        for constraint in rules {
            self.course.go(Change::AddConstraint { table: table.clone(), constraint });
        }
        for (before, after) in numbered {
            self.alter_column(&table, before, after);
        }
        if let Some((before, after)) = waiting_for_key {
            self.course.go(Change::AlterTable { table: table.clone(), before, after });
        }
        for index in created_indexes {
            self.course.go(Change::CreateIndex { table: table.clone(), index, if_not_exists: false });
        }
        for constraint in keys {
            self.course.go(Change::AddConstraint { table: table.clone(), constraint });
        }
        self.waiting.extend(later.into_iter().map(|constraint| (table.clone(), constraint)));
    }

    /// Changes a column. Where the dialect cannot do it under a foreign key, that goes before and comes back after it.
    pub(super) fn alter_column(&mut self, table: &ObjectName, before: Column, after: Column) {
        // It may have been changed on the way, by a key that went or a renamed word of its enum.
        let before = match self.course.reached.table(table).and_then(|table| table.column(&before.name)) {
            Some(now) => now.clone(),
            None => before,
        };
        let name = before.name.clone();
        let change = Change::alter_column(table.clone(), before, after);
        let keys = self.keys_on(table, &name);
        if !keys.is_empty() && !self.course.compiles(&change) {
            self.set_aside(keys);
        }
        self.course.go(change);
    }

    /// Drops columns, one that is computed from another before it. One that a view or trigger speaks of waits until
    /// that has been replaced.
    fn drop_columns(&mut self, table: &ObjectName, going: Vec<String>) {
        let lexicon = self.course.dialect.lexicon();
        let watched = self.course.reached.objects().any(|object| object.class().follows_tables());
        let (late, now): (Vec<String>, Vec<String>) = going
            .into_iter()
            .partition(|column| watched && !self.course.reached.column_dependents(table, column, lexicon).is_empty());
        self.late_columns.extend(late.into_iter().map(|column| (table.clone(), column)));
        self.drop_now(table, now);
    }

    fn drop_now(&mut self, table: &ObjectName, mut going: Vec<String>) {
        let lexicon = self.course.dialect.lexicon();
        while !going.is_empty() {
            let Some(found) = self.course.reached.table(table).cloned() else { return };
            let is_needed = |name: &String| {
                let computed = going.iter().filter_map(|other| found.column(other)?.computed.as_ref());
                computed.into_iter().any(|computed| mentions(&computed.sql, name, lexicon))
            };
            let next = going.iter().position(|name| !is_needed(name)).unwrap_or(0);
            let name = going.remove(next);
            let Some(place) = found.position(&name) else { continue };
            self.release_sequences(table, Some(&name));
            let names: Vec<&str> = found.columns.iter().map(|column| column.name.as_str()).collect();
            self.course.go(Change::DropColumn {
                table: table.clone(),
                column: found.columns[place].clone(),
                position: Position::of(place, &names),
            });
        }
    }

    /// Makes and replaces what is built on tables.
    fn make_code(&mut self) {
        for (before, after) in self.take_altered(&[ObjectClass::Sequence]) {
            // It may have been freed from its column already.
            let before = self.course.reached.object(&before.id()).cloned().unwrap_or(before);
            if before != after {
                self.course.go(Change::AlterObject { before, after });
            }
        }
        let code = [ObjectClass::Routine, ObjectClass::View];
        let (mut created, mut altered) = (Vec::new(), Vec::new());
        for class in code {
            created.extend(self.take_created(&[class]));
            altered.extend(self.take_altered(&[class]));
        }
        let mut all: Vec<&Arc<Object>> = created.iter().chain(altered.iter().map(|(_, after)| after)).collect();
        all.sort_by_key(|object| code.iter().position(|class| *class == object.class()));
        for object in code_in_order(all) {
            match altered.iter().find(|(_, after)| after.id() == object.id()) {
                Some((before, after)) if object.class() == ObjectClass::View => self.alter_view(before, after),
                Some((before, after)) => {
                    self.course.go(Change::AlterObject { before: Arc::clone(before), after: Arc::clone(after) });
                }
                None => self.create(Arc::clone(object)),
            }
        }
        for object in self.take_created(&[ObjectClass::Trigger]) {
            self.create(object);
        }
        for (before, after) in self.take_altered(&[ObjectClass::Trigger]) {
            self.course.go(Change::AlterObject { before, after });
        }
    }

    /// Changes a view, and its indexes by themselves.
    fn alter_view(&mut self, before: &Arc<Object>, after: &Arc<Object>) {
        let (Object::View(old), Object::View(new)) = (&**before, &**after) else { return };
        let mut now = View { indexes: old.indexes.clone(), ..new.clone() };
        if now != *old {
            let after = Arc::new(Object::View(now.clone()));
            self.course.go(Change::AlterObject { before: Arc::clone(before), after });
        }
        let gone = old.indexes.iter().filter(|index| !new.indexes.contains(index));
        let come = new.indexes.iter().filter(|index| !old.indexes.contains(index));
        let states = gone.map(|index| (index, false)).chain(come.map(|index| (index, true)));
        for (index, comes) in states {
            let before = Arc::new(Object::View(now.clone()));
            match comes {
                true => now.indexes.push(index.clone()),
                false => now.indexes.retain(|other| other != index),
            }
            self.course.go(Change::AlterObject { before, after: Arc::new(Object::View(now.clone())) });
        }
    }

    fn drop_late_columns(&mut self) {
        for (table, column) in std::mem::take(&mut self.late_columns) {
            self.drop_now(&table, vec![column]);
        }
    }

    /// Drops tables, those that refer to others first. They go last, so that what is in them can be moved before; one
    /// whose names are needed goes early.
    fn drop_tables(&mut self, time: Time) {
        let mut going = std::mem::take(&mut self.rest.dropped_tables);
        if time == Time::Early {
            let needed = self.new_names();
            let loses = |key: &ForeignKey| {
                let referred = self.rest.altered_tables.iter().find(|table| table.name == key.referred_table);
                referred.is_some_and(|table| {
                    let other_type =
                        |(old, new): &(Column, Column)| old.ty != new.ty && key.referred_columns.contains(&old.name);
                    lost_keys(table).iter().any(|lost| same_columns(lost, &key.referred_columns))
                        || table.altered_columns.iter().any(other_type)
                })
            };
            let (early, late): (Vec<_>, Vec<_>) = going.into_iter().partition(|table| {
                let Some(found) = self.course.reached.table(&table.name) else { return true };
                let named = own_names(found).any(|name| needed.contains(&self.course.folded(name)));
                let types = found.columns.iter().filter_map(|column| column.ty.enum_name());
                let typed = types.filter(|name| needed.contains(&self.course.folded(&name.name)));
                let in_the_way = |name: &ObjectName| self.rest.dropped_enums.iter().any(|found| found.name == *name);
                named || typed.into_iter().any(in_the_way) || found.foreign_keys().any(|(_, key)| loses(key))
            });
            self.rest.dropped_tables = late;
            going = early;
            self.replace_views_of(&going);
        }
        let names = going.iter().map(|table| table.name.clone()).collect();
        let mut order = referred_first(names, &self.course.reached.clone());
        order.reverse();
        for name in order {
            // In a circle the references of the others go first, as do those of tables that go later.
            let inbound: Vec<(ObjectName, Constraint)> = self
                .course
                .reached
                .tables()
                .filter(|table| table.name != name)
                .flat_map(|table| table.foreign_keys().map(move |(constraint, key)| (table, constraint, key)))
                .filter(|(_, _, key)| key.referred_table == name)
                .map(|(table, constraint, _)| (table.name.clone(), constraint.clone()))
                .collect();
            for (table, constraint) in inbound {
                self.course.go(Change::DropConstraint { table, constraint });
            }
            self.release_sequences(&name, None);
            if let Some(table) = self.course.reached.table(&name).cloned() {
                self.course.go(Change::DropTable { table });
            }
        }
    }

    /// Views and triggers that are replaced later, and speak of tables that go now, go before them and are made anew.
    fn replace_views_of(&mut self, going: &[Arc<Table>]) {
        let lexicon = self.course.dialect.lexicon();
        for table in going {
            let triggers = self.course.reached.direct_dependents(&table.name, lexicon).into_iter();
            let triggers = triggers.filter(|object| object.class() == ObjectClass::Trigger);
            let views = self.course.reached.dependent_views(&table.name, lexicon).into_iter().rev();
            for object in triggers.chain(views).collect::<Vec<_>>() {
                let place = self.rest.altered_objects.iter().position(|(before, _)| before.id() == object.id());
                if let Some(place) = place {
                    let (before, after) = self.rest.altered_objects.remove(place);
                    self.course.go(Change::DropObject { object: before });
                    self.rest.created_objects.push(after);
                }
            }
        }
    }

    /// Frees the sequences of a table or column that goes: each is dropped by itself.
    fn release_sequences(&mut self, table: &ObjectName, column: Option<&str>) {
        let owned: Vec<Arc<Object>> = self.course.reached.owned_sequences(table, column).cloned().collect();
        for before in owned {
            let after = Arc::new(without_owner(&before));
            self.course.go(Change::AlterObject { before, after });
        }
    }

    fn drop_foundations(&mut self) {
        let classes = [ObjectClass::Routine, ObjectClass::Sequence, ObjectClass::Domain];
        for class in classes {
            for object in self.take_dropped(&[class]) {
                let now = self.course.reached.object(&object.id()).cloned().unwrap_or(object);
                self.course.go(Change::DropObject { object: now });
            }
        }
        for enumeration in std::mem::take(&mut self.rest.dropped_enums) {
            self.course.go(Change::DropEnum { enumeration });
        }
        for class in [ObjectClass::Extension, ObjectClass::Namespace] {
            for object in self.take_dropped(&[class]) {
                self.course.go(Change::DropObject { object });
            }
        }
    }
}

/// Whether a constraint of a table speaks of one column and no other.
fn is_of_column(table: &Table, constraint: &Constraint, column: &str, lexicon: &Lexicon) -> bool {
    let with = Table { constraints: vec![constraint.clone()], indexes: Vec::new(), ..table.clone() };
    column_mentions(&with, column, lexicon).own_constraints == [0]
}

/// Takes the items out of a list that meet a condition.
fn take<T>(list: &mut Vec<T>, meets: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, left): (Vec<T>, Vec<T>) = std::mem::take(list).into_iter().partition(|item| meets(item));
    *list = left;
    taken
}

/// Tables in an order in which each stands behind those that it refers to or is a partition of, by name otherwise. A circle
/// is entered where the names begin.
fn referred_first(mut names: Vec<ObjectName>, schema: &Schema) -> Vec<ObjectName> {
    names.sort();
    let all: BTreeSet<&ObjectName> = names.iter().collect();
    let mut done: BTreeSet<&ObjectName> = BTreeSet::new();
    let mut order = Vec::with_capacity(names.len());
    // A table and whether those before it have been seen to: deep chains must not exhaust the stack.
    let mut stack: Vec<(&ObjectName, bool)> = names.iter().rev().map(|name| (name, false)).collect();
    while let Some((name, ready)) = stack.pop() {
        if ready {
            order.push(name.clone());
            continue;
        }
        if !done.insert(name) {
            continue;
        }
        stack.push((name, true));
        let Some(table) = schema.table(name) else { continue };
        let mut before: Vec<&ObjectName> = table.foreign_keys().map(|(_, key)| &key.referred_table).collect();
        before.extend(table.partition.as_ref().map(|partition| &partition.of));
        before.sort();
        before.retain(|other| *other != name && all.contains(other));
        for other in before.into_iter().rev() {
            if let Some(own) = all.get(other).filter(|own| !done.contains(**own)) {
                stack.push((own, false));
            }
        }
    }
    order
}

/// Objects in an order in which they can be made: a view after those that it speaks of.
fn in_order(objects: Vec<Arc<Object>>, lexicon: &Lexicon) -> Vec<Arc<Object>> {
    let mut waiting = objects;
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let speaks_of_waiting = |object: &Arc<Object>| {
            let sql = object.definition().unwrap_or_default();
            waiting.iter().any(|other| other.id() != object.id() && mentions_relation(sql, &other.id().name, lexicon))
        };
        let next = waiting.iter().position(|object| !speaks_of_waiting(object)).unwrap_or(0);
        ordered.push(waiting.remove(next));
    }
    ordered
}

/// What is different of a namespace or an extension, which no operation changes.
fn properties(before: &Object, after: &Object) -> &'static str {
    match (before, after) {
        (Object::Namespace(old), Object::Namespace(new)) if old.comment != new.comment => "its comment",
        (Object::Extension(old), Object::Extension(new)) if old.schema != new.schema => "its schema",
        _ => "its options",
    }
}
