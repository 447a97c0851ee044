//! Indexes.

use aludel_engine::dialect::{Dialect, Unsupported};
use aludel_engine::plan::{LockLevel, Statement, Work};
use aludel_engine::schema::{Index, IndexKey, IndexPart, Nulls, ObjectName, Table, Type};

use super::{Compiler, ddl};
use crate::literal::comment_text;
use crate::{expression, types};

impl Compiler<'_> {
    /// An index as it stands in CREATE TABLE and behind ADD.
    pub(super) fn index_clause(&self, table: &Table, index: &Index) -> Result<String, Unsupported> {
        let (kind, body) = self.index_pieces(table, index)?;
        Ok(format!("{kind}INDEX {} {body}", self.quote(&index.name)))
    }

    /// The word before INDEX, and what follows the name.
    fn index_pieces(&self, table: &Table, index: &Index) -> Result<(String, String), Unsupported> {
        self.refuse_index(table, index)?;
        let kind = match index.options.text("kind") {
            Some(kind) => format!("{} ", self.word("kind", kind)?.to_uppercase()),
            None if index.unique => "UNIQUE ".to_owned(),
            None => String::new(),
        };
        let parts = index.parts.iter().map(|part| self.index_part(part)).collect::<Vec<_>>();
        Ok((kind, format!("({}){}", parts.join(", "), self.index_options(index)?)))
    }

    fn index_part(&self, part: &IndexPart) -> String {
        let mut sql = match &part.key {
            IndexKey::Column(name) => self.quote(name),
            IndexKey::Expression(sql) => expression::parenthesised(sql, self.dialect.lexicon()),
        };
        if let Some(length) = part.length {
            sql.push_str(&format!("({length})"));
        }
        if part.descending {
            sql.push_str(" DESC");
        }
        sql
    }

    fn index_options(&self, index: &Index) -> Result<String, Unsupported> {
        let mut sql = String::new();
        if let Some(method) = index.options.text("using") {
            sql.push_str(&format!(" USING {}", self.word("using", method)?.to_uppercase()));
        }
        if let Some(parser) = index.options.text("parser") {
            sql.push_str(&format!(" WITH PARSER {}", self.word("parser", parser)?));
        }
        if let Some(comment) = &index.comment {
            sql.push_str(&format!(" COMMENT {}", comment_text(comment)?));
        }
        if index.options.flag("invisible") {
            match self.dialect.features.hidden_index {
                Some(word) => sql.push_str(&format!(" {word}")),
                None => {
                    return Err(Unsupported::new(format!("{} has no ignored indexes", self.dialect.title()))
                        .about(&index.name)
                        .help("leave `invisible` out, or compile for MariaDB 10.6 or later"));
                }
            }
        }
        Ok(sql)
    }

    /// The names that the server keeps for its own indexes.
    /// <https://dev.mysql.com/doc/refman/8.4/en/innodb-index-types.html>
    pub(super) fn refuse_index_name(&self, name: &str) -> Result<(), Unsupported> {
        match ["primary", "gen_clust_index"].iter().any(|kept| name.eq_ignore_ascii_case(kept)) {
            false => Ok(()),
            true => Err(Unsupported::new(format!("{} keeps the name `{name}` for an index of its own", self.title()))
                .about(name)
                .help("choose another name")),
        }
    }

    fn refuse_index(&self, table: &Table, index: &Index) -> Result<(), Unsupported> {
        self.refuse_index_name(&index.name)?;
        let what = format!("the index `{}` of `{}`", index.name, table.name);
        let refused = |message: String, help: String| Err(Unsupported::new(message).about(&index.name).help(help));
        let (title, name) = (self.title(), self.dialect.flavour().name());
        if index.predicate.is_some() {
            return refused(
                format!("{what} has a condition; {title} has no partial indexes"),
                format!(
                    "say what {title} gets instead: `{name}: {{where: null, unique: false}}` for an index of all rows"
                ),
            );
        }
        self.refuse_kind(table, index, &what)?;
        for part in &index.parts {
            let shown = match &part.key {
                IndexKey::Column(name) => name,
                IndexKey::Expression(sql) => sql,
            };
            // NULLs are the smallest: first, and last when descending.
            let elsewhere = if part.descending { Nulls::First } else { Nulls::Last };
            if part.nulls == Some(elsewhere) {
                return refused(
                    format!("{what} says where NULLs go in `{shown}`; in {title} they are always the smallest"),
                    format!("leave `nulls` out for this dialect: `{name}: {{columns: …}}`"),
                );
            }
            if part.opclass.is_some() || part.collation.is_some() {
                return refused(
                    format!("{what} has an operator class or collation for `{shown}`, which {title} has not"),
                    "give the column the collation, and leave it out of the index".to_owned(),
                );
            }
            if matches!(part.key, IndexKey::Expression(_)) && !self.dialect.features.expression_index {
                return refused(
                    format!("{what} is built on the expression `{shown}`; {title} has no such indexes"),
                    "add a generated column with the expression (`computed`) and index that".to_owned(),
                );
            }
            let column = part.column_name().and_then(|name| table.column(name));
            if let (Some(column), Some(length)) = (column, part.length)
                && let Some(why) = no_prefix(&types::canonical(&column.ty), length)
            {
                return refused(
                    format!("{what} is to have {length} characters of `{shown}`, {why}"),
                    "leave `length` out".to_owned(),
                );
            }
            let long = column.is_some_and(|column| types::is_long(&types::canonical(&column.ty)));
            if long && part.length.is_none() && index.options.get("kind").is_none() {
                return refused(
                    format!("{what} is built on `{shown}`, which is of unlimited length"),
                    format!("index its first characters: `{{column: {shown}, length: 191}}`"),
                );
            }
        }
        Ok(())
    }

    /// What full-text and spatial indexes cannot be.
    /// <https://dev.mysql.com/doc/refman/8.4/en/fulltext-restrictions.html>,
    /// <https://dev.mysql.com/doc/refman/8.4/en/creating-spatial-indexes.html>
    fn refuse_kind(&self, table: &Table, index: &Index, what: &str) -> Result<(), Unsupported> {
        let refused = |message: String, help: &str| Err(Unsupported::new(message).about(&index.name).help(help));
        let kind = index.options.text("kind").map(str::to_ascii_lowercase);
        let full_text = kind.as_deref() == Some("fulltext");
        if index.options.get("parser").is_some() && !full_text {
            return refused(
                format!("{what} has a parser and is not full-text"),
                "write `kind: fulltext`, or remove `parser`",
            );
        }
        let Some(kind) = kind else { return Ok(()) };
        if index.unique {
            return refused(format!("{what} is {kind} and cannot be unique"), "remove `unique`");
        }
        if !full_text && index.parts.len() > 1 {
            return refused(
                format!("{what} is spatial and has {} columns", index.parts.len()),
                "make an index of each",
            );
        }
        for part in &index.parts {
            let Some(column) = part.column_name().and_then(|name| table.column(name)) else {
                return refused(format!("{what} is {kind} and built on an expression"), "index the column itself");
            };
            if part.length.is_some() || part.descending {
                return refused(
                    format!("{what} is {kind}, which knows neither `length` nor `order`"),
                    "remove them: the whole column is indexed",
                );
            }
            let ty = types::canonical(&column.ty);
            let texts = matches!(ty, Type::Char(_) | Type::Varchar(_) | Type::Text | Type::Native(_));
            if full_text && !texts {
                return refused(
                    format!("{what} is full-text, and `{}` is no text but `{}`", column.name, column.ty),
                    "index texts only",
                );
            }
            if !full_text && column.nullable {
                return refused(
                    format!("{what} is spatial, and `{}` may be NULL", column.name),
                    "make the column `nullable: false`",
                );
            }
        }
        Ok(())
    }

    /// What a reviewer should know of an index.
    pub(super) fn index_note(&self, index: &Index) -> Option<String> {
        let forgotten = !self.dialect.features.descending_index && index.parts.iter().any(|part| part.descending);
        forgotten.then(|| format!("MariaDB before 10.8 keeps the index {} in ascending order", index.name))
    }

    pub(super) fn create_index(
        &self,
        name: &ObjectName,
        index: &Index,
        if_not_exists: bool,
    ) -> Result<Vec<Statement>, Unsupported> {
        if if_not_exists && !self.dialect.features.if_not_exists {
            return Err(Unsupported::new(format!("{} has no CREATE INDEX IF NOT EXISTS", self.title()))
                .about(&index.name)
                .help("leave `if_not_exists` out: the history knows whether the index is there"));
        }
        let (before, after) = (self.table_before(name)?, self.table_after(name)?);
        let (kind, body) = self.index_pieces(after, index)?;
        let support = self.support(before, after, None);
        let guard = if if_not_exists { "IF NOT EXISTS " } else { "" };
        let mut statement = if support.is_empty() {
            let sql = format!("CREATE {kind}INDEX {guard}{} ON {} {body}", self.quote(&index.name), self.name(name));
            ddl(sql, name, Work::Index)
        } else {
            let mut clauses = vec![format!("ADD {kind}INDEX {guard}{} {body}", self.quote(&index.name))];
            clauses.extend(support);
            self.alter(name, &clauses, Work::Index)
        };
        let blocking = index.options.get("kind").is_some()
            || index.parts.iter().any(|part| matches!(part.key, IndexKey::Expression(_)));
        if blocking {
            for lock in &mut statement.locks {
                lock.level = LockLevel::BlocksWrites;
            }
        }
        if let Some(note) = self.index_note(index) {
            statement = statement.note(note);
        }
        Ok(vec![statement])
    }

    pub(super) fn drop_index(&self, name: &ObjectName, index: &Index) -> Result<Vec<Statement>, Unsupported> {
        let support = self.support(self.table_before(name)?, self.table_after(name)?, None);
        if support.is_empty() {
            let sql = format!("DROP INDEX {} ON {}", self.quote(&index.name), self.name(name));
            return Ok(vec![ddl(sql, name, Work::Metadata)]);
        }
        let mut clauses = vec![format!("DROP INDEX {}", self.quote(&index.name))];
        clauses.extend(support);
        Ok(vec![self.alter(name, &clauses, Work::Index)])
    }

    pub(super) fn rename_index(&self, name: &ObjectName, from: &str, to: &str) -> Result<Vec<Statement>, Unsupported> {
        self.refuse_index_name(to)?;
        let clause = format!("RENAME INDEX {} TO {}", self.quote(from), self.quote(to));
        Ok(vec![self.alter(name, &[clause], Work::Metadata)])
    }
}

/// Why a type has no beginning of this length to index, if so, as the end of a sentence.
pub(super) fn no_prefix(ty: &Type, length: u32) -> Option<String> {
    match ty {
        Type::Char(size) | Type::Varchar(size) | Type::Binary(size) | Type::Varbinary(size) => {
            size.filter(|size| length > *size).map(|size| format!("which has room for {size}"))
        }
        Type::Text | Type::Blob | Type::Native(_) => None,
        _ => Some("which is neither text nor bytes".to_owned()),
    }
}
