//! Type names in casts, in one spelling.

use super::lexeme::{Lexeme, join};
use super::parse::Parser;
use crate::sql::TokenKind;

impl Parser<'_> {
    /// The type after `::`, which ends where the type's own grammar ends.
    pub(super) fn type_name(&mut self) -> Option<String> {
        let mut name = self.type_word()?;
        while self.eat(".") {
            name = format!("{name}.{}", self.type_word()?);
        }
        let varying = matches!(name.as_str(), "character" | "char" | "bit") && self.eat("varying");
        let double = name == "double" && self.eat("precision");
        name = match name.as_str() {
            "character" | "char" | "varchar" if varying || name == "varchar" => "character varying",
            "bit" if varying => "bit varying",
            "double" if double => "double precision",
            "char" => "character",
            "float8" => "double precision",
            "float4" => "real",
            "int" | "int4" => "integer",
            "int8" => "bigint",
            "int2" => "smallint",
            "bool" => "boolean",
            "decimal" | "dec" => "numeric",
            other => other,
        }
        .to_owned();
        let mut zone = match name.as_str() {
            "timestamptz" | "timetz" => " with time zone",
            "timestamp" | "time" => " without time zone",
            _ => "",
        };
        name = match name.as_str() {
            "timestamptz" => "timestamp".to_owned(),
            "timetz" => "time".to_owned(),
            _ => name,
        };
        if self.eat("(") {
            let mut sizes = vec![self.number()?];
            while self.eat(",") {
                sizes.push(self.number()?);
            }
            self.expect(")")?;
            name = format!("{name}({})", sizes.join(","));
        }
        if !zone.is_empty() {
            for (word, text) in [("with", " with time zone"), ("without", " without time zone")] {
                if self.looking_at(&[word, "time", "zone"]) {
                    self.position += 3;
                    zone = text;
                }
            }
        }
        name.push_str(zone);
        while self.looking_at(&["[", "]"]) {
            self.position += 2;
            name.push_str("[]");
        }
        Some(name)
    }

    /// The type in `CAST(x AS …)`: everything to the parenthesis, since databases add words of their own.
    pub(super) fn cast_type(&mut self) -> Option<String> {
        let start = self.position;
        if let Some(name) = self.type_name()
            && self.eat(")")
        {
            return Some(name);
        }
        self.position = start;
        let raw = self.until_closing()?;
        if raw.is_empty() { None } else { Some(join(raw)) }
    }

    fn type_word(&mut self) -> Option<String> {
        let lexeme = self.next()?;
        matches!(lexeme.kind, TokenKind::Word | TokenKind::QuotedIdentifier).then(|| lexeme.text.clone())
    }

    fn number(&mut self) -> Option<String> {
        let minus = if self.eat("-") { "-" } else { "" };
        let lexeme: &Lexeme = self.next()?;
        (lexeme.kind == TokenKind::Number).then(|| format!("{minus}{}", lexeme.text))
    }
}
