//! Texts that may say the same in other words, and how a database is asked whether they do.
//!
//! A server prints `a = ANY (ARRAY[1, 2])` where its author wrote `a IN (1, 2)`. No comparison of texts can tell, so the
//! author's text is given to the server once more, where it leaves nothing behind, and what the server then prints is
//! compared with what it prints for the object in question.

mod find;
mod head;
mod judge;
mod place;
mod rehearsal;
mod stand_in;

pub use find::find;

pub use place::{Owner, Part, Place, put, texts};
pub use rehearsal::{Ground, Rehearsal, Savepoint, because};

use crate::schema::Schema;

/// A place at which two schemas have different texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Where it is in the model.
    pub place: Place,
    /// Where it may be in what was found: the one place, or those that have a name of the server's choosing where the author
    /// gave none.
    pub candidates: Vec<Part>,
}

/// What a database is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The schema as its author wrote it.
    pub model: &'a Schema,
    /// The schema in the words of the server, normalized.
    pub found: &'a Schema,
    /// The places where their texts differ.
    pub doubts: &'a [Doubt],
}

/// What a database says about a doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The two mean the same; which of the candidates it is.
    Same(usize),
    /// They do not.
    Different,
    /// It could not be asked, or had no answer; why, as a sentence without a full stop.
    Undecided(String),
}
