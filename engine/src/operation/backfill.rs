//! `backfill`

use std::time::Duration;

use super::definition::{fit_value, value};
use super::execute::script;
use super::text::sql_text;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{self, BackfillUndo, Change, NewValues};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Column, ConstraintKind, ObjectName, Table, Type, Value};
use crate::source::{Key, MapReader, Node, NodeKind, Span, Spanned, entries, nearest, wrong_type};
use crate::sql::{Token, TokenKind, mentions, tokens};

/// How many rows a batch covers unless said.
const BATCH: u32 = 5000;
/// How long the table is left alone between two batches unless said.
const PAUSE: Duration = Duration::from_millis(50);

/// Gives rows that are there new values, batch by batch: `set: {column: value}`, of those rows that `where` says.
///
/// It goes along the primary key, or along another unique key of NOT NULL columns, and changes `batch` rows of the table
/// (5000) in a transaction of its own, which commits the position too. An interrupted run continues there, and no row is
/// changed twice or left out, also where `set` is not the same twice (`n = n + 1`). Between two batches it leaves the
/// table alone for `pause` (50ms), so it does not run in the revision's transaction: what stands before it is committed
/// before it begins.
///
/// Rows that appear while it runs: it goes on to the last key there is when it has been through once. Where `where`
/// speaks of a column that is set, and no changed row met it any more, it also goes through a second time and changes
/// the rows behind it that meet `where`. What comes later is for a default, a trigger or the application.
///
/// `down` takes it back: `{set: …, where: …}`, which runs in batches too, or SQL as in `execute`, which does not; `""` says
/// that nothing is to be done. A column that the same revision adds needs none, because it goes. Otherwise the revision is
/// irreversible.
///
/// On SQLite others get in during the pauses only; with `pause: 0s` the file is the run's alone until the end.
///
/// A script has a loop where the database's own client can run one (PostgreSQL), which goes through
/// once, up to the last key there is when it begins, and keeps no position; elsewhere it has one UPDATE.
#[derive(Debug, Clone)]
pub struct Backfill {
    table: Spanned<ObjectName>,
    values: Values,
    batch: u32,
    pause: Duration,
    down: Option<Down>,
}

/// What rows get, as it is written.
#[derive(Debug, Clone)]
struct Values {
    set: Vec<(Key, Node)>,
    condition: Option<Spanned<String>>,
}

#[derive(Debug, Clone)]
enum Down {
    Values(Values),
    Statements(Vec<String>),
}

impl Operate for Backfill {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut reader = ObjectReader::new(node, "backfill", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let set = reader.need_node("set", diagnostics);
        let condition = reader.node("where");
        let values = Values::read(set, condition, context, diagnostics);
        let batch = reader.node("batch").map(|node| size(node, diagnostics));
        let pause = reader.get("pause", diagnostics).unwrap_or(PAUSE);
        let down = reader.node("down").map(|node| Down::read(node, context, diagnostics));
        reader.finish(context, diagnostics);
        Some(Backfill {
            table: table?,
            values: values?,
            batch: batch.map_or(Some(BATCH), |size| size)?,
            pause,
            down: match down {
                None => None,
                Some(read) => Some(read?),
            },
        })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let values = self.values.lower(&table, lowering);
        let undo = match &self.down {
            None => None,
            Some(Down::Statements(statements)) => Some(BackfillUndo::Statements(statements.clone())),
            Some(Down::Values(values)) => Some(BackfillUndo::Values(values.lower(&table, lowering)?)),
        };
        let values = values?;
        let key = self.key(&table, &values, undo.as_ref(), lowering)?;
        lowering.emit(Change::Backfill(change::Backfill {
            table: table.name.clone(),
            values,
            key,
            batch: self.batch,
            pause: u64::try_from(self.pause.as_millis()).unwrap_or(u64::MAX),
            undo,
        }))
    }
}

impl Backfill {
    /// The key to go along: the primary key, or else one that is as good.
    fn key(
        &self,
        table: &Table,
        values: &NewValues,
        undo: Option<&BackfillUndo>,
        lowering: &mut Lowering<'_>,
    ) -> Option<Vec<(String, Type)>> {
        let mut set: Vec<&str> = values.set.iter().map(|(name, ..)| name.as_str()).collect();
        if let Some(BackfillUndo::Values(values)) = undo {
            set.extend(values.set.iter().map(|(name, ..)| name.as_str()));
        }
        let keys = keys(table);
        let Some(first) = keys.first() else {
            lowering.report(
                Diagnostic::error(
                    &codes::NO_KEY_TO_GO_ALONG,
                    format!("the table `{}` has no key that a backfill can go along", table.name),
                )
                .at(self.table.span, "neither a primary key nor a unique key of NOT NULL columns")
                .help("create one first, or change all rows in one statement: `execute: {sql: \"UPDATE …\"}`"),
            );
            return None;
        };
        if let Some(key) = keys.iter().find(|key| !key.iter().any(|column| set.contains(&column.name.as_str()))) {
            return Some(key.iter().map(|column| (column.name.clone(), column.ty.clone())).collect());
        }
        let column = first.iter().find(|column| set.contains(&column.name.as_str()))?;
        let span = self.values.set.iter().find(|(key, _)| key.name == column.name);
        let message = format!("the backfill sets `{}`, which is part of the key it goes along", column.name);
        lowering.report(
            Diagnostic::error(&codes::BACKFILL_KEY, message)
                .at(
                    span.map_or(self.table.span, |(key, _)| key.span),
                    "a row could move past the position, or behind it",
                )
                .help("change key columns in one statement: `execute: {sql: \"UPDATE …\"}`"),
        );
        None
    }
}

impl Values {
    fn read(
        set: Option<&Node>,
        condition: Option<&Node>,
        context: &Context,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let condition = condition.map(|node| self::condition(node, context, diagnostics));
        let set = set?;
        let list = entries(set, diagnostics)?;
        if list.is_empty() {
            diagnostics.push(wrong_type(set, "at least one column with its value"));
            return None;
        }
        let condition = match condition {
            None => None,
            Some(read) => Some(read?),
        };
        Some(Values { set: list.to_vec(), condition })
    }

    fn lower(&self, table: &Table, lowering: &mut Lowering<'_>) -> Option<NewValues> {
        let mut set = Vec::with_capacity(self.set.len());
        for (key, node) in &self.set {
            let assigned = assignment(table, key, node, lowering);
            set.extend(assigned);
        }
        let condition = match &self.condition {
            None => None,
            Some(condition) => Some(about_rows(table, condition, lowering)?),
        };
        (set.len() == self.set.len()).then_some(NewValues { set, condition })
    }
}

impl Down {
    fn read(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        if node.get("set").is_none() {
            return script(node, context, diagnostics).map(Down::Statements);
        }
        let mut reader = MapReader::new(node, "down", diagnostics)?.needs(&["set"]);
        let set = reader.optional("set");
        let condition = reader.optional("where");
        reader.finish(diagnostics);
        Values::read(set, condition, context, diagnostics).map(Down::Values)
    }
}

/// How many rows a batch covers.
fn size(node: &Node, diagnostics: &mut Diagnostics) -> Option<u32> {
    let NodeKind::Integer(number) = node.kind else {
        diagnostics.push(wrong_type(node, "a number of rows"));
        return None;
    };
    let size = u32::try_from(number).ok().filter(|size| *size > 0);
    if size.is_none() {
        diagnostics.push(
            Diagnostic::error(&codes::BATCH_SIZE, format!("a batch cannot cover {number} rows"))
                .at(node.span, "at least 1")
                .help(format!("leave it out for {BATCH}")),
        );
    }
    size
}

/// Reads a condition: one expression, whatever it is put between.
fn condition(node: &Node, context: &Context, diagnostics: &mut Diagnostics) -> Option<Spanned<String>> {
    let sql = sql_text(node, context, diagnostics)?;
    let mut depth = 0_i64;
    let mut lowest = 0;
    let mut empty = true;
    let mut several = false;
    for token in tokens(&sql, context.dialect.lexicon()).filter(|token| token.is_significant()) {
        empty = false;
        match (token.kind, token.text(&sql)) {
            (TokenKind::Punctuation, "(") => depth += 1,
            (TokenKind::Punctuation, ")") => depth -= 1,
            (TokenKind::Punctuation, ";") => several = true,
            _ => {}
        }
        lowest = lowest.min(depth);
    }
    let wrong = match (empty, several, depth, lowest) {
        (true, ..) => "is empty",
        (_, true, ..) => "has a `;` in it",
        (_, _, 0, 0) => return Some(Spanned::new(sql, node.span)),
        _ => "has parentheses that do not match",
    };
    diagnostics.push(
        Diagnostic::error(&codes::NOT_A_CONDITION, format!("the condition {wrong}"))
            .at(node.span, "not one expression")
            .help("write what would stand behind WHERE: `where: email IS NULL`"),
    );
    None
}

/// A condition that says something about the rows of the table. One that mentions none of its columns has most likely one
/// that is misspelt; a subquery is the database's to check.
fn about_rows(table: &Table, condition: &Spanned<String>, lowering: &mut Lowering<'_>) -> Option<String> {
    let sql = &condition.value;
    let lexicon = lowering.context.dialect.lexicon();
    let names = || table.columns.iter().map(|column| column.name.as_str());
    let select = |token: Token| token.kind == TokenKind::Word && token.text(sql).eq_ignore_ascii_case("select");
    if names().any(|name| mentions(sql, name, lexicon)) || tokens(sql, lexicon).any(select) {
        return Some(sql.clone());
    }
    let words = crate::sql::identifiers(sql, lexicon);
    let near = words.iter().find_map(|word| nearest(word, names()));
    let message = format!("the condition mentions no column of the table `{}`", table.name);
    let diagnostic = Diagnostic::error(&codes::MISSING_COLUMN, message).at(condition.span, "the same for every row");
    lowering.report(match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("for all rows, leave `where` out"),
    });
    None
}

/// A column with its new value.
fn assignment(table: &Table, key: &Key, node: &Node, lowering: &mut Lowering<'_>) -> Option<(String, Type, Value)> {
    let column = lowering.column(table, &Spanned::new(key.name.clone(), key.span))?;
    if column.computed.is_some() {
        let message = format!("the column `{}` is computed and takes no value", column.name);
        return lowering.refuse(&codes::WRONG_VALUE, message, key.span, "remove this");
    }
    if column.identity.as_ref().is_some_and(|identity| identity.always) {
        let message = format!("the column `{}` gets its numbers from the database always", column.name);
        return lowering.refuse(&codes::WRONG_VALUE, message, key.span, "remove this");
    }
    let value = value(node, &column.ty, lowering.context, lowering.diagnostics)?;
    let reason = match &value {
        Value::Null if !column.nullable => Some(format!("the column `{}` is NOT NULL", column.name)),
        Value::Sql(sql) if sql.trim().is_empty() => Some("an empty expression is no value".to_owned()),
        _ => fit_value(&value, &column, lowering.context, &lowering.schema).err(),
    };
    match reason {
        Some(reason) => lowering.refuse(&codes::WRONG_VALUE, reason, node.span, "this value does not fit"),
        None => Some((column.name, column.ty, value)),
    }
}

/// The keys of a table that can be gone along, the primary key first: columns that are unique together, never NULL, and
/// of types whose values compare exactly.
fn keys(table: &Table) -> Vec<Vec<&Column>> {
    let of = |columns: &[String]| columns.iter().map(|name| table.column(name)).collect::<Option<Vec<_>>>();
    let constraint = |primary: bool| {
        table.constraints.iter().filter_map(move |constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey { columns } if primary => of(columns),
            ConstraintKind::Unique { columns } if !primary => of(columns),
            _ => None,
        })
    };
    let index = table.indexes.iter().filter(|index| index.unique && index.predicate.is_none()).filter_map(|index| {
        let names = index.parts.iter().map(|part| part.column_name()).collect::<Option<Vec<_>>>()?;
        names.into_iter().map(|name| table.column(name)).collect::<Option<Vec<_>>>()
    });
    let fit = |key: &Vec<&Column>| {
        !key.is_empty() && key.iter().all(|column| !column.admits_null() && compares_exactly(&column.ty))
    };
    constraint(true).chain(constraint(false)).chain(index).filter(fit).collect()
}

fn compares_exactly(ty: &Type) -> bool {
    !matches!(ty, Type::Real | Type::Double | Type::Json | Type::Jsonb | Type::Xml | Type::TsVector)
}
