//! What a change looks at and what it alters, so that it can be told whether two changes get in each other's way.

use std::fmt;

use super::{Change, Position};
use crate::schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Index, IndexKey, Object, ObjectClass, ObjectId, ObjectName, Table,
};
use crate::sql::{Lexicon, mentions};

/// Something that a change looks at or alters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touch {
    /// What.
    pub object: Touched,
    /// Whether it is altered, or only has to be as it is.
    pub alters: bool,
}

/// What can be touched. Names are compared without regard to case: where a dialect tells them apart, that is too careful
/// and not too careless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touched {
    /// Anything at all: raw SQL does not say.
    Anything,
    /// An enum.
    Enum(ObjectName),
    /// A part of a table.
    Table(ObjectName, Part),
    /// A view, trigger, sequence or another object.
    Object(ObjectId),
    /// Whatever the definition of a view, a routine or a trigger names.
    Text(String),
}

/// A part of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// That there is such a table, under this name.
    Itself,
    /// All of it, with its rows.
    All,
    /// Its comment and its options.
    Properties,
    /// A column.
    Column(String),
    /// The columns that an expression mentions.
    Expression(String),
    /// Whatever makes rows unique, which a foreign key elsewhere needs.
    Keys,
    /// A constraint or an index.
    Named(String),
    /// Rows.
    Rows,
    /// That a trigger fires, or not yet, when rows change.
    Fired,
    /// The order in which triggers fire.
    Triggers,
}

impl Touch {
    /// Whether one change with this touch and another with that one may come out differently in the other order: both touch
    /// the same thing, and one of them alters it.
    #[must_use]
    pub fn conflicts(&self, other: &Touch, lexicon: &Lexicon) -> bool {
        (self.alters || other.alters) && self.object.overlaps(&other.object, lexicon)
    }
}

impl Touched {
    /// The table that it is about.
    #[must_use]
    pub fn table(&self) -> Option<&ObjectName> {
        match self {
            Touched::Table(name, _) => Some(name),
            Touched::Anything | Touched::Enum(_) | Touched::Object(_) | Touched::Text(_) => None,
        }
    }

    fn overlaps(&self, other: &Touched, lexicon: &Lexicon) -> bool {
        match (self, other) {
            (Touched::Anything, _) | (_, Touched::Anything) => true,
            (Touched::Enum(a), Touched::Enum(b)) => same_name(a, b),
            (Touched::Table(a, part), Touched::Table(b, other)) => same_name(a, b) && part.overlaps(other, lexicon),
            (Touched::Enum(_), Touched::Table(..)) | (Touched::Table(..), Touched::Enum(_)) => false,
            (Touched::Object(a), Touched::Object(b)) => same_name(&a.name, &b.name),
            // Relations have one set of names between them, and PostgreSQL gives each of them a type.
            (Touched::Object(object), Touched::Table(name, _) | Touched::Enum(name))
            | (Touched::Table(name, _) | Touched::Enum(name), Touched::Object(object)) => {
                let apart = [ObjectClass::Namespace, ObjectClass::Routine, ObjectClass::Trigger];
                !apart.contains(&object.class) && same_name(&object.name, name)
            }
            // An index or a constraint is nothing to what only names the table, and its rows are not there yet.
            (Touched::Text(_), Touched::Table(_, Part::Named(_) | Part::Rows | Part::Fired | Part::Triggers))
            | (Touched::Table(_, Part::Named(_) | Part::Rows | Part::Fired | Part::Triggers), Touched::Text(_)) => {
                false
            }
            (
                Touched::Text(sql),
                Touched::Table(name, _) | Touched::Enum(name) | Touched::Object(ObjectId { name, .. }),
            )
            | (
                Touched::Table(name, _) | Touched::Enum(name) | Touched::Object(ObjectId { name, .. }),
                Touched::Text(sql),
            ) => names(sql, &name.name, lexicon),
            // Neither alters anything.
            (Touched::Text(_), Touched::Text(_)) => false,
        }
    }
}

impl Part {
    fn overlaps(&self, other: &Part, lexicon: &Lexicon) -> bool {
        match (self, other) {
            (Part::All, _) | (_, Part::All) => true,
            (Part::Column(a), Part::Column(b)) | (Part::Named(a), Part::Named(b)) => same(a, b),
            (Part::Column(column), Part::Expression(sql)) | (Part::Expression(sql), Part::Column(column)) => {
                mentions(sql, column, lexicon)
            }
            (Part::Keys, Part::Keys) | (Part::Properties, Part::Properties) | (Part::Rows, Part::Rows) => true,
            (Part::Fired, Part::Rows) | (Part::Rows, Part::Fired) | (Part::Triggers, Part::Triggers) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Touched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Touched::Anything => f.write_str("anything"),
            Touched::Enum(name) => write!(f, "the enum `{name}`"),
            Touched::Table(name, part) => match part {
                Part::Itself | Part::All => write!(f, "the table `{name}`"),
                Part::Properties => write!(f, "the properties of the table `{name}`"),
                Part::Column(column) => write!(f, "the column `{name}.{column}`"),
                Part::Expression(_) => write!(f, "columns of the table `{name}`"),
                Part::Keys => write!(f, "the keys of the table `{name}`"),
                Part::Named(named) => write!(f, "`{named}` of the table `{name}`"),
                Part::Rows => write!(f, "the rows of the table `{name}`"),
                Part::Fired | Part::Triggers => write!(f, "the triggers of the table `{name}`"),
            },
            Touched::Object(id) => write!(f, "the {} `{}`", id.class.word(), id.name),
            Touched::Text(_) => f.write_str("what a definition names"),
        }
    }
}

impl Change {
    /// What this change looks at and what it alters.
    #[must_use]
    pub fn touches(&self) -> Vec<Touch> {
        let mut touches = Touches::default();
        touches.change(self);
        touches.0
    }
}

#[derive(Default)]
struct Touches(Vec<Touch>);

impl Touches {
    fn alters(&mut self, table: &ObjectName, part: Part) {
        self.0.push(Touch { object: Touched::Table(table.clone(), part), alters: true });
    }

    fn reads(&mut self, table: &ObjectName, part: Part) {
        self.0.push(Touch { object: Touched::Table(table.clone(), part), alters: false });
    }

    fn anything(&mut self) {
        self.0.push(Touch { object: Touched::Anything, alters: true });
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::CreateTable { table, .. } | Change::DropTable { table } => self.whole_table(table),
            Change::DropTableIfExists { table } => self.alters(table, Part::All),
            Change::RenameTable { from, to } => {
                self.alters(from, Part::All);
                self.alters(to, Part::All);
            }
            Change::AlterTable { table, .. } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Properties);
            }
            Change::AddColumn { table, column, position, .. } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Column(column.name.clone()));
                self.definition(table, column);
                if let Position::After(other) = position {
                    self.reads(table, Part::Column(other.clone()));
                }
            }
            Change::DropColumn { table, column, .. } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Column(column.name.clone()));
                self.definition(table, column);
            }
            Change::RenameColumn { table, from, to } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Column(from.clone()));
                self.alters(table, Part::Column(to.clone()));
            }
            Change::AlterColumn { table, before, after, using, using_down, .. } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Column(before.name.clone()));
                self.definition(table, before);
                self.definition(table, after);
                for sql in using.iter().chain(using_down) {
                    self.reads(table, Part::Expression(sql.clone()));
                }
            }
            Change::AddConstraint { table, constraint } => {
                self.reads(table, Part::Itself);
                self.constraint(table, constraint);
            }
            Change::DropConstraint { table, constraint } => {
                self.reads(table, Part::Itself);
                self.constraint(table, constraint);
                if matches!(constraint.kind, ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. }) {
                    self.alters(table, Part::Keys);
                }
            }
            Change::RenameConstraint { table, from, to } | Change::RenameIndex { table, from, to } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Named(from.clone()));
                self.alters(table, Part::Named(to.clone()));
            }
            Change::ValidateConstraint { table, name } | Change::InvalidateConstraint { table, name } => {
                self.reads(table, Part::Itself);
                self.alters(table, Part::Named(name.clone()));
                // Rows that the other side writes may be the ones that do not hold.
                self.reads(table, Part::Rows);
            }
            Change::CreateIndex { table, index, .. } => {
                self.reads(table, Part::Itself);
                self.index(table, index);
            }
            Change::DropIndex { table, index } => {
                self.reads(table, Part::Itself);
                self.index(table, index);
                if index.unique {
                    self.alters(table, Part::Keys);
                }
            }
            Change::CreateEnum { enumeration } | Change::DropEnum { enumeration } => {
                self.enumeration(&enumeration.name, true);
            }
            Change::AlterEnum { before, after, .. } => {
                self.enumeration(&before.name, true);
                self.enumeration(&after.name, true);
            }
            Change::InsertRows(rows) => self.rows(&rows.table, &rows.columns),
            Change::DeleteRows(rows) => self.rows(&rows.0.table, &rows.0.columns),
            Change::Execute(execute) if execute.statements.is_empty() => {
                execute.effect.iter().for_each(|change| self.change(change));
            }
            Change::CreateObject { object, if_not_exists: false } => self.new_object(object),
            Change::DropObject { object } if is_plain_view(object) => self.new_object(object),
            Change::AlterObject { before, after } if is_plain_view(before) && is_plain_view(after) => {
                self.new_object(before);
                self.new_object(after);
            }
            Change::RenameObject { id, to } if id.class == ObjectClass::View => {
                self.object(id.clone());
                self.object(ObjectId { name: to.clone(), ..id.clone() });
            }
            // Raw SQL, and every kind of change that this list does not know.
            _ => self.anything(),
        }
    }

    fn object(&mut self, id: ObjectId) {
        self.0.push(Touch { object: Touched::Object(id), alters: true });
    }

    /// An object appears. Nothing of the other branch can be built on it, so all that matters is what it is built on. What
    /// takes rows at once, or may bring any number of names with it, is not looked into.
    fn new_object(&mut self, object: &Object) {
        match object {
            Object::View(view) if view.materialized => return self.anything(),
            Object::Extension(_) => return self.anything(),
            Object::Domain(domain) => {
                if let Some(name) = domain.ty.enum_name() {
                    self.enumeration(name, false);
                }
                for check in &domain.checks {
                    self.text(&check.sql);
                }
            }
            Object::Sequence(sequence) => {
                if let Some((table, column)) = &sequence.owned_by {
                    self.reads(table, Part::Itself);
                    self.reads(table, Part::Column(column.clone()));
                }
            }
            Object::Trigger(trigger) => {
                self.reads(&trigger.table, Part::Itself);
                self.reads(&trigger.table, Part::Fired);
                self.alters(&trigger.table, Part::Triggers);
            }
            Object::Namespace(_) | Object::Routine(_) | Object::View(_) => {}
        }
        if let Some(sql) = object.definition() {
            self.text(sql);
        }
        self.object(object.id());
    }

    fn text(&mut self, sql: &str) {
        self.0.push(Touch { object: Touched::Text(sql.to_owned()), alters: false });
    }

    fn whole_table(&mut self, table: &Table) {
        self.alters(&table.name, Part::All);
        table.columns.iter().for_each(|column| self.definition(&table.name, column));
        for (_, key) in table.foreign_keys() {
            self.reference(key);
        }
    }

    /// What a column's definition needs besides the column.
    fn definition(&mut self, table: &ObjectName, column: &Column) {
        if let Some(name) = column.ty.enum_name() {
            self.enumeration(name, false);
        }
        if let Some(computed) = &column.computed {
            self.reads(table, Part::Expression(computed.sql.clone()));
        }
    }

    fn enumeration(&mut self, name: &ObjectName, alters: bool) {
        self.0.push(Touch { object: Touched::Enum(name.clone()), alters });
    }

    fn constraint(&mut self, table: &ObjectName, constraint: &Constraint) {
        match &constraint.name {
            Some(name) => self.alters(table, Part::Named(name.clone())),
            // One without a name can only be told by what it demands.
            None => self.alters(table, Part::Keys),
        }
        for column in constraint.columns() {
            self.reads(table, Part::Column(column.clone()));
        }
        // It has to hold for every row.
        self.reads(table, Part::Rows);
        match &constraint.kind {
            ConstraintKind::Check { sql } => self.reads(table, Part::Expression(sql.clone())),
            ConstraintKind::ForeignKey(key) => self.reference(key),
            ConstraintKind::Exclude(exclude) => {
                let expressions = exclude.elements.iter().filter_map(|element| match &element.part.key {
                    IndexKey::Expression(sql) => Some(sql),
                    IndexKey::Column(_) => None,
                });
                for sql in expressions.chain(&exclude.predicate) {
                    self.reads(table, Part::Expression(sql.clone()));
                }
            }
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {}
        }
    }

    fn reference(&mut self, key: &ForeignKey) {
        self.reads(&key.referred_table, Part::Itself);
        self.reads(&key.referred_table, Part::Keys);
        for column in &key.referred_columns {
            self.reads(&key.referred_table, Part::Column(column.clone()));
        }
    }

    fn index(&mut self, table: &ObjectName, index: &Index) {
        self.alters(table, Part::Named(index.name.clone()));
        for part in &index.parts {
            self.reads(
                table,
                match &part.key {
                    IndexKey::Column(name) => Part::Column(name.clone()),
                    IndexKey::Expression(sql) => Part::Expression(sql.clone()),
                },
            );
        }
        for name in index.options.texts("include") {
            self.reads(table, Part::Column(name.to_owned()));
        }
        if let Some(sql) = &index.predicate {
            self.reads(table, Part::Expression(sql.clone()));
        }
        if index.unique {
            self.reads(table, Part::Rows);
        }
    }

    /// Rows are written into a table as it is: whatever is altered in it may matter to them.
    fn rows(&mut self, table: &ObjectName, columns: &[(String, crate::schema::Type)]) {
        self.alters(table, Part::Rows);
        self.reads(table, Part::All);
        for name in columns.iter().filter_map(|(_, ty)| ty.enum_name()) {
            self.enumeration(name, false);
        }
    }
}

/// A view that is nothing but its query, so that replacing it moves no rows.
fn is_plain_view(object: &Object) -> bool {
    matches!(object, Object::View(view) if !view.materialized)
}

/// Whether a definition may name something: as an identifier, or as a word in a text, since the body of a routine is one.
fn names(sql: &str, name: &str, lexicon: &Lexicon) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    mentions(sql, name, lexicon)
        || match name.chars().all(is_word) {
            true => sql.split(|c: char| !is_word(c)).any(|word| same(word, name)),
            false => sql.to_lowercase().contains(&name.to_lowercase()),
        }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || a.to_lowercase() == b.to_lowercase()
}

fn same_name(a: &ObjectName, b: &ObjectName) -> bool {
    let schema = match (&a.schema, &b.schema) {
        (Some(a), Some(b)) => same(a, b),
        // The default namespace may be the one that the other names.
        _ => true,
    };
    schema && same(&a.name, &b.name)
}
