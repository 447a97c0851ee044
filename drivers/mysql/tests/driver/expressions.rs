//! What the servers print for expressions, compared with what users write.

use crate::support::{Database, Server, check, column, create, table};

crate::on_both_servers!(expressions_are_recognised);

/// Expressions that both servers print in a form that is recognised.
const RECOGNISED: &[&str] = &[
    "a > 0",
    "a >= 0 and a <= 100",
    "a > 0 or b is not null",
    "a between 1 and 10",
    "a not between 1 and 10",
    "b in ('a', 'b', 'it''s')",
    "b not in ('a', 'b')",
    "b in ('a')",
    "a in (1, 2, 3)",
    "b like 'x%'",
    "b not like 'x\\_%'",
    "b is null",
    "a is not null",
    "b <> ''",
    "a != 5",
    "char_length(b) > 3",
    "length(b) <= 10",
    "LOWER(b) = b",
    "upper(trim(b)) = b",
    "coalesce(a, 0) + 1 > 0",
    "ifnull(a, 0) > 0",
    "a + a * 2 - 1 > 0",
    "(a + 1) * 2 > 0",
    "a % 2 = 0",
    "mod(a, 2) = 0",
    "a / 2 > 1",
    "-a < 0",
    "a > -1",
    "case when a > 0 then 1 else 0 end = 1",
    "if(a > 0, 1, 0) = 1",
    "d >= '2020-01-01'",
    "d > e",
    "year(d) > 2000",
    "`a` = 1 or `B` = 'x'",
    "concat(b, '-', c) <> 'x-y'",
    "json_valid(j)",
    "a = 1.5",
    "a & 1 = 1",
    "b = 'éß'",
    "b = \"double\"",
    "substring(b, 1, 2) = 'ab'",
    "round(a, 2) = 1",
    "abs(a) > 1",
    "greatest(a, 1) > 0",
    "b regexp '^[a-z]+$'",
    "cast(a as char) = '1'",
    "b = 'a\\\\b'",
    "a <=> 5",
    "d + interval 1 day > e",
    "(a > 1 and b = 'x') or (a < 1 and (b = 'y' or c = 'z'))",
    "a div 2 = 1",
    "nullif(a, 1) > 0",
    "extract(year from d) = 2020",
    "b = c collate utf8mb4_bin",
    "true",
    "left(b, 2) = 'ab'",
    "replace(b, 'x', 'y') = b",
    "cast(b as unsigned) > 1",
    "timestampdiff(day, d, e) > 1",
    "json_extract(j, '$.a') = 1",
    "a > 0 && a < 9",
    "a > 0 || a < -9",
];

/// What MySQL alone prints in a form that is recognised, or alone allows in a check.
const BY_MYSQL: &[&str] = &["b = 'é😀'", "isnull(a) = 0", "j->'$.a' = 1", "date_format(d, '%Y') = '2020'"];

/// What servers rewrite: NOT goes inwards, a number as a condition is compared with 0, other literals change their kind. It
/// stays different, so that the comparison asks the server.
const REWRITTEN: &[&str] =
    &["not (a > 0 and b = 'x')", "not a > 5", "a = b'101'", "b = x'4142'", "a xor (b = 'x')", "position('x' in b) > 0"];

fn expressions_are_recognised(server: &Server) {
    let mut database = Database::new(server);
    let mut different = Vec::new();
    let own = if server.is_mysql() { BY_MYSQL } else { &[] };
    for (number, sql) in RECOGNISED.iter().chain(own).chain(REWRITTEN).enumerate() {
        let name = format!("t{number}");
        let columns = vec![
            column("a", "integer"),
            column("b", "varchar(20)"),
            column("c", "varchar(20)"),
            column("d", "date"),
            column("e", "date"),
            column("j", "json"),
        ];
        let (statements, after) =
            database.compile(&create(table(&name, columns, vec![check(&format!("ck{number}"), sql)]))).expect(sql);
        if let Err(error) = database.connection.execute(&statements[0]) {
            different.push(format!("{sql}: {error}"));
            continue;
        }
        database.model = after;
        let dialect = database.connection.dialect();
        let found = dialect.normalize(&database.connection.introspect(&Default::default()).expect("a schema"));
        let model = dialect.normalize(&database.model);
        let text = |schema: &aludel_engine::schema::Schema| {
            let table = schema.table(&name.as_str().into()).expect("the table");
            format!("{:?}", table.constraints[0].kind)
        };
        assert_eq!(dialect.normalize(&found), found, "{sql}");
        assert_eq!(dialect.normalize(&model), model, "{sql}");
        if (text(&found) == text(&model)) == REWRITTEN.contains(sql) {
            different.push(format!("{sql}\n    server {}\n    model  {}", text(&found), text(&model)));
        }
    }
    assert!(different.is_empty(), "{} wrong\n{}", different.len(), different.join("\n"));
}
