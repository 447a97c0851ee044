//! Indexes that no constraint owns, and those of exclusion constraints, which say what is excluded.

use aludel_engine::driver::DriverError;
use aludel_engine::schema::{
    ConstraintKind, Exclude, ExcludeElement, Index, IndexKey, IndexPart, Nulls, OptionValue, Table,
};

use super::{Cells, names_option};
use crate::version::Features;

/// One row for each index. An INVALID one is what an interrupted build left: it is no index that the model could mean.
/// What is told for each key comes as lists of the same length.
pub fn query(selection: &str, features: &Features) -> String {
    let nulls = if features.nulls_not_distinct { "i.indnullsnotdistinct" } else { "false" };
    // The options of an operator class are kept with the index's own column (PostgreSQL 13).
    let class_options = if features.opclass_options { "array_to_string(a.attoptions, ',')" } else { "NULL::text" };
    let list = |what: &str| format!("to_json(array_agg({what} ORDER BY k.place))");
    format!(
        "SELECT i.indrelid, ic.relname, i.indisunique, am.amname, keys.columns, keys.expressions, keys.options, keys.classes, \
         keys.collations, CASE WHEN i.indnatts > i.indnkeyatts THEN (SELECT to_json(array_agg(a.attname ORDER BY k.place)) \
         FROM generate_series(i.indnkeyatts + 1, i.indnatts) k (place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.place - 1]) END, \
         pg_catalog.pg_get_expr(i.indpred, i.indrelid), to_json(ic.reloptions), s.spcname, {nulls}, \
         w.description, \
         CASE WHEN i.indexprs IS NULL THEN '' ELSE pg_catalog.pg_get_indexdef(i.indexrelid) END, \
         CASE WHEN x.oid IS NOT NULL THEN \
         (SELECT to_json(array_agg(CASE WHEN pg_catalog.pg_operator_is_visible(o.oid) THEN '' ELSE n.nspname || '.' END || o.oprname \
         ORDER BY k.place)) FROM unnest(x.conexclop) WITH ORDINALITY k (number, place) \
         JOIN pg_catalog.pg_operator o ON o.oid = k.number JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace) END \
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid \
         JOIN pg_catalog.pg_am am ON am.oid = ic.relam \
         LEFT JOIN pg_catalog.pg_tablespace s ON s.oid = ic.reltablespace \
         LEFT JOIN pg_catalog.pg_description w ON w.classoid = 'pg_catalog.pg_class'::regclass AND w.objoid = ic.oid AND w.objsubid = 0 \
         LEFT JOIN pg_catalog.pg_constraint x ON x.conindid = i.indexrelid AND x.contype = 'x' \
         CROSS JOIN LATERAL (SELECT {columns} AS columns, {expressions} AS expressions, {options} AS options, \
         {classes} AS classes, {collations} AS collations FROM generate_series(1, i.indnkeyatts) k (place) \
         JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[k.place - 1] \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum = k.place \
         LEFT JOIN pg_catalog.pg_attribute ta ON ta.attrelid = i.indrelid AND ta.attnum = i.indkey[k.place - 1] AND ta.attnum > 0 \
         LEFT JOIN pg_catalog.pg_collation c ON c.oid = i.indcollation[k.place - 1]) keys \
         WHERE i.indrelid IN ({selection}) AND i.indisvalid AND NOT ic.relispartition AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint co \
         WHERE co.conindid = i.indexrelid AND co.contype IN ('p', 'u')) ORDER BY i.indrelid, i.indexrelid",
        columns = list("ta.attname"),
        // Of a plain column the name is enough.
        expressions =
            list("CASE WHEN ta.attnum IS NULL THEN pg_catalog.pg_get_indexdef(i.indexrelid, k.place, false) END"),
        options = list("i.indoption[k.place - 1]"),
        classes = list(&format!(
            "CASE WHEN {class_options} IS NOT NULL THEN o.opcname || '(' || {class_options} || ')' \
             WHEN NOT o.opcdefault THEN o.opcname END"
        )),
        collations = list(
            "CASE WHEN ta.attnum IS NOT NULL THEN CASE WHEN ta.attcollation <> c.oid THEN c.collname END \
             WHEN c.collname <> 'default' THEN c.collname END"
        ),
    )
}

/// Puts what a row says into its table: an index, or what its exclusion constraint excludes.
pub fn add(cells: &Cells<'_>, table: &mut Table) -> Result<(), DriverError> {
    let index = index(cells)?;
    let operators = cells.list(16)?;
    if operators.is_empty() {
        table.indexes.push(index);
        return Ok(());
    }
    let method = cells.text(3)?;
    let elements = index.parts.into_iter().zip(operators);
    let elements = elements.map(|(part, operator)| ExcludeElement { part, operator }).collect();
    // The constraint has the name of its index.
    let own = table.constraints.iter_mut().find(|constraint| constraint.name.as_deref() == Some(index.name.as_str()));
    if let Some(constraint) = own {
        constraint.kind = ConstraintKind::Exclude(Exclude { method, elements, predicate: index.predicate });
    }
    Ok(())
}

/// An index.
pub fn index(cells: &Cells<'_>) -> Result<Index, DriverError> {
    let columns = cells.optional_list(4)?;
    let expressions = cells.list(5)?;
    let options = cells.list(6)?;
    let classes = cells.optional_list(7)?;
    let collations = cells.optional_list(8)?;
    let definition = cells.text(15)?;
    let mut parts = Vec::with_capacity(expressions.len());
    for (place, expression) in expressions.into_iter().enumerate() {
        let at = |list: &[Option<String>]| list.get(place).cloned().flatten();
        let bits: u32 = options.get(place).and_then(|bits| bits.parse().ok()).unwrap_or_default();
        let (descending, first) = (bits & 1 != 0, bits & 2 != 0);
        let key = match at(&columns) {
            Some(name) => IndexKey::Column(name),
            None => IndexKey::Expression(without_parentheses(&expression).to_owned()),
        };
        let is_column = matches!(key, IndexKey::Column(_));
        parts.push(IndexPart {
            key,
            descending,
            nulls: match (descending, first) {
                (false, true) => Some(Nulls::First),
                (true, false) => Some(Nulls::Last),
                _ => None,
            },
            length: None,
            opclass: at(&classes),
            // An expression brings the collation of its columns; only the definition says whether one was asked for.
            collation: at(&collations).filter(|name| {
                is_column || definition.contains(&format!("COLLATE {}", crate::identifier::quote(name)))
            }),
        });
    }
    let mut index = Index {
        name: cells.text(1)?,
        parts,
        unique: cells.flag(2),
        predicate: cells.maybe(10),
        comment: cells.maybe(14),
        options: aludel_engine::schema::Options::default(),
    };
    let method = cells.text(3)?;
    if method != "btree" {
        index.options.set("using", OptionValue::Text(method));
    }
    names_option(cells.list(9)?, "include", &mut index.options);
    cells.parameters(11, "", &mut index.options)?;
    cells.option(12, "tablespace", &mut index.options);
    if cells.flag(13) {
        index.options.set("nulls_not_distinct", OptionValue::Bool(true));
    }
    Ok(index)
}

/// An expression without the parentheses around the whole of it.
fn without_parentheses(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0_i32;
    let mut quoted = false;
    for c in inner.chars() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}
