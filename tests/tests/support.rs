//! The page that says what is supported where is made from the cases, and up to date.

use std::path::Path;

use aludel_engine::conformance::Options;
use aludel_engine::conformance::support::{Supported, page};
use aludel_engine::dialect::Version;

const SUPPORTED: [Supported; 3] = [
    Supported {
        driver: &aludel_sqlite::DRIVER,
        versions: &[
            ("sqlite", Version::new(3, 37, 0)),
            ("sqlite", Version::new(3, 40, 0)),
            ("sqlite", Version::new(3, 54, 1)),
        ],
    },
    Supported {
        driver: &aludel_postgres::DRIVER,
        versions: &[
            ("postgres", Version::new(12, 0, 0)),
            ("postgres", Version::new(14, 0, 0)),
            ("postgres", Version::new(15, 0, 0)),
            ("postgres", Version::new(16, 0, 0)),
            ("postgres", Version::new(17, 0, 0)),
            ("postgres", Version::new(18, 0, 0)),
        ],
    },
    Supported {
        driver: &aludel_mysql::DRIVER,
        versions: &[
            ("mysql", Version::new(8, 0, 0)),
            ("mysql", Version::new(8, 4, 0)),
            ("mysql", Version::new(9, 0, 0)),
            ("mariadb", Version::new(10, 6, 0)),
            ("mariadb", Version::new(10, 11, 0)),
            ("mariadb", Version::new(11, 4, 0)),
        ],
    },
];

/// `ALUDEL_UPDATE_DOCS=1` writes the page instead of comparing it.
#[test]
fn the_page_is_what_the_cases_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let options = Options { specs: root.join("specs"), ..Options::new(env!("CARGO_MANIFEST_DIR")) };
    let made = page(&SUPPORTED, &options).expect("every case can be read");
    let path = root.join("docs/support.md");
    if std::env::var_os("ALUDEL_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(root.join("docs")).expect("a directory can be made");
        std::fs::write(&path, &made).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/support.md is not what the cases say; write it with ALUDEL_UPDATE_DOCS=1");
}
