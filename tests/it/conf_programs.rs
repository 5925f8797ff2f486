//! The real programs, where they are installed: `make test` installs them where it can.

use std::io::Write;
use std::path::PathBuf;

use evenkeel::conf::Dialect;

/// A program on this machine.
pub struct Program {
    /// Whose configuration it reads.
    pub dialect: Dialect,
    /// Where it is.
    pub path: PathBuf,
}

impl Program {
    /// Finds it on PATH or where Debian puts it; says loudly if it is not there.
    pub fn find(dialect: Dialect) -> Option<Self> {
        let path = find(dialect.id())?;
        Some(Self { dialect, path })
    }
}

/// Finds a program on PATH or where Debian puts it; says loudly if it is not there.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        // Not through the macros, whose output a test that passes does not show.
        let line =
            format!("\n!!! SKIPPED: {name} is not installed, nothing was checked against it !!!\n");
        std::io::stderr()
            .write_all(line.as_bytes())
            .expect("it can be said");
    }
    found
}

/// An empty folder of a test's own.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("evenkeel-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}
