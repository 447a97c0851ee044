//! The SQL of a case as text, and the snapshot of it beside the driver.

use std::fmt::Write;
use std::path::Path;

use super::spec::{Case, Spec};
use crate::diagnostic::Diagnostics;
use crate::plan::{Plan, Transaction};

/// The statements of a plan with what happens between them, for a person to read.
pub(super) fn plan_text(text: &mut String, plan: &Plan, transactional: bool) {
    for revision in &plan.revisions {
        let (prologue, epilogue) = revision.session_settings();
        for sql in prologue {
            let _ = writeln!(text, "{sql}; -- before the transaction");
        }
        for group in &revision.groups {
            for line in group.summary.iter().flat_map(|summary| summary.lines()) {
                let _ = writeln!(text, "-- {line}");
            }
            for statement in &group.statements {
                for note in statement.notes.iter().flat_map(|note| note.lines()) {
                    let _ = writeln!(text, "-- note: {note}");
                }
                if transactional && statement.transaction == Transaction::Outside {
                    let _ = writeln!(text, "-- outside a transaction:");
                }
                let alone = statement.transaction == Transaction::Outside;
                let around = |list: &'_ [String]| if alone { list.to_vec() } else { Vec::new() };
                for sql in
                    around(&statement.prologue).iter().chain([&statement.sql]).chain(&around(&statement.epilogue))
                {
                    let _ = writeln!(text, "{sql};");
                }
                let Some(batches) = &statement.batches else { continue };
                let _ = writeln!(text, "-- {}", batches.describe());
                if let Some(script) = &batches.script {
                    let _ = writeln!(text, "-- in a script:\n{script};");
                }
            }
        }
        for sql in epilogue {
            let _ = writeln!(text, "{sql}; -- after the transaction");
        }
    }
}

/// A refusal: what the dialect says in place of SQL.
pub(super) fn refusal_text(diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    for found in diagnostics.sorted() {
        let _ = writeln!(text, "-- {}: {}", found.code.id, found.message);
        for line in found.notes.iter().chain(&found.help) {
            let _ = writeln!(text, "--   {line}");
        }
    }
    text
}

/// Compares a text with the snapshot of a case, as `cargo insta` has it.
pub(super) fn check(manifest: &str, case: &Case, spec: &Spec, suffix: &str, text: &str) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(Path::new(manifest).join("tests/snapshots").join(&case.operation));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(&spec.about);
    settings.set_input_file(case.shown());
    let name = format!("{}@{suffix}", case.name);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
