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

/// A name that `taken` does not know. A number is added where nothing else helps.
pub(super) fn fresh(chance: &mut Chance, taken: impl Fn(&str) -> bool) -> String {
    let list = if chance.one_in(3) { STRANGE } else { PLAIN };
    let base = chance.pick(list).unwrap_or("name");
    if !taken(base) {
        return base.to_owned();
    }
    let mut number = chance.between(2, 99);
    loop {
        let name = format!("{base}{number}");
        if !taken(&name) {
            return name;
        }
        number += 1;
    }
}
