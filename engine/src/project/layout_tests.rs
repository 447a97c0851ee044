use super::*;
use crate::project::test_directory::{KNOWN, TestDirectory, said};

fn names(project: &Project, files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.strip_prefix(&project.root).unwrap().display().to_string()).collect()
}

#[test]
fn a_project_is_found_upwards() {
    let directory = TestDirectory::new(&[("aludel.yaml", "{}"), ("a/b/x", ""), ("sub/aludel.yaml", "{}")]);
    let open = |place| Project::open(&place, &KNOWN, &mut Diagnostics::default());
    for (start, root) in [("", ""), ("a/b", ""), ("sub", "sub")] {
        let project = open(Place::Directory(directory.path().join(start))).unwrap();
        assert_eq!(project.root.canonicalize().unwrap(), directory.path().join(root).canonicalize().unwrap());
        assert_eq!(project.path(Path::new("./migrations")), project.root.join("migrations"));
    }
    let project = open(Place::File(directory.path().join("sub/aludel.yaml"))).unwrap();
    assert_eq!(project.root, directory.path().join("sub"));
    for place in [
        Place::File(directory.path().to_owned()),
        Place::File(directory.path().join("absent.yaml")),
        Place::Directory(directory.path().join("absent")),
    ] {
        assert_eq!(open(place).unwrap_err().code.id, "E0701");
    }
    std::fs::rename(directory.path().join("aludel.yaml"), directory.path().join("aludel.yml")).unwrap();
    let error = open(Place::Directory(directory.path().to_owned())).unwrap_err();
    assert_eq!(error.notes, ["there is an `aludel.yml`; the name is `aludel.yaml`"]);
}

#[test]
fn revision_files_come_in_order() {
    let directory = TestDirectory::new(&[("aludel.yaml", "migrations: [m, other, m/b]"), ("other/z.yaml", "")]);
    for name in
        ["c.yaml", "a.YML", "b/2.yaml", "b/1.yml", ".hidden.yaml", ".git/x.yaml", "#c.yaml#", "c.yaml~", "x.sql"]
    {
        directory.write(&format!("m/{name}"), "");
    }
    let mut diagnostics = Diagnostics::default();
    let project = directory.open(&mut diagnostics);
    let files = project.revision_files(&mut diagnostics);
    assert_eq!(names(&project, &files), ["m/a.YML", "m/b/1.yml", "m/b/2.yaml", "m/c.yaml", "other/z.yaml"]);
    assert!(diagnostics.is_empty());
}

#[cfg(unix)]
#[test]
fn symbolic_links_are_followed_once() {
    use std::os::unix::fs::symlink;
    let directory = TestDirectory::new(&[("aludel.yaml", "{}"), ("migrations/a.yaml", ""), ("shared/s.yaml", "")]);
    let link = |to: &str, name: &str| symlink(to, directory.path().join("migrations").join(name)).unwrap();
    link(".", "loop");
    link("..", "up");
    link("../shared", "shared");
    link("a.yaml", "b.yaml");
    link("nowhere", "c.yaml");
    // Nothing to read: a pipe would never end.
    let socket = std::os::unix::net::UnixListener::bind(directory.path().join("migrations/socket.yaml")).unwrap();
    link("socket.yaml", "d.yaml");
    let mut diagnostics = Diagnostics::default();
    let project = directory.open(&mut diagnostics);
    let files = project.revision_files(&mut diagnostics);
    assert_eq!(
        names(&project, &files),
        ["migrations/a.yaml", "migrations/c.yaml", "migrations/shared/s.yaml", "migrations/up/aludel.yaml"]
    );
    drop(socket);
}

#[test]
fn a_directory_that_is_not_there() {
    for (settings, message) in [
        ("{}", "does not exist"),
        ("migrations: [gone, file]", "does not exist"),
        ("migrations: file", "is a file, not a directory"),
    ] {
        let directory = TestDirectory::new(&[("aludel.yaml", settings), ("file", "")]);
        let mut diagnostics = Diagnostics::default();
        let project = directory.open(&mut diagnostics);
        assert!(project.revision_files(&mut diagnostics).is_empty());
        let said = said(&diagnostics);
        assert!(said.iter().all(|line| line.starts_with("E0702")) && said[0].contains(message), "{said:?}");
        assert_eq!(diagnostics.len(), if settings.contains('[') { 2 } else { 1 });
    }
}

#[test]
fn mistakes_in_the_settings_do_not_stop() {
    for (settings, expected) in [("migrations: [", "E0101"), ("migrations: 5", "E0203"), ("", "E0106")] {
        let directory = TestDirectory::new(&[("aludel.yaml", settings)]);
        let mut diagnostics = Diagnostics::default();
        let project = directory.open(&mut diagnostics);
        assert!(project.revision_files(&mut diagnostics).is_empty());
        assert_eq!(diagnostics.len(), 1);
        assert!(said(&diagnostics)[0].starts_with(expected));
    }
}

#[test]
fn where_new_revisions_go() {
    let directory = TestDirectory::new(&[("aludel.yaml", "migrations: [m, n]")]);
    let project = directory.open(&mut Diagnostics::default());
    let root = directory.path();
    let at = |asked: Option<&Path>| project.new_revision_directory(asked).ok();
    assert_eq!(at(None), Some(root.join("m")));
    assert_eq!(at(Some(Path::new("n/billing"))), Some(root.join("n/billing")));
    assert_eq!(at(Some(&root.join("n"))), Some(root.join("n")));
    assert_eq!(at(Some(Path::new("mm"))), None);
    assert_eq!(at(Some(Path::new("m/../x"))), None);
}

#[test]
fn urls_are_beside_the_project() {
    let directory = TestDirectory::new(&[("aludel.yaml", "databases: {default: 'sqlite:app.db'}")]);
    let project = directory.open(&mut Diagnostics::default());
    let url = project.url(project.config.database("default").unwrap(), &|_| None).unwrap();
    assert_eq!(url.expose(), format!("sqlite:{}/app.db", directory.path().display()));
}
