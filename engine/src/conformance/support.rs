//! What is supported where: every case compiled for every version asked for, as a page of documentation.
//!
//! Nothing in it is written by hand. A case counts for the operation whose directory it is in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use super::history::{History, Stop};
use super::spec::{self, Spec};
use super::{Options, Suite};
use crate::diagnostic::Diagnostics;
use crate::dialect::{Dialect, Version};
use crate::driver::Driver;
use crate::plan::Direction;

/// A driver, and the versions of its dialects to look at.
#[derive(Clone, Copy)]
pub struct Supported {
    /// The driver.
    pub driver: &'static dyn Driver,
    /// Dialects with versions, in the order of the columns.
    pub versions: &'static [(&'static str, Version)],
}

impl std::fmt::Debug for Supported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supported").field("versions", &self.versions).finish_non_exhaustive()
    }
}

/// How the cases of one operation come out for one version.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    compiled: usize,
    refused: usize,
}

/// The page: a table of operations and versions, and every refusal with its reason.
///
/// # Errors
/// When a case cannot be read.
pub fn page(supported: &[Supported], options: &Options) -> Result<String, String> {
    let mut rows: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    let mut refusals: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut columns = Vec::new();
    for one in supported {
        let suite = Suite { driver: one.driver, options: options.clone() };
        for (name, version) in one.versions {
            let place = columns.len();
            columns.push(format!("{name} {version}"));
            let dialect = suite.driver.dialect(name, Some(*version)).map_err(|why| why.message)?;
            for case in spec::find(&suite.options.specs)?.iter().filter(|case| case.item.is_none()) {
                let row = rows.entry(case.operation.clone()).or_default();
                row.resize(place + 1, Cell::default());
                let spec = suite.read(case, name)?;
                if !spec.is_for(name) {
                    continue;
                }
                match refusal(&suite, &spec, &dialect) {
                    None => row[place].compiled += 1,
                    Some(reason) => {
                        row[place].refused += 1;
                        refusals.entry((case.path(), reason)).or_default().insert(format!("{name} {version}"));
                    }
                }
            }
        }
    }
    Ok(written(&columns, &rows, &refusals))
}

/// Why a dialect refuses a case; none where it compiles up and, if it can be taken back, down.
fn refusal(suite: &Suite, spec: &Spec, dialect: &Arc<dyn Dialect>) -> Option<String> {
    let mut diagnostics = Diagnostics::default();
    let history = History::replay(suite, spec, Arc::clone(dialect), &mut diagnostics);
    if let Some(history) = history.filter(|_| !diagnostics.has_errors()) {
        history.plan(&BTreeSet::new(), Stop::When, &mut diagnostics);
        if spec.reversible {
            history.plan_of_when(Direction::Downgrade, &mut diagnostics);
        }
    }
    let first = diagnostics.sorted().first().map(|found| format!("{}: {}", found.code.id, found.message));
    first.filter(|_| diagnostics.has_errors())
}

fn written(
    columns: &[String],
    rows: &BTreeMap<String, Vec<Cell>>,
    refusals: &BTreeMap<(String, String), BTreeSet<String>>,
) -> String {
    let mut text = String::from(
        "# What is supported where\n\nMade from the cases in `specs/` by compiling each for each version; no cell is filled in by hand. A number is how many cases\nof the operation compile, `a/b` means that `a` of `b` do and the others are refused with a reason, `refused` that all are, and\n`–` that no case is about this database.\n\n",
    );
    let _ = writeln!(text, "| operation | {} |", columns.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(columns.len()));
    for (operation, cells) in rows {
        let shown: Vec<String> = (0..columns.len())
            .map(|place| match cells.get(place).copied().unwrap_or_default() {
                Cell { compiled: 0, refused: 0 } => "–".to_owned(),
                Cell { compiled: 0, .. } => "refused".to_owned(),
                Cell { compiled, refused: 0 } => compiled.to_string(),
                Cell { compiled, refused } => format!("{compiled}/{}", compiled + refused),
            })
            .collect();
        let _ = writeln!(text, "| `{operation}` | {} |", shown.join(" | "));
    }
    text.push_str("\n## What is refused, and why\n\n| case | where | reason |\n|---|---|---|\n");
    for ((case, reason), versions) in refusals {
        let reason = reason.replace('|', "\\|").replace('\n', " ");
        let versions: Vec<&str> = versions.iter().map(String::as_str).collect();
        let _ = writeln!(text, "| {} | {} | {reason} |", case.replace("::", "/"), versions.join(", "));
    }
    text
}
