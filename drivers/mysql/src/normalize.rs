//! A schema in the words of the server.

use aludel_engine::schema::Schema;

use crate::dialect::MySql;

pub(crate) fn schema(_dialect: &MySql, schema: &Schema) -> Schema {
    schema.clone()
}
