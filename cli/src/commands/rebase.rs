//! `aludel rebase`.

use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::project::rebase::Rebase as Plan;
use aludel_engine::revision::RevisionId;
use clap::Args;
use serde::Serialize;

use crate::app::App;
use crate::database::Database;
use crate::failure::{Answer, Failure, Report};
use crate::workspace::Workspace;

/// Put a revision that is applied nowhere behind another one
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Rebase {
    /// The revision to move; what follows it moves with it
    #[arg(value_name = "REV")]
    pub revision: String,
    /// What it is to follow [default: the other head, if there is one other]
    #[arg(long, value_name = "REV")]
    pub onto: Option<String>,
    /// Take it as applied nowhere, without looking at a database
    #[arg(long)]
    pub unapplied: bool,
    /// Say what would be done and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  aludel rebase 3f2a --onto 9c1d          3f2a follows 9c1d from now on
  aludel rebase 3f2a                      behind the other of two heads
  aludel rebase 3f2a --onto 9c1d -d staging --dry-run

Only the value of `down_revision` in the file changes; comments and layout stay as they are.
It is refused when the revision, or one that follows it, is applied in the database (the one
that `-d` names, else `default`), and when the steps do not hold in the new place.";

/// A revision that was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RebaseDocument {
    /// The revision.
    pub revision: RevisionId,
    /// What it followed; null where it followed nothing.
    pub from: Option<RevisionId>,
    /// What it follows.
    pub onto: RevisionId,
    /// The revisions that moved with it.
    pub with: Vec<RevisionId>,
    /// Its file.
    pub file: String,
    /// Whether the file was changed.
    pub changed: bool,
    /// The heads of the history afterwards.
    pub heads: Vec<RevisionId>,
}

impl Rebase {
    pub(crate) fn run(self, app: &App) -> Result<Answer, Failure> {
        let mut workspace = Workspace::open(app)?;
        let graph = &workspace.history.graph;
        let one = |name: &str| {
            let found = graph.resolve_one(name, None).map_err(|error| workspace.reference(error))?;
            found.ok_or_else(|| Failure::usage(format!("`{name}` is no revision"), "name a revision"))
        };
        let id = one(&self.revision)?;
        let onto = match &self.onto {
            Some(name) => one(name)?,
            None => other_head(&workspace, &id)?,
        };
        let moving = graph.descendants_of(&id);
        let readings = workspace.readings();
        let found = Plan::new(&workspace.project, &mut workspace.history, &readings, &id, &onto);
        let Some(plan) = found.map_err(|problems| workspace.refuse_for(problems))? else {
            let document = RebaseDocument {
                from: Some(onto.clone()),
                file: workspace.path_of(&id),
                revision: id,
                onto,
                with: Vec::new(),
                changed: false,
                heads: workspace.history.graph.heads(),
            };
            app.terminal
                .result(&document, || format!("`{}` follows `{}` already\n", document.revision, document.onto))?;
            return Ok(Answer::Done);
        };
        if !self.unapplied {
            unapplied(&workspace, &id, &moving)?;
        }
        if !self.dry_run {
            plan.write().map_err(|problem| workspace.refuse(problem))?;
        }
        let document = RebaseDocument {
            revision: plan.revision,
            from: plan.from,
            onto: plan.onto,
            with: plan.with,
            file: plan.path.display().to_string(),
            changed: !self.dry_run,
            heads: plan.heads,
        };
        app.terminal.result(&document, || text(&document))?;
        if document.heads.len() > 1 {
            let heads: Vec<&str> = document.heads.iter().map(RevisionId::as_str).collect();
            app.terminal.note(&format!("the history {} {} heads: {}", has(&document), heads.len(), heads.join(", ")));
        }
        Ok(Answer::Done)
    }
}

/// The one head that the revision does not lead to.
fn other_head(workspace: &Workspace<'_>, id: &RevisionId) -> Result<RevisionId, Failure> {
    let graph = &workspace.history.graph;
    let own = graph.descendants_of(id);
    let others: Vec<RevisionId> = graph.heads().into_iter().filter(|head| !own.contains(head)).collect();
    match others.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::usage(
            format!("`{id}` leads to every head, so there is no other one to put it behind"),
            "name a revision with `--onto`",
        )),
        several => {
            let names: Vec<String> = several.iter().map(|head| format!("`--onto {head}`")).collect();
            Err(Failure::usage("there are several other heads", format!("say {}", names.join(" or "))))
        }
    }
}

/// Refuses what is applied in the database named, or in `default`.
fn unapplied(workspace: &Workspace<'_>, id: &RevisionId, moving: &[RevisionId]) -> Result<(), Failure> {
    let named = Database::is_named(workspace.app);
    if !named && !workspace.project.config.databases.contains_key("default") {
        if !workspace.project.config.databases.is_empty() {
            workspace.app.terminal.note("no database was looked at; `-d NAME` looks at one");
        }
        return Ok(());
    }
    let looked = Database::choose(workspace).and_then(|database| database.look(workspace, false));
    let look = match looked {
        Ok(look) => look,
        Err(Failure::Refused(mut report)) if !named => {
            let message = format!("whether `{id}` is applied in `default` cannot be told; nothing has been changed");
            report.diagnostics.push(
                Diagnostic::error(&codes::REBASE, message)
                    .help("name another database with `-d`, or say `--unapplied` if it is applied nowhere"),
            );
            return Err(Failure::Refused(Report { ..report }));
        }
        Err(other) => return Err(other),
    };
    let graph = &workspace.history.graph;
    let known = look.state.rows.iter().filter(|row| graph.contains(row)).cloned().collect();
    let applied = graph.applied(&known).map_err(|error| workspace.reference(error))?;
    let begun = look.state.unfinished.iter().map(|half| &half.revision);
    let Some(found) = moving.iter().find(|moved| applied.contains(*moved) || begun.clone().any(|half| half == *moved))
    else {
        return Ok(());
    };
    let message = match found == id {
        true => format!("`{id}` is applied in `{}`", look.document.name),
        false => format!("`{found}`, which would move with `{id}`, is applied in `{}`", look.document.name),
    };
    let note = "that database believes that what the revision follows is applied too, and would not run it later";
    Err(workspace.refuse(Diagnostic::error(&codes::REBASE, message).note(note).help(format!(
        "join the branches with `aludel merge`, or take it down first, where nobody needs its data: `aludel downgrade {id}-1`"
    ))))
}

fn has(document: &RebaseDocument) -> &'static str {
    if document.changed { "has" } else { "would have" }
}

fn text(document: &RebaseDocument) -> String {
    let was = document.from.as_ref().map_or("nothing", RevisionId::as_str);
    let (revision, onto, file) = (&document.revision, &document.onto, &document.file);
    let mut text = match document.changed {
        true => format!("`{revision}` follows `{onto}` now, and not `{was}`: {file}\n"),
        false => format!("`{revision}` would follow `{onto}`, and not `{was}`: {file}\n"),
    };
    if !document.with.is_empty() {
        let with: Vec<&str> = document.with.iter().map(RevisionId::as_str).collect();
        text.push_str(&format!("with it: {}\n", with.join(", ")));
    }
    text
}
