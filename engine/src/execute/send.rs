//! Statements that send the rows of a data file.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::runner::Runner;
use super::{Event, Observer};
use crate::data::{DataError, Row, RowReader, RowSource};
use crate::driver::{DriverError, ErrorKind};
use crate::plan::{Data, Statement};
use crate::revision::RevisionId;

/// How often somebody who listens is told how far it is.
const TOLD: Duration = Duration::from_millis(200);
/// After how many rows the clock and the wish to stop are looked at.
const GLANCE: u64 = 1000;

impl Runner<'_> {
    /// Runs a planned statement, with the rows of its data file if it has one.
    pub(super) fn execute_planned(&mut self, revision: &RevisionId, statement: &Statement) -> Result<(), DriverError> {
        let Some(data) = &statement.data else {
            return self.connection.execute(&statement.sql).map(|_| ());
        };
        if data.load.file.path.as_os_str().is_empty() {
            let message = format!(
                "the file {} is needed to finish this, and the revision's file is not here",
                data.load.file.name
            );
            return Err(DriverError::new(ErrorKind::Data, message));
        }
        let mut watched = Watched {
            reader: RowReader::open(&data.load)?,
            data,
            revision,
            observer: &mut *self.observer,
            interrupted: Arc::clone(&self.interrupted),
            rows: 0,
            told: Instant::now(),
        };
        self.connection.send(&statement.sql, data, &mut watched).map(|_| ())
    }
}

/// The rows of a file on their way, with somebody who watches.
struct Watched<'w> {
    reader: RowReader<'w>,
    data: &'w Data,
    revision: &'w RevisionId,
    observer: &'w mut dyn Observer,
    interrupted: Arc<AtomicBool>,
    rows: u64,
    told: Instant,
}

impl RowSource for Watched<'_> {
    fn next_row(&mut self) -> Result<Option<Row>, DataError> {
        if self.rows.is_multiple_of(GLANCE) {
            if self.interrupted.load(Ordering::SeqCst) {
                return Err(DataError::Stopped);
            }
            if self.told.elapsed() >= TOLD {
                self.told = Instant::now();
                self.observer.notify(&Event::RowsSent {
                    revision: self.revision,
                    file: &self.data.load.file.name,
                    rows: self.rows,
                    bytes: self.reader.bytes(),
                    total: self.data.load.file.bytes,
                });
            }
        }
        self.rows += 1;
        self.reader.next_row()
    }
}
