//! Everything that reaches a terminal: the one room that prints.

mod adopt;
mod branches;
mod check;
mod difference;
pub(crate) mod er;
mod graph;
mod history;
mod lists;
mod plan;
mod progress;
mod prompt;
mod repair;
mod report;
mod style;
mod table;
mod terminal;
mod usage;
mod verify;
mod voice;
mod words;

pub(crate) use adopt::adopted;
pub(crate) use branches::branches;
pub(crate) use check::check;
pub(crate) use graph::graph;
pub(crate) use history::{applied, history};
pub(crate) use lists::{current, details, explanation, heads, made};
pub(crate) use plan::plan;
pub(crate) use progress::Progress;
pub(crate) use prompt::Asker;
pub(crate) use repair::{half_runs, undo_question};
pub(crate) use style::clean;
pub(crate) use terminal::Terminal;
pub(crate) use usage::usage;
pub(crate) use verify::verify;
pub(crate) use voice::Voice;
pub(crate) use words::{count, seconds};
