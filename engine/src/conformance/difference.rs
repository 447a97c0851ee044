//! Two texts side by side, line by line, for a person who has to find what went wrong.

use std::fmt::Write;

/// Lines of context around a difference.
const CONTEXT: usize = 3;

/// Longer texts are shown one after the other; comparing takes time with the square of their length.
const LIMIT: usize = 2000;

/// The lines that are in one text only: `-` for the first, `+` for the second, with some of those around them.
pub(super) fn lines(first: &str, second: &str) -> String {
    let (first, second): (Vec<&str>, Vec<&str>) = (first.lines().collect(), second.lines().collect());
    if first.len() > LIMIT || second.len() > LIMIT {
        return format!("- {}\n+ {}", first.join("\n- "), second.join("\n+ "));
    }
    let marked = marked(&first, &second);
    let near = |place: usize| {
        let from = place.saturating_sub(CONTEXT);
        marked.iter().skip(from).take(place + CONTEXT + 1 - from).any(|(mark, _)| *mark != ' ')
    };
    let mut text = String::new();
    let mut skipped = false;
    for (place, (mark, line)) in marked.iter().enumerate() {
        if near(place) {
            if skipped {
                let _ = writeln!(text, "  …");
            }
            let _ = writeln!(text, "{mark} {line}");
        }
        skipped = !near(place);
    }
    text
}

/// Every line with where it is: in the first text, in the second, or in both, by the longest common subsequence.
fn marked<'t>(first: &[&'t str], second: &[&'t str]) -> Vec<(char, &'t str)> {
    let mut common = vec![vec![0usize; second.len() + 1]; first.len() + 1];
    for (row, line) in first.iter().enumerate().rev() {
        for (column, other) in second.iter().enumerate().rev() {
            common[row][column] = if line == other {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut marked = Vec::new();
    while row < first.len() || column < second.len() {
        let both = row < first.len() && column < second.len();
        if both && first[row] == second[column] {
            marked.push((' ', first[row]));
            row += 1;
            column += 1;
        } else if column == second.len() || both && common[row + 1][column] >= common[row][column + 1] {
            marked.push(('-', first[row]));
            row += 1;
        } else {
            marked.push(('+', second[column]));
            column += 1;
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn what_differs_is_shown_with_what_is_around_it() {
        assert_eq!(lines("a\nb\nc", "a\nx\nc"), "  a\n- b\n+ x\n  c\n");
        assert_eq!(lines("a\nb", "a\nb"), "");
        assert_eq!(lines("1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n6\n7"), "  …\n  4\n  5\n  6\n+ 7\n");
        assert_eq!(lines("", "a"), "+ a\n");
    }
}
