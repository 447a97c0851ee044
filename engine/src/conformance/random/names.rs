//! Identifiers, plain and strange.

use super::chance::Chance;

const PLAIN: &[&str] = &[
    "users",
    "note",
    "item",
    "email",
    "total",
    "created_at",
    "account",
    "owner_id",
    "code",
    "amount",
    "kind",
    "label",
    "parent",
    "line",
    "place",
    "price",
];

const STRANGE: &[&str] = &[
    "order",
    "select",
    "group",
    "table",
    "user",
    "default",
    "check",
    "index",
    "primary",
    "null",
    "values",
    "key",
    "desc",
    "UserName",
    "Total",
    "E_Mail",
    "naïve",
    "日本",
    "Ünïcode",
    "two words",
    "it's",
    "say \"hi\"",
    "back`tick",
    "1st",
    "semi;colon",
    "-- dash",
    "per%cent",
    "$dollar",
    "#hash",
    "a,b",
    "(paren)",
    "[bracket]",
    "back\\slash",
    "/* c */",
    "@at",
    ":colon",
    "?",
    "true",
];

/// How many names there are to draw from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pool {
    /// All of them.
    Wide,
    /// A few, so that two schemas have the same names for different things.
    Narrow,
}

/// A name that `taken` does not know. A number is added where nothing else helps.
pub(super) fn fresh(chance: &mut Chance, pool: Pool, taken: impl Fn(&str) -> bool) -> String {
    let list = match pool {
        Pool::Narrow => &PLAIN[..6],
        Pool::Wide if chance.one_in(3) => STRANGE,
        Pool::Wide => PLAIN,
    };
    let base = chance.pick(list).unwrap_or("name");
    if !taken(base) {
        return base.to_owned();
    }
    let mut number = if pool == Pool::Narrow { 2 } else { chance.between(2, 99) };
    loop {
        let name = format!("{base}{number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}
