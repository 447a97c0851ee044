//! `CREATE VIEW`

use super::{Parser, Unread};

/// The names of a view's columns, where its definition gives some, and its query.
///
/// # Errors
/// What was expected where.
pub fn view(sql: &str) -> Result<(Vec<String>, String), Unread> {
    let mut parser = Parser::new(sql);
    parser.expect(&["CREATE"])?;
    if !parser.eat(&["TEMP"]) {
        parser.eat(&["TEMPORARY"]);
    }
    parser.expect(&["VIEW"])?;
    parser.eat(&["IF", "NOT", "EXISTS"]);
    parser.qualified_name()?;
    let columns = match parser.is(&["("]) {
        true => parser.names()?.names,
        false => Vec::new(),
    };
    parser.expect(&["AS"])?;
    let query = parser.rest();
    Ok((columns, query.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::view;

    #[test]
    fn the_query_is_kept_as_it_is() {
        let parsed = view("CREATE VIEW \"v\" (a, \"b c\") AS\nSELECT 1, 'x' -- end");
        assert_eq!(parsed, Ok((vec!["a".to_owned(), "b c".to_owned()], "SELECT 1, 'x' -- end".to_owned())));
        assert_eq!(view("create view if not exists main.v as select 1"), Ok((Vec::new(), "select 1".to_owned())));
        assert!(view("CREATE VIEW v").is_err());
    }
}
