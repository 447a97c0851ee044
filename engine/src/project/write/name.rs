//! The name of a new revision file.

use std::path::PathBuf;

use crate::project::calendar::Moment;
use crate::project::template::{Piece, pieces};
use crate::revision::RevisionId;

/// The most characters of a slug.
const LONGEST: usize = 40;

/// Fills in `file_template`, with the ending `.yaml`. The outcome is relative to a directory of revisions.
#[must_use]
pub fn file_name(template: &str, id: &RevisionId, message: &str, created: &Moment) -> PathBuf {
    let mut filled = String::new();
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) | Piece::Stray(text) => filled.push_str(text),
            Piece::Placeholder(name) => filled.push_str(&value(name, id, message, created)),
        }
    }
    let filled = filled.strip_suffix(".yaml").or(filled.strip_suffix(".yml")).unwrap_or(&filled);
    // A message without a letter leaves nothing for its slug, and what joined it is to go too.
    let mut parts: Vec<&str> =
        filled.split('/').map(|part| part.trim_matches(['_', '-', ' '])).filter(|part| !part.is_empty()).collect();
    let last = parts.pop().unwrap_or(id.as_str());
    let mut path: PathBuf = parts.into_iter().collect();
    path.push(format!("{last}.yaml"));
    path
}

fn value(name: &str, id: &RevisionId, message: &str, created: &Moment) -> String {
    match name {
        "date" => created.date(),
        "rev" => safe(id.as_str()),
        "slug" => slug(message),
        "year" => format!("{:04}", created.year),
        "month" => format!("{:02}", created.month),
        "day" => format!("{:02}", created.day),
        "hour" => format!("{:02}", created.hour),
        "minute" => format!("{:02}", created.minute),
        "second" => format!("{:02}", created.second),
        "epoch" => created.epoch.to_string(),
        _ => String::new(),
    }
}

/// An id in a file name: what a path or another system would take for something else becomes `_`.
fn safe(id: &str) -> String {
    id.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '_' }).collect()
}

/// A message as a part of a file name: lower case, words joined by `_`, letters without their accents, at most 40
/// characters and cut between words.
#[must_use]
pub fn slug(message: &str) -> String {
    let mut slug = String::new();
    for c in message.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if let Some(letters) = fold(c) {
            slug.push_str(letters);
        } else if !matches!(c, '\'' | '’' | '\u{300}'..='\u{36f}') && !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    let slug = slug.trim_end_matches('_');
    if slug.len() <= LONGEST {
        return slug.to_owned();
    }
    // Everything in it is ASCII.
    let cut = &slug[..LONGEST];
    match cut.rfind('_') {
        _ if slug[LONGEST..].starts_with('_') => cut.to_owned(),
        Some(end) => cut[..end].to_owned(),
        None => cut.to_owned(),
    }
}

/// The plain letters of a Latin letter in lower case.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ'..='ặ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ẻ' | 'ẽ' | 'ế'..='ệ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ỉ' | 'ị' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' | 'ọ'..='ợ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ụ'..='ự' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' | 'ỳ' | 'ỵ' | 'ỷ' | 'ỹ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for (message, expected) in [
            ("add full_name to users", "add_full_name_to_users"),
            ("  Ajouter l'été & Größe!  ", "ajouter_lete_grosse"),
            ("e\u{301}te\u{301}", "ete"),
            ("ÆØÅ naïve", "aeoa_naive"),
            ("İstanbul", "istanbul"),
            ("добавить", ""),
            ("!!!", ""),
            ("a/b\\c..d", "a_b_c_d"),
            ("one two three four five six seven eight nine ten", "one_two_three_four_five_six_seven_eight"),
            ("exactly forty characters are in this here and more", "exactly_forty_characters_are_in_this"),
        ] {
            assert_eq!(slug(message), expected, "{message}");
        }
        assert_eq!(slug(&"x".repeat(90)), "x".repeat(40));
        assert_eq!(slug(&format!("{} y", "x".repeat(40))), "x".repeat(40));
    }

    #[test]
    fn file_names() {
        let created = Moment::from_unix(1_795_170_600);
        for (template, id, message, expected) in [
            ("{date}_{rev}_{slug}", "3f2a", "add it", "2026-11-20_3f2a_add_it.yaml"),
            ("{date}_{rev}_{slug}", "3f2a", "", "2026-11-20_3f2a.yaml"),
            ("{slug}", "3f2a", "добавить", "3f2a.yaml"),
            ("{year}/{month}/{rev}.yaml", "a/../b", "", "2026/11/a_.._b.yaml"),
            ("{slug}/{rev}", "a", "", "a.yaml"),
            ("{epoch}-{hour}{minute}{second}-{day}", "a", "", "1795170600-103000-20.yaml"),
        ] {
            let name = file_name(template, &id.parse().unwrap(), message, &created);
            assert_eq!(name, PathBuf::from(expected), "{template}");
        }
    }
}
