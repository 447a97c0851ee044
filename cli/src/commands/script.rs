//! `--sql`: the plan as a script, with no database at hand.

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::dialect::Unsupported;
use aludel_engine::execute::{Journal, ScriptOptions, script};
use aludel_engine::plan::Direction;
use aludel_engine::project::TransactionMode;
use aludel_engine::revision::RangeText;
use serde::Serialize;

use crate::failure::{Answer, Failure};
use crate::machine;
use crate::workspace::Workspace;

/// A script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptDocument {
    /// The dialect it is for.
    pub dialect: String,
    /// The version it is for.
    pub version: String,
    /// What it does: `upgrade`, `downgrade` or `stamp`.
    pub action: &'static str,
    /// The revisions in it, in order.
    pub revisions: Vec<String>,
    /// The text.
    pub sql: String,
}

/// What to make a script of.
pub(super) struct Wanted<'w> {
    pub(super) direction: Direction,
    /// `START:END`, or a target alone.
    pub(super) range: &'w str,
    /// What the user asked for, for the record.
    pub(super) record: String,
    pub(super) dialect: Option<&'w str>,
    pub(super) tags: &'w [String],
}

/// The two sides of `START:END`; a target alone is the end.
pub(super) fn sides(range: &str) -> Result<(Option<&str>, Option<&str>), aludel_engine::revision::ReferenceError> {
    if !range.contains(':') {
        return Ok((None, Some(range)));
    }
    let sides = RangeText::parse(range)?;
    Ok((sides.start, sides.end))
}

/// Prints the script.
pub(super) fn print(workspace: &mut Workspace<'_>, wanted: &Wanted<'_>) -> Result<Answer, Failure> {
    let (start, end) = sides(wanted.range).map_err(|error| workspace.reference(error))?;
    let (dialect, database) = workspace.offline_dialect(wanted.dialect)?;
    let reading = workspace.reading(dialect.clone(), database.as_ref()).map_err(|problem| workspace.refuse(problem))?;
    let mut planning = workspace.planning(reading, wanted.tags);
    let planned = planning.between(start, end, wanted.direction);
    let backwards = match (start, end, &planned) {
        (Some(start), Some(end), Ok(plan)) if plan.is_empty() && wanted.direction == Direction::Upgrade => {
            matches!((planning.rows_at(start), planning.rows_at(end)), (Ok(start), Ok(end)) if start != end)
        }
        _ => false,
    };
    if backwards {
        return Err(Failure::usage(
            format!("there is no way up from the start of `{}` to its end", wanted.range),
            "write `START:END`, where START is what is applied; the way down is `aludel downgrade --sql`",
        ));
    }
    let first = if wanted.direction == Direction::Upgrade { "base" } else { "heads" };
    let rows = planning.rows_at(start.unwrap_or(first));
    let plan = planned.map_err(|problems| workspace.refuse_with_all(problems))?;
    let journal = Journal::new(dialect.clone(), &workspace.project.config.version_table);
    // From a later start on the database has the journal already.
    let rows = rows.map_err(|error| workspace.reference(error))?;
    let options = ScriptOptions {
        tool: machine::TOOL,
        target: &wanted.record,
        create_journal: wanted.direction == Direction::Upgrade && rows.is_empty(),
        start: &rows,
        one_transaction: workspace.project.config.transaction == TransactionMode::Run,
        from_anywhere: false,
    };
    let sql = script(&plan, &*dialect, &journal, &options).map_err(|refusal| unsupported(workspace, refusal))?;
    let document = ScriptDocument {
        dialect: plan.dialect.to_owned(),
        version: plan.version.clone(),
        action: wanted.direction.name(),
        revisions: plan.revisions.iter().map(|revision| revision.id.to_string()).collect(),
        sql,
    };
    workspace.app.terminal.script(&document, &document.sql)?;
    Ok(Answer::Done)
}

pub(super) fn unsupported(workspace: &Workspace<'_>, refusal: Unsupported) -> Failure {
    let diagnostic = Diagnostic::error(&codes::UNSUPPORTED, refusal.message);
    workspace.refuse(refusal.help.into_iter().fold(diagnostic, Diagnostic::help))
}
