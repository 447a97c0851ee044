//! All revisions of a project: their headers at once, what they do when it is asked for.

mod body;

pub use body::Body;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use body::has_hash;

use super::layout::Project;
use super::parallel;
use crate::diagnostic::{Diagnostics, codes};
use crate::plan::{Fingerprint, RevisionFile};
use crate::revision::{Graph, Header, RevisionId};
use crate::source::{FileId, Node, NodeKind, Sources, Spanned, parse_header, read_bytes, text_hash};

/// The revisions of a project.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// How they follow each other. Empty when the history is not sound, which has been reported.
    pub graph: Graph,
    /// Every revision whose header could be read, in the order of the files, and its file.
    files: Vec<(RevisionId, FileId)>,
    /// Files whose header has a mistake, by the id that stands in it.
    broken: Vec<(String, FileId)>,
    bodies: BTreeMap<RevisionId, Body>,
}

impl History {
    /// Reads the headers of all revision files and joins them into a graph. Whatever is wrong with any of them is
    /// reported; the texts stay in the project's sources.
    pub fn load(project: &mut Project, diagnostics: &mut Diagnostics) -> History {
        let mut found = Diagnostics::default();
        let paths = project.revision_files(&mut found);
        let texts = parallel::map(&paths, |path| read_bytes(path));
        let mut files = Vec::with_capacity(paths.len());
        let mut gaps = Gaps::default();
        for (path, bytes) in paths.iter().zip(texts) {
            match bytes.and_then(|bytes| project.sources.add_bytes(path, bytes)) {
                Ok(file) => files.push(file),
                Err(problem) => {
                    found.push(problem);
                    gaps.unknown = true;
                }
            }
        }
        let sources = &project.sources;
        let read = parallel::map(&files, |file| read_header(sources, *file));
        let mut headers = Vec::with_capacity(read.len());
        let mut broken = Vec::new();
        for (ReadHeader { header, names, problems }, &file) in read.into_iter().zip(&files) {
            found.extend(problems);
            match (header, names) {
                (Some(header), _) => headers.push(header),
                (None, Some(names)) => {
                    broken.extend(names.first().map(|id| (id.clone(), file)));
                    gaps.names.extend(names);
                }
                (None, None) => gaps.unknown = true,
            }
        }
        let files = headers.iter().map(|header| (header.id.value.clone(), header.file)).collect();
        // A directory that could not be read may hold anything.
        gaps.unknown |= found.sorted().iter().any(|problem| problem.code.id == codes::NO_MIGRATIONS.id);
        let whole = !found.has_errors();
        let mut problems = Diagnostics::default();
        let graph = Graph::build(headers, &mut problems).filter(|_| whole).unwrap_or_default();
        gaps.filter(problems, sources, &mut found);
        diagnostics.extend(found);
        History { graph, files, broken, bodies: BTreeMap::new() }
    }

    /// Every revision whose header could be read, in the order of the files, whether the graph is sound or not.
    pub fn ids(&self) -> impl Iterator<Item = &RevisionId> {
        self.files.iter().map(|(id, _)| id)
    }

    /// The file of a revision.
    #[must_use]
    pub fn file(&self, id: &RevisionId) -> Option<FileId> {
        match self.graph.get(id) {
            Some(header) => Some(header.file),
            None => self.files.iter().find(|(known, _)| known == id).map(|(_, file)| *file),
        }
    }

    /// The file in which an id stands, also when its header has a mistake.
    #[must_use]
    pub fn file_named(&self, id: &str) -> Option<FileId> {
        let read = self.files.iter().map(|(id, file)| (id.as_str(), file));
        let broken = self.broken.iter().map(|(id, file)| (id.as_str(), file));
        read.chain(broken).find(|(known, _)| *known == id).map(|(_, file)| *file)
    }

    /// The path of a revision's file.
    #[must_use]
    pub fn path<'p>(&self, id: &RevisionId, project: &'p Project) -> Option<&'p Path> {
        self.file(id).map(|file| project.sources.path(file))
    }

    /// What a revision does, if [`load_bodies`](Self::load_bodies) has read it.
    #[must_use]
    pub fn body(&self, id: &RevisionId) -> Option<&Body> {
        self.bodies.get(id)
    }

    /// A revision's file as it is recorded when it runs, if its body has been read.
    #[must_use]
    pub fn revision_file(&self, id: &RevisionId, project: &Project) -> RevisionFile {
        let (Some(body), Some(source)) = (self.body(id), self.file(id).and_then(|file| project.sources.get(file)))
        else {
            return RevisionFile::default();
        };
        let fingerprint = Fingerprint {
            meaning: body.checksum.clone(),
            text: text_hash(&source.text),
            files: body.file_hashes.clone(),
        };
        RevisionFile { fingerprint, text: source.text.clone() }
    }

    /// Whether the texts of a revision are those that a fingerprint was made of. Nothing is parsed for that.
    pub(super) fn is_as_recorded(&self, id: &RevisionId, recorded: &Fingerprint, project: &Project) -> bool {
        let text = self.file(id).and_then(|file| project.sources.get(file)).map(|source| text_hash(&source.text));
        text.as_ref() == Some(&recorded.text) && recorded.files.iter().all(|(name, hash)| has_hash(project, name, hash))
    }

    /// The texts of the SQL files that the bodies read so far name, by path as written.
    #[must_use]
    pub fn sql_files(&self) -> BTreeMap<PathBuf, Result<String, String>> {
        let all = self.bodies.values().flat_map(|body| &body.sql_files);
        all.map(|(path, text)| (path.clone(), text.clone())).collect()
    }

    /// The same history, with a revision that follows another one.
    ///
    /// # Errors
    ///
    /// When the graph would not be sound.
    pub(super) fn with_parent(&self, id: &RevisionId, parent: &RevisionId) -> Result<History, Diagnostics> {
        let mut headers: Vec<Header> = self.graph.headers().cloned().collect();
        for header in headers.iter_mut().filter(|header| header.id.value == *id) {
            let span = header.down_revisions.first().map_or(header.id.span, |known| known.span);
            header.down_revisions = vec![Spanned::new(parent.clone(), span)];
        }
        let mut diagnostics = Diagnostics::default();
        match Graph::build(headers, &mut diagnostics) {
            Some(graph) => Ok(History { graph, ..self.clone() }),
            None => Err(diagnostics),
        }
    }

    /// Reads what revisions do, those that have not been read yet. A file that cannot be read is reported and has no
    /// body then.
    pub fn load_bodies<'i>(
        &mut self,
        project: &Project,
        ids: impl IntoIterator<Item = &'i RevisionId>,
        diagnostics: &mut Diagnostics,
    ) {
        let mut wanted = Vec::new();
        let mut asked = BTreeSet::new();
        for id in ids {
            if !self.bodies.contains_key(id)
                && asked.insert(id)
                && let Some(file) = self.file(id)
            {
                wanted.push((id.clone(), file));
            }
        }
        self.read(project, wanted, diagnostics);
    }

    /// Reads what all revisions do.
    pub fn load_all_bodies(&mut self, project: &Project, diagnostics: &mut Diagnostics) {
        let wanted = self.files.iter().filter(|(id, _)| !self.bodies.contains_key(id)).cloned().collect();
        self.read(project, wanted, diagnostics);
    }

    fn read(&mut self, project: &Project, wanted: Vec<(RevisionId, FileId)>, diagnostics: &mut Diagnostics) {
        let bodies = parallel::map(&wanted, |(_, file)| {
            let mut problems = Diagnostics::default();
            let body = Body::read(project, *file, &mut problems);
            (body, problems)
        });
        for ((id, _), (body, problems)) in wanted.into_iter().zip(bodies) {
            diagnostics.extend(problems);
            if let Some(body) = body {
                // Of two files with one id the first counts; that there are two has been reported.
                self.bodies.entry(id).or_insert(body);
            }
        }
    }
}

struct ReadHeader {
    header: Option<Header>,
    /// The names in a header that did not hold, as far as they can be told.
    names: Option<Vec<String>>,
    problems: Diagnostics,
}

fn read_header(sources: &Sources, file: FileId) -> ReadHeader {
    let mut problems = Diagnostics::default();
    let node = parse_header(sources, file, &mut problems);
    let header = node.as_ref().and_then(|node| Header::decode(node, file, &mut problems));
    let names = node.filter(|_| header.is_none()).and_then(|node| names_in(&node));
    ReadHeader { header, names, problems }
}

/// The id and the labels of a header that has a mistake elsewhere.
fn names_in(node: &Node) -> Option<Vec<String>> {
    let text = |node: &Node| match &node.kind {
        NodeKind::String(text) | NodeKind::Number(text) => Some(text.clone()),
        NodeKind::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    let mut names = vec![node.get("revision").and_then(text)?];
    match node.get("branch_labels") {
        Some(Node { kind: NodeKind::Sequence(items), .. }) => names.extend(items.iter().filter_map(text)),
        Some(label) => names.extend(text(label)),
        None => {}
    }
    Some(names)
}

/// What the files that could not be read would have had in them.
#[derive(Default)]
struct Gaps {
    names: BTreeSet<String>,
    /// Some of them may have any name.
    unknown: bool,
}

impl Gaps {
    /// Passes on what is wrong with the graph, without what is only so because a file could not be read.
    fn filter(&self, problems: Diagnostics, sources: &Sources, found: &mut Diagnostics) {
        let dangling = [codes::UNKNOWN_PARENT.id, codes::UNKNOWN_DEPENDENCY.id];
        for problem in problems.sorted() {
            let explained = || {
                let name = problem.labels.first().map_or("", |label| sources.text(label.span));
                self.unknown || self.names.contains(name.trim_matches(['"', '\'']))
            };
            if !(dangling.contains(&problem.code.id) && explained()) {
                found.push(problem.clone());
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
