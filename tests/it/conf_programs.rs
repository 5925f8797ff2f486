//! The real programs that read what is exported.

use std::path::PathBuf;

use evenkeel::conf::ConfigFormat;

#[path = "../shared/programs.rs"]
mod programs;

pub use programs::{find, folder};

/// A program on this machine.
pub struct Program {
    /// Whose configuration it reads.
    pub dialect: ConfigFormat,
    /// Where it is.
    pub path: PathBuf,
}

impl Program {
    /// As [`find`].
    pub fn find(dialect: ConfigFormat) -> Option<Self> {
        let path = find(dialect.id())?;
        Some(Self { dialect, path })
    }
}

#[test]
fn a_missing_program_is_noted_and_fails_where_all_are_needed() {
    let folder = folder("skipped");
    let list = folder.join("deeper/list.txt");
    programs::note(&list, "one\n");
    programs::note(&list, "two\n");
    let noted = std::fs::read_to_string(&list).expect("it was written");
    assert_eq!(noted, "one\ntwo\n");
    let fails = std::panic::catch_unwind(|| programs::skip("nothing", "true", None));
    assert!(fails.is_err());
    std::fs::remove_dir_all(folder).expect("the folder is ours");
}
