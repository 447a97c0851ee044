//! CREATE TABLE. <https://sqlite.org/lang_createtable.html>

use std::collections::BTreeSet;

use aludel_engine::schema::{
    Column, Computed, Constraint, ConstraintKind, Deferral, ForeignKey, Identity, Match, ObjectName, OptionValue,
    Options, ReferentialAction, Table, Type, Value,
};

use super::{Parser, Unread};
use crate::types;

/// The words that end the type of a column.
const CONSTRAINT_WORDS: [&str; 11] =
    ["CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "AS", "DEFERRABLE"];

/// Reads a table definition. Foreign keys that name no columns of the other table have none yet.
pub fn table(sql: &str) -> Result<Table, Unread> {
    Ok(read(sql)?.finish())
}

/// The columns of keys that are compared in another way than they are elsewhere, which the model has no word for.
pub fn collated_keys(sql: &str) -> Result<Vec<String>, Unread> {
    Ok(read(sql)?.collated)
}

fn read(sql: &str) -> Result<Reader, Unread> {
    let mut parser = Parser::new(sql);
    parser.expect(&["CREATE"])?;
    let _ = parser.eat(&["TEMP"]) || parser.eat(&["TEMPORARY"]);
    parser.expect(&["TABLE"])?;
    let _ = parser.eat(&["IF", "NOT", "EXISTS"]);
    let name = parser.qualified_name()?;
    let mut reader = Reader {
        table: Table::new(ObjectName::new(name)),
        autoincrement: false,
        descending: false,
        other_integers: BTreeSet::new(),
        collated: Vec::new(),
    };
    parser.expect(&["("])?;
    loop {
        reader.item(&mut parser)?;
        // SQLite takes table constraints without a comma between them.
        let _ = parser.eat(&[","]);
        if parser.eat(&[")"]) {
            break;
        }
        if parser.at_end() {
            return Err("the list of columns is not closed".to_owned());
        }
    }
    loop {
        if parser.eat(&["STRICT"]) {
            reader.table.options.set("strict", OptionValue::Bool(true));
        } else if parser.eat(&["WITHOUT", "ROWID"]) {
            reader.table.options.set("without_rowid", OptionValue::Bool(true));
        } else if !parser.eat(&[","]) {
            break;
        }
    }
    Ok(reader)
}

struct Reader {
    table: Table,
    autoincrement: bool,
    /// `INTEGER PRIMARY KEY DESC` in a column is no alias of the rowid. <https://sqlite.org/lang_createtable.html#rowid>
    descending: bool,
    /// Columns of whole numbers whose type is another word than INTEGER, so that none of them is the rowid.
    other_integers: BTreeSet<String>,
    /// Columns of keys with a collation of their own there.
    collated: Vec<String>,
}

impl Reader {
    fn item(&mut self, parser: &mut Parser<'_>) -> Result<(), Unread> {
        let mut name = None;
        while parser.is(&["CONSTRAINT"]) {
            parser.take();
            name = Some(parser.name()?);
        }
        let constraint = ["PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| parser.is(&[word]));
        match name.is_some() || constraint {
            true => self.table_constraint(parser, name),
            false => self.column(parser),
        }
    }

    fn table_constraint(&mut self, parser: &mut Parser<'_>, name: Option<String>) -> Result<(), Unread> {
        if parser.eat(&["PRIMARY", "KEY"]) {
            let (columns, autoincrement) = self.key(parser)?;
            self.autoincrement |= autoincrement;
            self.push(parser, name, ConstraintKind::PrimaryKey { columns })
        } else if parser.eat(&["UNIQUE"]) {
            let (columns, _) = self.key(parser)?;
            self.push(parser, name, ConstraintKind::Unique { columns })
        } else if parser.eat(&["CHECK"]) {
            let sql = parser.parenthesised()?;
            self.push(parser, name, ConstraintKind::Check { sql })
        } else if parser.eat(&["FOREIGN", "KEY"]) {
            let columns = parser.names()?.names;
            parser.expect(&["REFERENCES"])?;
            self.references(parser, name, columns)
        } else if parser.is(&[","]) || parser.is(&[")"]) || parser.is(&["CONSTRAINT"]) {
            Ok(())
        } else {
            Err(format!("`{}` begins no constraint", parser.peek()))
        }
    }

    /// The columns of a key, and whether AUTOINCREMENT stands behind one.
    fn key(&mut self, parser: &mut Parser<'_>) -> Result<(Vec<String>, bool), Unread> {
        let names = parser.names()?;
        self.collated.extend(names.collated);
        Ok((names.names, names.autoincrement))
    }

    fn push(&mut self, parser: &mut Parser<'_>, name: Option<String>, kind: ConstraintKind) -> Result<(), Unread> {
        let is_check = matches!(kind, ConstraintKind::Check { .. });
        let mut constraint = Constraint::new(name, kind);
        let mut options = Options::default();
        conflict(parser, &mut options)?;
        // On a check the clause is read and has no effect: https://sqlite.org/lang_conflict.html
        if !is_check {
            constraint.options = options;
        }
        self.table.constraints.push(constraint);
        Ok(())
    }

    fn references(
        &mut self,
        parser: &mut Parser<'_>,
        name: Option<String>,
        columns: Vec<String>,
    ) -> Result<(), Unread> {
        let referred_table = ObjectName::new(parser.name()?);
        let referred_columns = if parser.is(&["("]) { parser.names()?.names } else { Vec::new() };
        let mut key = ForeignKey {
            columns,
            referred_table,
            referred_columns,
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            matching: Match::Simple,
        };
        loop {
            if parser.eat(&["ON", "DELETE"]) {
                key.on_delete = action(parser)?;
            } else if parser.eat(&["ON", "UPDATE"]) {
                key.on_update = action(parser)?;
            } else if parser.eat(&["MATCH"]) {
                if parser.name()?.eq_ignore_ascii_case("FULL") {
                    key.matching = Match::Full;
                }
            } else {
                break;
            }
        }
        let mut constraint = Constraint::new(name, ConstraintKind::ForeignKey(key));
        constraint.deferral = deferral(parser);
        self.table.constraints.push(constraint);
        Ok(())
    }

    fn column(&mut self, parser: &mut Parser<'_>) -> Result<(), Unread> {
        let name = parser.name()?;
        let declared = parser.until(|parser| {
            CONSTRAINT_WORDS.iter().any(|word| parser.is(&[word]))
                || parser.is(&["GENERATED", "ALWAYS"])
                || parser.is(&[","])
                || parser.is(&[")"])
        })?;
        let declared = plain_type(declared);
        let mut column = Column::new(name, types::parse(&declared));
        if column.ty == Type::Integer && !declared.eq_ignore_ascii_case("INTEGER") {
            self.other_integers.insert(column.name.clone());
        }
        let mut constraint = None;
        while !parser.is(&[","]) && !parser.is(&[")"]) {
            if parser.at_end() {
                return Err("the definition of a column does not end".to_owned());
            }
            if parser.eat(&["CONSTRAINT"]) {
                constraint = Some(parser.name()?);
                continue;
            }
            self.column_constraint(parser, &mut column, constraint.take())?;
        }
        self.table.columns.push(column);
        Ok(())
    }

    fn column_constraint(
        &mut self,
        parser: &mut Parser<'_>,
        column: &mut Column,
        name: Option<String>,
    ) -> Result<(), Unread> {
        let own = || vec![column.name.clone()];
        if parser.eat(&["PRIMARY", "KEY"]) {
            self.descending |= parser.eat(&["DESC"]);
            let _ = parser.eat(&["ASC"]);
            self.push(parser, name, ConstraintKind::PrimaryKey { columns: own() })?;
            self.autoincrement |= parser.eat(&["AUTOINCREMENT"]);
        } else if parser.eat(&["NOT", "NULL"]) {
            column.nullable = false;
            conflict(parser, &mut column.options)?;
        } else if parser.eat(&["NULL"]) {
            conflict(parser, &mut Options::default())?;
        } else if parser.eat(&["UNIQUE"]) {
            self.push(parser, name, ConstraintKind::Unique { columns: own() })?;
        } else if parser.eat(&["CHECK"]) {
            let sql = parser.parenthesised()?;
            self.push(parser, name, ConstraintKind::Check { sql })?;
        } else if parser.eat(&["DEFAULT"]) {
            let sql = default(parser)?;
            // The same as none.
            column.default = (!sql.eq_ignore_ascii_case("NULL")).then_some(Value::Sql(sql));
        } else if parser.eat(&["COLLATE"]) {
            column.collation = Some(parser.name()?);
        } else if parser.eat(&["REFERENCES"]) {
            let columns = own();
            self.references(parser, name, columns)?;
        } else if parser.is(&["NOT", "DEFERRABLE"]) || parser.is(&["DEFERRABLE"]) {
            // After another constraint of the column, it still speaks of the foreign key before it.
            let deferral = deferral(parser);
            if let Some(constraint) = self.table.constraints.last_mut() {
                constraint.deferral = deferral;
            }
        } else if parser.eat(&["GENERATED", "ALWAYS"]) || parser.is(&["AS"]) {
            parser.expect(&["AS"])?;
            let sql = parser.parenthesised()?;
            let stored = parser.eat(&["STORED"]);
            let _ = parser.eat(&["VIRTUAL"]);
            column.computed = Some(Computed { sql, stored });
        } else {
            return Err(format!("`{}` begins no constraint of column `{}`", parser.peek(), column.name));
        }
        Ok(())
    }

    /// Settles what depends on the whole: which column is the rowid, and which are NOT NULL without saying so.
    fn finish(self) -> Table {
        let mut table = self.table;
        let key: Vec<String> = table.primary_key_columns().to_vec();
        let without_rowid = table.options.flag("without_rowid");
        let rowid = match key.as_slice() {
            [one] if !without_rowid => Some(one.to_ascii_lowercase()),
            _ => None,
        };
        let strict = table.options.flag("strict");
        for column in &mut table.columns {
            let in_key = key.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
            let alone =
                rowid.as_deref() == Some(column.name.to_ascii_lowercase().as_str()) && column.ty == Type::Integer;
            let is_rowid = alone && !self.descending && !self.other_integers.contains(&column.name);
            // Only INTEGER, in this spelling, is the rowid: https://sqlite.org/lang_createtable.html#rowid
            if alone && !is_rowid {
                column.options.set("rowid", OptionValue::Bool(false));
            }
            // A primary key admits NULL unless it is the rowid or the table has none, for the sake of old databases:
            // https://sqlite.org/lang_createtable.html#the_primary_key
            if in_key && column.nullable {
                column.nullable = false;
                if !without_rowid && !is_rowid && !strict {
                    column.options.set("null_key", OptionValue::Bool(true));
                }
            }
            if is_rowid {
                // It takes the next number, whatever the default says.
                column.default = None;
                column.identity = self.autoincrement.then(Identity::default);
            }
        }
        table
    }
}

/// Whether a name is a type as it is.
fn is_word(name: &str) -> bool {
    let ends = |word: &&str| word.eq_ignore_ascii_case(name);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !CONSTRAINT_WORDS.iter().chain(&["GENERATED", "ALWAYS"]).any(ends)
}

/// A declared type with single blanks and without comments.
fn plain_type(declared: &str) -> String {
    let mut text = String::new();
    for token in crate::lex::tokens(declared) {
        let piece = token.text(declared);
        // SQLite takes a string for a name here; the model has one way to quote.
        let name =
            piece.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(|name| name.replace("''", "'"));
        let name = name.map(|name| if is_word(&name) { name } else { aludel_engine::dialect::quoted_with(&name, '"') });
        let piece = name.as_deref().unwrap_or(piece);
        if !text.is_empty()
            && !text.ends_with('(')
            && !matches!(piece, "(" | ")" | ",")
            && !text.ends_with(['-', '+', ','])
        {
            text.push(' ');
        }
        text.push_str(piece);
    }
    text
}

fn conflict(parser: &mut Parser<'_>, options: &mut Options) -> Result<(), Unread> {
    if parser.eat(&["ON", "CONFLICT"]) {
        let action = parser.name()?.to_ascii_lowercase();
        options.set("on_conflict", OptionValue::Text(action));
    }
    Ok(())
}

fn default(parser: &mut Parser<'_>) -> Result<String, Unread> {
    if parser.is(&["("]) {
        return parser.parenthesised();
    }
    let sign = parser.is(&["-"]) || parser.is(&["+"]);
    let mut text = String::new();
    if sign {
        text.push_str(parser.take());
    }
    text.push_str(parser.take());
    Ok(text)
}

fn action(parser: &mut Parser<'_>) -> Result<ReferentialAction, Unread> {
    ReferentialAction::ALL
        .into_iter()
        .find(|(_, action)| parser.eat(&action.sql().split(' ').collect::<Vec<_>>()))
        .map(|(_, action)| action)
        .ok_or_else(|| format!("`{}` is not a referential action", parser.peek()))
}

fn deferral(parser: &mut Parser<'_>) -> Deferral {
    let not = parser.eat(&["NOT", "DEFERRABLE"]);
    if !not && !parser.eat(&["DEFERRABLE"]) {
        return Deferral::NotDeferrable;
    }
    let deferred = parser.eat(&["INITIALLY", "DEFERRED"]);
    let _ = parser.eat(&["INITIALLY", "IMMEDIATE"]);
    match (not, deferred) {
        (true, _) => Deferral::NotDeferrable,
        (false, true) => Deferral::InitiallyDeferred,
        (false, false) => Deferral::InitiallyImmediate,
    }
}
