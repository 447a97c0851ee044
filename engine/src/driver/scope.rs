//! Which part of a database is read.

use std::fmt;

use crate::schema::ObjectName;

/// What to read from a catalog.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Namespaces besides the default one.
    pub namespaces: Vec<String>,
    /// Tables to leave out: the tool's own.
    pub exclude: Vec<ObjectName>,
    /// Only these tables, where given.
    pub only: Option<Vec<ObjectName>>,
    /// Only tables and views that one of these matches; all when there are none.
    pub including: Vec<Pattern>,
    /// No tables and views that one of these matches.
    pub excluding: Vec<Pattern>,
}

impl Scope {
    /// Whether a table or view is to be read by the patterns and by the tables to leave out. [`Scope::only`] is not asked.
    #[must_use]
    pub fn admits(&self, name: &ObjectName) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(name));
        !self.exclude.contains(name) && (self.including.is_empty() || any(&self.including)) && !any(&self.excluding)
    }

    /// Whether a table or view is to be read.
    #[must_use]
    pub fn wants(&self, name: &ObjectName) -> bool {
        self.admits(name) && self.only.as_ref().is_none_or(|only| only.contains(name))
    }
}

/// A pattern of names, in which `*` stands for any text and `?` for one character: `tmp_*`, `app.*`. Without a dot it is
/// about the default namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    name: ObjectName,
}

impl Pattern {
    /// Reads a pattern.
    #[must_use]
    pub fn new(text: &str) -> Pattern {
        Pattern { name: ObjectName::from(text) }
    }

    /// Whether a name is one of those it stands for.
    #[must_use]
    pub fn matches(&self, name: &ObjectName) -> bool {
        let namespace = match (&self.name.schema, &name.schema) {
            (None, None) => true,
            (Some(pattern), Some(namespace)) => glob(pattern, namespace),
            _ => false,
        };
        namespace && glob(&self.name.name, &name.name)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

/// Whether a text is what a pattern stands for. Takes time with the product of their lengths at most.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen) = (0, 0);
    // The last star, and how much of the text it stands for.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(c) if *c == '?' || *c == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => match star {
                Some((place, from)) => {
                    star = Some((place, from + 1));
                    at = place + 1;
                    seen = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// Something in a database that the model has no word for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unheld {
    /// What it is: `event trigger`, `foreign table`.
    pub kind: String,
    /// Its name; that of a property of a table or column is the name of what has it.
    pub name: String,
    /// The table or view that it is on, of something with a name of its own such as a policy.
    pub on: Option<String>,
    /// What a copy of the schema would lack, as a sentence without a full stop.
    pub why: String,
}

impl Unheld {
    /// Something that stands by itself.
    #[must_use]
    pub fn new(kind: impl Into<String>, name: impl Into<String>, why: impl Into<String>) -> Unheld {
        Unheld { kind: kind.into(), name: name.into(), on: None, why: why.into() }
    }

    /// Something of a table or view, by the name that the catalog has for it: that of the relation for a property of it, this
    /// with a dot and the name of a part for one of a column, anything else for what has a name of its own.
    #[must_use]
    pub fn of(relation: &ObjectName, kind: impl Into<String>, name: &str, why: impl Into<String>) -> Unheld {
        let part = name.strip_prefix(relation.name.as_str());
        match (part, part.and_then(|part| part.strip_prefix('.'))) {
            (Some(""), _) => Unheld::new(kind, relation.to_string(), why),
            (_, Some(column)) => Unheld::new(kind, format!("{relation}.{column}"), why),
            _ => Unheld { on: Some(relation.to_string()), ..Unheld::new(kind, name, why) },
        }
    }
}

impl fmt::Display for Unheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.name)?;
        if let Some(relation) = &self.on {
            write!(f, " on `{relation}`")?;
        }
        write!(f, ": {}", self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names() {
        for (pattern, name, matches) in [
            ("users", "users", true),
            ("users", "user", false),
            ("tmp_*", "tmp_", true),
            ("tmp_*", "tmp_a_b", true),
            ("*_log", "a_log_log", true),
            ("*_log", "a_logs", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("*", "app.users", false),
            ("app.*", "app.users", true),
            ("app.*", "users", false),
            ("*.users", "app.users", true),
            ("*.users", "users", false),
            ("", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(&ObjectName::from(name)), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn what_is_not_held_is_called_as_it_is() {
        let relation = ObjectName::qualified("app", "rls");
        let told = ["rls", "rls.a", "pol", "rls2"].map(|name| Unheld::of(&relation, "it", name, "gone").to_string());
        let expected = [
            "it `app.rls`: gone",
            "it `app.rls.a`: gone",
            "it `pol` on `app.rls`: gone",
            "it `rls2` on `app.rls`: gone",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_left_out_goes_before_what_is_wanted() {
        let scope = Scope {
            including: vec![Pattern::new("a*")],
            excluding: vec![Pattern::new("*_old")],
            exclude: vec!["a_own".into()],
            ..Scope::default()
        };
        let seen = ["a", "a_old", "a_own", "b", "ab"].map(|name| scope.wants(&name.into()));
        assert_eq!(seen, [true, false, false, false, true]);
    }
}
