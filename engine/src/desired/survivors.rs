//! What of a schema survives a test, such as being written down and read again: one odd thing shall not hide the rest.

use std::collections::BTreeSet;

use crate::driver::Unheld;
use crate::schema::{ConstraintKind, Object, ObjectName, Schema, Table};
use crate::sql::Lexicon;

/// A test of a schema: what is wrong with it, a sentence each.
pub type Test<'a> = dyn Fn(&Schema) -> Result<(), Vec<String>> + 'a;

/// What survived, and what did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivors {
    /// The schema without it.
    pub schema: Schema,
    /// What is left out, and why.
    pub told: Vec<Unheld>,
}

/// The schema without what does not pass a test and without what refers to that, each of which is told by name. What is asked
/// about is tested by itself with what it needs; a schema that passes as a whole is tested once.
///
/// # Errors
/// What is wrong where it is wrong only together.
pub fn survivors(schema: &Schema, lexicon: &Lexicon, test: &Test<'_>) -> Result<Survivors, Vec<String>> {
    if test(schema).is_ok() {
        return Ok(Survivors { schema: schema.clone(), told: Vec::new() });
    }
    let mut sieve = Sieve { test, ground: Schema::default(), told: Vec::new() };
    let mut kept = sieve.ground(schema);
    sieve.tables(schema, &mut kept);
    without_partitions(schema, &mut kept, &mut sieve.told);
    dangling(&mut kept, &mut sieve.told);
    sieve.references(&mut kept);
    sieve.views(schema, &mut kept, lexicon);
    sieve.others(schema, &mut kept);
    test(&kept)?;
    sieve.told.sort();
    Ok(Survivors { schema: kept, told: sieve.told })
}

/// Takes away the foreign keys that refer to tables that are not there.
pub fn dangling(schema: &mut Schema, told: &mut Vec<Unheld>) {
    let mut cut: Vec<Table> = Vec::new();
    for table in schema.tables() {
        let gone = |name: &ObjectName| schema.table(name).is_none();
        let mut own = Table::clone(table);
        own.constraints.retain(|constraint| {
            let Some(key) = constraint.foreign_key().filter(|key| gone(&key.referred_table)) else { return true };
            let name = constraint.name.as_deref().unwrap_or("(unnamed)");
            let why = format!("it refers to `{}`, which is not here", key.referred_table);
            told.push(Unheld { on: Some(table.name.to_string()), ..Unheld::new("foreign key", name, why) });
            false
        });
        if own.constraints.len() < table.constraints.len() {
            cut.push(own);
        }
    }
    cut.into_iter().for_each(|table| schema.put_table(table));
}

struct Sieve<'a> {
    test: &'a Test<'a>,
    /// What tables, views and triggers may be built on, by itself.
    ground: Schema,
    told: Vec<Unheld>,
}

impl Sieve<'_> {
    /// Why something does not pass.
    fn wrong(&self, schema: &Schema) -> Option<String> {
        let reasons = (self.test)(schema).err()?;
        let first = reasons.into_iter().next().unwrap_or_default();
        Some(format!("it cannot be written down: {first}"))
    }

    /// The first column that does not pass, and why.
    fn wrong_column(&self, table: &Table) -> Option<String> {
        table.columns.iter().find_map(|column| {
            let mut bare = Table::new(table.name.clone());
            bare.columns.push(column.clone());
            let mut trial = self.ground.clone();
            trial.put_table(bare);
            let reason = (self.test)(&trial).err()?.into_iter().next().unwrap_or_default();
            Some(format!("its column `{}` cannot be written down: {reason}", column.name))
        })
    }

    /// Everything that is neither a table nor on one.
    fn ground(&mut self, schema: &Schema) -> Schema {
        let on_nothing =
            |object: &Object| !matches!(object, Object::View(_) | Object::Trigger(_) | Object::Sequence(_));
        let mut all = Schema::default();
        schema.enums().for_each(|found| all.put_enum(std::sync::Arc::clone(found)));
        schema
            .objects()
            .filter(|object| on_nothing(object))
            .for_each(|object| all.put_object(std::sync::Arc::clone(object)));
        for sequence in schema.objects() {
            if let Object::Sequence(sequence) = &**sequence {
                all.put_object(Object::Sequence(crate::schema::Sequence { owned_by: None, ..sequence.clone() }));
            }
        }
        if (self.test)(&all).is_ok() {
            self.ground = all.clone();
            return all;
        }
        let mut ground = Schema::default();
        for found in all.enums() {
            let mut trial = ground.clone();
            trial.put_enum(std::sync::Arc::clone(found));
            match self.wrong(&trial) {
                Some(why) => self.told.push(Unheld::new("enum", found.name.to_string(), why)),
                None => ground = trial,
            }
        }
        for object in all.objects() {
            let mut trial = ground.clone();
            trial.put_object(std::sync::Arc::clone(object));
            match self.wrong(&trial) {
                Some(why) => self.told.push(unheld(object, why)),
                None => ground = trial,
            }
        }
        self.ground = ground.clone();
        ground
    }

    /// Each table by itself, without its foreign keys, which come later.
    fn tables(&mut self, schema: &Schema, kept: &mut Schema) {
        for table in schema.tables() {
            let mut trial = self.ground.clone();
            trial.put_table(alone(table));
            let mut whole = table.partition.as_ref();
            let mut above = BTreeSet::new();
            while let Some(part) = whole.filter(|part| above.insert(part.of.clone())) {
                let parent = schema.table(&part.of);
                parent.into_iter().for_each(|parent| trial.put_table(alone(parent)));
                whole = parent.and_then(|parent| parent.partition.as_ref());
            }
            match self.wrong(&trial) {
                Some(why) => {
                    let why = self.wrong_column(table).unwrap_or(why);
                    self.told.push(Unheld::new("table", table.name.to_string(), why));
                }
                None => kept.put_table(std::sync::Arc::clone(table)),
            }
        }
    }

    /// Each foreign key with the two tables that it is about.
    fn references(&mut self, kept: &mut Schema) {
        if (self.test)(kept).is_ok() {
            return;
        }
        let mut cut: Vec<Table> = Vec::new();
        for table in kept.tables() {
            let mut own = Table::clone(table);
            own.constraints.retain(|constraint| {
                let Some(key) = constraint.foreign_key() else { return true };
                let mut trial = self.ground.clone();
                kept.table(&key.referred_table).into_iter().for_each(|other| trial.put_table(alone(other)));
                let mut with = alone(table);
                with.constraints.push(constraint.clone());
                trial.put_table(with);
                let Some(why) = self.wrong(&trial) else { return true };
                let name = constraint.name.as_deref().unwrap_or("(unnamed)");
                self.told.push(Unheld { on: Some(table.name.to_string()), ..Unheld::new("foreign key", name, why) });
                false
            });
            if own.constraints.len() < table.constraints.len() {
                cut.push(own);
            }
        }
        cut.into_iter().for_each(|table| kept.put_table(table));
    }

    /// Views by themselves, and none that reads what is left out.
    fn views(&mut self, schema: &Schema, kept: &mut Schema, lexicon: &Lexicon) {
        let mut out: BTreeSet<ObjectName> = BTreeSet::new();
        let gone = schema.tables().map(|table| &table.name).filter(|name| kept.table(name).is_none());
        let gone: Vec<ObjectName> = gone.cloned().collect();
        let mut missing: Vec<(Object, String)> = Vec::new();
        let mut add = |name: &ObjectName, out: &mut BTreeSet<ObjectName>| {
            for view in schema.dependent_views(name, lexicon) {
                if out.insert(view.id().name) {
                    missing.push((Object::clone(&view), format!("it reads `{name}`, which is left out")));
                }
            }
        };
        gone.iter().for_each(|name| add(name, &mut out));
        for view in schema.views().filter(|view| !out.contains(&view.name)).cloned().collect::<Vec<_>>() {
            let mut trial = self.ground.clone();
            trial.put_object(Object::View(view.clone()));
            if let Some(why) = self.wrong(&trial) {
                self.told.push(unheld(&Object::View(view.clone()), why));
                out.insert(view.name.clone());
                add(&view.name, &mut out);
            }
        }
        self.told.extend(missing.into_iter().map(|(view, why)| unheld(&view, why)));
        for view in schema.views().filter(|view| !out.contains(&view.name)) {
            kept.put_object(Object::View(view.clone()));
        }
    }

    /// Triggers with what they are on, and sequences with what owns them.
    fn others(&mut self, schema: &Schema, kept: &mut Schema) {
        for object in schema.objects() {
            let on = match &**object {
                Object::Trigger(trigger) => &trigger.table,
                Object::Sequence(sequence) => match &sequence.owned_by {
                    Some((table, _)) if self.ground.object(&object.id()).is_some() => table,
                    _ => continue,
                },
                _ => continue,
            };
            let mut trial = self.ground.clone();
            match (kept.table(on), kept.view(on)) {
                (Some(table), _) => trial.put_table(alone(table)),
                (None, Some(view)) => trial.put_object(Object::View(view.clone())),
                (None, None) => {
                    kept.remove_object(&object.id());
                    self.told.push(unheld(object, format!("`{on}` is left out")));
                    continue;
                }
            }
            trial.put_object(std::sync::Arc::clone(object));
            match self.wrong(&trial) {
                Some(why) => {
                    kept.remove_object(&object.id());
                    self.told.push(unheld(object, why));
                }
                None => kept.put_object(std::sync::Arc::clone(object)),
            }
        }
    }
}

/// Partitions go with what they are a part of.
fn without_partitions(schema: &Schema, kept: &mut Schema, told: &mut Vec<Unheld>) {
    loop {
        let lost = kept.tables().find(|table| {
            table
                .partition
                .as_ref()
                .is_some_and(|part| schema.table(&part.of).is_some() && kept.table(&part.of).is_none())
        });
        let Some(name) = lost.map(|table| table.name.clone()) else { return };
        kept.remove_table(&name);
        told.push(Unheld::new("table", name.to_string(), "what it is a partition of is left out"));
    }
}

fn alone(table: &Table) -> Table {
    let mut own = table.clone();
    own.constraints.retain(|constraint| !matches!(constraint.kind, ConstraintKind::ForeignKey(_)));
    own
}

fn unheld(object: &Object, why: String) -> Unheld {
    let id = object.id();
    match object {
        Object::Trigger(trigger) => {
            Unheld { on: Some(trigger.table.to_string()), ..Unheld::new("trigger", trigger.name.clone(), why) }
        }
        _ => Unheld::new(id.class.word(), id.name.to_string(), why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Column, Constraint, ForeignKey, Trigger, Type, View};

    fn table(name: &str, refers: Option<&str>) -> Table {
        let mut table = Table::new(ObjectName::new(name));
        table.columns.push(Column::new("id", Type::Integer));
        if let Some(other) = refers {
            let key = ForeignKey {
                columns: vec!["id".to_owned()],
                referred_table: ObjectName::new(other),
                referred_columns: vec!["id".to_owned()],
                on_delete: crate::schema::ReferentialAction::NoAction,
                on_update: crate::schema::ReferentialAction::NoAction,
                matching: crate::schema::Match::Simple,
            };
            let name = Some(format!("fk_{name}"));
            table.constraints.push(Constraint::new(name, ConstraintKind::ForeignKey(key)));
        }
        table
    }

    #[test]
    fn what_does_not_pass_is_told_with_what_refers_to_it() {
        let mut schema = Schema::default();
        let mut odd = table("odd", Some("good"));
        odd.columns.push(Column::new("strange", Type::Native("no type".to_owned())));
        let mut part = table("part", None);
        part.partition = Some(crate::schema::Partition { of: ObjectName::new("odd"), values: String::new() });
        for one in [table("good", None), odd, table("child", Some("odd")), table("other", Some("good")), part] {
            schema.put_table(one);
        }
        for (name, sql) in [("a", "SELECT id FROM odd"), ("b", "SELECT id FROM a"), ("c", "SELECT id FROM good")] {
            let name = ObjectName::new(name);
            schema.put_object(Object::View(View { sql: sql.to_owned(), ..View::named(name) }));
        }
        for (name, on) in [("x", "odd"), ("y", "good")] {
            let on = ObjectName::new(on);
            schema.put_object(Object::Trigger(Trigger {
                name: name.to_owned(),
                table: on,
                sql: String::new(),
                comment: None,
            }));
        }
        let test = |schema: &Schema| {
            let columns = schema.tables().flat_map(|table| table.columns.iter());
            let strange = columns.filter(|column| matches!(column.ty, Type::Native(_)));
            let reasons: Vec<String> = strange.map(|column| format!("`{}` is strange", column.name)).collect();
            if reasons.is_empty() { Ok(()) } else { Err(reasons) }
        };
        let found = survivors(&schema, &Lexicon::STANDARD, &test).unwrap();
        let told: Vec<String> = found.told.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "foreign key `fk_child` on `child`: it refers to `odd`, which is not here",
                "table `odd`: its column `strange` cannot be written down: `strange` is strange",
                "table `part`: it cannot be written down: `strange` is strange",
                "trigger `x` on `odd`: `odd` is left out",
                "view `a`: it reads `odd`, which is left out",
                "view `b`: it reads `odd`, which is left out",
            ]
        );
        let names: Vec<String> = found.schema.tables().map(|table| table.name.to_string()).collect();
        assert_eq!(names, ["child", "good", "other"]);
        let objects: Vec<String> = found.schema.objects().map(|object| object.id().name.to_string()).collect();
        assert_eq!(objects, ["c", "y"]);
        let whole = survivors(&found.schema, &Lexicon::STANDARD, &test).unwrap();
        assert_eq!(whole, Survivors { schema: found.schema, told: Vec::new() });
        let together =
            |schema: &Schema| if schema.tables().count() > 1 { Err(vec!["too many".to_owned()]) } else { Ok(()) };
        assert_eq!(survivors(&whole.schema, &Lexicon::STANDARD, &together), Err(vec!["too many".to_owned()]));
    }
}
