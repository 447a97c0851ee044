//! What `renamed_from` asks for: which of the hints are to be carried out, and in which order, so that every new name is free.

/// Which way a circle of names is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Circle {
    /// The names are yet to be handed on.
    Open,
    /// They have been.
    Closed,
    /// Nothing tells.
    Unclear,
}

/// What is known of the names that hints speak of.
pub(super) trait Names<N> {
    /// Whether there is something of a name now.
    fn is_there(&self, name: &N) -> bool;
    /// Whether something of a name is wanted.
    fn is_wanted(&self, name: &N) -> bool;
    /// What became of names of which each is handed on to the next, and the last to the first, all of them there.
    fn circle(&self, names: &[N]) -> Circle;
    /// A name like another that nothing has and nothing gets.
    fn spare(&self, name: &N) -> N;
}

/// What hints come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Moves<N> {
    /// The renames, in an order in which each new name is free.
    pub(super) moves: Vec<(N, N)>,
    /// Circles of which nothing tells whether they have been carried out.
    pub(super) unclear: Vec<Vec<N>>,
}

/// Sorts out hints, each an old name and the new one. No old name and no new one occurs twice.
///
/// A hint counts where there is something of the old name and nothing of the new one, or where what has the new name hands it
/// on itself. Names that are handed on in a circle are all there before and after; what they stand for tells which it is.
pub(super) fn moves<N: Clone + PartialEq>(hints: Vec<(N, N)>, known: &dyn Names<N>) -> Moves<N> {
    let mut waiting = hints;
    waiting.retain(|(from, to)| known.is_there(from) && known.is_wanted(to));
    let mut moves: Vec<(N, N)> = Vec::new();
    loop {
        let is_free = |name: &N| !known.is_there(name) || moves.iter().any(|(from, _)| from == name);
        let Some(next) = waiting.iter().position(|(_, to)| is_free(to)) else { break };
        moves.push(waiting.remove(next));
    }
    let mut unclear = Vec::new();
    while let Some(names) = next_circle(&mut waiting) {
        match known.circle(&names) {
            Circle::Closed => {}
            Circle::Unclear => unclear.push(names),
            Circle::Open => {
                let spare = known.spare(&names[0]);
                moves.push((names[0].clone(), spare.clone()));
                let back = names.windows(2).skip(1).rev().map(|pair| (pair[0].clone(), pair[1].clone()));
                let last = names.last().map(|last| (last.clone(), names[0].clone()));
                moves.extend(last.into_iter().chain(back));
                moves.push((spare, names[1].clone()));
            }
        }
    }
    Moves { moves, unclear }
}

/// Takes hints out that make a circle: its names, each of which is handed on to the next.
fn next_circle<N: Clone + PartialEq>(hints: &mut Vec<(N, N)>) -> Option<Vec<N>> {
    while !hints.is_empty() {
        let (first, mut next) = hints.remove(0);
        let mut names = vec![first.clone()];
        while next != first {
            let Some(place) = hints.iter().position(|(from, _)| *from == next) else { break };
            names.push(next);
            next = hints.remove(place).1;
        }
        if next == first && names.len() > 1 {
            return Some(names);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Words(&'static str, &'static str, Circle);

    impl Names<char> for Words {
        fn is_there(&self, name: &char) -> bool {
            self.0.contains(*name)
        }

        fn is_wanted(&self, name: &char) -> bool {
            self.1.contains(*name)
        }

        fn circle(&self, _: &[char]) -> Circle {
            self.2
        }

        fn spare(&self, name: &char) -> char {
            name.to_ascii_uppercase()
        }
    }

    fn done(hints: &str, known: Words) -> String {
        let hints = hints.split_whitespace().map(|hint| (hint.as_bytes()[0].into(), hint.as_bytes()[1].into()));
        let found = moves(hints.collect(), &known);
        let moves: Vec<String> = found.moves.iter().map(|(from, to)| format!("{from}{to}")).collect();
        format!("{}{}", moves.join(" "), "?".repeat(found.unclear.len()))
    }

    #[test]
    fn hints_are_sorted_out() {
        let open = |before, after| Words(before, after, Circle::Open);
        assert_eq!(done("ab", open("a", "b")), "ab");
        assert_eq!(done("ab", open("b", "b")), "", "carried out");
        assert_eq!(done("ab", open("a", "ab")), "ab", "the old name is used again");
        assert_eq!(done("ab", open("ab", "ab")), "", "and that was carried out too");
        assert_eq!(done("ab bc", open("ab", "bc")), "bc ab", "a chain");
        assert_eq!(done("ab bc", open("bc", "bc")), "", "a chain that was carried out");
        assert_eq!(done("ab ba", open("ab", "ab")), "aA ba Ab", "a swap");
        assert_eq!(done("ab bc ca", open("abc", "abc")), "aA ca bc Ab", "three in a circle");
        assert_eq!(done("ab ba", Words("ab", "ab", Circle::Closed)), "");
        assert_eq!(done("ab ba", Words("ab", "ab", Circle::Unclear)), "?");
        assert_eq!(done("ab ba xy", open("abx", "aby")), "xy aA ba Ab", "and another beside it");
    }
}
