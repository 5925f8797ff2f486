//! `evenkeel figures`: runs the figures of the chapters and says what they measure and what is wrong.

use std::io::Write;
use std::path::Path;

use clap::Args;
use evenkeel_lesson::amount::Amount;
use evenkeel_lesson::check::check;
use evenkeel_lesson::figure::Figure;
use evenkeel_lesson::library::Library;

use crate::error::CliError;

/// Check the figures of the chapters, in the project's folder
///
/// Each figure is run. What is printed is what was measured for each claim, the answer that the run confirms, and what
/// is wrong; the exit status is 1 if something is wrong.
#[derive(Args)]
#[command(after_help = "\
Examples, in the project's folder:
  evenkeel figures
  evenkeel figures one-server")]
pub struct FiguresArgs {
    /// Figures by name; all without a name
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

impl FiguresArgs {
    /// Writes a line for each claim, then what is wrong, for one figure after the other.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let library = Library::read(Path::new("assets")).map_err(|error| {
            CliError::Input(format!("{error}; `figures` is for the project's folder"))
        })?;
        for name in &self.names {
            if !library.figures.contains_key(name) {
                let known: Vec<&str> = library.figures.keys().map(String::as_str).collect();
                return Err(CliError::Input(format!(
                    "{name}: there is no such figure; there are {}",
                    known.join(", ")
                )));
            }
        }
        let mut faults = 0;
        for (name, figure) in &library.figures {
            if self.names.is_empty() || self.names.contains(name) {
                faults += print(&library, name, figure, out)?;
                // Some figures take seconds.
                out.flush()?;
            }
        }
        match faults {
            0 => Ok(()),
            _ => Err(CliError::Run(format!("faults in the figures: {faults}"))),
        }
    }
}

/// Runs one figure, writes what is found and returns the number of its faults.
fn print(
    library: &Library,
    name: &str,
    figure: &Figure,
    out: &mut dyn Write,
) -> Result<usize, CliError> {
    let report = check(figure);
    let right = report.right.as_deref().unwrap_or("a guess");
    writeln!(out, "{name}: right is {right}")?;
    for (id, amount) in &report.measured {
        let says = figure.claim(id).map(|claim| &claim.says);
        let says = says.map_or(String::new(), Amount::to_string);
        writeln!(out, "{name}\t{id}\t{amount}\tsays {says}")?;
    }
    let mut faults = report.faults;
    for (language, said) in &library.languages {
        match said.book.get(name) {
            Some(words) => faults.extend(words.faults(figure)),
            None => faults.push(format!("{name}: no words in {language}")),
        }
    }
    for fault in &faults {
        writeln!(out, "FAULT {fault}")?;
    }
    Ok(faults.len())
}
