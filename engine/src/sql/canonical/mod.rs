//! One spelling for an expression, so that what a person wrote can be compared with what a server prints back.
//!
//! The text becomes [lexemes](lexeme), these a [tree](tree::Node), whose constructors apply the equivalences, and the
//! tree is printed with every operand in parentheses. **A false "equal" is worse than a false "different"**: only
//! equivalences that hold for all values are applied, and grouping is assumed only where all databases agree on
//! precedence. `a + b & c`, say, is not parsed; a text that is not parsed is compared by its lexemes. Two texts that
//! come out different may still mean the same; then the database has to be asked.

mod lexeme;
mod parse;
mod postfix;
mod print;
mod tree;
mod types;

use super::Lexicon;

/// A spelling-insensitive form of an expression, for comparison only: it is not meant to be run.
///
/// Equal come out: white space, comments, the case of bare words, needless quotes and parentheses; `!=` and `<>`;
/// `CAST(x AS t)` and `x::t`; `BETWEEN` and its two comparisons; `~~` and `LIKE`; `= ANY (ARRAY[…])` and `IN`,
/// `<> ALL (ARRAY[…])` and `NOT IN`; `IN` of one literal and `=`; the spellings of `current_timestamp` of one
/// precision; nested `AND`s and `OR`s; character set introducers of UTF-8; and, by [`Lexicon::typed_literals`],
/// a literal with and without the type that the server prints (`'a'::text`, `'-1'::integer`, `x > (0)::numeric`).
///
/// Different stay, among others: literals of any other type (`'2020-01-01'` and `'2020-01-01'::date`, `0` and
/// `(0)::double precision`), and functions that a server writes in place of syntax (`trim(both from x)`).
#[must_use]
pub fn canonical(expression: &str, lexicon: &Lexicon) -> String {
    canonical_with(expression, lexicon, &|_| false)
}

/// As [`canonical`], by someone who knows the table: `textual` says whether a column is of an unlimited or varying
/// character type. PostgreSQL prints `(status)::text = 'new'::text` for such a column, and only with this knowledge is
/// the cast known to change nothing.
#[must_use]
pub fn canonical_with(expression: &str, lexicon: &Lexicon, textual: &dyn Fn(&str) -> bool) -> String {
    let form = |text: &str| {
        let lexemes = lexeme::lexemes(text, lexicon);
        let tree = parse::parse(&lexemes, tree::Builder { lexicon, textual });
        (tree.map(|tree| print::print(&tree)), lexemes)
    };
    let (printed, lexemes) = form(expression);
    // What is printed must be read as the same tree. Where it is not (too deep, for one) the lexemes are safe.
    match printed {
        Some(printed) if form(&printed).0.as_ref() == Some(&printed) => printed,
        _ => lexeme::join(&lexemes),
    }
}

#[cfg(test)]
mod tests;
