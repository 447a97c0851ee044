//! What the author may have meant.

/// The known name nearest to a wrong one, if one is near enough to be worth showing.
///
/// A name that begins with what was written comes first: people shorten revision ids.
pub(super) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let worst = (wrong.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let distance = if wrong.len() >= 3 && name.starts_with(wrong) {
            0
        } else if name.len().abs_diff(wrong.len()) > worst * 4 {
            // Too different in length to be near; the measure costs the product of the lengths.
            continue;
        } else {
            strsim::osa_distance(wrong, name)
        };
        if distance <= worst && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}
