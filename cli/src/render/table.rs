//! Columns that line up.

use anstyle::Style;

use super::style::{clean, paint};

/// Rows of cells, each with its style.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<(String, Style)>>,
}

impl Table {
    /// Adds a row.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = (String, Style)>) {
        // A line end in a cell would break the table.
        let cells = cells.into_iter().map(|(text, style)| (clean(&text).replace(['\n', '\t'], " "), style));
        self.rows.push(cells.collect());
    }

    /// The rows as lines. A column in which no cell has a text takes no room.
    pub(super) fn lines(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|(text, _)| text.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut lines = String::new();
        for row in &self.rows {
            let mut line = String::new();
            let mut owed = 0;
            for ((text, style), width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                if text.is_empty() {
                    owed += width + 2;
                    continue;
                }
                line.push_str(&" ".repeat(owed));
                line.push_str(&paint(*style, text));
                owed = width - text.chars().count() + 2;
            }
            lines.push_str(&line);
            lines.push('\n');
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::PLAIN;
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::default();
        for row in [["a", "", "é", "x"], ["bcd", "", "", "y"], ["", "", "long", ""]] {
            table.row(row.map(|cell| (cell.to_owned(), PLAIN)));
        }
        assert_eq!(table.lines(), "a    é     x\nbcd        y\n     long\n");
    }
}
