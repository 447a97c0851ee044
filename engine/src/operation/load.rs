//! `load`

use std::path::Path;

use super::cell::missing;
use super::lowering::is_key;
use super::text::names;
use super::{Context, Lowering, ObjectReader, Operate, table_name};
use crate::change::{Change, Field, LoadRows};
use crate::data::{Format, Found, Separated, json_names};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::schema::{Enum, ObjectName, Table};
use crate::source::{Decode, Node, NodeKind, Span, Spanned, entries, nearest, one_of};

/// Loads the rows of a file, as fast as the database takes them.
///
/// `file` is relative to the project's directory; its content is part of what the revision means. `format` is `csv`,
/// `tsv` (the same with tabs) or `jsonl` (an object on each line), by the ending of the file unless said. CSV is that of
/// RFC 4180, in UTF-8. Without `header: false` the first line names the columns; `columns` renames: a map of names in
/// the file and columns, `null` for a field that is passed over, or a list of columns in the order of the fields. NULL is
/// a field that is `null`, without quotes; nothing at all unless said, so `""` is an empty text. Bytes are `\x00ff` or a
/// text. In JSON a member that is left out is NULL, and the first object names the columns unless `columns` does. Every
/// value is checked against the type of its column before it is sent; a wrong one is named with file, line and column, and
/// nothing is loaded then: it is one transaction. Undone by deleting the rows by `key`, which is unique, or by the
/// primary key where the file has it; otherwise the revision is irreversible.
#[derive(Debug, Clone)]
pub struct Load {
    table: Spanned<ObjectName>,
    file: Spanned<String>,
    format: Format,
    columns: Columns,
    key: Option<Spanned<Vec<String>>>,
}

/// What `columns` says.
#[derive(Debug, Clone)]
enum Columns {
    /// Nothing: names in the file are those of columns.
    Same,
    /// The columns in the order of the fields.
    Listed(Vec<Spanned<String>>),
    /// Names in the file, and the column of each or none.
    Renamed(Vec<(Spanned<String>, Option<Spanned<String>>)>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Csv,
    Tsv,
    JsonLines,
}

impl Operate for Load {
    fn read(node: &Node, _: Span, context: &Context, diagnostics: &mut Diagnostics) -> Option<Self> {
        const KINDS: [(&str, Kind); 3] = [("csv", Kind::Csv), ("tsv", Kind::Tsv), ("jsonl", Kind::JsonLines)];
        let mut reader = ObjectReader::new(node, "load", None, context, diagnostics)?;
        let table = table_name(&mut reader, "table", diagnostics);
        let file: Option<Spanned<String>> = reader.need("file", diagnostics);
        let kind = match reader.node("format") {
            Some(node) => one_of(node, "format", &KINDS, diagnostics),
            None => file.as_ref().and_then(|file| by_ending(file, diagnostics)),
        };
        let columns = match reader.node("columns") {
            None => Some(Columns::Same),
            Some(node) => Columns::read(node, diagnostics),
        };
        let null: Option<Spanned<String>> = reader.get("null", diagnostics);
        let header: Option<Spanned<bool>> = reader.get("header", diagnostics);
        let key =
            reader.node("key").and_then(|node| names(node, diagnostics).map(|names| Spanned::new(names, node.span)));
        reader.finish(context, diagnostics);
        let format = match kind? {
            Kind::JsonLines => {
                let span = null.map(|null| null.span).or(header.map(|header| header.span));
                if let Some(span) = span {
                    let message = "JSON has names and NULL of its own, so `header` and `null` say nothing about it";
                    diagnostics.push(Diagnostic::error(&codes::CONTRADICTION, message).at(span, "remove this"));
                    return None;
                }
                Format::JsonLines
            }
            kind => Format::Separated {
                by: if kind == Kind::Tsv { '\t' } else { ',' },
                header: header.as_ref().is_none_or(|header| header.value),
                null: null.map(|null| null.value).unwrap_or_default(),
            },
        };
        let (file, columns) = (file?, columns?);
        if let (Format::Separated { header: false, .. }, Columns::Same | Columns::Renamed(_)) = (&format, &columns) {
            let span = header.map_or(file.span, |header| header.span);
            let message = "without a header nothing says which column a field goes to";
            diagnostics.push(
                Diagnostic::error(&codes::DATA_FILE, message)
                    .at(span, "so `columns` is needed as a list")
                    .help("list the columns in the order of the fields: `columns: [id, name]`"),
            );
            return None;
        }
        Some(Load { table: table?, file, format, columns, key })
    }

    fn lower(&self, lowering: &mut Lowering<'_>) -> Option<()> {
        let table = lowering.table(&self.table)?;
        let found = self.found(lowering)?;
        let fields = self.fields(&table, &found, lowering)?;
        let given =
            |name: &str| fields.iter().filter_map(|field| field.column.as_ref()).any(|column| column.name == name);
        if let Some(missing) = missing(&table, given) {
            let message = format!("`{}` leaves out {missing}, which is NOT NULL and has no default", self.file.value);
            return lowering.refuse(&codes::DATA_FILE, message, self.file.span, "this file");
        }
        let key = match &self.key {
            None => table.primary_key_columns().to_vec(),
            Some(key) => {
                lowering.columns(&table, &key.value, key.span)?;
                if !is_key(&table, &key.value) {
                    let message = format!(
                        "`{}` ({}) is neither the primary key nor unique, so other rows could have the same values",
                        table.name,
                        key.value.join(", ")
                    );
                    return lowering.refuse(&codes::NOT_A_KEY, message, key.span, "these columns do not name one row");
                }
                if let Some(absent) = key.value.iter().find(|name| !given(name)) {
                    let message = format!("`{}` has no values for the key column `{absent}`", self.file.value);
                    return lowering.refuse(&codes::NOT_A_KEY, message, key.span, "does not name the rows of the file");
                }
                key.value.clone()
            }
        };
        let key = if key.iter().all(|name| given(name)) { key } else { Vec::new() };
        let enums = fields.iter().filter_map(|field| field.column.as_ref()?.ty.enum_name());
        let enums: Vec<Enum> =
            enums.filter_map(|name| lowering.schema.enumeration(name)).map(|found| Enum::clone(found)).collect();
        lowering.emit(Change::LoadRows(LoadRows {
            table: table.name.clone(),
            file: found.file,
            format: self.format.clone(),
            fields,
            enums,
            key,
        }))
    }
}

fn by_ending(file: &Spanned<String>, diagnostics: &mut Diagnostics) -> Option<Kind> {
    let ending = Path::new(&file.value).extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("csv") => Some(Kind::Csv),
        Some("tsv") => Some(Kind::Tsv),
        Some("jsonl" | "ndjson") => Some(Kind::JsonLines),
        _ => {
            diagnostics.push(
                Diagnostic::error(
                    &codes::DATA_FILE,
                    format!("the name of `{}` does not say how it is written", file.value),
                )
                .at(file.span, "ends neither in .csv, .tsv nor .jsonl")
                .help("add `format: csv`, `tsv` or `jsonl`"),
            );
            None
        }
    }
}

impl Columns {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Mapping(_) => {
                let mut renamed = Vec::new();
                for (key, value) in entries(node, diagnostics)? {
                    let column = match value.kind {
                        NodeKind::Null => None,
                        _ => Some(Spanned::new(String::decode(value, diagnostics)?, value.span)),
                    };
                    renamed.push((Spanned::new(key.name.clone(), key.span), column));
                }
                Some(Columns::Renamed(renamed))
            }
            _ => Vec::<Spanned<String>>::decode(node, diagnostics).map(Columns::Listed),
        }
    }
}

impl Load {
    fn found(&self, lowering: &mut Lowering<'_>) -> Option<Found> {
        let reason = match lowering.context.data.get(Path::new(&self.file.value)) {
            Some(Ok(found)) => return Some(found.clone()),
            Some(Err(reason)) => reason.clone(),
            None => "it was not read".to_owned(),
        };
        let message = format!("the file `{}` cannot be read: {reason}", self.file.value);
        lowering.report(
            Diagnostic::error(&codes::DATA_FILE, message)
                .at(self.file.span, "named here")
                .help("a path is relative to the project's directory"),
        );
        None
    }

    /// The fields of the rows, with the columns they go to.
    fn fields(&self, table: &Table, found: &Found, lowering: &mut Lowering<'_>) -> Option<Vec<Field>> {
        let names = match self.names(found) {
            Ok(names) => names,
            Err(reason) => {
                let message = format!("`{}`: {reason}", self.file.value);
                return lowering.refuse(&codes::DATA_FILE, message, self.file.span, "this file");
            }
        };
        let mut fields: Vec<Field> = Vec::new();
        let mut complete = true;
        let targets = self.targets(&names, lowering)?;
        for (name, target) in targets {
            let column = match target {
                None => None,
                Some((target, span)) => match self.column(table, &target, span, lowering) {
                    Some(column) => Some(column),
                    None => {
                        complete = false;
                        continue;
                    }
                },
            };
            let twice = column.as_ref().filter(|column| {
                fields.iter().any(|field| field.column.as_ref().is_some_and(|other| other.name == column.name))
            });
            if let Some(column) = twice {
                complete = false;
                let message = format!("two fields of `{}` go to the column `{}`", self.file.value, column.name);
                lowering.report(Diagnostic::error(&codes::DATA_FILE, message).at(self.file.span, "this file"));
                continue;
            }
            fields.push(Field { name, column });
        }
        if complete && fields.iter().all(|field| field.column.is_none()) {
            let message = format!("no field of `{}` goes to a column", self.file.value);
            return lowering.refuse(&codes::DATA_FILE, message, self.file.span, "this file");
        }
        complete.then_some(fields)
    }

    /// The names of the fields, where the file gives them.
    fn names(&self, found: &Found) -> Result<Option<Vec<String>>, String> {
        let head = found.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&found.head);
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
            return Err("the file is UTF-16; save it as UTF-8".to_owned());
        }
        if found.file.bytes > 0 && head.is_empty() {
            return Err("its first line is longer than 64 KiB".to_owned());
        }
        match (&self.format, &self.columns) {
            (Format::Separated { header: true, by, .. }, _) => {
                let mut records = Separated::new(head, *by);
                match records.read() {
                    Ok(true) => Ok(Some((0..records.len()).map(|place| records.field(place).0.to_owned()).collect())),
                    Ok(false) => {
                        Err("it is empty, so it has no header; write `header: false` if it is to have none".to_owned())
                    }
                    Err(_) => Err("its first line cannot be read as a header".to_owned()),
                }
            }
            (Format::JsonLines, Columns::Same) => json_names(head).map(Some),
            _ => Ok(None),
        }
    }

    /// Each field with the name of its column, and where that is written.
    #[allow(clippy::type_complexity)]
    fn targets(
        &self,
        names: &Option<Vec<String>>,
        lowering: &mut Lowering<'_>,
    ) -> Option<Vec<(String, Option<(String, Span)>)>> {
        let own = self.file.span;
        match (&self.columns, names) {
            (Columns::Listed(columns), Some(names)) if columns.len() != names.len() => {
                let message = format!(
                    "`{}` has {} fields ({}), and `columns` lists {}",
                    self.file.value,
                    names.len(),
                    names.join(", "),
                    columns.len()
                );
                let span = columns.first().map_or(own, |column| column.span);
                lowering.report(
                    Diagnostic::error(&codes::DATA_FILE, message).at(span, "one for each field is wanted").help(
                        "to choose some by name, write a map: `columns: {name in the file: column, other: null}`",
                    ),
                );
                None
            }
            (Columns::Listed(columns), _) => {
                let target =
                    |column: &Spanned<String>| (column.value.clone(), Some((column.value.clone(), column.span)));
                Some(columns.iter().map(target).collect())
            }
            (Columns::Renamed(renamed), Some(names)) => {
                if let Some((name, _)) = renamed.iter().find(|(name, _)| !names.contains(&name.value)) {
                    let message = format!("`{}` has no field `{}`", self.file.value, name.value);
                    let near = nearest(&name.value, names.iter().map(String::as_str));
                    let diagnostic = Diagnostic::error(&codes::DATA_FILE, message).at(name.span, "not in its header");
                    lowering.report(match near {
                        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                        None => diagnostic.note(format!("its fields are {}", names.join(", "))),
                    });
                    return None;
                }
                let target = |name: &String| match renamed.iter().find(|(known, _)| known.value == *name) {
                    Some((_, column)) => column.as_ref().map(|column| (column.value.clone(), column.span)),
                    None => Some((name.clone(), own)),
                };
                Some(names.iter().map(|name| (name.clone(), target(name))).collect())
            }
            // JSON: the map is the list of all members.
            (Columns::Renamed(renamed), None) => Some(
                renamed
                    .iter()
                    .map(|(name, column)| {
                        (name.value.clone(), column.as_ref().map(|column| (column.value.clone(), column.span)))
                    })
                    .collect(),
            ),
            (Columns::Same, names) => {
                let names = names.as_deref().unwrap_or_default();
                Some(names.iter().map(|name| (name.clone(), Some((name.clone(), own)))).collect())
            }
        }
    }

    fn column(
        &self,
        table: &Table,
        name: &str,
        span: Span,
        lowering: &mut Lowering<'_>,
    ) -> Option<crate::schema::Column> {
        if span != self.file.span {
            let key = crate::source::Key { name: name.to_owned(), span };
            return super::cell::target(table, &key, lowering);
        }
        let problem = match table.column(name) {
            Some(column) if column.computed.is_none() => return Some(column.clone()),
            Some(_) => format!("`{}` has the column `{name}`, which is computed and takes no value", self.file.value),
            None => {
                format!("`{}` has a field `{name}`, and the table `{}` no such column", self.file.value, table.name)
            }
        };
        let near = nearest(name, table.columns.iter().map(|column| column.name.as_str()));
        let help = match near {
            Some(near) if table.column(name).is_none() => {
                format!(
                    "did you mean `{near}`? Then write `columns: {{{name}: {near}}}`; or `{name}: null` passes over it"
                )
            }
            _ => format!("`columns: {{{name}: null}}` passes over it; `{name}: column` says where it goes"),
        };
        lowering.report(Diagnostic::error(&codes::DATA_FILE, problem).at(span, "in this file").help(help));
        None
    }
}
