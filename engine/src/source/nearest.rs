//! The name a person most likely meant.

/// The candidate closest to a misspelt name, if one is close enough to be worth suggesting.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let fold = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let wanted = fold(name);
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let folded = fold(candidate);
        if folded.chars().count().abs_diff(wanted.chars().count()) > allowed {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&wanted, &folded);
        // Half of a short name changed is another name.
        let close = distance <= allowed && distance * 2 < wanted.chars().count().max(2);
        if close && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_what_is_close() {
        let keys = ["table", "column", "nullable", "type", "if_exists", "to", "on_delete", "Users"];
        let cases = [
            ("nulable", Some("nullable")),
            ("Nullable", Some("nullable")),
            ("colmun", Some("column")),
            ("columns", Some("column")),
            ("if-exists", Some("if_exists")),
            ("onDelete", Some("on_delete")),
            ("typ", Some("type")),
            ("users", Some("Users")),
            ("x", None),
            ("id", None),
            ("banana", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(nearest(name, keys), expected, "{name}");
        }
        assert_eq!(nearest("a", []), None);
    }
}
