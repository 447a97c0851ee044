//! The tables and views that a query or a trigger speaks of, found and renamed by their tokens.
//!
//! A statement is not parsed. A name counts as a relation where one must stand: behind `FROM`, `JOIN`, `INTO`, `UPDATE` or
//! `TABLE`, behind a comma of such a list, and behind the `ON` of a trigger's head.

use std::collections::BTreeSet;

use super::identifiers::{Name, is, name_of, rename_identifier, rename_qualifier, spelled};
use super::scanner::Scanner;
use super::{Lexicon, Token, TokenKind};
use crate::schema::ObjectName;

/// Words behind which a relation stands.
const INTRODUCE: [&str; 7] = ["from", "join", "into", "update", "table", "using", "references"];
/// Words that may stand between those and the relation.
const SKIP: [&str; 4] = ["only", "lateral", "if", "exists"];
/// Words that end a list of relations.
const END_LIST: [&str; 16] = [
    "where",
    "group",
    "order",
    "having",
    "limit",
    "union",
    "except",
    "intersect",
    "select",
    "on",
    "set",
    "values",
    "window",
    "returning",
    "begin",
    "for",
];
/// Functions whose arguments have a `FROM` that introduces no relation.
const FROM_INSIDE: [&str; 5] = ["extract", "substring", "trim", "overlay", "substr"];

/// Words behind which `UPDATE` is an event or a lock.
const BEFORE_EVENT: [&str; 7] = ["for", "on", "key", "before", "after", "or", "do"];

/// A relation as a text names it.
struct Mention {
    namespace: Option<Name>,
    name: Name,
}

impl Mention {
    /// Whether this is the relation. A bare mention means one in the default namespace; a mention with a namespace may mean
    /// one that the model has without, because that is the default one.
    fn means(&self, relation: &ObjectName, lexicon: &Lexicon) -> bool {
        let namespace = match (&self.namespace, &relation.schema) {
            (Some(mentioned), Some(schema)) => is(mentioned, schema, lexicon),
            (None, Some(_)) => false,
            (_, None) => true,
        };
        namespace && is(&self.name, &relation.name, lexicon)
    }
}

/// Whether a statement speaks of a table or view.
#[must_use]
pub fn mentions_relation(sql: &str, relation: &ObjectName, lexicon: &Lexicon) -> bool {
    mentions(sql, lexicon).iter().any(|mention| mention.means(relation, lexicon))
}

/// Whether a query takes every column there is: `SELECT *`, `t.*`. A server may fix the list when the view is made or make
/// it anew each time.
#[must_use]
pub fn selects_everything(sql: &str, lexicon: &Lexicon) -> bool {
    let mut scanner = Scanner::new(sql, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let text = |at: usize| found.get(at).map_or("", |token| token.text(sql));
    (1..found.len()).any(|at| {
        let before = text(at - 1).to_ascii_lowercase();
        let after = text(at + 1).to_ascii_lowercase();
        let ends = matches!(after.as_str(), "" | "," | "from" | ")" | ";");
        text(at) == "*" && ends && matches!(before.as_str(), "select" | "all" | "distinct" | "." | ",")
    })
}

/// Whether two queries visibly have the same columns: what stands between `SELECT` and `FROM` is the same, and no `*`, and
/// they speak of the same relations. Whether that is so of others is not known.
#[must_use]
pub fn selects_alike(one: &str, other: &str, lexicon: &Lexicon) -> bool {
    let list = |sql: &str| -> Option<Vec<String>> {
        let mut scanner = Scanner::new(sql, lexicon);
        let words = std::iter::from_fn(|| scanner.significant()).map(|token| token.text(sql).to_owned());
        let (mut depth, mut list) = (0_usize, Vec::new());
        for word in words {
            match word.as_str() {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                from if depth == 0 && from.eq_ignore_ascii_case("from") => break,
                _ => {}
            }
            list.push(word);
        }
        list.first()?.eq_ignore_ascii_case("select").then_some(list)
    };
    let relations = |sql: &str| -> BTreeSet<(Option<String>, String)> {
        let name = |name: &Name| name.value.clone();
        mentions(sql, lexicon).iter().map(|found| (found.namespace.as_ref().map(name), name(&found.name))).collect()
    };
    !selects_everything(one, lexicon)
        && list(one).is_some_and(|found| list(other) == Some(found))
        && relations(one) == relations(other)
}

/// A statement in which a table or view has another name, also before a column (`orders.id`); all else is kept byte for
/// byte.
#[must_use]
pub fn rename_relation(sql: &str, from: &ObjectName, to: &ObjectName, lexicon: &Lexicon) -> String {
    let mut out = String::with_capacity(sql.len() + to.name.len());
    let mut copied = 0;
    for mention in mentions(sql, lexicon).iter().filter(|mention| mention.means(from, lexicon)) {
        let start = mention.namespace.as_ref().map_or(mention.name.token.start, |name| name.token.start);
        out.push_str(sql.get(copied..start).unwrap_or(""));
        match (&mention.namespace, &to.schema) {
            // The mention keeps a namespace that the model does not have: the default one.
            (Some(namespace), None) if from.schema.is_none() => {
                out.push_str(namespace.token.text(sql));
                out.push('.');
            }
            (Some(namespace), Some(schema)) => {
                out.push_str(&spelled(namespace, sql, schema, lexicon));
                out.push('.');
            }
            (None, Some(schema)) => {
                out.push_str(&spelled(&mention.name, sql, schema, lexicon));
                out.push('.');
            }
            (_, None) => {}
        }
        out.push_str(&spelled(&mention.name, sql, &to.name, lexicon));
        copied = mention.name.token.end;
    }
    out.push_str(sql.get(copied..).unwrap_or(""));
    rename_qualifier(&out, from.schema.as_deref(), &from.name, &to.name, lexicon)
}

/// A query over one table in which a column of the table has another name, and the columns of the result keep theirs; none
/// where the text does not say for certain what each mention means.
#[must_use]
pub fn rename_queried(sql: &str, table: &ObjectName, from: &str, to: &str, lexicon: &Lexicon) -> Option<String> {
    let of_table = mentions(sql, lexicon).iter().all(|mention| mention.means(table, lexicon));
    if !of_table || selects_everything(sql, lexicon) || is_alias(sql, from, lexicon) {
        return None;
    }
    let mut out = String::with_capacity(sql.len() + to.len());
    let mut copied = 0;
    for result in bare_results(sql, from, lexicon) {
        out.push_str(sql.get(copied..result.column.end).unwrap_or(""));
        copied = match result.alias {
            // `b AS a` is `a` once `b` is called that.
            Some(alias) if name_of(&alias, sql).is_some_and(|name| is(&name, to, lexicon)) => alias.end,
            Some(_) => result.column.end,
            None => {
                out.push_str(&format!(" AS {}", result.column.text(sql)));
                result.column.end
            }
        };
    }
    out.push_str(sql.get(copied..).unwrap_or(""));
    Some(rename_identifier(&out, from, to, lexicon))
}

/// The statement of a trigger in which a column of its table has another name: in `UPDATE OF`, and behind `NEW.` and `OLD.`. None
/// where the column is mentioned in any other place, because that may be another table's.
#[must_use]
pub fn rename_watched(sql: &str, from: &str, to: &str, lexicon: &Lexicon) -> Option<String> {
    let mut scanner = Scanner::new(sql, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let word = |at: usize| found.get(at).map_or(String::new(), |token| token.text(sql).to_ascii_lowercase());
    let mut out = String::with_capacity(sql.len() + to.len());
    let (mut copied, mut listed, mut head) = (0, false, true);
    for (at, token) in found.iter().enumerate() {
        let text = word(at);
        listed = head && (text == "of" || listed && !matches!(text.as_str(), "on" | "or"));
        head &= text != "on";
        let Some(name) = name_of(token, sql).filter(|name| is(name, from, lexicon)) else { continue };
        let of_row = at >= 2 && word(at - 1) == "." && matches!(word(at - 2).as_str(), "new" | "old");
        let called = word(at + 1) == "(" || word(at + 1) == ".";
        if !of_row && !listed {
            if called || at == 0 {
                continue;
            }
            return None;
        }
        out.push_str(sql.get(copied..token.start).unwrap_or(""));
        out.push_str(&spelled(&name, sql, to, lexicon));
        copied = token.end;
    }
    out.push_str(sql.get(copied..).unwrap_or(""));
    Some(out)
}

/// Whether a name stands where an expression gets it: behind `AS`, or right behind the end of an expression.
fn is_alias(sql: &str, name: &str, lexicon: &Lexicon) -> bool {
    let mut scanner = Scanner::new(sql, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    found.windows(2).any(|pair| {
        let [before, token] = pair else { return false };
        let ends = match before.kind {
            TokenKind::Word => {
                let word = before.text(sql).to_ascii_lowercase();
                word == "as" || word == "end" || !is_keyword(&word)
            }
            TokenKind::QuotedIdentifier | TokenKind::String | TokenKind::Number => true,
            _ => before.text(sql) == ")",
        };
        ends && name_of(token, sql).is_some_and(|found| is(&found, name, lexicon))
    })
}

/// Whether a word before a name is part of the syntax and not an expression of its own.
fn is_keyword(word: &str) -> bool {
    const OTHERS: [&str; 12] =
        ["all", "asc", "by", "desc", "having", "limit", "offset", "on", "over", "partition", "then", "union"];
    super::identifiers::is_reserved_everywhere(word) || END_LIST.contains(&word) || OTHERS.contains(&word)
}

/// An item of a result that is nothing but a column.
struct BareResult {
    column: Token,
    /// The name behind `AS`.
    alias: Option<Token>,
}

/// The items of the result that are nothing but this column.
fn bare_results(sql: &str, column: &str, lexicon: &Lexicon) -> Vec<BareResult> {
    let mut scanner = Scanner::new(sql, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let text = |at: usize| found.get(at).map_or("", |token| token.text(sql));
    let mut depth = 0_usize;
    let mut item = 1;
    let mut results = Vec::new();
    for at in 0..found.len() {
        match text(at) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            word if depth == 0 && (word == "," || word.eq_ignore_ascii_case("from")) => {
                let named = at >= item + 3 && text(at - 2).eq_ignore_ascii_case("as");
                let last = if named { at - 3 } else { at.saturating_sub(1) };
                let start = if last >= 2 && text(last - 1) == "." { last - 2 } else { last };
                if start == item && name_of(&found[last], sql).is_some_and(|name| is(&name, column, lexicon)) {
                    results.push(BareResult { column: found[last], alias: named.then(|| found[at - 1]) });
                }
                if word != "," {
                    break;
                }
                item = at + 1;
            }
            word if depth == 0 && at == item && matches!(word.to_ascii_lowercase().as_str(), "distinct" | "all") => {
                item += 1;
            }
            _ => {}
        }
    }
    results
}

fn mentions(sql: &str, lexicon: &Lexicon) -> Vec<Mention> {
    let mut scanner = Scanner::new(sql, lexicon);
    let found: Vec<Token> = std::iter::from_fn(|| scanner.significant()).collect();
    let word = |at: usize| found.get(at).map_or(String::new(), |token| token.text(sql).to_ascii_lowercase());
    let is_trigger = (0..found.len().min(12)).any(|at| word(at) == "trigger") && word(0) == "create";
    let mut head = is_trigger;
    let mut mentions = Vec::new();
    // For each open parenthesis: whether a list of relations goes on in it, and whether `FROM` means something else.
    let mut depth: Vec<(bool, bool)> = vec![(false, false)];
    let mut at = 0;
    while at < found.len() {
        let text = word(at);
        let nested = depth.len() > 1;
        let Some(level) = depth.last_mut() else { break };
        let mut expected = false;
        match text.as_str() {
            "(" => {
                let function = at.checked_sub(1).map(&word).unwrap_or_default();
                let inside = FROM_INSIDE.contains(&function.as_str());
                // `FROM (a JOIN b …)`: a list goes on inside.
                let list = level.0 && !inside && word(at + 1) != "select";
                depth.push((list, inside));
                expected = list;
            }
            ")" if nested => {
                depth.pop();
            }
            "," => expected = level.0,
            "from" => {
                let distinct = at > 0 && word(at - 1) == "distinct";
                expected = !level.1 && !distinct;
                level.0 = expected;
            }
            "on" if head => {
                head = false;
                expected = true;
            }
            "update" | "into" | "table" | "references" | "join" | "using" => {
                // `AFTER UPDATE ON t`, `UPDATE OF c ON t`, `FOR UPDATE`, `ON UPDATE`, `JOIN … USING (c)` introduce none.
                let next = word(at + 1);
                let event = text == "update" && (head || (at > 0 && BEFORE_EVENT.contains(&word(at - 1).as_str())));
                expected = !event && !matches!(next.as_str(), "(" | "of" | "on" | "set");
                level.0 |= expected && text == "join";
            }
            other if END_LIST.contains(&other) => level.0 = false,
            _ => {}
        }
        at += 1;
        if !expected || INTRODUCE.contains(&word(at).as_str()) {
            continue;
        }
        while SKIP.contains(&word(at).as_str()) || word(at) == "not" {
            at += 1;
        }
        if let Some((mention, next)) = mention(sql, &found, at) {
            mentions.push(mention);
            at = next;
        }
    }
    mentions
}

/// The relation named at a token, and the token after it. A function is none.
fn mention(sql: &str, found: &[Token], at: usize) -> Option<(Mention, usize)> {
    let name = |at: usize| found.get(at).and_then(|token| name_of(token, sql));
    let text = |at: usize| found.get(at).map_or("", |token| token.text(sql));
    let first = name(at)?;
    let (mention, next) = match text(at + 1) {
        "." => (Mention { namespace: Some(first), name: name(at + 2)? }, at + 3),
        _ => (Mention { namespace: None, name: first }, at + 1),
    };
    let called = text(next) == "(" && !text(at.checked_sub(1)?).eq_ignore_ascii_case("into");
    (!called).then_some((mention, next))
}

#[cfg(test)]
mod tests {
    use super::super::samples::POSTGRES;
    use super::*;

    #[track_caller]
    fn renamed(sql: &str, expected: &str) {
        let lexicon = POSTGRES;
        assert_eq!(rename_relation(sql, &"orders".into(), &"sales".into(), &lexicon), expected);
    }

    #[test]
    fn relations_are_renamed_where_they_stand() {
        renamed("SELECT orders FROM orders", "SELECT orders FROM sales");
        renamed("select orders.id from orders where orders.n > 1", "select sales.id from sales where sales.n > 1");
        renamed("SELECT a, orders FROM t, orders o", "SELECT a, orders FROM t, sales o");
        renamed("SELECT 1 FROM t JOIN public.orders USING (id)", "SELECT 1 FROM t JOIN public.sales USING (id)");
        renamed("SELECT EXTRACT(year FROM orders) FROM t", "SELECT EXTRACT(year FROM orders) FROM t");
        renamed("SELECT a IS DISTINCT FROM orders FROM t", "SELECT a IS DISTINCT FROM orders FROM t");
        renamed("SELECT 1 FROM (SELECT * FROM \"orders\") AS s", "SELECT 1 FROM (SELECT * FROM \"sales\") AS s");
        renamed("SELECT 'FROM orders' -- FROM orders\nFROM orders", "SELECT 'FROM orders' -- FROM orders\nFROM sales");
        renamed("SELECT * FROM orders() o", "SELECT * FROM orders() o");
        renamed("SELECT * FROM app.orders2, other.orders", "SELECT * FROM app.orders2, other.sales");
    }

    #[test]
    fn a_trigger_speaks_of_its_table_and_of_those_in_its_body() {
        renamed(
            "CREATE TRIGGER t AFTER UPDATE OF n ON orders BEGIN INSERT INTO log SELECT NEW.orders; UPDATE orders SET n = 1; END",
            "CREATE TRIGGER t AFTER UPDATE OF n ON sales BEGIN INSERT INTO log SELECT NEW.orders; UPDATE sales SET n = 1; END",
        );
        renamed(
            "CREATE TRIGGER t BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders()",
            "CREATE TRIGGER t BEFORE INSERT OR UPDATE ON sales FOR EACH ROW EXECUTE FUNCTION orders()",
        );
    }

    #[test]
    fn a_namespace_counts() {
        let lexicon = POSTGRES;
        let (from, to) = (ObjectName::qualified("app", "orders"), ObjectName::qualified("app", "sales"));
        assert_eq!(
            rename_relation("SELECT app.orders.id FROM app.orders", &from, &to, &lexicon),
            "SELECT app.sales.id FROM app.sales"
        );
        assert!(!mentions_relation("SELECT 1 FROM orders", &from, &lexicon));
        assert!(mentions_relation("SELECT 1 FROM public.orders", &"orders".into(), &lexicon));
    }

    #[test]
    fn a_renamed_column_keeps_its_name_in_the_result() {
        let renamed = |sql: &str| rename_queried(sql, &"t".into(), "a", "b", &POSTGRES);
        for (sql, expected) in [
            ("SELECT id, a FROM t", Some("SELECT id, b AS a FROM t")),
            (
                "SELECT DISTINCT a FROM t WHERE a > 1 ORDER BY a",
                Some("SELECT DISTINCT b AS a FROM t WHERE b > 1 ORDER BY b"),
            ),
            ("SELECT t.a, upper(a) AS u FROM t", Some("SELECT t.b AS a, upper(b) AS u FROM t")),
            ("SELECT x.a AS shown FROM t x", Some("SELECT x.b AS shown FROM t x")),
            ("SELECT a AS b, a AS c FROM t", Some("SELECT b, b AS c FROM t")),
            ("SELECT * FROM t WHERE a > 1", None),
            ("SELECT upper(a) AS a FROM t", None),
            ("SELECT upper(a) a FROM t", None),
            ("SELECT a FROM t JOIN u ON true", None),
        ] {
            assert_eq!(renamed(sql).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn a_trigger_follows_a_column_of_its_row() {
        let renamed = |sql: &str| rename_watched(sql, "a", "b", &POSTGRES);
        for (sql, expected) in [
            (
                "CREATE TRIGGER x AFTER UPDATE OF a, c ON t WHEN (new.a > old.a) BEGIN SELECT 1; END",
                Some("CREATE TRIGGER x AFTER UPDATE OF b, c ON t WHEN (new.b > old.b) BEGIN SELECT 1; END"),
            ),
            ("CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE u SET a = new.a; END", None),
            (
                "CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION a()",
                Some("CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION a()"),
            ),
        ] {
            assert_eq!(renamed(sql).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn a_star_is_everything_or_a_product() {
        for (sql, expected) in [
            ("SELECT * FROM t", true),
            ("SELECT a, t.* FROM t", true),
            ("SELECT DISTINCT * FROM t", true),
            ("SELECT a * b FROM t", false),
            ("SELECT count(*) FROM t", false),
        ] {
            assert_eq!(selects_everything(sql, &POSTGRES), expected, "{sql}");
        }
    }
}
