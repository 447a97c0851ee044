//! What users write: operations, one file each.
//!
//! An operation is read from its map, and lowered to [`Change`](crate::change::Change)s against the schema at that point
//! of the history. The documentation of each struct is the reference that users read.

mod add_column;
mod alter_column;
mod alter_enum;
mod alter_table;
mod assert;
mod backfill;
mod cell;
mod condition;
mod context;
mod create_constraint;
mod create_enum;
mod create_index;
mod create_table;
mod definition;
mod delete;
mod dependents;
mod domain;
mod drop_column;
mod drop_constraint;
mod drop_enum;
mod drop_index;
mod drop_table;
mod execute;
mod free_names;
mod insert;
mod load;
mod lowering;
mod namespace;
mod naming;
mod reader;
mod rename;
mod routine;
mod sequence;
mod statement_text;
mod step;
#[cfg(test)]
mod tests;
mod text;
mod trigger;
mod undo;
mod update;
mod validate_constraint;
mod view;

pub use context::{Context, DataFiles, Naming};
pub(crate) use create_table::CreateTable;
pub(crate) use definition::{check_json, fit_column, fit_type, hexadecimal};
pub(crate) use lowering::object_kind;
pub use lowering::{LoweredStep, Lowering};
pub(crate) use naming::Names;
pub use reader::ObjectReader;
pub(crate) use step::for_dialect;
pub use step::{Downgrade, Step, steps};
pub use text::fill_variables;

use crate::diagnostic::Diagnostics;
use crate::schema::ObjectName;
use crate::source::{Node, Span, Spanned};

/// An operation: how it is read and what it does to a schema.
trait Operate: Sized {
    /// Reads the operation from its map. What is wrong is reported; nothing is returned then.
    fn read(node: &Node, span: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self>;

    /// Lowers it to changes. What cannot work against the schema is reported; nothing is returned then.
    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()>;
}

macro_rules! operations {
    ($($key:literal => $variant:ident($type:path),)*) => {
        /// Every operation.
        #[derive(Debug, Clone)]
        #[allow(missing_docs, clippy::large_enum_variant)]
        pub enum Operation {
            $($variant($type),)*
        }

        impl Operation {
            /// The names of all operations.
            pub const NAMES: &[&str] = &[$($key),*];

            /// Reads the operation of a name.
            pub(crate) fn read(
                name: &str,
                node: &Node,
                span: Span,
                context: &Context,
                diagnostics: &mut Diagnostics,
            ) -> Option<Self> {
                match name {
                    $($key => <$type as Operate>::read(node, span, context, diagnostics).map(Operation::$variant),)*
                    _ => None,
                }
            }

            /// Lowers the operation.
            pub(crate) fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
                match self {
                    $(Operation::$variant(operation) => operation.lower(lowering),)*
                }
            }
        }
    };
}

operations! {
    "create_table" => CreateTable(create_table::CreateTable),
    "drop_table" => DropTable(drop_table::DropTable),
    "rename_table" => RenameTable(rename::RenameTable),
    "alter_table" => AlterTable(alter_table::AlterTable),
    "add_column" => AddColumn(add_column::AddColumn),
    "drop_column" => DropColumn(drop_column::DropColumn),
    "rename_column" => RenameColumn(rename::RenameColumn),
    "alter_column" => AlterColumn(alter_column::AlterColumn),
    "create_index" => CreateIndex(create_index::CreateIndex),
    "drop_index" => DropIndex(drop_index::DropIndex),
    "rename_index" => RenameIndex(rename::RenameIndex),
    "create_primary_key" => CreatePrimaryKey(create_constraint::CreatePrimaryKey),
    "create_unique_constraint" => CreateUniqueConstraint(create_constraint::CreateUniqueConstraint),
    "create_check_constraint" => CreateCheckConstraint(create_constraint::CreateCheckConstraint),
    "create_foreign_key" => CreateForeignKey(create_constraint::CreateForeignKey),
    "create_exclude_constraint" => CreateExcludeConstraint(create_constraint::CreateExcludeConstraint),
    "validate_constraint" => ValidateConstraint(validate_constraint::ValidateConstraint),
    "drop_constraint" => DropConstraint(drop_constraint::DropConstraint),
    "rename_constraint" => RenameConstraint(rename::RenameConstraint),
    "create_enum" => CreateEnum(create_enum::CreateEnum),
    "drop_enum" => DropEnum(drop_enum::DropEnum),
    "alter_enum" => AlterEnum(alter_enum::AlterEnum),
    "create_schema" => CreateSchema(namespace::CreateSchema),
    "drop_schema" => DropSchema(namespace::DropSchema),
    "create_extension" => CreateExtension(namespace::CreateExtension),
    "drop_extension" => DropExtension(namespace::DropExtension),
    "create_domain" => CreateDomain(domain::CreateDomain),
    "alter_domain" => AlterDomain(domain::AlterDomain),
    "drop_domain" => DropDomain(domain::DropDomain),
    "create_sequence" => CreateSequence(sequence::CreateSequence),
    "alter_sequence" => AlterSequence(sequence::AlterSequence),
    "drop_sequence" => DropSequence(sequence::DropSequence),
    "rename_sequence" => RenameSequence(sequence::RenameSequence),
    "create_view" => CreateView(view::CreateView),
    "replace_view" => ReplaceView(view::ReplaceView),
    "drop_view" => DropView(view::DropView),
    "rename_view" => RenameView(view::RenameView),
    "create_trigger" => CreateTrigger(trigger::CreateTrigger),
    "replace_trigger" => ReplaceTrigger(trigger::ReplaceTrigger),
    "drop_trigger" => DropTrigger(trigger::DropTrigger),
    "create_function" => CreateFunction(routine::CreateFunction),
    "replace_function" => ReplaceFunction(routine::ReplaceFunction),
    "drop_function" => DropFunction(routine::DropFunction),
    "insert" => Insert(insert::Insert),
    "backfill" => Backfill(backfill::Backfill),
    "update" => Update(update::Update),
    "delete" => Delete(delete::Delete),
    "load" => Load(load::Load),
    "execute" => Execute(execute::Execute),
    "assert" => Assert(assert::Assert),
}

/// Reads the name of a table, enum or other object: `users`, `app.users`, or with `schema:` beside it.
fn table_name(
    reader: &mut ObjectReader<'_>,
    key: &'static str,
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<ObjectName>> {
    let schema: Option<String> = reader.get("schema", diagnostics);
    let name: Spanned<String> = reader.need(key, diagnostics)?;
    Some(name.map(|name| match schema {
        Some(schema) => ObjectName::qualified(schema, name),
        None => ObjectName::from(name),
    }))
}
