//! What is half run, statement by statement.

use std::fmt::Write;

use aludel_engine::execute::UndoPlan;

use super::history::moment;
use super::style::{CAUTION, DANGER, FAINT, MARK, PLAIN, REVISION, SQL, TITLE, clean, paint};
use super::words::{count, line, thousands};
use crate::commands::repair::{HalfRunDocument, RepairDocument, StepDocument};

/// What is half run, and what was done about it.
pub(crate) fn half_runs(document: &RepairDocument) -> String {
    let mut text = String::new();
    let name = &document.database.name;
    let done = [(&document.finished, "finished"), (&document.undone, "undone")];
    for (revisions, word) in done.iter().filter(|(revisions, _)| !revisions.is_empty()) {
        let ids: Vec<&str> = revisions.iter().map(|id| id.as_str()).collect();
        let _ = writeln!(text, "{word} in `{name}`: {}", ids.join(", "));
    }
    if let Some(sql) = &document.marked {
        let _ = writeln!(text, "recorded: {}", clean(&line(sql)));
        let _ = writeln!(
            text,
            "now `aludel repair --finish` runs the rest, and `aludel repair --undo` takes back what is done"
        );
    }
    if !text.is_empty() {
        return text;
    }
    if document.half_run.is_empty() {
        return format!("nothing is half run in `{name}`\n");
    }
    if let Some(holder) = &document.running {
        let words = format!("a run is at work now ({holder}); what follows may be what it does at this moment");
        let _ = writeln!(text, "{}\n", paint(CAUTION, &words));
    }
    document.half_run.iter().for_each(|half| one(&mut text, half));
    text
}

fn one(text: &mut String, half: &HalfRunDocument) {
    let state = match (half.undoing, half.state.as_deref()) {
        (true, _) => "half undone",
        (false, Some("failed")) => "half run: a statement failed",
        (false, Some("interrupted")) => "half run: it was interrupted",
        _ => "half run",
    };
    let message = half.message.as_deref().filter(|message| !message.is_empty());
    let message = message.map(|message| format!("  {}", paint(TITLE, &line(message)))).unwrap_or_default();
    let _ = writeln!(text, "{}{message}", paint(REVISION, &half.revision));
    let _ = writeln!(text, "  {}", paint(CAUTION, &format!("{} {state}", half.direction)));
    let by = |what: &Option<String>, word: &str| {
        what.as_deref().filter(|text| !text.is_empty()).map(|text| format!(" {word} {text}")).unwrap_or_default()
    };
    let since = half.since.as_deref().map(moment).unwrap_or_default();
    let who = format!("since {since}{}{}{}", by(&half.user, "by"), by(&half.host, "from"), by(&half.tool, "with"));
    let _ = writeln!(text, "  {}", paint(FAINT, &who));
    if half.script {
        let _ = writeln!(
            text,
            "\n  A script did this, and only the script says which of its statements have run. Run the rest of it; or\n  \
             settle it by hand and say so with `aludel stamp`."
        );
        return;
    }
    let _ = writeln!(text);
    half.steps.iter().for_each(|step| statement(text, step));
    if half.undoing {
        let _ = writeln!(text, "\n  {}", paint(TITLE, "taking it back:"));
        half.undo_steps.iter().for_each(|step| statement(text, step));
        let _ = writeln!(text, "\n  `aludel repair --undo` goes on with that, and so does the next run.");
        return;
    }
    let in_doubt = half.steps.iter().any(|step| step.state == "in_doubt");
    let fixed = half.steps.iter().filter(|step| matches!(step.state, "done" | "partly_done"));
    let fixed: Vec<&str> = fixed.filter_map(|step| step.irreversible_because.as_deref()).collect();
    let _ = writeln!(text);
    if in_doubt {
        let _ = writeln!(
            text,
            "  In doubt means that the run ended while the statement ran. The next run looks at the catalog and decides;"
        );
        let _ =
            writeln!(text, "  where it cannot, `aludel repair --mark done` or `--mark not-run` says what you found.");
    }
    let _ = writeln!(text, "  `aludel repair --finish` runs the rest, as the next `aludel upgrade` does.");
    match fixed.first() {
        None => {
            let _ = writeln!(text, "  `aludel repair --undo` takes back what is done.");
        }
        Some(reason) => {
            let _ = writeln!(text, "  It cannot be undone: {reason}.");
        }
    }
}

fn statement(text: &mut String, step: &StepDocument) {
    let (word, style) = match step.state {
        "done" => ("done", MARK),
        "partly_done" => ("partly", CAUTION),
        "in_doubt" => ("in doubt", CAUTION),
        "failed" => ("failed", DANGER),
        _ => ("not run", PLAIN),
    };
    let _ = writeln!(text, "  {}  {}", paint(style, &format!("{word:<8}")), paint(SQL, &line(&step.sql)));
    if let Some(rows) = step.rows.filter(|_| step.state == "partly_done") {
        let _ =
            writeln!(text, "            {}", paint(FAINT, &format!("{} rows of its backfill done", thousands(rows))));
    }
    if let Some(error) = step.error.as_deref().filter(|_| matches!(step.state, "failed" | "partly_done")) {
        let _ = writeln!(text, "            {}", paint(DANGER, &line(error)));
    }
}

/// What taking back will do.
pub(crate) fn undo_question(plan: &UndoPlan) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Undoing the half-run {} of {} runs {}:",
        plan.direction.name(),
        paint(REVISION, plan.revision.as_str()),
        count(plan.statements.len(), "statement")
    );
    for statement in &plan.statements {
        let _ = writeln!(text, "  {}", paint(SQL, &line(&statement.sql)));
    }
    for lost in &plan.lost {
        let _ = writeln!(text, "  {}", paint(DANGER, &format!("what this lost does not come back: {}", line(lost))));
    }
    text
}
