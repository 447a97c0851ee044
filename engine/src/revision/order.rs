//! The order in which a graph runs, and the circles that keep it from having one.

use super::header::Header;

/// Predecessors by index: what each revision follows, and what else it depends on.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    pub(super) parents: Vec<usize>,
    pub(super) dependencies: Vec<usize>,
}

/// Orders revisions so that each comes after all it refers to; or gives the circles that prevent it, each as the indices
/// along it, every one referring to the next and the last to the first.
///
/// Worked from the newest end, like a reader of a log: a line is followed downwards until something newer still has to
/// come first, and its first parent before its other ones. That keeps branches together and interleaves them only where
/// a dependency does. Between lines that are free, the head that was `created` last, compared as text, is the newest;
/// equal or absent times are settled by the id. Nothing here sees the order of files.
pub(super) fn order(headers: &[Header], links: &[Links]) -> Result<Vec<usize>, Vec<Vec<usize>>> {
    let mut waiting = vec![0_usize; headers.len()];
    for link in links {
        link.parents.iter().chain(&link.dependencies).for_each(|&earlier| waiting[earlier] += 1);
    }
    let mut ready: Vec<usize> = (0..headers.len()).filter(|&index| waiting[index] == 0).collect();
    // The next one to come is taken from the end.
    ready.sort_by(|&a, &b| {
        let (a, b) = (&headers[a], &headers[b]);
        a.created.cmp(&b.created).then_with(|| b.id.value.cmp(&a.id.value))
    });
    let mut newest_first = Vec::with_capacity(headers.len());
    while let Some(index) = ready.pop() {
        newest_first.push(index);
        let link = &links[index];
        for &earlier in link.dependencies.iter().rev().chain(link.parents.iter().rev()) {
            waiting[earlier] -= 1;
            if waiting[earlier] == 0 {
                ready.push(earlier);
            }
        }
    }
    if newest_first.len() == headers.len() {
        newest_first.reverse();
        return Ok(newest_first);
    }
    Err(circles(links, &waiting))
}

/// What is left waits for a newer one that is left too, so following any such one upwards ends in a circle.
fn circles(links: &[Links], waiting: &[usize]) -> Vec<Vec<usize>> {
    let mut newer = vec![None; links.len()];
    for (index, link) in links.iter().enumerate().filter(|(index, _)| waiting[*index] > 0) {
        for &earlier in link.parents.iter().chain(&link.dependencies) {
            newer[earlier].get_or_insert(index);
        }
    }
    let mut walk_of = vec![None; links.len()];
    let mut found = Vec::new();
    for start in (0..links.len()).filter(|&index| waiting[index] > 0) {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(index) = at {
            match walk_of[index] {
                None => {
                    walk_of[index] = Some(start);
                    path.push(index);
                    at = newer[index];
                }
                Some(walk) => {
                    if walk == start
                        && let Some(entry) = path.iter().position(|&seen| seen == index)
                    {
                        let mut circle = path.split_off(entry);
                        circle.reverse();
                        found.push(turned(circle));
                    }
                    break;
                }
            }
        }
    }
    found
}

/// The same circle, beginning at its least member, so that it reads the same from wherever it was found.
fn turned(mut circle: Vec<usize>) -> Vec<usize> {
    let least = circle.iter().enumerate().min_by_key(|&(_, index)| *index).map_or(0, |(place, _)| place);
    circle.rotate_left(least);
    circle
}
