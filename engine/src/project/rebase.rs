//! A revision gets another parent, in its file.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::planning::Reading;
use super::problems::problems_along;
use super::write::{replace, with_parent};
use super::{History, Project};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::revision::RevisionId;
use crate::source::parse_header;

/// A revision that can be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebase {
    /// The revision.
    pub revision: RevisionId,
    /// What it follows now.
    pub from: Option<RevisionId>,
    /// What it is to follow.
    pub onto: RevisionId,
    /// The revisions that move with it, in order, because they come after it.
    pub with: Vec<RevisionId>,
    /// The heads of the history afterwards.
    pub heads: Vec<RevisionId>,
    /// Its file.
    pub path: PathBuf,
    /// What is to stand in it.
    pub text: String,
}

impl Rebase {
    /// Works out how a revision is moved, and proves that it and all that come after it hold there, in every reading given.
    /// Nothing is written. A revision that stands there already is no reason to.
    ///
    /// # Errors
    ///
    /// When it cannot be moved there, or its steps do not hold there.
    pub fn new(
        project: &Project,
        history: &mut History,
        readings: &[Reading],
        id: &RevisionId,
        onto: &RevisionId,
    ) -> Result<Option<Rebase>, Diagnostics> {
        let refused = |message: String, help: String| one(Diagnostic::error(&codes::REBASE, message).help(help));
        let graph = &history.graph;
        let Some(header) = graph.get(id) else { return Ok(None) };
        let parents = graph.parents(id);
        if parents.as_slice() == [onto.clone()] {
            return Ok(None);
        }
        if parents.len() > 1 {
            let message = format!("`{id}` joins {} revisions, and which of them to replace is not said", parents.len());
            let help =
                "delete the merge, rebase one of its branches onto the other, and merge again if that is still needed";
            return Err(one(Diagnostic::error(&codes::REBASE, message).at(header.id.span, "this merge").help(help)));
        }
        let with = graph.descendants_of(id);
        if with.contains(onto) {
            return Err(match onto == id {
                true => refused(format!("`{id}` cannot follow itself"), "name another head with `--onto`".to_owned()),
                false => refused(
                    format!("`{onto}` comes after `{id}`, so `{id}` cannot follow it"),
                    format!(
                        "name a revision of another branch, or move the other branch: `aludel rebase {onto} --onto …`"
                    ),
                ),
            });
        }
        let moved = history.with_parent(id, onto)?;
        let heads = moved.graph.heads();
        let ends = heads.iter().filter(|head| with.contains(head)).cloned();
        let rows: BTreeSet<RevisionId> = ends.collect();
        let mut found = Diagnostics::default();
        let mut moved = moved;
        for head in rows {
            let line = moved.graph.applied_in_order(&BTreeSet::from([head])).map_err(|error| one(error.into()))?;
            found.extend(problems_along(project, &mut moved, readings, &line));
        }
        if found.has_errors() {
            let message = format!("`{id}` does not hold on top of `{onto}`; nothing has been changed");
            found.push(
                Diagnostic::error(&codes::REBASE, message)
                    .help("mend the steps first, or choose another place; the other messages say what is in the way"),
            );
            return Err(found);
        }
        let path = project.sources.path(header.file).to_owned();
        let text = Self::text(project, header.file, onto, &path).map_err(one)?;
        let with = with.into_iter().filter(|moved| moved != id).collect();
        Ok(Some(Rebase {
            revision: id.clone(),
            from: parents.into_iter().next(),
            onto: onto.clone(),
            with,
            heads,
            path,
            text,
        }))
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self) -> Result<(), Diagnostic> {
        replace(&self.path, &self.text)
    }

    fn text(
        project: &Project,
        file: crate::source::FileId,
        onto: &RevisionId,
        path: &std::path::Path,
    ) -> Result<String, Diagnostic> {
        let changed = || {
            Diagnostic::error(&codes::REBASE, format!("`{}` has changed since it was read", path.display()))
                .help("say it again")
        };
        let node = parse_header(&project.sources, file, &mut Diagnostics::default()).ok_or_else(changed)?;
        let known = project.sources.get(file).map_or("", |file| file.text.as_str());
        let disk = String::from_utf8(crate::source::read_bytes(path)?).map_err(|_| changed())?;
        let (mark, text) = match disk.strip_prefix('\u{feff}') {
            Some(text) => ("\u{feff}", text),
            None => ("", disk.as_str()),
        };
        if text != known {
            return Err(changed());
        }
        Ok(format!("{mark}{}", with_parent(text, &node, onto)?))
    }
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(diagnostic);
    diagnostics
}
