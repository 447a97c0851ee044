//! Lowering: operations become changes, and every mistake against the schema is found.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::step::own_name;
use super::{Context, Step};
use crate::change::Change;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, codes};
use crate::dialect::{ObjectKind, Unsupported};
use crate::schema::{Column, Constraint, ConstraintKind, Enum, ForeignKey, Index, ObjectName, Schema, Table, Type};
use crate::source::{Span, Spanned, nearest};

/// The changes of one step.
#[derive(Debug, Clone)]
pub struct LoweredStep {
    /// The name of the operation.
    pub operation: String,
    /// Where it stands.
    pub span: Span,
    /// It runs only when one of these is asked for.
    pub tags: Vec<String>,
    /// Hazards that the author accepts.
    pub allow: Vec<String>,
    /// Why.
    pub note: Option<String>,
    /// What it does.
    pub changes: Vec<Change>,
}

/// The state of a replay: the schema so far, and what went wrong.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The dialect and the rules.
    pub context: &'a Context,
    /// The schema as it is now.
    pub schema: Schema,
    /// What went wrong.
    pub diagnostics: &'a mut Diagnostics,
    changes: Vec<Change>,
    span: Span,
    /// Objects that a step in error would have made; no further message is about them.
    poisoned: BTreeSet<String>,
    /// Where everything has to be, for the message about what is not.
    scope: &'static str,
}

impl<'a> Lowering<'a> {
    /// Starts from a schema.
    pub fn new(context: &'a Context, schema: Schema, diagnostics: &'a mut Diagnostics) -> Self {
        let poisoned = BTreeSet::new();
        let scope = "made by any revision before this step";
        Lowering { context, schema, diagnostics, changes: Vec::new(), span: Span::default(), poisoned, scope }
    }

    /// The same for what is not a history: `scope` is where everything has to be.
    #[must_use]
    pub(crate) fn within(mut self, scope: &'static str) -> Self {
        self.scope = scope;
        self
    }

    /// Lowers steps in order. A step in error yields no changes; those after it are lowered all the same.
    pub fn steps(&mut self, steps: &[Step]) -> Vec<LoweredStep> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    /// Does a piece of work that stands at a place. What fails leaves nothing behind but the names of what it would have made.
    pub(crate) fn attempt(
        &mut self,
        span: Span,
        subject: Option<String>,
        work: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Vec<Change> {
        let before = self.schema.clone();
        self.span = span;
        self.changes = Vec::new();
        if work(self).is_none() {
            self.schema = before;
            self.changes = Vec::new();
            self.poisoned.extend(subject);
        }
        std::mem::take(&mut self.changes)
    }

    /// Remembers a table that is in error, so that no message is about its not being there.
    pub(crate) fn poison(&mut self, table: &ObjectName) {
        self.poisoned.insert(table.to_string());
    }

    fn step(&mut self, step: &Step) -> LoweredStep {
        let changes = self.attempt(step.span, step.subject.clone(), |lowering| {
            step.operation.as_ref().and_then(|operation| operation.lower(lowering))
        });
        if !step.tags.is_empty() && changes.iter().any(|change| !change.is_data()) {
            self.report(
                Diagnostic::error(&codes::TAGGED_SCHEMA, "a tagged step may change rows only")
                    .at(step.span, "this changes the schema")
                    .help("remove `tags`, or keep the schema change in a step of its own"),
            );
        }
        LoweredStep {
            operation: step.name.clone(),
            span: step.span,
            tags: step.tags.clone(),
            allow: step.allow.clone(),
            note: step.note.clone(),
            changes,
        }
    }

    /// Applies a change to the schema and keeps it.
    pub fn emit(&mut self, change: Change) -> Option<()> {
        if let Err(conflict) = change.apply(&mut self.schema, self.context.dialect.lexicon()) {
            let span = self.span;
            self.report(Diagnostic::error(&codes::CONFLICT, conflict.to_string()).at(span, "in this step"));
            return None;
        }
        self.changes.push(change);
        Some(())
    }

    /// Reports something.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports an error at a place and yields nothing.
    pub fn refuse<T>(&mut self, code: Code, message: impl Into<String>, span: Span, label: &str) -> Option<T> {
        self.report(Diagnostic::error(code, message).at(span, label));
        None
    }

    /// Whether the table, or the column of it, would have been made by a step in error.
    pub(super) fn is_poisoned(&self, table: &ObjectName, column: Option<&str>) -> bool {
        let table = table.to_string();
        self.poisoned.contains(&table)
            || column.is_some_and(|column| self.poisoned.contains(&format!("{table}\u{0}{column}")))
    }

    /// Whether the index or constraint of a name would have been made by a step in error.
    pub fn is_missing_by_error(&self, name: &str) -> bool {
        self.poisoned.contains(&own_name(name))
    }

    /// A table that must be there.
    pub fn table(&mut self, name: &Spanned<ObjectName>) -> Option<Arc<Table>> {
        if let Some(table) = self.schema.table(&name.value) {
            return Some(Arc::clone(table));
        }
        if self.is_poisoned(&name.value, None) {
            return None;
        }
        let names: Vec<String> = self.schema.tables().map(|table| table.name.to_string()).collect();
        let diagnostic = Diagnostic::error(&codes::MISSING_TABLE, format!("there is no table `{}`", name.value))
            .at(name.span, format!("not {}", self.scope));
        self.report(match nearest(&name.value.to_string(), names.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
            None => diagnostic,
        });
        None
    }

    /// A column that must be there.
    pub fn column(&mut self, table: &Table, name: &Spanned<String>) -> Option<Column> {
        if let Some(column) = table.column(&name.value) {
            return Some(column.clone());
        }
        if self.is_poisoned(&table.name, Some(&name.value)) {
            return None;
        }
        let message = format!("the table `{}` has no column `{}`", table.name, name.value);
        let diagnostic =
            Diagnostic::error(&codes::MISSING_COLUMN, message).at(name.span, "no such column at this point");
        self.report(match nearest(&name.value, table.columns.iter().map(|column| column.name.as_str())) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(name.span, near),
            None => diagnostic,
        });
        None
    }

    /// Columns that must all be there; every one that is not is reported.
    pub fn columns(&mut self, table: &Table, names: &[String], span: Span) -> Option<()> {
        let mut complete = true;
        for (place, name) in names.iter().enumerate() {
            complete &= self.column(table, &Spanned::new(name.clone(), span)).is_some();
            if names[..place].contains(name) {
                self.report(
                    Diagnostic::error(&codes::CONTRADICTION, format!("the column `{name}` is listed twice"))
                        .at(span, "here"),
                );
                complete = false;
            }
        }
        complete.then_some(())
    }

    /// A table whose columns are its own to change: a partition has those of its table.
    pub fn own_columns(&mut self, table: &Table, span: Span) -> Option<()> {
        let Some(partition) = &table.partition else { return Some(()) };
        let message = format!("`{}` is a partition and has the columns of `{}`", table.name, partition.of);
        self.report(
            Diagnostic::error(&codes::CONFLICT, message)
                .at(span, "a partition")
                .help(format!("change `{}`; its partitions follow", partition.of)),
        );
        None
    }

    /// An identifier that the dialect can hold. One that it cannot is reported once; that it is then not there either is
    /// no further mistake.
    pub fn identifier(&mut self, name: &str, what: ObjectKind, span: Span) -> Option<()> {
        let fine = self.checked_identifier(name, what, span);
        if fine.is_none() {
            self.poisoned.insert(poisoned_name(name));
        }
        fine
    }

    /// Whether the name was refused earlier on.
    pub fn is_refused_name(&self, name: &str) -> bool {
        self.poisoned.contains(&poisoned_name(name))
    }

    fn checked_identifier(&mut self, name: &str, what: ObjectKind, span: Span) -> Option<()> {
        if name.is_empty() || name.contains('\0') {
            let message = format!("the name of a {what} must not be empty or contain a NUL");
            return self.refuse(&codes::BAD_IDENTIFIER, message, span, "this name");
        }
        if let Some(why) = self.context.dialect.refuses_identifier(name, what) {
            let message = format!("{} cannot hold the name `{name}`, which {why}", self.context.dialect.name());
            return self.refuse(&codes::BAD_IDENTIFIER, message, span, "this name");
        }
        let limit = self.context.dialect.capabilities().identifier_limit;
        if let Some((size, most)) = limit.measure(name)
            && size > most
        {
            let dialect = self.context.dialect.name();
            let message = format!("the name `{name}` is too long for {dialect}: {size} of at most {most}");
            return self.refuse(&codes::BAD_IDENTIFIER, message, span, "shorten it");
        }
        Some(())
    }

    /// An enum that must be there.
    pub fn enumeration(&mut self, name: &Spanned<ObjectName>) -> Option<Arc<Enum>> {
        if let Some(enumeration) = self.schema.enumeration(&name.value) {
            return Some(Arc::clone(enumeration));
        }
        if self.poisoned.contains(&name.value.to_string()) {
            return None;
        }
        let names: Vec<String> = self.schema.enums().map(|e| e.name.to_string()).collect();
        let diagnostic = Diagnostic::error(&codes::MISSING_ENUM, format!("there is no enum `{}`", name.value))
            .at(name.span, format!("not {}", self.scope));
        self.report(match nearest(&name.value.to_string(), names.iter().map(String::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!(
                "declare it first: `create_enum: {{enum: {}, values: […]}}`, or inline: `type: {{enum: {}, values: […]}}`",
                name.value, name.value
            )),
        });
        None
    }

    /// Declares the enum that a type brought along, unless it is there with the same values.
    pub fn declare_enum(&mut self, inline: Option<&Spanned<Enum>>) -> Option<()> {
        let Some(inline) = inline else { return Some(()) };
        match self.schema.enumeration(&inline.value.name) {
            None => {
                self.free_enum_name(&inline.value.name, inline.span)?;
                self.emit(Change::CreateEnum { enumeration: Arc::new(inline.value.clone()) })
            }
            Some(known) if known.values == inline.value.values => Some(()),
            Some(known) => {
                let message = format!(
                    "the enum `{}` is there already with other values: {}",
                    known.name,
                    known.values.join(", ")
                );
                self.refuse(&codes::ENUM_EXISTS, message, inline.span, "declared again here")
            }
        }
    }

    /// Completes a constraint for a table: names it, fills in the columns referred to, and checks both sides.
    pub fn complete_constraint(
        &mut self,
        table: &Table,
        mut constraint: Constraint,
        unnamed: bool,
        own_column: Option<&str>,
        span: Span,
    ) -> Option<Constraint> {
        self.columns(table, constraint.columns(), span)?;
        // An exclusion may have a column twice, under two operators.
        for column in constraint.named_columns() {
            self.column(table, &Spanned::new(column.to_owned(), span))?;
        }
        if let ConstraintKind::ForeignKey(key) = &mut constraint.kind {
            self.complete_foreign_key(table, key, span)?;
        }
        if unnamed {
            constraint.name = Some(self.constraint_name(table, &constraint, own_column));
        } else if let Some(name) = &constraint.name {
            self.identifier(&self.context.fit(name), object_kind(&constraint), span)?;
            constraint.name = Some(self.context.fit(name));
        }
        self.free_constraint_name(table, &constraint, span)?;
        Some(constraint)
    }

    fn constraint_name(&self, table: &Table, constraint: &Constraint, own_column: Option<&str>) -> String {
        self.context.names().constraint(table, constraint, own_column, |name| table.constraint(name).is_some())
    }

    fn complete_foreign_key(&mut self, table: &Table, key: &mut ForeignKey, span: Span) -> Option<()> {
        let referred = if key.referred_table == table.name {
            Arc::new(table.clone())
        } else {
            self.table(&Spanned::new(key.referred_table.clone(), span))?
        };
        if key.referred_columns.is_empty() {
            key.referred_columns = self.with_keys(&referred).primary_key_columns().to_vec();
            if key.referred_columns.is_empty() {
                let message = format!("the table `{}` has no primary key to refer to", referred.name);
                return self.refuse(&codes::FOREIGN_KEY, message, span, "name the `columns` it refers to");
            }
        }
        self.columns(&referred, &key.referred_columns, span)?;
        if key.columns.len() != key.referred_columns.len() {
            let message = format!("{} columns refer to {} columns", key.columns.len(), key.referred_columns.len());
            return self.refuse(&codes::FOREIGN_KEY, message, span, "each column needs its counterpart");
        }
        if !is_key(&self.with_keys(&referred), &key.referred_columns) {
            let columns = key.referred_columns.join(", ");
            let message = format!(
                "`{}` ({columns}) is neither a primary key nor unique, so it cannot be referred to",
                referred.name
            );
            return self.refuse(&codes::FOREIGN_KEY, message, span, "refers to columns that do not name one row");
        }
        if !self.context.dialect.converts_references()
            && let Some(message) = types_disagree(table, &referred, key, None)
        {
            return self.refuse(&codes::FOREIGN_KEY, message, span, "the types must agree");
        }
        Some(())
    }

    /// A table with the keys that it has as a partition of another.
    fn with_keys(&self, table: &Table) -> Table {
        let mut complete = table.clone();
        let mut whole = table.partition.as_ref().and_then(|partition| self.schema.table(&partition.of));
        while let Some(table) = whole {
            complete.constraints.extend(table.constraints.iter().cloned());
            complete.indexes.extend(table.indexes.iter().cloned());
            whole = table.partition.as_ref().and_then(|partition| self.schema.table(&partition.of));
        }
        complete
    }

    /// Whether the foreign keys from and to a table still hold when a column of it has another type.
    pub fn foreign_keys_hold(&mut self, changed: &Table, column: &str, span: Span) -> Option<()> {
        let outbound = changed.foreign_keys().find_map(|(constraint, key)| {
            let referred =
                if key.referred_table == changed.name { changed } else { self.schema.table(&key.referred_table)? };
            let message = types_disagree(changed, referred, key, Some(column))?;
            Some((changed.name.clone(), constraint.name.clone(), message))
        });
        let disagreement = outbound.or_else(|| {
            let mut inbound =
                self.schema.references_to(&changed.name).filter(|(owner, _, _)| owner.name != changed.name);
            inbound.find_map(|(owner, constraint, key)| {
                let message = types_disagree(owner, changed, key, Some(column))?;
                Some((owner.name.clone(), constraint.name.clone(), message))
            })
        });
        let Some((owner, name, message)) = disagreement else { return Some(()) };
        let name = name.as_deref().unwrap_or("(unnamed)");
        self.report(
            Diagnostic::error(&codes::FOREIGN_KEY, message)
                .at(span, format!("the foreign key `{name}` of `{owner}` could not hold"))
                .help("drop that foreign key first, change both columns, and create it again"),
        );
        None
    }

    /// Whether every foreign key to a table that had a key to refer to has one in the changed table.
    pub fn keys_stay(&mut self, table: &Table, changed: &Table, what: &str, span: Span) -> Option<()> {
        let relying: Vec<String> = self
            .schema
            .references_to(&table.name)
            .filter(|(_, _, key)| is_key(table, &key.referred_columns) && !is_key(changed, &key.referred_columns))
            .map(|(owner, key, _)| format!("`{}` of `{}`", key.name.as_deref().unwrap_or("(unnamed)"), owner.name))
            .collect();
        if relying.is_empty() {
            return Some(());
        }
        self.report(
            Diagnostic::error(&codes::IN_USE, format!("foreign keys rely on the {what}"))
                .at(span, "cannot be dropped yet")
                .note(format!("foreign keys: {}", relying.join(", ")))
                .help("drop those first"),
        );
        None
    }

    /// Completes an index for a table: names it and checks its columns.
    pub fn complete_index(&mut self, table: &Table, mut index: Index, span: Span) -> Option<Index> {
        let columns: Vec<String> =
            index.parts.iter().filter_map(|part| part.column_name().map(str::to_owned)).collect();
        self.columns(table, &columns, span)?;
        for column in index.options.columns() {
            self.column(table, &Spanned::new(column.to_owned(), span))?;
        }
        index.name = self.index_name(table, &index);
        self.identifier(&index.name, ObjectKind::Index, span)?;
        self.free_index_name(table, &index.name, span)?;
        Some(index)
    }

    /// The name of an index: the author's, or that of the naming rules.
    #[must_use]
    pub fn index_name(&self, table: &Table, index: &Index) -> String {
        match index.name.is_empty() {
            true => self.context.names().index(table, &index.parts),
            false => self.context.fit(&index.name),
        }
    }

    /// Asks the dialect whether it can hold a table, and reports what it cannot at the place of the column it is about.
    pub fn check_table(&mut self, table: &Table, span: Span, place: impl Fn(&str) -> Option<Span>) -> Option<()> {
        let refusals = self.context.dialect.check_table(table, &self.schema);
        let fine = refusals.is_empty();
        for refusal in refusals {
            let span = refusal.object.as_deref().and_then(&place).unwrap_or(span);
            self.unsupported(refusal, span);
        }
        fine.then_some(())
    }

    /// Reports what a dialect cannot do.
    pub fn unsupported(&mut self, refusal: Unsupported, span: Span) {
        let dialect = self.context.dialect.name();
        let diagnostic =
            Diagnostic::error(&codes::UNSUPPORTED, refusal.message).at(span, format!("not possible in {dialect}"));
        let help = refusal.help.unwrap_or_else(|| {
            format!("say what {dialect} does instead under `{dialect}:`, or keep the step from it with `except: [{dialect}]`")
        });
        self.report(diagnostic.help(help));
    }
}

/// What kind of object a constraint is.
pub(crate) fn object_kind(constraint: &Constraint) -> ObjectKind {
    match constraint.kind {
        ConstraintKind::PrimaryKey { .. } => ObjectKind::PrimaryKey,
        ConstraintKind::Unique { .. } => ObjectKind::Unique,
        ConstraintKind::Check { .. } => ObjectKind::Check,
        ConstraintKind::ForeignKey(_) => ObjectKind::ForeignKey,
        ConstraintKind::Exclude(_) => ObjectKind::Exclude,
    }
}

/// How the name of a constraint or index is remembered among what is poisoned; no table or column is called so.
fn poisoned_name(name: &str) -> String {
    format!("\u{0}{name}")
}

/// Whether columns name one row: the primary key, a unique constraint or a full unique index, in any order.
pub(super) fn is_key(table: &Table, columns: &[String]) -> bool {
    let same =
        |others: &[String]| others.len() == columns.len() && columns.iter().all(|column| others.contains(column));
    table.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns } | ConstraintKind::Unique { columns } => same(columns),
        _ => false,
    }) || table.indexes.iter().any(|index| {
        index.unique && index.predicate.is_none() && {
            let plain: Option<Vec<String>> =
                index.parts.iter().map(|part| part.column_name().map(str::to_owned)).collect();
            plain.is_some_and(|plain| same(&plain))
        }
    })
}

/// What is wrong with the types of a foreign key, if anything; of one column, or of all.
fn types_disagree(table: &Table, referred: &Table, key: &ForeignKey, column: Option<&str>) -> Option<String> {
    key.columns.iter().zip(&key.referred_columns).find_map(|(own, other)| {
        if column.is_some_and(|column| own != column && other != column) {
            return None;
        }
        let (own, other) = (table.column(own)?, referred.column(other)?);
        // The words of one database are beyond the engine; the database checks them.
        let native = [own, other].iter().any(|column| matches!(column.ty, Type::Native(_)));
        (!native && family(&own.ty) != family(&other.ty)).then(|| {
            format!(
                "`{}.{}` is {} but `{}.{}`, which it refers to, is {}",
                table.name, own.name, own.ty, referred.name, other.name, other.ty
            )
        })
    })
}

/// Types that can be compared with each other in a foreign key.
fn family(ty: &Type) -> String {
    match ty {
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal(_) => "number".to_owned(),
        Type::Char(_) | Type::Varchar(_) | Type::Text => "text".to_owned(),
        Type::Binary(_) | Type::Varbinary(_) | Type::Blob => "bytes".to_owned(),
        Type::Timestamp(_) => "timestamp".to_owned(),
        Type::TimestampTz(_) => "timestamptz".to_owned(),
        other => other.to_string(),
    }
}
