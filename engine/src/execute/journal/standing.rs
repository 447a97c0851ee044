//! What the history says of the revisions that are applied now.

use std::collections::{BTreeMap, BTreeSet};

use super::Journal;
use super::read::{AppliedRevision, cell, damaged, maybe, revision};
use crate::driver::{Connection, DriverError, Row};
use crate::plan::{Fingerprint, Record, Unreadable};
use crate::revision::RevisionId;

/// What the history says of a revision that a run applied and nothing took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The row that says what ran.
    row: i64,
    /// The row with the file that was compared last: the same, or that of an accepted change.
    file_row: i64,
    /// What told that file from another.
    pub fingerprint: Fingerprint,
    /// The tags it ran with.
    pub tags: BTreeSet<String>,
}

impl Standing {
    /// Whether a change of its file was accepted since it was applied.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.file_row != self.row
    }
}

/// The whole of what the history has of a revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When and by whom it was applied or stamped; none when the history does not mention it.
    pub row: Option<AppliedRevision>,
    /// What ran, or why that cannot be told.
    pub record: Result<Record, Unreadable>,
    /// The text of the file, as it was applied or accepted since; empty when it is not known.
    pub text: String,
}

/// What a stamp changed, as its row says it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct StampRecord {
    pub(super) format: u32,
    /// Revisions that count as applied since.
    #[serde(default)]
    pub(super) applied: Vec<RevisionId>,
    /// Revisions that count as not applied since.
    #[serde(default)]
    pub(super) forgotten: Vec<RevisionId>,
    /// After a purge, every revision that counts as applied since: a script cannot know what it forgets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) only: Option<Vec<RevisionId>>,
}

/// A row of the history as it is read for every run: nothing that can be long.
pub(super) struct Line {
    pub(super) id: i64,
    pub(super) direction: String,
    pub(super) revision: RevisionId,
    pub(super) finished: bool,
    checksum: Option<String>,
    text_hash: Option<String>,
    files: Option<String>,
    tags: Option<String>,
    stamp: Option<String>,
}

impl Line {
    /// The columns, in order. All but `stamp` are of the table.
    pub(super) const COLUMNS: [&str; 8] =
        ["id", "direction", "revision", "finished_at", "checksum", "text_hash", "files", "tags"];

    pub(super) fn read(row: &Row) -> Result<Line, DriverError> {
        let id = cell(row, 0).parse().map_err(|_| damaged("a row of the history has no number"))?;
        Ok(Line {
            id,
            direction: cell(row, 1),
            revision: revision(row, 2)?,
            finished: maybe(row, 3).is_some(),
            checksum: maybe(row, 4),
            text_hash: maybe(row, 5),
            files: maybe(row, 6),
            tags: maybe(row, 7),
            stamp: maybe(row, 8),
        })
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            meaning: self.checksum.clone().unwrap_or_default(),
            text: self.text_hash.clone().unwrap_or_default(),
            files: self.files.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
        }
    }
}

/// What stands after all these rows, which are in order.
pub(super) fn standing(lines: &[Line]) -> BTreeMap<RevisionId, Standing> {
    let mut now: BTreeMap<RevisionId, Standing> = BTreeMap::new();
    // What stood before the last run of a revision, for the case that it was undone.
    let mut before: BTreeMap<&RevisionId, Option<Standing>> = BTreeMap::new();
    for line in lines {
        let id = &line.revision;
        match line.direction.as_str() {
            "upgrade" | "downgrade" => {
                before.insert(id, now.get(id).cloned());
                if !line.finished {
                    continue;
                }
                now.remove(id);
                if line.direction == "upgrade" {
                    let tags = line.tags.as_deref().and_then(|text| serde_json::from_str(text).ok());
                    let standing = Standing {
                        row: line.id,
                        file_row: line.id,
                        fingerprint: line.fingerprint(),
                        tags: tags.unwrap_or_default(),
                    };
                    now.insert(id.clone(), standing);
                }
            }
            "undo" if line.finished => {
                now.remove(id);
                if let Some(Some(earlier)) = before.remove(id) {
                    now.insert(id.clone(), earlier);
                }
            }
            "accept" => {
                if let Some(standing) = now.get_mut(id) {
                    standing.fingerprint = line.fingerprint();
                    standing.file_row = line.id;
                }
            }
            "stamp" => {
                let record: Option<StampRecord> =
                    line.stamp.as_deref().and_then(|text| serde_json::from_str(text).ok());
                if let Some(only) = record.as_ref().and_then(|record| record.only.as_ref()) {
                    now.retain(|id, _| only.contains(id));
                }
                now.remove(id);
                for moved in record.iter().flat_map(|record| record.applied.iter().chain(&record.forgotten)) {
                    now.remove(moved);
                }
            }
            _ => {}
        }
    }
    now
}

impl Journal {
    /// Reads what the history has of some revisions, whole.
    ///
    /// # Errors
    /// What the server said.
    pub fn recorded(
        &self,
        connection: &mut dyn Connection,
        ids: &[RevisionId],
        standing: &BTreeMap<RevisionId, Standing>,
    ) -> Result<BTreeMap<RevisionId, Recorded>, DriverError> {
        let nothing = || Recorded { row: None, record: Err(Unreadable::NoRecord), text: String::new() };
        let mut found: BTreeMap<RevisionId, Recorded> = ids.iter().map(|id| (id.clone(), nothing())).collect();
        if ids.is_empty() {
            return Ok(found);
        }
        let columns = AppliedRevision::COLUMNS.iter().copied().chain(["id", "operations"]);
        let sql = format!(
            "SELECT {} FROM {} WHERE {} IN ({}) ORDER BY {}",
            crate::dialect::comma_list(columns.map(|name| self.dialect.quote(name))),
            self.dialect.quote_name(&self.history),
            self.dialect.quote("revision"),
            crate::dialect::comma_list(ids.iter().map(|id| self.text(id.as_str()))),
            self.dialect.quote("id"),
        );
        for row in connection.query(&sql)? {
            let line = AppliedRevision::read(&row);
            let after = AppliedRevision::COLUMNS.len();
            let id: i64 = cell(&row, after).parse().map_err(|_| damaged("a row of the history has no number"))?;
            let Some((name, recorded)) = found.iter_mut().find(|(name, _)| name.as_str() == line.revision) else {
                continue;
            };
            let standing = standing.get(name);
            let operations = cell(&row, after + 1);
            if standing.is_some_and(|standing| standing.file_row == id)
                && let Ok(record) = Record::read(&operations)
            {
                recorded.text = record.text;
            }
            match standing {
                Some(standing) if standing.row == id => {
                    recorded.record = Record::read(&operations);
                    recorded.row = Some(line);
                }
                Some(_) => {}
                // What was stamped has no record; who did it is worth telling.
                None => recorded.row = Some(line),
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: i64, direction: &str, revision: &str, finished: bool, stamp: Option<&str>) -> Line {
        Line {
            id,
            direction: direction.to_owned(),
            revision: RevisionId::parse(revision).unwrap(),
            finished,
            checksum: Some(format!("meaning{id}")),
            text_hash: Some(format!("text{id}")),
            files: None,
            tags: None,
            stamp: stamp.map(str::to_owned),
        }
    }

    /// What stands, as `revision:row/row of the file`.
    fn told(lines: &[Line]) -> String {
        let each = standing(lines);
        let each = each.iter().map(|(id, standing)| format!("{id}:{}/{}", standing.row, standing.file_row));
        each.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_stands_follows_from_the_rows() {
        let up = |id, revision| line(id, "upgrade", revision, true, None);
        let down = |id, revision| line(id, "downgrade", revision, true, None);
        let half = |id, direction| line(id, direction, "b", false, None);
        let undo = |id, finished| line(id, "undo", "b", finished, None);
        assert_eq!(told(&[up(1, "a"), up(2, "b")]), "a:1/1 b:2/2");
        assert_eq!(told(&[up(1, "a"), up(2, "b"), down(3, "b")]), "a:1/1");
        assert_eq!(told(&[up(1, "a"), down(2, "a"), up(3, "a")]), "a:3/3");
        assert_eq!(told(&[up(1, "a"), half(2, "upgrade")]), "a:1/1");
        assert_eq!(told(&[up(1, "b"), half(2, "downgrade")]), "b:1/1");
        // An undone run counts for nothing: what stood before it stands again.
        assert_eq!(told(&[up(1, "a"), up(2, "b"), undo(3, true)]), "a:1/1");
        assert_eq!(told(&[up(1, "b"), down(2, "b"), undo(3, true)]), "b:1/1");
        assert_eq!(told(&[up(1, "b"), half(2, "downgrade"), undo(3, false)]), "b:1/1");
        assert_eq!(told(&[up(1, "b"), line(2, "accept", "b", true, None)]), "b:1/2");
        // What was stamped has no record, nor has what a stamp passed over.
        let stamp = Some(r#"{"format":1,"applied":["b","c"],"forgotten":["d"]}"#);
        assert_eq!(told(&[up(1, "a"), up(2, "b"), up(3, "d"), line(4, "stamp", "c", true, stamp)]), "a:1/1");
        assert_eq!(told(&[up(1, "a"), line(2, "stamp", "a", true, None), line(3, "accept", "a", true, None)]), "");
        // After a purge only what it names counts; what was recorded of that holds on.
        let purge = Some(r#"{"format":1,"only":["a"]}"#);
        assert_eq!(told(&[up(1, "a"), up(2, "b"), up(3, "d"), line(4, "stamp", "b", true, purge)]), "a:1/1");
    }
}
