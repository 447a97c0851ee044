//! From headers to a graph, or to everything that is wrong with them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::OnceLock;

use super::graph::{Graph, Node};
use super::header::Header;
use super::id::RevisionId;
use super::order::{Links, order};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{Spanned, nearest};

/// How many revisions of a circle a message shows; no person reads more.
const CIRCLE_SHOWN: usize = 32;

impl Graph {
    /// Joins headers into a graph. All mistakes are reported, each at the place it was written, and then there is no
    /// graph: a history with a hole in it has no order to run in.
    ///
    /// The result does not depend on the order of the headers.
    pub fn build(headers: Vec<Header>, diagnostics: &mut Diagnostics) -> Option<Graph> {
        let mut found = Diagnostics::default();
        let builder = Builder::new(headers, &mut found);
        let links = builder.links(&mut found);
        let order = match order(&builder.headers, &links) {
            Ok(order) => Some(order),
            Err(circles) => {
                circles.iter().for_each(|circle| found.push(builder.circle(circle, &links)));
                None
            }
        };
        let sound = !found.has_errors();
        diagnostics.extend(found);
        if sound { order.map(|order| builder.finish(links, &order)) } else { None }
    }
}

/// Headers sorted by id, each id once, and what the names in them stand for.
struct Builder {
    headers: Vec<Header>,
    names: BTreeMap<RevisionId, usize>,
    labels: BTreeMap<String, usize>,
}

impl Builder {
    fn new(mut given: Vec<Header>, found: &mut Diagnostics) -> Self {
        given.sort_by(|a, b| (&a.id.value, a.file, a.id.span).cmp(&(&b.id.value, b.file, b.id.span)));
        let mut headers: Vec<Header> = Vec::with_capacity(given.len());
        let mut names = BTreeMap::new();
        for header in given {
            if let Some(first) = headers.last().filter(|last| last.id.value == header.id.value) {
                found.push(
                    Diagnostic::error(
                        &codes::DUPLICATE_REVISION,
                        format!("two files have the revision id `{}`", header.id.value),
                    )
                    .at(header.id.span, "used again here")
                    .at(first.id.span, "first used here")
                    .help("give one of them a new id, or delete the file that is not wanted"),
                );
                continue;
            }
            names.insert(header.id.value.clone(), headers.len());
            headers.push(header);
        }
        let mut builder = Builder { headers, names, labels: BTreeMap::new() };
        builder.labels = builder.collect_labels(found);
        builder
    }

    fn collect_labels(&self, found: &mut Diagnostics) -> BTreeMap<String, usize> {
        let mut labels: BTreeMap<String, (usize, &Spanned<String>)> = BTreeMap::new();
        for (index, header) in self.headers.iter().enumerate() {
            for label in &header.branch_labels {
                if let Some(&same) = self.names.get(label.as_str()) {
                    found.push(
                        Diagnostic::error(
                            &codes::LABEL_IS_REVISION,
                            format!("the branch label `{}` is also the id of a revision", label.value),
                        )
                        .at(label.span, "this label")
                        .at(self.headers[same].id.span, "this revision")
                        .help("choose another label"),
                    );
                } else if let Some((_, first)) = labels.get(&label.value) {
                    found.push(
                        Diagnostic::error(
                            &codes::DUPLICATE_LABEL,
                            format!("the branch label `{}` is used twice", label.value),
                        )
                        .at(label.span, "used again here")
                        .at(first.span, "first used here")
                        .help("a label stands once, at the revision that begins the branch"),
                    );
                } else {
                    labels.insert(label.value.clone(), (index, label));
                }
            }
        }
        labels.into_iter().map(|(label, (index, _))| (label, index)).collect()
    }

    fn links(&self, found: &mut Diagnostics) -> Vec<Links> {
        self.headers.iter().enumerate().map(|(index, header)| self.links_of(index, header, found)).collect()
    }

    fn links_of(&self, index: usize, header: &Header, found: &mut Diagnostics) -> Links {
        let mut links = Links::default();
        for parent in &header.down_revisions {
            match self.names.get(&parent.value) {
                None => found.push(self.unknown_parent(header, parent)),
                Some(&target) if target == index => {
                    found.push(
                        Diagnostic::error(
                            &codes::SELF_REFERENCE,
                            format!("the revision `{}` follows itself", header.id.value),
                        )
                        .at(parent.span, "this is the revision itself")
                        .help("name the revision before it, or say `down_revision: null`"),
                    );
                }
                Some(target) if links.parents.contains(target) => found.push(
                    Diagnostic::error(
                        &codes::REPEATED_PARENT,
                        format!("the revision `{}` follows `{}` twice", header.id.value, parent.value),
                    )
                    .at(parent.span, "named before"),
                ),
                Some(&target) => links.parents.push(target),
            }
        }
        for dependency in &header.depends_on {
            match self.names.get(dependency.as_str()).or_else(|| self.labels.get(&dependency.value)) {
                None => found.push(self.unknown_dependency(header, dependency)),
                Some(&target) if target == index => found.push(
                    Diagnostic::error(
                        &codes::SELF_REFERENCE,
                        format!("the revision `{}` depends on itself", header.id.value),
                    )
                    .at(dependency.span, "this is the revision itself")
                    .help("take it out of `depends_on`"),
                ),
                Some(target) if links.parents.contains(target) || links.dependencies.contains(target) => {}
                Some(&target) => links.dependencies.push(target),
            }
        }
        links
    }

    fn unknown_parent(&self, header: &Header, parent: &Spanned<RevisionId>) -> Diagnostic {
        let message = format!("the revision `{}` follows `{}`, which does not exist", header.id.value, parent.value);
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_PARENT, message).at(parent.span, "no file has this id");
        if let Some(&carrier) = self.labels.get(parent.as_str()) {
            let id = &self.headers[carrier].id.value;
            return diagnostic.help(format!(
                "`{}` is a branch label; name a revision, such as `{id}` that carries it",
                parent.value
            ));
        }
        match self.meant(parent.as_str(), self.names.keys().map(RevisionId::as_str)) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(parent.span, meant),
            None => diagnostic.help("its file may be missing from this checkout, or lie in a directory not listed"),
        }
    }

    fn unknown_dependency(&self, header: &Header, dependency: &Spanned<String>) -> Diagnostic {
        let message =
            format!("the revision `{}` depends on `{}`, which does not exist", header.id.value, dependency.value);
        let diagnostic = Diagnostic::error(&codes::UNKNOWN_DEPENDENCY, message)
            .at(dependency.span, "no revision has this id or label");
        let known = self.names.keys().map(RevisionId::as_str).chain(self.labels.keys().map(String::as_str));
        match self.meant(dependency.as_str(), known) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(dependency.span, meant),
            None => diagnostic.help("its file may be missing from this checkout, or lie in a directory not listed"),
        }
    }

    /// The one id that begins with what was written, because people shorten ids; else the nearest name.
    fn meant<'a>(&'a self, written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let from = (Bound::Included(written), Bound::Unbounded);
        let mut longer = self.names.range::<str, _>(from).take_while(|(id, _)| id.as_str().starts_with(written));
        match (longer.next(), longer.next()) {
            (Some((id, _)), None) => Some(id.as_str()),
            _ => nearest(written, known),
        }
    }

    fn circle(&self, circle: &[usize], links: &[Links]) -> Diagnostic {
        let name = |index: usize| &self.headers[index].id.value;
        let shown = &circle[..circle.len().min(CIRCLE_SHOWN)];
        let mut path: Vec<String> = shown.iter().map(|&index| format!("`{}`", name(index))).collect();
        if shown.len() < circle.len() {
            path.push(format!("{} more", circle.len() - shown.len()));
        }
        path.extend(circle.first().map(|&index| format!("`{}`", name(index))));
        let message = format!("revisions wait for each other in a circle: {}", path.join(" → "));
        let mut diagnostic = Diagnostic::error(&codes::REVISION_CYCLE, message);
        for (place, &index) in shown.iter().enumerate() {
            let next = circle[(place + 1) % circle.len()];
            let header = &self.headers[index];
            let parent = links[index].parents.contains(&next);
            let verb = if parent { "follows" } else { "depends on" };
            let span = if parent {
                header.down_revisions.iter().find(|p| p.value == *name(next)).map(|p| p.span)
            } else {
                let names_it =
                    |d: &&Spanned<String>| d.value == name(next).as_str() || self.labels.get(&d.value) == Some(&next);
                header.depends_on.iter().find(names_it).map(|d| d.span)
            };
            let text = format!("`{}` {verb} `{}`", header.id.value, name(next));
            diagnostic = diagnostic.at(span.unwrap_or(header.id.span), text);
        }
        diagnostic.help("take away one of these references")
    }

    fn finish(self, links: Vec<Links>, order: &[usize]) -> Graph {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| place[old] = new);
        let renumber = |olds: Vec<usize>| olds.into_iter().map(|old| place[old]).collect::<Vec<usize>>();
        let mut nodes: Vec<(usize, Node)> = self
            .headers
            .into_iter()
            .zip(links)
            .enumerate()
            .map(|(old, (header, links))| {
                let (parents, dependencies) = (renumber(links.parents), renumber(links.dependencies));
                (place[old], Node { header, parents, dependencies, children: Vec::new(), dependents: Vec::new() })
            })
            .collect();
        nodes.sort_by_key(|(new, _)| *new);
        let mut nodes: Vec<Node> = nodes.into_iter().map(|(_, node)| node).collect();
        for rev in 0..nodes.len() {
            // In rising order, so the lists of later ones come out sorted.
            for at in 0..nodes[rev].parents.len() {
                let parent = nodes[rev].parents[at];
                nodes[parent].children.push(rev);
            }
            for at in 0..nodes[rev].dependencies.len() {
                let dependency = nodes[rev].dependencies[at];
                nodes[dependency].dependents.push(rev);
            }
        }
        let names = self.names.into_iter().map(|(id, old)| (id, place[old])).collect();
        let labels = self.labels.into_iter().map(|(label, old)| (label, place[old])).collect();
        Graph { nodes, names, labels, reach: OnceLock::new() }
    }
}
