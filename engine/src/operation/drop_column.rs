//! `drop_column`

use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, Position, column_mentions, divides};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Constraint, Index, ObjectName, Table};
use crate::source::{Node, Span, Spanned};

/// Drops a column.
///
/// Constraints and indexes of this column alone go with it, as steps of their own in the plan. Those that have other
/// columns too, foreign keys that refer to it and columns computed from it are an error that names them; with
/// `cascade: true` they go as well. Undone by adding the column again with all of these, without its values.
#[derive(Debug, Clone)]
pub struct DropColumn {
    table: Spanned<ObjectName>,
    column: Spanned<String>,
    if_exists: bool,
    cascade: bool,
}

impl Operate for DropColumn {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "drop_column", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let column = reader.need("column", diagnostics);
        let if_exists = reader.flag("if_exists", diagnostics);
        let cascade = reader.flag("cascade", diagnostics);
        reader.finish(context, diagnostics);
        Some(DropColumn { table: table?, column: column?, if_exists, cascade })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        if self.if_exists && table.column(&self.column.value).is_none() {
            return Some(());
        }
        lowering.own_columns(&table, self.table.span)?;
        lowering.column(&table, &self.column)?;
        if table.columns.len() == 1 {
            let message = format!("`{}` is the only column of `{}`", self.column.value, table.name);
            return lowering.refuse(&codes::IN_USE, message, self.column.span, "drop the table instead");
        }
        if divides(&table, &self.column.value, lowering.context.dialect.lexicon()) {
            let message = format!("the table `{}` is divided into partitions by `{}`", table.name, self.column.value);
            return lowering.refuse(&codes::IN_USE, message, self.column.span, "cannot be dropped while it is");
        }
        let dependents = Dependents::of(&table, &self.column.value, lowering);
        if !self.cascade && !dependents.shared.is_empty() {
            let diagnostic = Diagnostic::error(
                &codes::IN_USE,
                format!("other things are made of the column `{}.{}`", table.name, self.column.value),
            )
            .at(self.column.span, "cannot be dropped yet")
            .note(format!("in use by: {}", dependents.shared.join(", ")))
            .help("drop or change those first, or write `cascade: true` to drop them along");
            lowering.report(diagnostic);
            return None;
        }
        lowering.no_text_depends(&table.name, &self.column.value, None, self.column.span)?;
        let sequences = lowering.release_sequences(&table.name, Some(&self.column.value))?;
        for (owner, constraint) in dependents.inbound {
            lowering.emit(Change::DropConstraint { table: owner, constraint })?;
        }
        for (owner, index) in dependents.indexes {
            lowering.emit(Change::DropIndex { table: owner, index })?;
        }
        for constraint in dependents.constraints {
            lowering.emit(Change::DropConstraint { table: table.name.clone(), constraint })?;
        }
        for column in dependents.computed.iter().chain([&self.column.value]) {
            let table = lowering.table(&self.table)?;
            let Some(place) = table.position(column) else { continue };
            let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
            lowering.emit(Change::DropColumn {
                table: table.name.clone(),
                column: table.columns[place].clone(),
                position: Position::of(place, &names),
            })?;
        }
        lowering.drop_released(sequences)
    }
}

/// What is built on a column.
#[derive(Default)]
struct Dependents {
    inbound: Vec<(ObjectName, Constraint)>,
    constraints: Vec<Constraint>,
    indexes: Vec<(ObjectName, Index)>,
    computed: Vec<String>,
    /// Those that are not of this column alone, in words.
    shared: Vec<String>,
}

impl Dependents {
    /// What is built on a column, and on the columns computed from it, which go with it.
    fn of(table: &Table, column: &str, lowering: &Lowering<'_>) -> Self {
        let mut all = Dependents::of_one(table, column, lowering);
        let mut place = 0;
        while let Some(name) = all.computed.get(place).cloned() {
            let more = Dependents::of_one(table, &name, lowering);
            add_new(&mut all.inbound, more.inbound);
            add_new(&mut all.constraints, more.constraints);
            add_new(&mut all.indexes, more.indexes);
            add_new(&mut all.computed, more.computed);
            place += 1;
        }
        // One that is computed from another goes before it.
        all.computed.reverse();
        all
    }

    fn of_one(table: &Table, column: &str, lowering: &Lowering<'_>) -> Self {
        let mentions = column_mentions(table, column, lowering.context.dialect.lexicon());
        let mut found = Dependents::default();
        let constraint_name = |constraint: &Constraint| {
            format!("{} `{}`", constraint.describe(), constraint.name.as_deref().unwrap_or("(unnamed)"))
        };
        for place in mentions.own_constraints.iter().chain(&mentions.shared_constraints) {
            found.constraints.push(table.constraints[*place].clone());
        }
        found
            .shared
            .extend(mentions.shared_constraints.iter().map(|place| constraint_name(&table.constraints[*place])));
        for place in mentions.own_indexes.iter().chain(&mentions.shared_indexes) {
            found.indexes.push((table.name.clone(), table.indexes[*place].clone()));
        }
        found
            .shared
            .extend(mentions.shared_indexes.iter().map(|place| format!("index `{}`", table.indexes[*place].name)));
        for place in mentions.computed {
            found.shared.push(format!("computed column `{}`", table.columns[place].name));
            found.computed.push(table.columns[place].name.clone());
        }
        found.of_partitions(&table.name, column, lowering);
        for (owner, constraint, key) in lowering.schema.references_to(&table.name) {
            let own = owner.name == table.name && key.columns.iter().any(|own| own == column);
            if key.referred_columns.iter().any(|referred| referred == column) && !own {
                found.shared.push(format!("{} of `{}`", constraint_name(constraint), owner.name));
                found.inbound.push((owner.name.clone(), constraint.clone()));
            }
        }
        found
    }

    /// What partitions of the table have made of the column themselves.
    fn of_partitions(&mut self, table: &ObjectName, column: &str, lowering: &Lowering<'_>) {
        for partition in lowering.schema.partitions_of(table) {
            let mentions = column_mentions(partition, column, lowering.context.dialect.lexicon());
            for place in mentions.own_constraints.iter().chain(&mentions.shared_constraints) {
                let constraint = partition.constraints[*place].clone();
                let name = constraint.name.as_deref().unwrap_or("(unnamed)");
                self.shared.push(format!("{} `{name}` of `{}`", constraint.describe(), partition.name));
                self.inbound.push((partition.name.clone(), constraint));
            }
            for place in mentions.own_indexes.iter().chain(&mentions.shared_indexes) {
                let index = partition.indexes[*place].clone();
                self.shared.push(format!("index `{}` of `{}`", index.name, partition.name));
                self.indexes.push((partition.name.clone(), index));
            }
            self.of_partitions(&partition.name, column, lowering);
        }
    }
}

/// Adds what is not in a list yet.
fn add_new<T: PartialEq>(list: &mut Vec<T>, more: Vec<T>) {
    for item in more {
        if !list.contains(&item) {
            list.push(item);
        }
    }
}
