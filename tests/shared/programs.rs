//! The real programs, where they are installed: `make test` installs them where it can.
//!
//! A test of a program that is missing counts as skipped: it says so on the standard error stream,
//! and appends a line to the file that `EVENKEEL_SKIPPED` names, from which `make test` counts. With
//! `CI=true` it fails.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Finds a program on PATH, where Debian puts it, or where `make test` installs it. A test asks once; if there is none it has
/// nothing more to do.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([
        "/usr/sbin".into(),
        "/usr/local/sbin".into(),
        ".tools/bin".into(),
    ]);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        let ci = std::env::var("CI").unwrap_or_default();
        let list = std::env::var_os("EVENKEEL_SKIPPED");
        skip(name, &ci, list.as_deref().map(Path::new));
    }
    found
}

/// Says that the test which runs here cannot test this program.
pub fn skip(name: &str, ci: &str, list: Option<&Path>) {
    assert_ne!(
        ci, "true",
        "{name} is not installed, and continuous integration needs it"
    );
    // The test runner names a thread after its test.
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("{test}: {name} is not installed\n");
    if let Some(list) = list {
        note(list, &line);
    }
    // Not through the macros, whose output the runner hides where a test passes.
    let said = format!("\nSKIPPED {line}");
    std::io::stderr()
        .write_all(said.as_bytes())
        .expect("it can be said");
}

/// Appends a line to the list, in one piece: other tests write at the same time.
pub fn note(list: &Path, line: &str) {
    let folder = list.parent().expect("a file is in a folder");
    std::fs::create_dir_all(folder).expect("the folder of the list");
    let file = OpenOptions::new().append(true).create(true).open(list);
    let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
    written.expect("the list can be written");
}

/// An empty folder of a test's own.
pub fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("evenkeel-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    folder
}
