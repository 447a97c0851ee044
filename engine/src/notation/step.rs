//! Changes back as the steps that a person would have written for them.

use std::sync::Arc;

use serde_yaml::{Mapping, Value as Yaml};

use super::{Keys, Notation, option, print};
use crate::change::{Change, Position, TableProperties, column_mentions};
use crate::schema::{
    Column, Constraint, ConstraintKind, Enum, Index, Object, ObjectClass, ObjectName, Options, Schema, Sequence, Table,
    Type, View,
};

/// The key of a question that stands where its author's answer belongs; until then the step is an error.
pub const ASK: &str = "ask";

/// A step as it stands in a revision file.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenStep {
    /// The operation.
    pub operation: &'static str,
    /// What it is about, which tells it from other steps of that operation.
    pub subject: String,
    /// Its keys.
    pub keys: Mapping,
    /// What its author should know before it runs: a line each.
    pub remarks: Vec<String>,
}

impl Notation {
    /// The steps that say what changes do, from the schema before them. What one step does along with what it is for needs
    /// no step of its own: the index of a column that goes, the constraints of one that comes.
    ///
    /// # Errors
    /// When the language has no words for a change: a sentence.
    pub fn steps(&self, before: &Schema, changes: &[Change]) -> Result<Vec<WrittenStep>, String> {
        let mut writer = Writer { notation: self, schema: before.clone(), steps: Vec::new(), freed: Vec::new() };
        let mut place = 0;
        while place < changes.len() {
            place += writer.write(&changes[place..])?;
        }
        Ok(writer.steps)
    }
}

struct Writer<'a> {
    notation: &'a Notation,
    schema: Schema,
    steps: Vec<WrittenStep>,
    /// Sequences that go with a table or column, whose step says it.
    freed: Vec<ObjectName>,
}

impl Writer<'_> {
    /// Writes the first of the changes that are left, and says how many of them the step carries out.
    fn write(&mut self, rest: &[Change]) -> Result<usize, String> {
        let Some(change) = rest.first() else { return Ok(0) };
        if self.goes_along(change, &rest[1..]) {
            if let Change::AlterObject { after, .. } = change {
                self.freed.push(after.id().name);
            }
            self.apply(change)?;
            return Ok(1);
        }
        let done = match change {
            Change::AddColumn { table, column, position, .. } => self.add_column(table, column, position, rest)?,
            change => {
                self.one(change)?;
                self.apply(change)?;
                1
            }
        };
        Ok(done)
    }

    fn apply(&mut self, change: &Change) -> Result<(), String> {
        let applied = change.apply(&mut self.schema, self.notation.dialect.lexicon());
        applied.map_err(|conflict| format!("`{}` does not fit: {conflict}", change.describe()))
    }

    fn table(&self, name: &ObjectName) -> Result<Arc<Table>, String> {
        self.schema.table(name).cloned().ok_or_else(|| format!("there is no table `{name}`"))
    }

    fn push(&mut self, operation: &'static str, subject: impl ToString, keys: Keys, remarks: Vec<String>) {
        self.steps.push(WrittenStep { operation, subject: subject.to_string(), keys: keys.0, remarks });
    }

    /// Whether a later step does this along with what it is for.
    fn goes_along(&self, change: &Change, later: &[Change]) -> bool {
        let lexicon = self.notation.dialect.lexicon();
        let dropped_columns = |table: &ObjectName| -> Vec<String> {
            // What is made in between may need the name.
            let goes_too = |next: &&Change| {
                let drops = matches!(
                    next,
                    Change::DropIndex { .. } | Change::DropConstraint { .. } | Change::DropColumn { .. }
                );
                drops && next.table() == Some(table)
            };
            let own = later.iter().take_while(goes_too);
            own.filter_map(|next| match next {
                Change::DropColumn { column, .. } => Some(column.name.clone()),
                _ => None,
            })
            .collect()
        };
        match change {
            Change::DropIndex { table, index } => self.schema.table(table).is_some_and(|found| {
                dropped_columns(table).iter().any(|column| {
                    let own = column_mentions(found, column, lexicon).own_indexes;
                    own.iter().any(|place| found.indexes[*place].name == index.name)
                })
            }),
            Change::DropConstraint { table, constraint } => self.schema.table(table).is_some_and(|found| {
                dropped_columns(table).iter().any(|column| {
                    let own = column_mentions(found, column, lexicon).own_constraints;
                    own.iter().any(|place| found.constraints[*place] == *constraint)
                })
            }),
            Change::AlterObject { before, after } => match (&**before, &**after) {
                (Object::Sequence(old), Object::Sequence(new)) => {
                    let dropped =
                        |next: &Change| matches!(next, Change::DropObject { object } if object.id() == after.id());
                    new.owned_by.is_none()
                        && old.owned_by.as_ref().is_some_and(|owner| goes(owner, later))
                        && later.iter().any(dropped)
                }
                _ => false,
            },
            Change::DropObject { object } => match &**object {
                Object::Sequence(found) => self.freed.contains(&found.name),
                _ => false,
            },
            _ => false,
        }
    }

    /// A column with whatever its keys can say of the constraints and indexes that follow.
    fn add_column(
        &mut self,
        table: &ObjectName,
        column: &Column,
        position: &Position,
        rest: &[Change],
    ) -> Result<usize, String> {
        self.apply(&rest[0])?;
        let mut own = Table::clone(&*self.table(table)?);
        own.constraints.clear();
        own.indexes.clear();
        let mut keys = self.notation.column_keys(column);
        let mut done = 1;
        for next in &rest[1..] {
            let mut with = own.clone();
            match next {
                Change::AddConstraint { table: other, constraint } if other == table => {
                    with.constraints.push(constraint.clone());
                }
                Change::CreateIndex { table: other, index, .. } if other == table => with.indexes.push(index.clone()),
                _ => break,
            }
            let Some(said) = self.said_by_column(&with, &column.name) else { break };
            keys = said;
            own = with;
            self.apply(next)?;
            done += 1;
        }
        let mut renamed = None;
        if let Some(next) = rest.get(done)
            && let Some((said, names)) = self.said_under_another_name(&own, column, next)
        {
            keys = said;
            renamed = Some(names);
            self.apply(next)?;
            done += 1;
        }
        let needs_value =
            !column.nullable && column.default.is_none() && column.identity.is_none() && column.computed.is_none();
        let mut step = Keys::default();
        step.object("table", table);
        step.put("column", column.name.as_str().into());
        // An option may be of a column that must have a value only.
        let mut bare = Column { nullable: true, ..column.clone() };
        let held = |bare: &Column| {
            let with = |own: &Column| if own.name == bare.name { bare.clone() } else { own.clone() };
            let own = Table { columns: own.columns.iter().map(with).collect(), ..own.clone() };
            self.notation.dialect.check_table(&own, &self.schema).is_empty()
        };
        if needs_value {
            keys.remove("nullable");
            if !column.options.0.is_empty() && !held(&bare) {
                bare.options = Options::default();
                keys.remove(self.notation.dialect.name());
            }
        }
        step.0.extend(keys);
        match position {
            Position::Last => {}
            Position::First => step.put("first", true.into()),
            Position::After(other) => step.put("after", other.as_str().into()),
        }
        let subject = format!("{table}.{}", column.name);
        self.push("add_column", &subject, step, Vec::new());
        if let Some((from, to)) = renamed {
            self.one(&Change::RenameConstraint { table: table.clone(), from, to })?;
        }
        if needs_value {
            let mut fill = Keys::default();
            fill.object("table", table);
            fill.put("column", column.name.as_str().into());
            fill.put("nullable", false.into());
            fill.put(
                "existing_null_value",
                ask("which value do the rows get that are there? If there are none, remove this key"),
            );
            self.changed_options(&bare.options, &column.options, &mut fill);
            self.push("alter_column", &subject, fill, Vec::new());
        }
        Ok(done)
    }

    /// The keys of a column that cannot be there without its primary key, which has a name of its own: with the key that the
    /// column makes, and the two names.
    fn said_under_another_name(
        &self,
        own: &Table,
        column: &Column,
        next: &Change,
    ) -> Option<(Mapping, (String, String))> {
        let Change::AddConstraint { table, constraint } = next else { return None };
        let keyed = *table == own.name && constraint.is_primary_key() && constraint.columns() == [column.name.as_str()];
        let dialect = &self.notation.dialect;
        if !keyed || column.identity.is_none() || dialect.check_table(own, &self.schema).is_empty() {
            return None;
        }
        let to = constraint.name.clone()?;
        let from =
            self.notation.names().constraint(own, &Constraint { name: None, ..constraint.clone() }, None, |_| false);
        let mut with = own.clone();
        with.constraints.push(Constraint { name: Some(from.clone()), ..constraint.clone() });
        Some((self.said_by_column(&with, &column.name)?, (from, to)))
    }

    /// The keys of a column if they say everything that a table has of constraints and indexes.
    fn said_by_column(&self, table: &Table, column: &str) -> Option<Mapping> {
        let with = Table { comment: None, options: Options::default(), ..table.clone() };
        let without = Table { constraints: Vec::new(), indexes: Vec::new(), ..with.clone() };
        let (keys, bare) = (self.notation.table(&with), self.notation.table(&without));
        let (Yaml::Mapping(said), Yaml::Mapping(bare)) = (keys.get("columns")?, bare.get("columns")?) else {
            return None;
        };
        let elsewhere = said.iter().any(|(name, keys)| name.as_str() != Some(column) && bare.get(name) != Some(keys));
        match said.get(column)? {
            Yaml::Mapping(own) if keys.len() == 1 && !elsewhere => Some(own.clone()),
            _ => None,
        }
    }

    /// A change that is a step by itself.
    fn one(&mut self, change: &Change) -> Result<(), String> {
        let mut keys = Keys::default();
        match change {
            Change::CreateTable { table, .. } => {
                keys.object("table", &table.name);
                keys.0.extend(self.notation.table(table));
                self.push("create_table", &table.name, keys, Vec::new());
            }
            Change::DropTable { table } => {
                keys.object("table", &table.name);
                self.push("drop_table", &table.name, keys, vec![format!("the rows of {} are lost", table.name)]);
            }
            Change::RenameTable { from, to } => {
                keys.object("table", from);
                keys.object("to", to);
                self.push("rename_table", to, keys, Vec::new());
            }
            Change::RenameColumn { table, from, to } => {
                keys.object("table", table);
                keys.put("column", from.as_str().into());
                keys.put("to", to.as_str().into());
                self.push("rename_column", format!("{table}.{to}"), keys, Vec::new());
            }
            Change::AlterTable { table, before, after } => self.alter_table(table, before, after),
            Change::DropColumn { table, column, .. } => {
                keys.object("table", table);
                keys.put("column", column.name.as_str().into());
                let lost = format!("the values of {table}.{} are lost", column.name);
                let remarks = if column.computed.is_some() { Vec::new() } else { vec![lost] };
                self.push("drop_column", format!("{table}.{}", column.name), keys, remarks);
            }
            Change::AlterColumn { table, before, after, .. } => self.alter_column(table, before, after),
            Change::AddConstraint { table, constraint } => self.add_constraint(table, constraint)?,
            Change::DropConstraint { table, constraint } => {
                let name = self.name_of(table, constraint)?;
                keys.object("table", table);
                keys.put("constraint", name.as_str().into());
                self.push("drop_constraint", format!("{table}.{name}"), keys, Vec::new());
            }
            Change::RenameConstraint { table, from, to } => {
                keys.object("table", table);
                keys.put("constraint", from.as_str().into());
                keys.put("to", to.as_str().into());
                self.push("rename_constraint", format!("{table}.{to}"), keys, Vec::new());
            }
            Change::ValidateConstraint { table, name } => {
                keys.object("table", table);
                keys.put("constraint", name.as_str().into());
                self.push("validate_constraint", format!("{table}.{name}"), keys, Vec::new());
            }
            Change::CreateIndex { table, index, .. } => {
                let found = self.table(table)?;
                keys.object("table", table);
                keys.0.extend(self.notation.index(&found, index));
                self.push("create_index", format!("{table}.{}", index.name), keys, Vec::new());
            }
            Change::DropIndex { table, index } => {
                keys.put("index", index.name.as_str().into());
                keys.object("table", table);
                self.push("drop_index", format!("{table}.{}", index.name), keys, Vec::new());
            }
            Change::RenameIndex { table, from, to } => {
                keys.put("index", from.as_str().into());
                keys.put("to", to.as_str().into());
                keys.object("table", table);
                self.push("rename_index", format!("{table}.{to}"), keys, Vec::new());
            }
            Change::CreateEnum { enumeration } => {
                keys.object("enum", &enumeration.name);
                keys.0.extend(self.notation.enumeration(enumeration));
                self.push("create_enum", &enumeration.name, keys, Vec::new());
            }
            Change::DropEnum { enumeration } => {
                keys.object("enum", &enumeration.name);
                self.push("drop_enum", &enumeration.name, keys, Vec::new());
            }
            Change::AlterEnum { before, after, renamed, replaced } => {
                let mut lost: Vec<&str> = replaced.iter().map(|(old, _)| old.as_str()).collect();
                // On the way back of a word that came nothing takes its place.
                let stays = |word: &str| {
                    let now = renamed.iter().find(|(old, _)| old == word).map_or(word, |(_, new)| new);
                    after.values.iter().any(|other| other == now)
                };
                let gone = before.values.iter().map(String::as_str).filter(|word| !lost.contains(word) && !stays(word));
                lost.extend(gone.collect::<Vec<_>>());
                self.alter_enum(before, after, renamed, &lost);
            }
            Change::CreateObject { object, .. } => {
                let (operation, key) = creates(object.class());
                keys.put(key, named(object).into());
                keys.0.extend(self.notation.object(object));
                self.push(operation, object.id(), keys, Vec::new());
                if let Object::View(view) = &**object {
                    self.view_indexes(view, &view.indexes);
                }
            }
            Change::DropObject { object } => {
                let (operation, key) = drops(object.class());
                keys.put(key, named(object).into());
                match &**object {
                    Object::Trigger(trigger) => keys.object("table", &trigger.table),
                    Object::Routine(routine) => keys.maybe("arguments", routine.arguments.as_deref()),
                    _ => {}
                }
                self.push(operation, object.id(), keys, Vec::new());
            }
            Change::AlterObject { before, after } => self.alter_object(before, after)?,
            Change::RenameObject { id, to } if id.class == ObjectClass::View => {
                keys.object("view", &id.name);
                keys.object("to", to);
                self.push("rename_view", to, keys, Vec::new());
            }
            Change::RenameObject { id, to } if id.class == ObjectClass::Sequence => {
                keys.object("sequence", &id.name);
                keys.object("to", to);
                self.push("rename_sequence", to, keys, Vec::new());
            }
            other => return Err(format!("the language has no step for `{}`", other.describe())),
        }
        Ok(())
    }

    /// The name by which a constraint is dropped.
    fn name_of(&self, table: &ObjectName, constraint: &Constraint) -> Result<String, String> {
        match &constraint.name {
            Some(name) => Ok(name.clone()),
            None if constraint.is_primary_key() => {
                let found = self.table(table)?;
                Ok(self.notation.names().constraint(&found, constraint, None, |_| false))
            }
            None => Err(format!("a {} of `{table}` has no name by which it can be dropped", constraint.describe())),
        }
    }

    fn add_constraint(&mut self, table: &ObjectName, constraint: &Constraint) -> Result<(), String> {
        let mut with = Table::clone(&*self.table(table)?);
        with.constraints.push(constraint.clone());
        let operation = match &constraint.kind {
            ConstraintKind::PrimaryKey { .. } => "create_primary_key",
            ConstraintKind::Unique { .. } => "create_unique_constraint",
            ConstraintKind::Check { .. } => "create_check_constraint",
            ConstraintKind::ForeignKey(_) => "create_foreign_key",
            ConstraintKind::Exclude(_) => "create_exclude_constraint",
        };
        let mut keys = Keys::default();
        keys.object("table", table);
        keys.0.extend(self.notation.constraint(&with, constraint));
        let subject = format!("{table}.{}", constraint.name.as_deref().unwrap_or(operation));
        let remark = format!("fails if a row of {table} breaks it");
        let remarks = if constraint.validated { vec![remark] } else { Vec::new() };
        self.push(operation, subject, keys, remarks);
        Ok(())
    }

    fn alter_table(&mut self, table: &ObjectName, before: &TableProperties, after: &TableProperties) {
        let mut keys = Keys::default();
        keys.object("table", table);
        if before.comment != after.comment {
            keys.put("comment", after.comment.as_deref().map_or(Yaml::Null, Yaml::from));
        }
        self.changed_options(&before.options, &after.options, &mut keys);
        self.push("alter_table", table, keys, Vec::new());
    }

    /// The options that are others, `null` for those that go.
    fn changed_options(&self, before: &Options, after: &Options, keys: &mut Keys) {
        let mut map = Mapping::new();
        for (name, value) in after.0.iter().filter(|(name, value)| before.get(name) != Some(*value)) {
            map.insert(name.as_str().into(), option(value));
        }
        for name in before.0.keys().filter(|name| after.get(name).is_none()) {
            map.insert(name.as_str().into(), Yaml::Null);
        }
        if !map.is_empty() {
            keys.put(self.notation.dialect.name(), Yaml::Mapping(map));
        }
    }

    fn alter_column(&mut self, table: &ObjectName, before: &Column, after: &Column) {
        let mut keys = Keys::default();
        let mut remarks = Vec::new();
        keys.object("table", table);
        keys.put("column", after.name.as_str().into());
        if before.ty != after.ty {
            keys.put("type", self.notation.ty(&after.ty));
        }
        if before.nullable != after.nullable && (after.identity.is_none() || after.nullable) {
            keys.put("nullable", after.nullable.into());
        }
        if before.default != after.default {
            let value = after.default.as_ref().map(|value| self.notation.default(value, &after.ty));
            keys.put("default", value.unwrap_or(Yaml::Null));
        }
        if before.identity != after.identity {
            let identity = after.identity.as_ref().map(|identity| self.notation.identity(identity));
            keys.put("identity", identity.unwrap_or(false.into()));
        }
        if before.computed != after.computed {
            let computed = after.computed.as_ref().map(|computed| self.notation.computed(computed));
            keys.put("computed", computed.unwrap_or(Yaml::Null));
        }
        if before.collation != after.collation {
            let collation = after.collation.as_deref().map(|name| self.notation.own_words(name));
            keys.put("collation", collation.unwrap_or(Yaml::Null));
        }
        if before.comment != after.comment {
            keys.put("comment", after.comment.as_deref().map_or(Yaml::Null, Yaml::from));
        }
        self.changed_options(&before.options, &after.options, &mut keys);
        if let Some(question) = self.loss(&before.ty, &after.ty).filter(|_| after.computed.is_none()) {
            keys.put("using", ask(&question));
            remarks.push(format!("{table}.{} becomes {} from {}", after.name, after.ty, before.ty));
        }
        if before.nullable && !after.nullable && after.computed.is_none() && after.identity.is_none() {
            match &after.default {
                Some(value) => {
                    let written = self.notation.value(value, &after.ty);
                    let shown = print(&written);
                    remarks.push(format!("where {table}.{} is NULL it becomes {}", after.name, shown.trim()));
                    keys.put("existing_null_value", written);
                }
                None => keys.put(
                    "existing_null_value",
                    ask("which value do rows get in which it is NULL? If there are none, remove this key"),
                ),
            }
        }
        self.push("alter_column", format!("{table}.{}", after.name), keys, remarks);
    }

    /// What is to be asked of the values of a column that gets another type; nothing where every word of an enum is one of
    /// the other too, or has room in a text.
    fn loss(&self, before: &Type, after: &Type) -> Option<String> {
        let words = |ty: &Type| Some(&self.schema.enumeration(ty.enum_name()?)?.values);
        match (words(before), words(after)) {
            (Some(old), Some(new)) if old.iter().all(|word| new.contains(word)) => None,
            (Some(old), None) if old.iter().all(|word| after.holds_text(word.chars().count())) => None,
            _ => before.loss_to(after),
        }
    }

    fn alter_enum(&mut self, before: &Enum, after: &Enum, renamed: &[(String, String)], lost: &[&str]) {
        let mut keys = Keys::default();
        keys.object("enum", &after.name);
        let words =
            |value: &str| renamed.iter().find(|(old, _)| old == value).map_or(value.to_owned(), |(_, new)| new.clone());
        let known: Vec<String> = before.values.iter().map(|value| words(value)).collect();
        let gone: Vec<String> = lost.iter().map(|value| words(value)).collect();
        let kept: Vec<&String> = known.iter().filter(|value| !gone.contains(value)).collect();
        let staying: Vec<&String> = after.values.iter().filter(|value| known.contains(value)).collect();
        let in_order = kept == staying;
        let mut added = Vec::new();
        for (place, value) in after.values.iter().enumerate().filter(|(_, value)| !known.contains(value)) {
            let is_last = after.values[place..].iter().all(|later| !known.contains(later));
            let mut item = Keys::default();
            item.put("value", value.as_str().into());
            match (is_last && lost.is_empty() || !in_order, place) {
                (true, _) => {
                    added.push(value.as_str().into());
                    continue;
                }
                (false, 0) => item.maybe("before", kept.first().map(|value| value.as_str())),
                (false, place) => item.put("after", after.values[place - 1].as_str().into()),
            }
            added.push(Yaml::Mapping(item.0));
        }
        keys.list("add", added);
        if !renamed.is_empty() {
            let map = renamed.iter().map(|(old, new)| (old.as_str().into(), new.as_str().into()));
            keys.put("rename", Yaml::Mapping(map.collect()));
        }
        let mut remarks = Vec::new();
        if !lost.is_empty() {
            let map = lost.iter().map(|value| {
                let question = format!("which value do rows get that have `{value}`?");
                (words(value).into(), ask(&question))
            });
            keys.put("drop", Yaml::Mapping(map.collect()));
            remarks.push(format!("{} no longer has {}", after.name, lost.join(", ")));
        }
        if !in_order {
            keys.names("order", &after.values);
        }
        if before.comment != after.comment {
            keys.put("comment", after.comment.as_deref().map_or(Yaml::Null, Yaml::from));
        }
        self.push("alter_enum", &after.name, keys, remarks);
    }

    fn alter_object(&mut self, before: &Object, after: &Object) -> Result<(), String> {
        let mut keys = Keys::default();
        match (before, after) {
            (Object::View(old), Object::View(new)) => {
                if (View { indexes: Vec::new(), ..old.clone() }) != (View { indexes: Vec::new(), ..new.clone() }) {
                    keys.object("view", &new.name);
                    keys.0.extend(self.notation.object(after));
                    self.push("replace_view", &new.name, keys, Vec::new());
                }
                for index in old.indexes.iter().filter(|index| !new.indexes.contains(index)) {
                    let mut keys = Keys::default();
                    keys.put("index", index.name.as_str().into());
                    keys.object("table", &new.name);
                    self.push("drop_index", format!("{}.{}", new.name, index.name), keys, Vec::new());
                }
                let come: Vec<Index> =
                    new.indexes.iter().filter(|index| !old.indexes.contains(index)).cloned().collect();
                self.view_indexes(new, &come);
            }
            (Object::Sequence(old), Object::Sequence(new)) => {
                keys.object("sequence", &new.name);
                self.changed_sequence(old, new, &mut keys);
                self.push("alter_sequence", &new.name, keys, Vec::new());
            }
            (Object::Domain(old), Object::Domain(new)) => {
                if old.ty != new.ty || old.collation != new.collation {
                    return Err(format!("the type of the domain `{}` cannot change", new.name));
                }
                keys.object("domain", &new.name);
                if old.nullable != new.nullable {
                    keys.put("nullable", new.nullable.into());
                }
                if old.default != new.default {
                    let value = new.default.as_ref().map(|value| self.notation.default(value, &new.ty));
                    keys.put("default", value.unwrap_or(Yaml::Null));
                }
                if old.checks != new.checks {
                    let checks = self.notation.object(after).remove("checks");
                    keys.put("checks", checks.unwrap_or_else(|| Yaml::Sequence(Vec::new())));
                }
                if old.comment != new.comment {
                    keys.put("comment", new.comment.as_deref().map_or(Yaml::Null, Yaml::from));
                }
                self.push("alter_domain", &new.name, keys, Vec::new());
            }
            (Object::Routine(_), Object::Routine(new)) => {
                keys.object("function", &new.name);
                keys.0.extend(self.notation.object(after));
                self.push("replace_function", after.id(), keys, Vec::new());
            }
            (Object::Trigger(_), Object::Trigger(new)) => {
                keys.put("trigger", new.name.as_str().into());
                keys.0.extend(self.notation.object(after));
                self.push("replace_trigger", after.id(), keys, Vec::new());
            }
            _ => return Err(format!("the language has no step that changes the {}", after.id())),
        }
        Ok(())
    }

    fn changed_sequence(&self, old: &Sequence, new: &Sequence, keys: &mut Keys) {
        let numbers = [
            ("start", old.start, new.start),
            ("increment", old.increment, new.increment),
            ("min", old.min, new.min),
            ("max", old.max, new.max),
            ("cache", old.cache, new.cache),
        ];
        for (key, _, value) in numbers.into_iter().filter(|(_, old, new)| old != new) {
            keys.put(key, value.map_or(Yaml::Null, Yaml::from));
        }
        if old.cycle != new.cycle {
            keys.put("cycle", new.cycle.into());
        }
        if old.owned_by != new.owned_by {
            let owner = new.owned_by.as_ref().map(|(table, column)| Yaml::from(format!("{table}.{column}")));
            keys.put("owned_by", owner.unwrap_or(Yaml::Null));
        }
        if old.comment != new.comment {
            keys.put("comment", new.comment.as_deref().map_or(Yaml::Null, Yaml::from));
        }
        self.changed_options(&old.options, &new.options, keys);
    }

    fn view_indexes(&mut self, view: &View, indexes: &[Index]) {
        let table = Table::new(view.name.clone());
        for index in indexes {
            let mut keys = Keys::default();
            keys.object("table", &view.name);
            keys.0.extend(self.notation.index(&table, index));
            self.push("create_index", format!("{}.{}", view.name, index.name), keys, Vec::new());
        }
    }
}

/// Whether a column or its table goes.
fn goes((table, column): &(ObjectName, String), changes: &[Change]) -> bool {
    changes.iter().any(|change| match change {
        Change::DropTable { table: gone } => gone.name == *table,
        Change::DropColumn { table: other, column: gone, .. } => other == table && gone.name == *column,
        _ => false,
    })
}

/// Whether a question stands in place of a value.
#[must_use]
pub fn is_question(value: &Yaml) -> bool {
    matches!(value, Yaml::Mapping(map) if map.len() == 1 && map.contains_key(ASK))
}

/// A question in place of a value.
fn ask(question: &str) -> Yaml {
    Keys::one(ASK, question.into())
}

/// The operation that makes a kind of object, and the key of its name.
fn creates(class: ObjectClass) -> (&'static str, &'static str) {
    match class {
        ObjectClass::Namespace => ("create_schema", "schema"),
        ObjectClass::Extension => ("create_extension", "extension"),
        ObjectClass::Domain => ("create_domain", "domain"),
        ObjectClass::Sequence => ("create_sequence", "sequence"),
        ObjectClass::Routine => ("create_function", "function"),
        ObjectClass::View => ("create_view", "view"),
        ObjectClass::Trigger => ("create_trigger", "trigger"),
    }
}

/// The operation that drops a kind of object, and the key of its name.
fn drops(class: ObjectClass) -> (&'static str, &'static str) {
    match class {
        ObjectClass::Namespace => ("drop_schema", "schema"),
        ObjectClass::Extension => ("drop_extension", "extension"),
        ObjectClass::Domain => ("drop_domain", "domain"),
        ObjectClass::Sequence => ("drop_sequence", "sequence"),
        ObjectClass::Routine => ("drop_function", "function"),
        ObjectClass::View => ("drop_view", "view"),
        ObjectClass::Trigger => ("drop_trigger", "trigger"),
    }
}

/// The name of an object as its operations write it.
fn named(object: &Object) -> String {
    match object {
        Object::Trigger(trigger) => trigger.name.clone(),
        Object::Namespace(found) => found.name.clone(),
        Object::Extension(found) => found.name.clone(),
        other => other.id().name.to_string(),
    }
}
