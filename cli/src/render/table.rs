//! Columns that line up.

use anstyle::Style;

use super::style::{clean, paint};
use super::words::{columns, cut};

/// What stands between two columns.
const GAP: usize = 2;

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

    /// Cuts the texts of a column so that no line is wider than a terminal, as far as that goes.
    pub(super) fn fit(&mut self, column: usize, terminal: Option<usize>) {
        const LEAST: usize = 16;
        let Some(terminal) = terminal else { return };
        let widths = self.widths();
        let all: usize = widths.iter().filter(|width| **width > 0).map(|width| width + GAP).sum();
        let excess = all.saturating_sub(GAP).saturating_sub(terminal);
        let Some(own) = widths.get(column).filter(|_| excess > 0) else { return };
        let room = own.saturating_sub(excess).max(LEAST);
        for (text, _) in self.rows.iter_mut().filter_map(|row| row.get_mut(column)) {
            *text = cut(text, room);
        }
    }

    fn widths(&self) -> Vec<usize> {
        let number = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|(text, _)| columns(text)).max().unwrap_or(0)
        };
        (0..number).map(width).collect()
    }

    /// The rows as lines. A column in which no cell has a text takes no room.
    pub(super) fn lines(&self) -> String {
        let widths = self.widths();
        let mut lines = String::new();
        for row in &self.rows {
            let mut line = String::new();
            let mut owed = 0;
            for ((text, style), width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                if text.is_empty() {
                    owed += width + GAP;
                    continue;
                }
                line.push_str(&" ".repeat(owed));
                line.push_str(&paint(*style, text));
                owed = width - columns(text) + GAP;
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

    #[test]
    fn wide_characters_take_two_columns() {
        let mut table = Table::default();
        for row in [["日本", "x"], ["a", "y"]] {
            table.row(row.map(|cell| (cell.to_owned(), PLAIN)));
        }
        assert_eq!(table.lines(), "日本  x\na     y\n");
    }

    #[test]
    fn a_column_gives_way_to_the_terminal() {
        let mut table = Table::default();
        table.row(["id".to_owned(), "word ".repeat(20), "(head)".to_owned()].map(|cell| (cell, PLAIN)));
        table.fit(1, None);
        assert!(columns(&table.lines()) > 100);
        table.fit(1, Some(40));
        assert_eq!(table.lines(), "id  word word word word word wo…  (head)\n");
    }
}
