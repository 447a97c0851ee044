use super::*;
use crate::diagnostic::Diagnostics;
use crate::plan::{Origin, Source, replay};
use crate::project::History;
use crate::project::test_directory::{TestDirectory, said};
use crate::project::write::NewRevision;

#[test]
fn a_new_project_reads_well() {
    for example in [None, Some(Moment::from_unix(1_795_170_600))] {
        let directory = TestDirectory::new(&[]);
        let root = directory.path().join("new");
        let made = create(&root, example.as_ref()).unwrap();
        assert!(made.iter().all(|path| path.exists()));
        let mut diagnostics = Diagnostics::default();
        std::fs::rename(root.join("aludel.yaml"), directory.path().join("aludel.yaml")).unwrap();
        std::fs::rename(root.join("migrations"), directory.path().join("migrations")).unwrap();
        let mut project = directory.open(&mut diagnostics);
        let mut history = History::load(&mut project, &mut diagnostics);
        history.load_all_bodies(&project, &mut diagnostics);
        assert_eq!(said(&diagnostics), Vec::<String>::new());
        assert_eq!(history.graph.len(), if example.is_some() { 2 } else { 0 });
        assert_eq!(project.config.targets().unwrap()[0].name, "sqlite");
        for header in history.graph.headers() {
            assert!(history.path(&header.id.value, &project).unwrap().to_string_lossy().contains(header.id.as_str()));
            assert_eq!(header.created.as_deref(), Some("2026-11-20T10:30:00Z"));
        }
    }
}

#[test]
fn nothing_is_overwritten() {
    let directory = TestDirectory::new(&[("aludel.yaml", "{}"), ("migrations/x", "")]);
    let error = create(directory.path(), None).unwrap_err();
    assert_eq!(error.code.id, "E0711");
    assert!(!directory.path().join("schema").exists());
    std::fs::remove_file(directory.path().join("aludel.yaml")).unwrap();
    let made = create(directory.path(), None).unwrap();
    assert_eq!(made, [directory.path().join("aludel.yaml"), directory.path().join("schema/.gitkeep")]);
    std::fs::remove_dir_all(directory.path().join("schema")).unwrap();
    assert!(create(&directory.path().join("aludel.yaml"), None).is_err());
}

#[test]
fn the_example_replays_up_and_down() {
    let directory = TestDirectory::new(&[]);
    create(directory.path(), Some(&Moment::from_unix(0))).unwrap();
    // The step in the comment of a new revision follows on the example.
    let next = NewRevision {
        id: "next".parse().unwrap(),
        down_revisions: vec![EMAIL_ID.parse().unwrap()],
        branch_labels: Vec::new(),
        depends_on: Vec::new(),
        message: String::new(),
        created: Moment::from_unix(0).to_string(),
        steps: None,
    };
    directory.write("migrations/next.yaml", next.text().unwrap().replace("  # - add", "  - add"));
    let mut diagnostics = Diagnostics::default();
    let mut project = directory.open(&mut diagnostics);
    let mut history = History::load(&mut project, &mut diagnostics);
    history.load_all_bodies(&project, &mut diagnostics);
    let sources: Vec<Source<'_>> = (history.graph.headers())
        .map(|header| Source {
            id: header.id.value.clone(),
            origin: Origin::File(&history.body(&header.id.value).unwrap().node),
        })
        .collect();
    let replayed = replay(&crate::testing::context(), &sources, &mut diagnostics);
    assert_eq!(said(&diagnostics), Vec::<String>::new());
    assert_eq!(replayed.len(), 3);
    assert!(replayed.iter().all(|revision| revision.downgrade.is_ok() && !revision.upgrade.is_empty()));
}
