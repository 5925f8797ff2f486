//! `headless replay TRACE.json`: prints the program's own decisions on a recorded trace.

use std::io::{BufWriter, Write};
use std::process::ExitCode;

use evenkeel::replay;

/// The largest trace that is read, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// Prints the decisions, one line each; exit code 2 with the place on standard error where the file
/// cannot be replayed.
pub fn run(path: &str) -> ExitCode {
    let wrong = |reason: &dyn std::fmt::Display| {
        eprintln!("{path}: {reason}");
        ExitCode::from(2)
    };
    let json = match std::fs::metadata(path) {
        Ok(file) if file.len() > MOST_BYTES => return wrong(&"is larger than 256 MB"),
        Ok(_) => std::fs::read_to_string(path),
        Err(error) => Err(error),
    };
    let lines = match json {
        Ok(json) => replay::replay(&json),
        Err(error) => return wrong(&error),
    };
    match lines {
        Ok(lines) => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            // A reader that closes the pipe early has seen enough.
            let _ = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
            let _ = out.flush();
            ExitCode::SUCCESS
        }
        Err(error) => wrong(&error),
    }
}
