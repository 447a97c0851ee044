//! Work on many files at once.

use rayon::prelude::*;

/// Under so many items the threads cost more than they save.
const WORTH: usize = 64;

/// Applies a function to every item; the results stand in the order of the items.
pub(super) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    if items.len() < WORTH {
        return items.iter().map(work).collect();
    }
    items.par_iter().with_min_len(WORTH / 4).map(work).collect()
}
