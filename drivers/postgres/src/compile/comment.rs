//! Comments on objects.

use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::Statement;
use aludel_engine::schema::Type;

use crate::literal;

/// `COMMENT ON … IS …`; an empty comment is none, as the server has it.
pub fn on(object: &str, text: Option<&str>) -> Result<Statement, Unsupported> {
    let literal = match text.filter(|text| !text.is_empty()) {
        Some(text) => literal::string(text, &Type::Text)?,
        None => "NULL".to_owned(),
    };
    Ok(Statement::ddl(format!("COMMENT ON {object} IS {literal}")))
}

/// The same for a new object, which has none yet.
pub fn on_new(object: &str, text: Option<&str>) -> Result<Option<Statement>, Unsupported> {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => on(object, Some(text)).map(Some),
        None => Ok(None),
    }
}

/// The statement for a comment that changes.
pub fn changed(object: &str, before: Option<&str>, after: Option<&str>) -> Result<Option<Statement>, Unsupported> {
    let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    match filled(before) == filled(after) {
        true => Ok(None),
        false => on(object, after).map(Some),
    }
}
