//! The commands, one file each: what can be typed, what is done, and the document that `--json` gives.

pub mod adopt;
mod autogenerate;
pub mod branches;
pub mod check;
pub mod current;
pub mod diff;
mod difference;
pub mod downgrade;
pub mod edit;
pub mod explain;
pub mod heads;
pub mod history;
pub mod init;
pub mod inspect;
mod marks;
pub mod merge;
mod new_file;
pub mod plan;
pub mod rebase;
pub mod repair;
pub mod revision;
mod running;
mod scratch;
mod script;
pub mod show;
pub mod stamp;
pub mod upgrade;
pub mod verify;

pub use autogenerate::GeneratedDocument;
pub use difference::{ChangeDocument, DifferenceDocument, Kind};
pub use marks::{Mark, RevisionDocument};
pub use new_file::{NewDocument, NewFile};
pub use running::Running;
pub use script::ScriptDocument;

pub use crate::catalog::{Filters, UnheldDocument};
pub use crate::database::DatabaseDocument;
pub use crate::run::{RunDocument, RunRevision};
