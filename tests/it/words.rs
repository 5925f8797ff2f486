//! The texts of the page: what the code says is in the file, with the slots it gives; nothing else
//! is; and every language has all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::fleet::server::fault::FAULTS;
use evenkeel::sim::scenario::preset::SCENES;
use evenkeel::words::LANGUAGES;
use evenkeel::words::late::is_late;

use crate::tidy::{code, files, sources};

/// Beginnings of keys that are made from an identity, and where. Everything that such a place can
/// ask for is held by a test beside it.
const FAMILIES: &[(&str, &str)] = &[
    ("number.", "crates/words/src/number.rs"),
    ("algorithm.", "crates/scene/src/words.rs"),
    ("fault.", "crates/scene/src/words.rs"),
    ("watch.", "src/ui/scenes/mod.rs"),
];

/// A language's file.
fn texts(language: &str) -> BTreeMap<String, String> {
    let path = format!("assets/words/{language}.json");
    let json = std::fs::read_to_string(path).expect("every language has its file");
    serde_json::from_str(&json).expect("keys and texts")
}

/// The names of a text's slots.
fn slots(text: &str) -> BTreeSet<String> {
    let inside = text.split('{').skip(1);
    let names = inside.filter_map(|part| Some(part.split_once('}')?.0));
    names
        .map(|slot| slot.split('|').next().unwrap_or_default().to_string())
        .collect()
}

/// A use of `t!`: the key and the names that are given.
type Said = (String, BTreeSet<String>);

/// Every use of `t!` in a file, `$…` of macros left out.
fn said(code: &str) -> Vec<Said> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("t!(") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '!')) {
            continue;
        }
        let Some(rest) = code[at + 3..].trim_start().strip_prefix('"') else {
            continue;
        };
        let (key, rest) = rest.split_once('"').expect("a literal ends");
        found.push((key.to_string(), names(rest)));
    }
    found
}

/// The names before `=` in what follows the key of a `t!`, up to its end.
fn names(rest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut depth = 0;
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            '"' => while chars.by_ref().next().is_some_and(|(_, c)| c != '"') {},
            ',' if depth == 0 => {
                let name = rest[at + 1..].trim_start();
                let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                if let Some(end) = end.filter(|end| name[*end..].trim_start().starts_with('=')) {
                    names.insert(name[..end].to_string());
                }
            }
            _ => {}
        }
    }
    names
}

/// What is wrong between the code and the English file.
fn faults() -> Vec<String> {
    let english = texts("en");
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for path in sources() {
        for (key, given) in said(&code(&path)) {
            match english.get(&key) {
                None => faults.push(format!("{}: {key} is not in en.json", path.display())),
                Some(text) if slots(text) != given => faults.push(format!(
                    "{}: {key} has the slots {:?} and is given {given:?}",
                    path.display(),
                    slots(text)
                )),
                Some(_) => {}
            }
            used.insert(key);
        }
        for (_, rest) in code(&path)
            .split("around(\"")
            .map(|rest| (path.as_path(), rest))
            .skip(1)
        {
            let key = rest.split('"').next().unwrap_or_default();
            if !english.contains_key(key) {
                faults.push(format!("{}: {key} is not in en.json", path.display()));
            }
            used.insert(key.to_string());
        }
    }
    let scenes = scene_files();
    let of_a_family = |key: &&String| {
        let begins = FAMILIES.iter().any(|(begin, _)| key.starts_with(begin));
        // The name under which the page shows a scene, where that is not the name in its file.
        begins || is_scene_text(key, &scenes)
    };
    for key in english.keys().filter(|key| !of_a_family(key)) {
        if !used.contains(key) {
            faults.push(format!("en.json: nothing says {key}"));
        }
    }
    for (_, file) in FAMILIES {
        assert!(Path::new(file).exists(), "{file} is gone");
    }
    faults
}

#[test]
fn every_text_that_is_said_is_in_the_file() {
    let faults = faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_finder_finds_what_is_said() {
    let found = said(r#"t!("a"); format!("b"); t!( "c", one = f("d", x), two = [1, 2], )"#);
    let expected = [("a", vec![]), ("c", vec!["one", "two"])];
    let expected = expected.map(|(key, names)| {
        (
            key.to_string(),
            names.into_iter().map(String::from).collect(),
        )
    });
    assert_eq!(found, expected);
}

/// The scenes and figures as text: their names and notes are English as they stand there.
fn scene_files() -> String {
    ["assets/scenarios", "assets/figures"]
        .iter()
        .flat_map(|folder| files(folder, "json"))
        // The page gives a scene that comes from a configuration its name.
        .chain([PathBuf::from("src/ui/config/source.rs")])
        // Cities have names of their own.
        .chain([PathBuf::from("crates/sim/src/gslb/geo.rs")])
        .map(|path| std::fs::read_to_string(path).expect("it can be read"))
        .collect()
}

/// Whether a key is `scene.` and a name or a note that a scene or a figure has.
fn is_scene_text(key: &str, scenes: &str) -> bool {
    key.strip_prefix("scene.")
        .is_some_and(|text| scenes.contains(&format!("\"{text}\"")))
}

#[test]
fn every_language_says_everything_with_the_same_slots() {
    let english = texts("en");
    let scenes = scene_files();
    let mut faults = Vec::new();
    for (language, _) in &LANGUAGES[1..] {
        let other = texts(language);
        for (key, text) in &english {
            match other.get(key) {
                None => faults.push(format!("{language}: {key} is missing")),
                Some(said) if slots(said) != slots(text) => {
                    faults.push(format!("{language}: {key} has other slots"));
                }
                Some(_) => {}
            }
        }
        let more = other.keys().filter(|key| !english.contains_key(*key));
        let more = more.filter(|key| !is_scene_text(key, &scenes));
        faults.extend(more.map(|key| format!("{language}: English has no {key}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_is_a_language_that_can_be_chosen() {
    let files: Vec<String> = files("assets/words", "json")
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_string()))
        .collect();
    let mut languages: Vec<&str> = LANGUAGES.iter().map(|(language, _)| *language).collect();
    languages.sort_unstable();
    assert_eq!(files, languages);
}

#[test]
fn what_is_said_of_an_identity_is_there() {
    let english = texts("en");
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for row in CATALOGUE {
        let id = row.id;
        let parts = ["label", "rule", "pros", "cons", "choose"];
        wanted.extend(parts.map(|part| format!("algorithm.{id}.{part}")));
        let own = row.own_texts.iter();
        wanted.extend(own.map(|part| format!("algorithm.{id}.{part}")));
        let forms = row.flavours.iter();
        wanted.extend(forms.map(|form| format!("algorithm.{id}.as.{}", form.id())));
    }
    for row in FAULTS {
        let menu = ["menu", "menu_means", "stop", "stop_means"];
        let menu = menu.iter().filter(|_| row.menu.is_some());
        let parts = ["compared", "fact", "mark", "state"].iter().chain(menu);
        wanted.extend(parts.map(|part| format!("fault.{}.{part}", row.id)));
    }
    let scenes = SCENES.iter().map(|(file, _)| format!("watch.{file}"));
    wanted.extend(scenes);
    let missing: Vec<_> = wanted
        .iter()
        .filter(|key| !english.contains_key(*key))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    // And nothing else of those families, but what `t!` says.
    let said: BTreeSet<String> = sources()
        .iter()
        .flat_map(|path| said(&code(path)))
        .map(|(key, _)| key)
        .collect();
    let idle: Vec<_> = english
        .keys()
        .filter(|key| {
            ["algorithm.", "fault.", "watch."]
                .map(|family| key.starts_with(family))
                .contains(&true)
        })
        .filter(|key| !wanted.contains(*key) && !said.contains(*key))
        .collect();
    assert!(idle.is_empty(), "{idle:?}");
}

/// Attributes that a reader hears or sees.
const SAID_ATTRIBUTES: &[&str] = &["aria-label=", "title=", "placeholder=", "alt="];
/// What stands in a view as it is in every language, and where.
const SAME_EVERYWHERE: &[(&str, &str)] = &[
    // Not a text: the path of an icon.
    ("src/ui/transport.rs", "M3 2h4v12H3zM9 2h4v12H9z"),
    // Nor are these: ways in which a rule is moved, as attributes name them.
    ("src/ui/panels/rules.rs", "up"),
    ("src/ui/panels/rules.rs", "down"),
    // Nor this: a class.
    ("src/ui/stage/server.rs", " called"),
];

/// The literals of a line that a reader would see: in a file of views those alone on the line, as a
/// child stands, or in an attribute that is said; and sentences, wherever they stand.
fn literals_said(line: &str, views: bool) -> Vec<&str> {
    let line = line.trim();
    let mut found: Vec<&str> = SAID_ATTRIBUTES
        .iter()
        .filter_map(|name| {
            line.split_once(name)?
                .1
                .strip_prefix('"')?
                .split('"')
                .next()
        })
        .collect();
    let alone = line
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    found.extend(alone.filter(|text| !text.contains('"')));
    if !views {
        found.clear();
    }
    // What a failed `expect` says is for developers.
    let sentences = line.split('"').skip(1).step_by(2);
    found.extend(sentences.filter(|text| is_sentence(text) && !line.contains("expect(")));
    let letters = |pair: &[u8]| pair.iter().all(u8::is_ascii_alphabetic);
    found.retain(|text| text.as_bytes().windows(2).any(letters));
    found
}

/// A capital letter and three words.
fn is_sentence(text: &str) -> bool {
    let word = |word: &str| word.chars().all(char::is_alphabetic);
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.split(' ').filter(|part| word(part)).count() >= 3
}

#[test]
fn a_literal_that_a_reader_would_see_is_found() {
    let said = |line| literals_said(line, true).len();
    for line in [
        "  \"Copy\"",
        "aria-label=\"The list\"",
        "said.set(\"It did not load.\")",
    ] {
        assert!(said(line) > 0, "{line}");
    }
    for line in [
        "\" \"",
        "class=\"button primary\"",
        "{t!(\"config.copy\")}",
        "let tag = \"es\";",
    ] {
        assert_eq!(said(line), 0, "{line}");
    }
}

#[test]
fn what_a_reader_sees_is_in_the_words() {
    let mut faults = Vec::new();
    for folder in ["src/ui", "crates/scene/src", "crates/conf/src"] {
        for path in files(folder, "rs") {
            let path = path.as_path();
            if path.ends_with("tests.rs") {
                continue;
            }
            let name = path.to_string_lossy();
            for (place, line) in code(path).lines().enumerate() {
                for text in literals_said(line, folder == "src/ui") {
                    let same = SAME_EVERYWHERE.contains(&(&*name, text));
                    let fault = format!("{name}:{}: {text:?} is not in the words", place + 1);
                    faults.extend((!same).then_some(fault));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The files whose code is in parts of the page that load every text first (`all_texts` in `src/ui/lazy.rs`), and
/// programs that hold every text.
const LATE_FILES: &[&str] = &[
    "crates/conf/",
    "crates/edit/",
    "crates/scene/src/chart/histogram.rs",
    "crates/scene/src/chart/load.rs",
    "crates/scene/src/chart/reasons.rs",
    "crates/scene/src/comparison",
    "crates/scene/src/description.rs",
    "crates/scene/src/failures.rs",
    "crates/scene/src/follow.rs",
    "crates/scene/src/pair.rs",
    "crates/scene/src/pair/",
    "crates/scene/src/picker_state",
    "crates/scene/src/refusal.rs",
    "crates/scene/src/request_head.rs",
    "crates/scene/src/request_inspector/",
    "crates/scene/src/verdict.rs",
    "crates/scene/src/world.rs",
    "crates/scene/src/world_picture.rs",
    "crates/scene/src/world_told.rs",
    "src/ui/comparison/",
    "src/ui/config/",
    "src/ui/editor/",
    "src/ui/description.rs",
    "src/ui/levels/",
    "src/ui/panels/action_field.rs",
    "src/ui/panels/compare.rs",
    "src/ui/panels/inside.rs",
    "src/ui/panels/more.rs",
    "src/ui/panels/rule_edit.rs",
    "src/ui/panels/rule_form.rs",
    "src/ui/panels/rules.rs",
    "src/ui/panels/upstream_connections.rs",
    "src/ui/request_inspector/",
    "src/ui/share/dialog.rs",
    "src/ui/share/file.rs",
    "src/ui/share/snippets.rs",
    "src/ui/stage/following.rs",
];

#[test]
fn only_parts_that_load_every_text_say_the_late_ones() {
    let (mut faults, mut late) = (Vec::new(), 0);
    for path in sources() {
        let name = path.to_string_lossy().replace('\\', "/");
        let at_home = LATE_FILES.iter().any(|begin| name.starts_with(begin));
        for (key, _) in said(&code(&path)) {
            late += usize::from(is_late(&key));
            if is_late(&key) && !at_home {
                faults.push(format!("{name} says {key}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(late > 300, "{late}");
}
