//! `headless figures`: runs the figures of the chapters and says what they measure and what is wrong.

use std::path::Path;

use evenkeel::lesson::amount::Amount;
use evenkeel::lesson::check::check;
use evenkeel::lesson::library::Library;

/// One line a claim, then what is wrong, for the figures named or for all.
pub fn figures(names: &[&str]) -> Result<String, String> {
    let library = Library::read(Path::new("assets"))?;
    let mut text = String::new();
    for (name, figure) in &library.figures {
        if !names.is_empty() && !names.contains(&name.as_str()) {
            continue;
        }
        let report = check(figure);
        let right = report.right.as_deref().unwrap_or("a guess");
        text += &format!("{name}: right is {right}\n");
        for (id, amount) in &report.measured {
            let says = figure.claim(id).map(|claim| &claim.says);
            let says = says.map_or(String::new(), Amount::to_string);
            text += &format!("{name}\t{id}\t{amount}\tsays {says}\n");
        }
        let mut faults = report.faults;
        for (language, said) in &library.languages {
            match said.book.get(name) {
                Some(words) => faults.extend(words.faults(figure)),
                None => faults.push(format!("{name}: no words in {language}")),
            }
        }
        for fault in faults {
            text += &format!("FAULT {fault}\n");
        }
    }
    Ok(text)
}
