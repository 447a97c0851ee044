//! What a proof on scratch databases gave.

use std::fmt::Write;

use super::difference::difference;
use super::style::{DANGER, FAINT, MARK, PLAIN, TITLE, paint};
use super::table::Table;
use super::words::count;
use crate::commands::verify::{Stage, VerifiedDialect, VerifyDocument};

/// A line for each dialect, and what did not come out as the model says.
pub(crate) fn verify(document: &VerifyDocument) -> String {
    let mut table = Table::default();
    for one in &document.dialects {
        let (sign, style) = match one.ok {
            Some(true) => ("ok", MARK),
            Some(false) => ("no", DANGER),
            None => ("?", FAINT),
        };
        let name = match &one.version {
            Some(version) => format!("{} {version}", one.dialect),
            None => one.dialect.clone(),
        };
        table.row([(sign.to_owned(), style), (name, TITLE), (account(one), PLAIN)]);
    }
    let mut text = table.lines();
    for one in &document.dialects {
        for stage in one.stages.iter().filter(|stage| !stage.difference.same) {
            let words = format!("{}: after going {} the database is not what the model says:", one.dialect, stage.name);
            let _ = writeln!(text, "\n{}", paint(TITLE, &words));
            text.push_str(&difference(&stage.difference, "the model", "the database"));
        }
    }
    text
}

fn account(one: &VerifiedDialect) -> String {
    if one.stages.is_empty() {
        return one.about.clone();
    }
    let stage = |stage: &Stage| {
        let end = if stage.difference.same { "as the model says" } else { "not as the model says" };
        format!("{} {}: {end}", stage.name, count(stage.revisions, "revision"))
    };
    let stages: Vec<String> = one.stages.iter().map(stage).collect();
    format!("{} ({})", stages.join(", "), one.about)
}
