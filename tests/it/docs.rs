//! Documents: every file that a document links to is there.

use std::path::{Path, PathBuf};

use super::tidy::files;

/// The documents that people read.
fn documents() -> Vec<PathBuf> {
    let top = std::fs::read_dir(".").expect("the project's folder");
    let top = top.map(|entry| entry.expect("it can be read").path());
    let is_document = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let mut found: Vec<PathBuf> = top.filter(is_document).collect();
    for folder in ["docs", "assets/scenarios", "assets/map", "tests/golden"] {
        found.extend(files(folder, "md"));
    }
    found.sort();
    found
}

/// The targets of a document's links and pictures, in order.
fn targets(text: &str) -> Vec<&str> {
    let starts = [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')];
    let mut found = Vec::new();
    let mut code = false;
    for line in text.lines() {
        code ^= line.starts_with("```");
        for (start, end) in starts.iter().filter(|_| !code) {
            let links = line.split(start).skip(1);
            found.extend(links.filter_map(|rest| Some(rest.split_once(*end)?.0)));
        }
    }
    found
}

#[test]
fn every_link_of_a_document_leads_to_a_file() {
    let mut faults = Vec::new();
    let mut followed = 0;
    for path in documents() {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        for target in targets(&text) {
            let file = target.split('#').next().unwrap_or_default();
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            followed += 1;
            let folder = path.parent().unwrap_or(Path::new("."));
            if !folder.join(file).exists() {
                faults.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(followed > 20, "{followed} links");
}

#[test]
fn the_finder_of_links_sees_every_form() {
    let text =
        "[a](b.md), [c](d.md#e)\n<img src=\"f.png\"> <source srcset=\"g.png\">\n```\n[h](i)\n```\n";
    assert_eq!(targets(text), ["b.md", "d.md#e", "f.png", "g.png"]);
}
