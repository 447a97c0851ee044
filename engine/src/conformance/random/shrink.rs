//! A failing history made smaller, as long as it fails in the same way.

use std::time::{Duration, Instant};

use serde_yaml::Value as Yaml;

use super::document::Document;
use super::fault::Fault;

/// How long to look for smaller ones.
const PATIENCE: Duration = Duration::from_secs(120);

/// The smallest histories found that fail like the given ones, and how they fail.
pub(super) fn shrink(
    histories: Vec<Document>,
    fault: Fault,
    check: impl Fn(&[Document]) -> Result<(), Fault>,
) -> (Vec<Document>, Fault) {
    let until = Instant::now() + PATIENCE;
    let (mut best, mut found) = (histories, fault);
    loop {
        let mut smaller = false;
        let mut place = 0;
        // Each candidate takes one thing away; what has been tried at a place is not tried again before the next round.
        while let Some(candidate) = candidate_of_all(&best, place) {
            if Instant::now() > until {
                return (best, found);
            }
            match check(&candidate) {
                Err(fault) if fault.is_like(&found) => {
                    best = candidate;
                    found = fault;
                    smaller = true;
                }
                _ => place += 1,
            }
        }
        if !smaller {
            return (best, found);
        }
    }
}

/// Histories without the thing at a place, which is counted through all of them.
fn candidate_of_all(histories: &[Document], place: usize) -> Option<Vec<Document>> {
    let mut rest = place;
    for (number, document) in histories.iter().enumerate() {
        if let Some(smaller) = candidate(document, rest) {
            let mut histories = histories.to_vec();
            histories[number] = smaller;
            return Some(histories);
        }
        rest -= (0..rest).take_while(|place| candidate(document, *place).is_some()).count();
    }
    None
}

/// The history without the thing at a place: first whole revisions, then operations, rows, and parts of operations.
fn candidate(document: &Document, place: usize) -> Option<Document> {
    let mut rest = place;
    let mut smaller = document.clone();
    if document.parts.len() > 1 {
        if rest < document.parts.len() {
            smaller.parts.remove(document.parts.len() - 1 - rest);
            return Some(smaller);
        }
        rest -= document.parts.len();
        // Two revisions become one.
        if rest < document.parts.len() - 1 {
            let mut second = smaller.parts.remove(rest + 1);
            smaller.parts[rest].operations.append(&mut second.operations);
            smaller.parts[rest].fills = second.fills;
            return Some(smaller);
        }
        rest -= document.parts.len() - 1;
    }
    for part in smaller.parts.iter_mut().rev() {
        if rest < part.operations.len() {
            part.operations.remove(part.operations.len() - 1 - rest);
            return Some(smaller);
        }
        rest -= part.operations.len();
        if rest < part.fills.len() {
            part.fills.remove(rest);
            return Some(smaller);
        }
        rest -= part.fills.len();
    }
    for part in smaller.parts.iter_mut().rev() {
        for operation in &mut part.operations {
            if remove(operation, &mut rest, 0) {
                return Some(smaller);
            }
        }
        for fill in &mut part.fills {
            if fill.rows.len() > 1 && rest < fill.rows.len() {
                fill.rows.remove(rest);
                return Some(smaller);
            }
            rest -= if fill.rows.len() > 1 { fill.rows.len() } else { 0 };
        }
    }
    None
}

/// Removes the entry or item that so many others come before. The name of an operation and its map stay.
fn remove(value: &mut Yaml, rest: &mut usize, depth: usize) -> bool {
    match value {
        Yaml::Mapping(entries) => {
            if depth > 0 {
                if *rest < entries.len() {
                    let key = entries.keys().nth(*rest).cloned();
                    return key.is_some_and(|key| entries.shift_remove(&key).is_some());
                }
                *rest -= entries.len();
            }
            entries.values_mut().any(|value| remove(value, rest, depth + 1))
        }
        Yaml::Sequence(items) => {
            if *rest < items.len() {
                items.remove(*rest);
                return true;
            }
            *rest -= items.len();
            items.iter_mut().any(|value| remove(value, rest, depth + 1))
        }
        _ => false,
    }
}
