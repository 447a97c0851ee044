use std::time::Duration;

use super::*;
use crate::diagnostic::{render, short};
use crate::project::test_directory::{KNOWN, said};
use crate::source::parse;

fn read(text: &str) -> (Config, Sources, Diagnostics) {
    let mut sources = Sources::default();
    let file = sources.add("aludel.yaml", text);
    let mut diagnostics = Diagnostics::default();
    let node = parse(&sources, file, &mut diagnostics).unwrap();
    let config = Config::decode(&node, &KNOWN, &sources, &mut diagnostics);
    (config, sources, diagnostics)
}

fn good(text: &str) -> Config {
    let (config, _, diagnostics) = read(text);
    assert_eq!(said(&diagnostics), Vec::<String>::new(), "{text}");
    config
}

const WHOLE: &str = r#"
migrations: [migrations, other]
schema: schema
exclude: ["other_*", audit.*]
dialects: [sqlite, postgres@14, mysql@8.0.36]
databases:
  default: sqlite:app.db
  production:
    url: ${DATABASE_URL}
    lock_timeout: 2s
    lock_retries: 3
    statement_timeout: 30m
    run_lock_timeout: 1m30s
    variables: {owner: app_prod, zone: "${ZONE:-eu}"}
version_table: app.versions
transaction: run
naming:
  primary_key: "{table}_pkey"
  foreign_key: "{table}_{columns}_{referred_table}"
file_template: "{year}/{rev}_{slug}"
variables: {owner: app, port: 5432, version: 1.10}
hooks: {after_revision: ["yamlfmt {file}"]}
"#;

#[test]
fn everything_is_read() {
    let config = good(WHOLE);
    assert_eq!(config.migrations, [PathBuf::from("migrations"), PathBuf::from("other")]);
    assert_eq!(config.schema.as_ref().map(|s| s.value.clone()), Some(PathBuf::from("schema")));
    assert_eq!(config.exclude, ["other_*", "audit.*"]);
    let dialects: Vec<_> =
        config.dialects.iter().map(|d| (d.name.as_str(), d.version.map(|v| v.to_string()))).collect();
    assert_eq!(dialects, [("sqlite", None), ("postgres", Some("14".to_owned())), ("mysql", Some("8.0.36".to_owned()))]);
    let production = config.database("production").unwrap();
    assert_eq!((production.lock_timeout, production.lock_retries), (Duration::from_secs(2), 3));
    assert_eq!(production.statement_timeout, Some(Duration::from_secs(1800)));
    assert_eq!(production.run_lock_timeout, Duration::from_secs(90));
    let env = |name: &str| (name == "DATABASE_URL").then(|| "postgres://u:p@h/d".to_owned());
    assert_eq!(production.url(&env).unwrap().expose(), "postgres://u:p@h/d");
    let overrides = [("owner".to_owned(), "me".to_owned())].into();
    let variables = config.variables_for(Some(production), &overrides, &env).unwrap();
    let variables: Vec<_> = variables.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(variables, [("owner", "me"), ("port", "5432"), ("version", "1.10"), ("zone", "eu")]);
    assert_eq!(config.version_table, ObjectName::qualified("app", "versions"));
    assert_eq!(config.transaction, TransactionMode::Run);
    assert_eq!(config.naming.primary_key, "{table}_pkey");
    assert_eq!(config.naming.index, "ix_{table}_{columns}");
    assert_eq!(config.hooks.after_revision.len(), 1);
}

#[test]
fn what_is_not_said_has_a_default() {
    for text in ["{}", "databases:\nvariables:\nhooks:\nmigrations:\n"] {
        assert_eq!(good(text), Config::default(), "{text}");
    }
    let config = good("databases: {a: 'postgresql://h/d', b: 'sqlite:x', c: 'postgres://h/e', d: '${X:-mysql://h/d}'}");
    let names: Vec<_> = config.dialects.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["postgres", "sqlite", "mysql"]);
    let a = config.database("a").unwrap();
    assert_eq!((a.lock_timeout, a.lock_retries, a.statement_timeout), (Duration::from_secs(5), 10, None));
    assert_eq!(a.run_lock_timeout, Duration::from_secs(900));
    assert!(good("databases: {a: '${X}'}").targets().is_err());
}

#[test]
fn every_mistake_is_reported() {
    let cases = [
        ("migration: x", "E0201 unknown key `migration`", "did you mean `migrations`?"),
        ("migrations: []", "E0203 expected at least one directory, found a list", ""),
        ("migrations: [a, a]", "E0713 the directory `a` is named twice", ""),
        ("schema: 1", "E0203 expected a string, found a number", "put it in quotes"),
        ("dialects: [postgers]", "E0208 unknown dialect `postgers`", "did you mean `postgres`?"),
        ("dialects: [postgresql@14]", "E0208 unknown dialect `postgresql`", "did you mean `postgres`?"),
        ("dialects: [postgres@x]", "E0713 `x` is not a version such as 15, 10.11 or 3.54.1", ""),
        ("dialects: [mysql, mysql@8]", "E0713 the dialect `mysql` is named twice", ""),
        ("dialects: sqlite", "E0203 expected a list, found a string", ""),
        ("dialects: []", "E0203 expected at least one dialect, found a list", ""),
        ("databases: {a: app.db}", "E0708 this is not the URL of a database", ""),
        ("databases: {a: ''}", "E0708 the URL of the database is empty", ""),
        ("databases: {a: 'postgre://h'}", "E0708 no database has URLs that begin with `postgre:`", "did you mean"),
        ("databases: {a: {lock_timeout: 5s}}", "E0202 `database `a`` needs the key `url`", ""),
        ("databases: {a: {url: 'sqlite:a', lock_timeot: 5s}}", "E0201 unknown key `lock_timeot`", "lock_timeout"),
        ("databases: {a: {url: 'sqlite:a', lock_timeout: 5}}", "E0707 a length of time needs a unit", "5s"),
        ("databases: {a: {url: 'sqlite:a', lock_timeout: 0s}}", "E0713 a time limit of zero", ""),
        ("databases: {a: {url: 'sqlite:a', lock_retries: -1}}", "E0205 expected a whole number", ""),
        ("databases: {a: '${1X}'}", "E0705 this is not the name of an environment variable", ""),
        ("databases: {'a:b': 'sqlite:a'}", "E0713 this cannot be the name of a database", ""),
        ("databases: [x]", "E0203 expected a map, found a list", ""),
        ("version_table: ''", "E0713 expected the name of a table, found an empty text", ""),
        ("transaction: runn", "E0204 unknown transaction mode `runn`", "did you mean `run`?"),
        ("naming: {index: 'ix_{tabel}'}", "E0706 unknown placeholder `{tabel}`", "did you mean `{table}`?"),
        ("naming: {index: '{referred_table}'}", "E0706 unknown placeholder `{referred_table}`", ""),
        ("naming: {index: 'ix_{table'}", "E0706 a `{` without its other half", ""),
        ("naming: {indx: x}", "E0201 unknown key `indx`", "did you mean `index`?"),
        ("file_template: '{date}'", "E0706 the template gives many revisions the same name", ""),
        ("file_template: '../{rev}'", "E0706 the template leads out of the directory of revisions", ""),
        ("file_template: '.x/{rev}'", "E0706 the template makes a hidden file or directory", ""),
        ("file_template: '{revision}'", "E0706 unknown placeholder `{revision}`", ""),
        ("variables: {a: '${HOME}'}", "E0705 the environment is not read here", ""),
        ("variables: {a: true}", "E0203 expected a string, found a boolean", ""),
        ("hooks: {after_revison: [x]}", "E0201 unknown key `after_revison`", ""),
        ("hooks: {after_revision: x}", "E0203 expected a list, found a string", "brackets"),
        ("hooks: {after_revision: ['a \"b']}", "E0709 the command has a quote \" that is not closed", ""),
        ("[]", "E0203 expected a map, found a list", ""),
    ];
    for (text, message, help) in cases {
        let (_, _, diagnostics) = read(text);
        let said = said(&diagnostics);
        assert_eq!(said.len(), 1, "{text}: {said:?}");
        assert!(said[0].starts_with(message), "{text}: {said:?}");
        let found = diagnostics.sorted()[0].help.clone().unwrap_or_default();
        assert!(found.contains(help), "{text}: {found}");
    }
    let (_, sources, diagnostics) = read("dialect: x\nversion_table: 5\nnaming:\n  index: \"ix_{tabel}\"\n");
    let lines: Vec<String> = diagnostics.sorted().iter().map(|d| short(d, &sources)).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("aludel.yaml:4:14: error[E0706]"), "{lines:?}");
}

#[test]
fn no_message_shows_a_url() {
    let text = "databases: {p: {url: 'postgres://u:secret@${HOST}/d', lock_timeout: 5, xx: 1}, q: 'u:secret'}\n";
    let (config, mut sources, mut diagnostics) = read(text);
    let node = parse(&sources, crate::source::FileId(0), &mut Diagnostics::default());
    conceal(&mut sources, crate::source::FileId(0), node.as_ref());
    diagnostics.push(config.database("p").unwrap().url(&|_| None).unwrap_err());
    assert_eq!(diagnostics.len(), 3);
    for diagnostic in diagnostics.sorted() {
        let shown = render(diagnostic, &sources, false);
        assert!(!shown.contains("u:secret@"), "{shown}");
    }
    assert!(!format!("{config:?}").contains("secret"));
    let error = config.database("pp").unwrap_err();
    assert_eq!(error.help.as_deref(), Some("name one of them with `-d`, or give a URL"));
    assert_eq!(config.database("defualt").unwrap_err().code.id, "E0703");
}
