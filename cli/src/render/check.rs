//! What was checked, and what to do about heads that have grown apart.

use std::fmt::Write;

use super::difference::difference;
use super::style::{DANGER, FAINT, MARK, PLAIN, REVISION, TITLE, paint};
use super::table::Table;
use super::words::{MESSAGE, count, cut, screen};
use crate::commands::RevisionDocument;
use crate::commands::check::{CheckDocument, DivergenceDocument, FoundDifference};

/// The account.
pub(crate) fn check(document: &CheckDocument) -> String {
    let mut table = Table::default();
    for check in &document.checks {
        let (sign, style) = match check.ok {
            Some(true) => ("ok", MARK),
            Some(false) => ("no", DANGER),
            None => ("?", FAINT),
        };
        table.row([(sign.to_owned(), style), (check.name.to_owned(), TITLE), (check.about.clone(), PLAIN)]);
    }
    let mut text = table.lines();
    for (found, dialects) in alike(document) {
        let (words, second) = match found.check {
            "drift" => ("The database differs from what is applied in it".to_owned(), "the database"),
            _ => {
                let words = format!("The desired schema differs from the history, in {}", dialects.join(", "));
                (words, "the desired schema")
            }
        };
        let _ = writeln!(text, "\n{}", paint(TITLE, &format!("{words}:")));
        text.push_str(&difference(&found.difference, "the history", second));
    }
    if document.differences.iter().any(|found| found.check == "schema") {
        text.push_str("`aludel revision --autogenerate` writes the revision that leads there.\n");
    }
    let unheld = document.database.iter().flat_map(|database| &database.unheld).map(|one| one.line());
    let unheld: Vec<String> = unheld.map(|line| format!("  {}\n", super::style::clean(&line))).collect();
    if !unheld.is_empty() {
        let _ = write!(text, "\nNot compared, because the model has no word for it:\n{}", unheld.concat());
    }
    for pair in &document.divergences {
        text.push('\n');
        apart(&mut text, pair);
    }
    let pairs = document.heads.len() * document.heads.len().saturating_sub(1) / 2;
    if !document.divergences.is_empty() && document.divergences.len() < pairs {
        let more = count(pairs - document.divergences.len(), "more pair");
        let _ = writeln!(text, "\n{}", paint(FAINT, &format!("and {more} of heads; `aludel heads` lists them all")));
    }
    text
}

/// The differences, those that several dialects have alike once with all of these.
fn alike(document: &CheckDocument) -> Vec<(&FoundDifference, Vec<&str>)> {
    let mut told: Vec<(&FoundDifference, Vec<&str>)> = Vec::new();
    for found in &document.differences {
        let same = |(known, _): &&mut (&FoundDifference, _)| {
            known.check == found.check && known.difference == found.difference
        };
        match told.iter_mut().find(same) {
            Some((_, dialects)) => dialects.push(&found.dialect),
            None => told.push((found, vec![&found.dialect])),
        }
    }
    told
}

fn apart(text: &mut String, pair: &DivergenceDocument) {
    let places: Vec<String> =
        pair.parted_at.iter().map(|point| format!("{} ({})", point.revision, cut(&point.message, 40))).collect();
    let since = match places.is_empty() {
        true => "have nothing in common".to_owned(),
        false => format!("have grown apart since {}", places.join(" and ")),
    };
    let _ = writeln!(text, "{}", paint(TITLE, &format!("These two {since}:")));
    let mut table = Table::default();
    for (head, alone) in [(&pair.one, &pair.one_alone), (&pair.other, &pair.other_alone)] {
        let before = alone.len().saturating_sub(1);
        let more = if before > 0 { format!("and {} before it", count(before, "revision")) } else { String::new() };
        table.row([
            ("  ".to_owned(), PLAIN),
            (head.revision.clone(), REVISION),
            (head.file.clone(), PLAIN),
            (cut(&head.message, MESSAGE), PLAIN),
            (more, FAINT),
        ]);
    }
    table.fit(3, screen());
    text.push_str(&table.lines());
    text.push_str(&advice(pair));
}

/// What to do, the simplest first. Who came later makes room.
fn advice(pair: &DivergenceDocument) -> String {
    let newer = |a: &RevisionDocument, b: &RevisionDocument| (&a.created, &a.revision) > (&b.created, &b.revision);
    let (head, moved) = match newer(&pair.one, &pair.other) {
        true => (&pair.other.revision, pair.one_alone.first().unwrap_or(&pair.one.revision)),
        false => (&pair.one.revision, pair.other_alone.first().unwrap_or(&pair.other.revision)),
    };
    let merge = format!("aludel merge {} {}", pair.one.revision, pair.other.revision);
    let rebase = format!("aludel rebase {moved} --onto {head}");
    match pair.commutes {
        Some(true) => format!(
            "They can run in either order: neither touches what the other alters. Join them:\n  {merge}\n\
             Or put one behind the other, while it is applied nowhere:\n  {rebase}\n"
        ),
        Some(false) => format!(
            "They cannot simply be joined ({}). Put one behind the other, while it is applied nowhere, and mend \
             what it then says:\n  {rebase}\n\
             Or, where you have looked and either order is fine:\n  {merge} --accept-conflicts\n",
            count(pair.conflicts.len(), "conflict")
        ),
        None => "Whether they can be joined cannot be told before the errors are mended.\n".to_owned(),
    }
}
