//! How tables are divided.

use aludel_engine::driver::DriverError;
use aludel_engine::schema::OptionValue;

use super::{Reader, text};
use crate::partition;

impl Reader<'_> {
    pub(super) fn read_partitions(&mut self) -> Result<(), DriverError> {
        let sql = format!(
            "SELECT table_schema, table_name, partition_method, partition_expression, partition_name, \
             partition_description, partition_comment, subpartition_method, subpartition_expression, count(*) \
             FROM information_schema.partitions WHERE table_schema IN ({}) AND partition_name IS NOT NULL \
             GROUP BY table_schema, table_name, partition_method, partition_expression, partition_name, \
             partition_description, partition_comment, subpartition_method, subpartition_expression, \
             partition_ordinal_position ORDER BY table_schema, table_name, partition_ordinal_position",
            self.databases
        );
        let rows = self.query(&sql)?;
        for of_table in rows.chunk_by(|a, b| text(a, 0) == text(b, 0) && text(a, 1) == text(b, 1)) {
            let Some(first) = of_table.first() else { continue };
            let Some(table) = self.table_of(first) else { continue };
            let parts: Vec<[String; 3]> =
                of_table.iter().map(|row| [4, 5, 6].map(|at| text(row, at).to_owned())).collect();
            let count = text(first, 9).parse().unwrap_or(1);
            let sub = (!text(first, 7).is_empty()).then(|| (text(first, 7), text(first, 8), count));
            let by = partition::from_catalog(text(first, 2), text(first, 3), sub, &parts);
            table.options.set("partition_by", OptionValue::Text(by));
        }
        Ok(())
    }
}
