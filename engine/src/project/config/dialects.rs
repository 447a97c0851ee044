//! Which dialects a project compiles for.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::dialect::Version;
use crate::source::{Node, Span, Spanned, items, nearest, text, wrong_type};

/// What the caller knows of dialects; the engine knows none by name.
#[derive(Debug, Clone, Copy)]
pub struct KnownDialects<'k> {
    /// Their names.
    pub names: &'k [&'k str],
    /// The schemes of URLs, each with the name of the dialect it leads to.
    pub schemes: &'k [(&'k str, &'k str)],
}

impl<'k> KnownDialects<'k> {
    /// The dialect that a scheme leads to.
    #[must_use]
    pub fn of_scheme(&self, scheme: &str) -> Option<&'k str> {
        self.schemes.iter().find(|(known, _)| known.eq_ignore_ascii_case(scheme)).map(|(_, dialect)| *dialect)
    }

    /// Reports a dialect that is not known.
    fn check(&self, name: &str, span: Span, diagnostics: &mut Diagnostics) -> bool {
        if self.names.contains(&name) {
            return true;
        }
        let diagnostic =
            Diagnostic::error(&codes::UNKNOWN_DIALECT, format!("unknown dialect `{name}`")).at(span, "not a dialect");
        // People write the name of a scheme, such as `postgresql`.
        let meant = self.of_scheme(name).or_else(|| nearest(name, self.names.iter().copied()));
        diagnostics.push(match meant {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
            None => diagnostic.note(format!("the dialects are {}", self.names.join(", "))),
        });
        false
    }
}

/// A dialect to compile for, as in `postgres@14`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DialectTarget {
    /// Its name.
    pub name: String,
    /// The version; the one that its driver assumes when none.
    pub version: Option<Version>,
}

impl DialectTarget {
    /// Reads `postgres` or `postgres@14`.
    ///
    /// # Errors
    ///
    /// When what follows the `@` is not a version.
    pub fn parse(written: &str) -> Result<Self, String> {
        let Some((name, version)) = written.split_once('@') else {
            return Ok(DialectTarget { name: written.to_owned(), version: None });
        };
        let plain = !version.is_empty() && version.split('.').all(|part| part.parse::<u32>().is_ok());
        if !plain || version.split('.').count() > 3 {
            return Err(format!("`{version}` is not a version such as 15, 10.11 or 3.54.1"));
        }
        Ok(DialectTarget { name: name.to_owned(), version: Some(version.parse()?) })
    }
}

/// Reads the list under `dialects`.
pub(super) fn read(
    node: &Node,
    known: &KnownDialects<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Spanned<DialectTarget>> {
    let nodes = items(node, diagnostics).unwrap_or_default();
    let mut targets: Vec<Spanned<DialectTarget>> = Vec::new();
    for item in nodes {
        let Some(written) = text(item, diagnostics) else { continue };
        let target = match DialectTarget::parse(&written) {
            Ok(target) => target,
            Err(reason) => {
                diagnostics.push(
                    Diagnostic::error(&codes::PROJECT_SETTING, reason)
                        .at(item.span, "not a version")
                        .help("a dialect is named as in `postgres` or `postgres@14`"),
                );
                continue;
            }
        };
        if !known.check(&target.name, item.span, diagnostics) {
            continue;
        }
        if let Some(first) = targets.iter().find(|earlier| earlier.name == target.name) {
            diagnostics.push(
                Diagnostic::error(&codes::PROJECT_SETTING, format!("the dialect `{}` is named twice", target.name))
                    .at(item.span, "again here")
                    .at(first.span, "the first")
                    .help("what compiles for the oldest version in use runs on newer ones; name that one"),
            );
            continue;
        }
        targets.push(Spanned::new(target, item.span));
    }
    if nodes.is_empty() && matches!(node.kind, crate::source::NodeKind::Sequence(_)) {
        diagnostics.push(wrong_type(node, "at least one dialect"));
    }
    targets
}
