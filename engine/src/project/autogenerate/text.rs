//! The generated steps as a person reads them.

use std::fmt::Write as _;

use super::{Generated, MergedStep};
use crate::diff::Lookalike;
use crate::notation::print;
use crate::plan::{Work, compile_changes};
use serde_yaml::Value as Yaml;

/// What stands under `upgrade:`.
pub(super) fn revision(generated: &Generated) -> String {
    let mut text = String::new();
    for line in questions(generated) {
        comment(&mut text, &line);
    }
    for line in generated.remarks() {
        comment(&mut text, &format!("Not done: {line}."));
    }
    for line in work(generated) {
        comment(&mut text, &line);
    }
    for step in &generated.steps {
        for remark in &step.remarks {
            comment(&mut text, &format!("Mind: {remark}."));
        }
        indented(&mut text, step, "  ");
    }
    match &generated.downgrade {
        Some(steps) => {
            text.push_str("\n# The derived downgrade, as it would be written out:\n");
            for step in steps {
                indented(&mut text, step, "#   ");
            }
        }
        None => text.push_str(
            "\n# There is no derived downgrade. Write `downgrade:` with steps, or `downgrade: irreversible`.\n",
        ),
    }
    text
}

/// The width of a comment.
const WIDTH: usize = 110;

fn comment(text: &mut String, line: &str) {
    let mut width = 0;
    for word in line.split(' ') {
        let size = word.chars().count() + 1;
        if width == 0 || width + size > WIDTH {
            text.push_str(if width == 0 { "  # " } else { "\n  # " });
            text.push_str(word);
            width = size;
        } else {
            let _ = write!(text, " {word}");
            width += size;
        }
    }
    text.push('\n');
}

fn indented(text: &mut String, step: &MergedStep, margin: &str) {
    for line in print(&Yaml::Sequence(vec![step.document()])).lines() {
        let _ = writeln!(text, "{}", format!("{margin}{line}").trim_end());
    }
}

/// What may be one thing under two names.
fn questions(generated: &Generated) -> Vec<String> {
    let ask = |lookalike: &Lookalike| match lookalike {
        Lookalike::Table { from, to } => format!(
            "Is `{to}` the table `{from}` under another name? Then write `renamed_from: {from}` in it in the schema, delete \
             this file and generate it anew: as it stands, the rows of `{from}` are dropped."
        ),
        Lookalike::Column { table, from, to } => format!(
            "Is `{table}.{to}` the column `{from}` under another name? Then write `renamed_from: {from}` in it in the schema, \
             delete this file and generate it anew: as it stands, the values of `{from}` are dropped."
        ),
    };
    generated.lookalikes().into_iter().map(ask).collect()
}

/// Which tables that are there are read whole or written anew, for each dialect.
fn work(generated: &Generated) -> Vec<String> {
    let mut lines = Vec::new();
    for (reading, difference) in &generated.by_dialect {
        let Ok(compiled) = compile_changes(&*reading.dialect, &difference.changes, &difference.start) else { continue };
        let mut heavy: Vec<(&'static str, String)> = Vec::new();
        for (changes, statements) in compiled {
            let Some(table) =
                changes.first().and_then(|change| change.table()).filter(|name| difference.start.table(name).is_some())
            else {
                continue;
            };
            for statement in &statements {
                let what = match statement.work {
                    Work::Rebuild | Work::Copy => "rewrites",
                    Work::Index => "builds an index on",
                    Work::Scan => "reads all of",
                    _ => continue,
                };
                let entry = (what, table.to_string());
                if !heavy.contains(&entry) {
                    heavy.push(entry);
                }
            }
        }
        // Who writes a table anew has read it.
        let rewritten: Vec<String> =
            heavy.iter().filter(|(what, _)| *what == "rewrites").map(|(_, t)| t.clone()).collect();
        heavy.retain(|(what, table)| *what == "rewrites" || !rewritten.contains(table));
        if !heavy.is_empty() {
            let told: Vec<String> = heavy.iter().map(|(what, table)| format!("{what} {table}")).collect();
            lines.push(format!(
                "On {} this {}; `aludel plan` shows the locks.",
                reading.dialect.name(),
                told.join(", ")
            ));
        }
    }
    lines
}
