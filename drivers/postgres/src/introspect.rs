use aludel_engine::driver::{DriverError, Scope};
use aludel_engine::schema::{ObjectName, Schema};
use crate::connection::PostgresConnection;
pub fn schema(_c: &mut PostgresConnection, _s: &Scope) -> Result<Schema, DriverError> { Ok(Schema::default()) }
pub fn pre_image(_c: &mut PostgresConnection, _t: &[ObjectName]) -> Result<String, DriverError> { Ok(String::new()) }
