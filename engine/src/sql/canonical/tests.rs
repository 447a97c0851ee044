use proptest::prelude::*;

use super::*;
use crate::sql::samples::{ALL, MYSQL, POSTGRES, SQLITE};

#[track_caller]
fn same(lexicon: &Lexicon, pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        assert_eq!(canonical(a, lexicon), canonical(b, lexicon), "{a}  ≠  {b}");
    }
}

#[track_caller]
fn different(lexicon: &Lexicon, pairs: &[(&str, &str)]) {
    for (a, b) in pairs {
        assert_ne!(canonical(a, lexicon), canonical(b, lexicon), "{a}  =  {b}");
    }
}

#[test]
fn same_everywhere() {
    for lexicon in &ALL {
        same(
            lexicon,
            &[
                ("a > 0", " ( A/* x */>0 ) -- y"),
                ("a > 0 AND b < 1", "((a > 0) AND ((b) < (1)))"),
                ("a AND b AND c", "(a AND (b AND c))"),
                ("a OR b AND c", "a or (b and c)"),
                ("NOT a = 1", "NOT (a = 1)"),
                ("a + b * c", "(a + (b * c))"),
                ("a - b - c", "((a - b) - c)"),
                ("a <> 1", "a != 1"),
                ("a BETWEEN 1 AND 2", "((a >= 1) AND (a <= 2))"),
                ("b AND a BETWEEN 1 AND 2", "b AND a >= 1 AND a <= 2"),
                ("a NOT BETWEEN 1 AND 2", "(a < 1) OR (a > 2)"),
                ("a NOT IN (1, 2)", "not (a in (1,2))"),
                ("a NOT LIKE 'x'", "(not(a like 'x'))"),
                ("a IN ('x')", "a = 'x'"),
                ("a IS NOT NULL", "(A is not null)"),
                ("CAST(a AS integer)", "cast( (a) as INTEGER )"),
                ("CASE WHEN a > 1 THEN 'x' ELSE 'y' END", "case when (a > 1) then ('x') else 'y' end"),
                ("lower(a) = 'x'", "(LOWER((a)) = 'x')"),
                ("CURRENT_TIMESTAMP", "current_timestamp()"),
                ("now(6)", "CURRENT_TIMESTAMP(6)"),
                ("a > -1", "(a > (-1))"),
                ("extract(YEAR FROM a) > 1", "(EXTRACT(year from a) > 1)"),
                ("(a, b) = (1, 2)", "((a), b) = (1, (2))"),
                ("count(*) > 1", "( COUNT( * ) > 1 )"),
                ("a IN (SELECT b FROM c)", "(A in ( select b /* x */ FROM c))"),
            ],
        );
    }
}

#[test]
fn different_everywhere() {
    for lexicon in &ALL {
        different(
            lexicon,
            &[
                ("a > 0", "a >= 0"),
                ("a > 0", "b > 0"),
                ("a = 'x'", "a = 'X'"),
                ("a = 'x'", "a = ' x'"),
                ("a = 'x'", "a = x"),
                ("a - (b - c)", "a - b - c"),
                ("a + (b + c)", "a + b + c"),
                ("(a OR b) AND c", "a OR b AND c"),
                ("NOT (a AND b)", "NOT a AND b"),
                ("(NOT a) = b", "NOT a = b"),
                ("1.0", "1"),
                ("1.0", "1.00"),
                ("now(6)", "now()"),
                ("a = ANY (b)", "a IN (b)"),
                ("a IN (b)", "a = b"),
                ("a IN (SELECT b FROM c)", "a IN ((SELECT b FROM c))"),
                ("(a = b) = c", "a = b = c"),
                ("(a = b) IS NULL", "a = b IS NULL"),
                ("a = (b IS NULL)", "a = b IS NULL"),
                ("a + (b & c)", "a + b & c"),
                ("(a + b) & c", "a + b & c"),
                ("a | (b & c)", "a | b & c"),
                ("f(a, b)", "f((a, b))"),
                ("a LIKE 'x'", "a LIKE 'x' ESCAPE '!'"),
                ("a <> 1", "NOT a = 1"),
                ("a IN (1, 2)", "a IN (2, 1)"),
                ("'it''s'", "'its'"),
                ("a ''", "a"),
                ("a IS TRUE", "a"),
                ("true", "1"),
                ("CASE WHEN a THEN b END", "CASE a WHEN b THEN b END"),
            ],
        );
    }
}

#[test]
fn postgres() {
    same(
        &POSTGRES,
        &[
            ("'x'", "'x'::text"),
            ("'x'", "'x'::character varying"),
            ("'a'", "('a'::varchar)::text"),
            ("NULL", "NULL::character varying"),
            ("a IN ('x','y')", "(a = ANY (ARRAY['x'::text, 'y'::text]))"),
            ("a IN ('x','y')", "a = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[])"),
            ("a NOT IN (1, 2)", "(a <> ALL (ARRAY[1, 2]))"),
            ("a LIKE 'x%'", "(a ~~ 'x%'::text)"),
            ("a NOT LIKE 'x%'", "(a !~~ 'x%'::text)"),
            ("a ILIKE 'x%'", "(a ~~* 'x%'::text)"),
            ("CAST(a AS int)", "a::integer"),
            ("CAST(a AS varchar(10))", "(a)::character varying(10)"),
            ("a::timestamptz", "(a)::timestamp with time zone"),
            ("a::timestamp(3)", "(a)::timestamp(3) without time zone"),
            ("a > -1", "(a > '-1'::integer)"),
            ("a > 0", "(a > (0)::numeric)"),
            ("a > -1.5", "(a > '-1.5'::numeric)"),
            ("a > -1", "(a > ('-1'::integer)::numeric)"),
            ("\"email\" > 1", "email > 1"),
            ("left(a, 1)", "\"left\"(a, 1)"),
            ("$$x$$", "E'x'"),
            ("a > date '2020-01-01'", "(a > '2020-01-01'::date)"),
            ("now() - interval '1 day'", "(now() - '1 day'::interval)"),
            ("a->'b'->>'c' = 'd'", "(((a -> 'b'::text) ->> 'c'::text) = 'd'::text)"),
            ("a || b || c", "((a || b) || c)"),
            ("a ~ '^x'", "(a ~ '^x'::text)"),
            ("a AT TIME ZONE 'UTC'", "(a AT TIME ZONE 'UTC'::text)"),
            ("a COLLATE \"C\" > 'x'", "((a COLLATE \"C\") > 'x'::text)"),
            ("now()", "CURRENT_TIMESTAMP"),
            ("tags[1] = 'x'", "(tags[(1)] = 'x'::text)"),
        ],
    );
    different(
        &POSTGRES,
        &[
            ("\"Email\" > 1", "email > 1"),
            ("\"user\"", "user"),
            ("\"current_date\"", "current_date"),
            ("'x'::varchar(1)", "'x'"),
            ("'x'::char", "'x'"),
            ("'x'::bpchar", "'x'"),
            ("'010'::int::text", "'010'"),
            ("'2020-01-01'::date", "'2020-01-01'"),
            ("'{}'::jsonb", "'{}'::json"),
            ("a::text = 'x'", "a = 'x'"),
            ("a / 2::numeric", "a / 2"),
            ("(a ~~ b) || c", "a LIKE b || c"),
            ("a ^ (b * c)", "a ^ b * c"),
            ("a::int::text", "a::text"),
            ("- a::text", "(- a)::text"),
            ("E'\\n'", "'\\n'"),
            ("'1'::bigint", "1"),
            ("'-2147483648'::integer", "-2147483648"),
            ("a > 0", "a > (0)::double precision"),
            ("\"char\"", "char"),
            ("now()", "localtimestamp"),
        ],
    );
}

#[test]
fn known_columns() {
    let known = |text: &str| canonical_with(text, &POSTGRES, &|column| column == "status" || column == "Kind");
    assert_eq!(
        known("status IN ('a', 'b')"),
        known("((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))")
    );
    assert_eq!(known("\"Kind\" LIKE 'x%'"), known("((\"Kind\")::text ~~ 'x%'::text)"));
    assert_eq!(known("lower(status)"), known("lower((status)::text)"));
    assert_ne!(known("size = '1'"), known("size::text = '1'"));
    assert_ne!(known("status::varchar(2) = '1'"), known("status = '1'"));
}

/// Check constraints of a table on PostgreSQL 15, as written and as `pg_get_expr` prints them.
#[test]
fn postgres_prints() {
    let known = |text: &str| canonical_with(text, &POSTGRES, &|column| column == "status" || column == "note");
    for (written, printed) in [
        ("total >= 0", "(total >= (0)::numeric)"),
        ("qty BETWEEN 1 AND 10", "((qty >= 1) AND (qty <= 10))"),
        ("qty NOT BETWEEN 1 AND 10", "((qty < 1) OR (qty > 10))"),
        (
            "status IN ('new','paid')",
            "((status)::text = ANY ((ARRAY['new'::character varying, 'paid'::character varying])::text[]))",
        ),
        (
            "status NOT IN ('new','paid')",
            "((status)::text <> ALL ((ARRAY['new'::character varying, 'paid'::character varying])::text[]))",
        ),
        ("note IN ('new','paid')", "(note = ANY (ARRAY['new'::text, 'paid'::text]))"),
        ("status = 'new'", "((status)::text = 'new'::text)"),
        ("note LIKE 'x%'", "(note ~~ 'x%'::text)"),
        ("note NOT ILIKE 'x%'", "(note !~~* 'x%'::text)"),
        (
            "note IS NOT NULL AND (status <> 'x' OR qty > 3 AND total < 5)",
            "((note IS NOT NULL) AND (((status)::text <> 'x'::text) OR ((qty > 3) AND (total < (5)::numeric))))",
        ),
        ("char_length(note) > 3", "(char_length(note) > 3)"),
        ("length(status) <= 10", "(length((status)::text) <= 10)"),
        ("lower(note) = note", "(lower(note) = note)"),
        ("big > -1", "(big > '-1'::integer)"),
        ("big > 3000000000", "(big > '3000000000'::bigint)"),
        ("total > -1.5", "(total > '-1.5'::numeric)"),
        ("qty + 1 > 2 * big - 3", "((qty + 1) > ((2 * big) - 3))"),
        ("NOT active", "(NOT active)"),
        ("active AND NOT (qty = 1)", "(active AND (NOT (qty = 1)))"),
        ("active IS TRUE", "(active IS TRUE)"),
        ("d > date '2020-01-01'", "(d > '2020-01-01'::date)"),
        ("ts > now() - interval '1 day'", "(ts > (now() - '1 day'::interval))"),
        ("ts > CURRENT_TIMESTAMP", "(ts > CURRENT_TIMESTAMP)"),
        ("extract(year from d) > 2000", "(EXTRACT(year FROM d) > (2000)::numeric)"),
        ("data->>'a' = 'b'", "((data ->> 'a'::text) = 'b'::text)"),
        ("data->'a'->>'b' = 'c'", "(((data -> 'a'::text) ->> 'b'::text) = 'c'::text)"),
        ("data ? 'x'", "(data ? 'x'::text)"),
        ("note ~ '^[a-z]+$'", "(note ~ '^[a-z]+$'::text)"),
        ("note || 'x' || status = 'y'", "(((note || 'x'::text) || (status)::text) = 'y'::text)"),
        ("coalesce(note, '') <> ''", "(COALESCE(note, ''::text) <> ''::text)"),
        (
            "CASE WHEN qty > 1 THEN note ELSE 'x' END = 'y'",
            "( CASE WHEN (qty > 1) THEN note ELSE 'x'::text END = 'y'::text)",
        ),
        ("CASE qty WHEN 1 THEN active ELSE false END", "CASE qty WHEN 1 THEN active ELSE false END"),
        ("qty IN (1, 2, 3)", "(qty = ANY (ARRAY[1, 2, 3]))"),
        ("total IN (1, 2)", "(total = ANY (ARRAY[(1)::numeric, (2)::numeric]))"),
        ("qty = 1 OR qty = 2 OR qty = 3", "((qty = 1) OR (qty = 2) OR (qty = 3))"),
        ("left(note, 1) = 'a'", "(\"left\"(note, 1) = 'a'::text)"),
        ("substring(note from 1 for 2) = 'ab'", "(SUBSTRING(note FROM 1 FOR 2) = 'ab'::text)"),
        ("note COLLATE \"C\" > 'x'", "((note COLLATE \"C\") > 'x'::text)"),
        ("(qty IS NULL) = (big IS NULL)", "((qty IS NULL) = (big IS NULL))"),
        ("num_nonnulls(qty, big) = 1", "(num_nonnulls(qty, big) = 1)"),
        ("qty % 2 = 0", "((qty % 2) = 0)"),
        ("qty & 1 = 0", "((qty & 1) = 0)"),
        ("tags[1] = 'x'", "(tags[1] = 'x'::text)"),
        ("tags @> ARRAY['a']", "(tags @> ARRAY['a'::text])"),
        ("array_length(tags, 1) > 0", "(array_length(tags, 1) > 0)"),
        ("qty::text = '1'", "((qty)::text = '1'::text)"),
        ("CAST(qty AS numeric(10,2)) > 1", "((qty)::numeric(10,2) > (1)::numeric)"),
        ("\"Mixed\" > 1", "(\"Mixed\" > 1)"),
        ("qty IS DISTINCT FROM 3", "(qty IS DISTINCT FROM 3)"),
        ("qty = ANY (ARRAY[1,2])", "(qty = ANY (ARRAY[1, 2]))"),
        ("abs(-5) = qty", "(abs('-5'::integer) = qty)"),
        ("- qty < 3", "((- qty) < 3)"),
        ("note = 'it''s'", "(note = 'it''s'::text)"),
        ("note BETWEEN 'a' AND 'b'", "((note >= 'a'::text) AND (note <= 'b'::text))"),
        ("status BETWEEN 'a' AND 'b'", "(((status)::text >= 'a'::text) AND ((status)::text <= 'b'::text))"),
        ("upper(status) = 'A'", "(upper((status)::text) = 'A'::text)"),
        ("small > 5", "(small > 5)"),
        ("NOT (note LIKE 'x')", "(NOT (note ~~ 'x'::text))"),
        ("note IS NULL OR note IN ('a')", "((note IS NULL) OR (note = 'a'::text))"),
    ] {
        assert_eq!(known(written), known(printed), "{written}");
    }
}

#[test]
fn mysql() {
    same(
        &MYSQL,
        &[
            ("total >= 0", "(`total` >= 0)"),
            ("Total >= 0", "(`Total` >= 0)"),
            ("status IN ('a', 'b')", "(`status` in (_utf8mb4'a',_utf8mb4'b'))"),
            ("a = \"x\"", "(`a` = _utf8mb4'x')"),
            ("a = 'it\\'s'", "a = 'it''s'"),
            ("a || b", "(a or b)"),
            ("a && b", "(a and b)"),
            ("now(6)", "CURRENT_TIMESTAMP(6)"),
            ("now()", "current_timestamp()"),
            ("a + interval 1 day", "(`a` + interval 1 day)"),
            ("a BETWEEN 1 AND 2", "(`a` between 1 and 2)"),
        ],
    );
    different(
        &MYSQL,
        &[
            ("a = _latin1'x'", "a = 'x'"),
            ("a = _binary'x'", "a = 'x'"),
            ("'a\\%b'", "'a%b'"),
            ("CAST('x' AS char)", "'x'"),
            ("a /*!50001 + 1 */", "a + 1"),
            ("a = \"b\"", "a = b"),
            ("`order`", "order"),
            ("! a = b", "NOT a = b"),
        ],
    );
}

#[test]
fn sqlite() {
    same(&SQLITE, &[("a = 1", "[A] == 1"), ("a NOT NULL", "a IS NOT NULL"), ("a NOTNULL", "`a` IS NOT NULL")]);
    different(
        &SQLITE,
        &[
            ("CAST('1' AS text)", "'1'"),
            ("CAST('1' AS integer)", "1"),
            ("a || b", "a OR b"),
            ("a || (b * c)", "a || b * c"),
        ],
    );
}

#[test]
fn long_and_deep_texts() {
    for text in ["(".repeat(100_000), "a+".repeat(100_000) + "a", "not ".repeat(100_000), "a and ".repeat(50_000) + "a"]
    {
        let form = canonical(&text, &POSTGRES);
        assert_eq!(canonical(&form, &POSTGRES), form);
    }
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(canonical(&nested(60), &POSTGRES), "a");
    assert_eq!(canonical(&format!("{}a", "f(".repeat(5000)), &POSTGRES).matches('f').count(), 5000);
}

/// Expressions in which every operand has its parentheses; `⟨ ⟩` are parentheses that must not be doubled.
fn expressions() -> impl Strategy<Value = String> {
    let atoms = ["a", "t.b", "1", "-2.5", "'x y'", "null", "f⟨a, 'z'⟩", "true"];
    proptest::sample::select(atoms.to_vec()).prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let operators = ["+", "-", "*", "/", "=", "<>", "<", ">=", "and", "or", "like", "is distinct from"];
        prop_oneof![
            (inner.clone(), proptest::sample::select(operators.to_vec()), inner.clone())
                .prop_map(|(a, op, b)| format!("(({a}) {op} ({b}))")),
            inner.clone().prop_map(|a| format!("(not ({a}))")),
            inner.clone().prop_map(|a| format!("(({a}) is not null)")),
            inner.clone().prop_map(|a| format!("cast⟨({a}) as integer⟩")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("(({a}) in ⟨({b}), {c}⟩)")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(({a}) between ({b}) and ({c}))")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("case when {a} then {b} else {c} end")),
        ]
    })
}

#[test]
fn two_introducers_are_left_as_they_are() {
    for text in ["_utf8mb4 _utf8mb4 'x'", "_utf8mb4 _utf8mb4 '"] {
        let once = canonical(text, &crate::sql::samples::MYSQL);
        assert_eq!(canonical(&once, &crate::sql::samples::MYSQL), once);
    }
}

proptest! {
    #[test]
    fn spelling_does_not_matter(text in expressions()) {
        let other = text.replace("and", "/* x */ AND").replace('(', "( (").replace(')', ") )").replace("is not null", "IS  NOT\nNULL");
        let [text, other] = [text, other].map(|text| text.replace('⟨', "(").replace('⟩', ")"));
        for lexicon in &ALL {
            let once = canonical(&text, lexicon);
            prop_assert_eq!(&canonical(&once, lexicon), &once);
            prop_assert_eq!(&canonical(&other, lexicon), &once);
        }
    }

    #[test]
    fn idempotent(text in crate::sql::samples::sql_like()) {
        for lexicon in &ALL {
            let once = canonical(&text, lexicon);
            prop_assert_eq!(canonical(&once, lexicon), once);
        }
    }
}
