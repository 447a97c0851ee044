//! Views, routines and triggers.
//!
//! Every statement commits by itself. A view resolves its tables when it is read, so that nothing has to be made anew with a
//! table but for a name that its text has.

use aludel_engine::change::Change;
use aludel_engine::dialect::{Unsupported, comma_list};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Object, ObjectClass, ObjectId, ObjectName, Routine, Trigger, Value, View, ViewCheck};

use super::Compiler;
use crate::dialect::Flavour;

type Compiled = Result<Vec<Statement>, Unsupported>;

impl Compiler<'_> {
    /// The statements of a change of such an object.
    pub(super) fn object(&self, change: &Change) -> Compiled {
        match change {
            Change::CreateObject { object, if_not_exists } => self.create_object(object, *if_not_exists),
            Change::DropObject { object } => self.drop_object(object),
            Change::DropObjectIfExists { id } => self.drop_object_if_exists(id),
            Change::AlterObject { before, after } => self.alter_object(before, after),
            Change::RenameObject { id, to } => self.rename_object(id, to),
            _ => Ok(Vec::new()),
        }
    }

    fn create_object(&self, object: &Object, if_not_exists: bool) -> Compiled {
        match object {
            Object::View(view) if if_not_exists && self.dialect.flavour() == Flavour::MySql => {
                Err(Unsupported::new("MySQL has no CREATE VIEW IF NOT EXISTS before 9.1")
                    .about(view.name.to_string())
                    .help("leave `if_not_exists` out"))
            }
            Object::View(view) => {
                let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
                Ok(vec![self.view("CREATE", exists, view)?])
            }
            Object::Routine(routine) => Ok(self.create_routine(&routine.sql, routine)),
            Object::Trigger(trigger) => Ok(vec![self.create_trigger(trigger)]),
            Object::Sequence(sequence) if self.dialect.flavour() == Flavour::MariaDb => {
                self.create_sequence(sequence, if_not_exists)
            }
            Object::Namespace(_) | Object::Sequence(_) | Object::Extension(_) | Object::Domain(_) => {
                Err(self.no_object(&object.id()))
            }
        }
    }

    fn drop_object(&self, object: &Object) -> Compiled {
        match object {
            Object::Routine(routine) if routine.procedure => Ok(vec![self.drop_named("PROCEDURE", &routine.name)]),
            Object::Trigger(trigger) => Ok(vec![self.drop_trigger(trigger)]),
            Object::View(_) | Object::Routine(_) => Ok(vec![self.drop_named(kind(object.class()), &object.id().name)]),
            Object::Sequence(sequence) if self.dialect.flavour() == Flavour::MariaDb => {
                Ok(vec![self.drop_named("SEQUENCE", &sequence.name)])
            }
            Object::Namespace(_) | Object::Sequence(_) | Object::Extension(_) | Object::Domain(_) => {
                Err(self.no_object(&object.id()))
            }
        }
    }

    fn drop_object_if_exists(&self, id: &ObjectId) -> Compiled {
        match id.class {
            ObjectClass::View | ObjectClass::Routine | ObjectClass::Trigger => {
                Ok(vec![self.drop_named(&format!("{} IF EXISTS", kind(id.class)), &id.name)])
            }
            ObjectClass::Sequence if self.dialect.flavour() == Flavour::MariaDb => {
                Ok(vec![self.drop_named("SEQUENCE IF EXISTS", &id.name)])
            }
            ObjectClass::Namespace | ObjectClass::Sequence | ObjectClass::Extension | ObjectClass::Domain => {
                Err(self.no_object(id))
            }
        }
    }

    fn alter_object(&self, before: &Object, after: &Object) -> Compiled {
        match (before, after) {
            (Object::View(_), Object::View(after)) => Ok(vec![self.view("CREATE OR REPLACE", "", after)?]),
            (Object::Routine(before), Object::Routine(after)) => Ok(self.replace_routine(before, after)),
            (Object::Trigger(before), Object::Trigger(after)) => Ok(self.replace_trigger(before, after)),
            (Object::Sequence(before), Object::Sequence(after)) => self.alter_sequence(before, after),
            _ => Err(self.no_object(&after.id())),
        }
    }

    fn rename_object(&self, id: &ObjectId, to: &ObjectName) -> Compiled {
        match id.class {
            ObjectClass::View => {
                let sql = format!("RENAME TABLE {} TO {}", self.name(&id.name), self.name(to));
                let mut statements = vec![self.statement(sql, &id.name)];
                statements.extend(self.followers()?);
                Ok(statements)
            }
            ObjectClass::Sequence if self.dialect.flavour() == Flavour::MariaDb => {
                let sql = format!("RENAME TABLE {} TO {}", self.name(&id.name), self.name(to));
                let mut statements = vec![self.statement(sql, &id.name)];
                // A default is a text to the server, which has the old name still.
                for table in self.after.tables() {
                    let Some(old) = self.before.table(&table.name).filter(|old| *old != table) else { continue };
                    for column in table.columns.iter().filter(|column| old.column(&column.name) != Some(*column)) {
                        if let Some(Value::Sql(sql)) = &column.default {
                            let action = format!("ALTER COLUMN {} SET DEFAULT ({sql})", self.quote(&column.name));
                            statements.push(self.alter(&table.name, &[action], Work::Metadata));
                        }
                    }
                }
                Ok(statements)
            }
            _ => Err(self.no_object(id)),
        }
    }

    /// The views and triggers whose text has a new name for a relation or a column. The triggers of a renamed table go with it
    /// and have another id.
    pub(super) fn followers(&self) -> Compiled {
        let mut statements = Vec::new();
        for object in self.after.objects() {
            let id = object.id();
            let old = self.before.object(&id).filter(|old| *old != object);
            match (old.map(AsRef::as_ref), &**object) {
                (Some(Object::View(_)), Object::View(view)) => {
                    statements.push(self.view("CREATE OR REPLACE", "", view)?);
                }
                (Some(Object::Trigger(old)), Object::Trigger(new)) => {
                    statements.extend(self.replace_trigger(old, new));
                }
                _ => {}
            }
        }
        Ok(statements)
    }

    fn view(&self, create: &str, exists: &str, view: &View) -> Result<Statement, Unsupported> {
        if view.materialized {
            return Err(Unsupported::new(format!("{} has no materialized views", self.title()))
                .about(view.name.to_string())
                .help("leave `materialized` out here, or keep a table that is filled by an event"));
        }
        let mut sql = create.to_owned();
        if let Some(algorithm) = view.options.text("algorithm") {
            sql.push_str(&format!(" ALGORITHM = {}", algorithm.to_ascii_uppercase()));
        }
        if let Some(security) = view.options.text("sql_security") {
            sql.push_str(&format!(" SQL SECURITY {}", security.to_ascii_uppercase()));
        }
        sql.push_str(&format!(" VIEW {exists}{}", self.name(&view.name)));
        if !view.columns.is_empty() {
            sql.push_str(&format!(" ({})", comma_list(view.columns.iter().map(|column| self.quote(column)))));
        }
        sql.push_str(&format!(" AS\n{}", view.sql));
        match view.check {
            None => {}
            Some(ViewCheck::Local) => sql.push_str("\nWITH LOCAL CHECK OPTION"),
            Some(ViewCheck::Cascaded) => sql.push_str("\nWITH CASCADED CHECK OPTION"),
        }
        Ok(self.statement(sql, &view.name))
    }

    fn create_routine(&self, sql: &str, routine: &Routine) -> Vec<Statement> {
        let mut statements = vec![self.statement(sql.to_owned(), &routine.name)];
        if let Some(comment) = &routine.comment {
            statements.extend(self.routine_comment(routine, comment));
        }
        statements
    }

    fn routine_comment(&self, routine: &Routine, comment: &str) -> Option<Statement> {
        let kind = if routine.procedure { "PROCEDURE" } else { "FUNCTION" };
        let text = crate::literal::quote_text(comment).ok()?;
        Some(self.statement(format!("ALTER {kind} {} COMMENT {text}", self.name(&routine.name)), &routine.name))
    }

    fn replace_routine(&self, before: &Routine, after: &Routine) -> Vec<Statement> {
        if before.sql == after.sql {
            return self.routine_comment(after, after.comment.as_deref().unwrap_or_default()).into_iter().collect();
        }
        match self.dialect.flavour() {
            Flavour::MariaDb => self.create_routine(&or_replace(&after.sql), after),
            Flavour::MySql => {
                let kind = if before.procedure { "PROCEDURE" } else { "FUNCTION" };
                let mut statements = vec![
                    self.drop_named(kind, &before.name)
                        .note("MySQL cannot replace a routine: between the two statements there is none"),
                ];
                statements.extend(self.create_routine(&after.sql, after));
                statements
            }
        }
    }

    fn create_trigger(&self, trigger: &Trigger) -> Statement {
        Statement::ddl(&trigger.sql).outside().locks(&trigger.table, LockLevel::BlocksAll)
    }

    fn drop_trigger(&self, trigger: &Trigger) -> Statement {
        let name = self.name(&trigger.table.sibling(&trigger.name));
        Statement::ddl(format!("DROP TRIGGER {name}")).outside().locks(&trigger.table, LockLevel::BlocksAll)
    }

    fn replace_trigger(&self, before: &Trigger, after: &Trigger) -> Vec<Statement> {
        match self.dialect.flavour() {
            Flavour::MariaDb if before.table == after.table => {
                vec![self.create_trigger(&Trigger { sql: or_replace(&after.sql), ..after.clone() })]
            }
            _ => vec![
                self.drop_trigger(before)
                    .note(format!("{} cannot replace a trigger: rows written in between go past it", self.title())),
                self.create_trigger(after),
            ],
        }
    }

    fn drop_named(&self, kind: &str, name: &ObjectName) -> Statement {
        self.statement(format!("DROP {kind} {}", self.name(name)), name)
    }

    fn statement(&self, sql: String, name: &ObjectName) -> Statement {
        Statement::ddl(sql).outside().locks(name, LockLevel::BlocksAll)
    }

    fn no_object(&self, id: &ObjectId) -> Unsupported {
        let help = match id.class {
            ObjectClass::Sequence => "use an `identity` column, or keep a table with one number",
            ObjectClass::Domain => "give each column the type and a check here",
            // DROP DATABASE would take everything along that the history does not know of.
            ObjectClass::Namespace => "a schema is a database of its own here: make it outside the history",
            _ => "keep the step from this database with `except:`",
        };
        Unsupported::new(format!("{} cannot have the {id}", self.title())).about(id.name.to_string()).help(help)
    }
}

fn kind(class: ObjectClass) -> &'static str {
    match class {
        ObjectClass::View => "VIEW",
        ObjectClass::Trigger => "TRIGGER",
        _ => "FUNCTION",
    }
}

/// `CREATE TRIGGER` as `CREATE OR REPLACE TRIGGER`.
fn or_replace(sql: &str) -> String {
    let after_create = sql.trim_start().get("create".len()..).unwrap_or_default();
    match after_create.trim_start().to_ascii_lowercase().starts_with("or ") {
        true => sql.to_owned(),
        false => format!("CREATE OR REPLACE{after_create}"),
    }
}
