//! The schema as the catalog has it.

use aludel_engine::driver::{DriverError, Scope};
use aludel_engine::schema::Schema;

use crate::connection::Session;

pub(crate) fn schema(_session: &mut Session, _scope: &Scope) -> Result<Schema, DriverError> {
    Ok(Schema::default())
}
