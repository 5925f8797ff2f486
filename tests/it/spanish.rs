//! The Spanish texts: no English word is left in them. A word that the English texts have too has to be in the list of
//! those that are Spanish as well, names, or terms of the field that Spanish takes as they are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use evenkeel::lesson::chapter::{TextMark, replace};
use serde_json::Value;

/// Words that are the same in Spanish.
const SPANISH: &str = "base byte bytes cable chat describe divide editor error extension factor has horizontal id \
    original per plus pool real revive route simple ten variables virtual web xx";

/// Names of programs, companies, people and protocols.
const NAMES: &str = "amazon ann anycast api asia ben cloudflare descriptor dns dsr ebpf envoy evenkeel ewma extension \
    finagle geodns grpc haproxy html http ip ipv ipvs jain json keepalived ketama linux maglev markdown mediawiki ms nat \
    nginx ns rendezvous rfc tcp tls traefik ttl udp vrrp websocket websockets application balancer load network";

/// Terms that Spanish texts on this subject use as they are, and words of configurations, which stand in quotes or after
/// their translation.
const TERMS: &str = "address alive backend checkout for get hashes health static brain canary conn cookie cookies ctrl delay down endpoint fail fails fall \
    fully hash highest host hosts idle init insert keep keepalive last least master maxconn min mod no option proxies \
    proxy purge random redispatch remote request rise robin round router script sidecar slow socket split start state \
    thresholds time timeout transport true false up upgrade upstream weight weighted widget widgets µs";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets")
}

/// The sentences of a JSON file.
fn strings(value: &Value, put: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => put(text),
        Value::Array(all) => all.iter().for_each(|one| strings(one, put)),
        Value::Object(all) => all.values().for_each(|one| strings(one, put)),
        _ => {}
    }
}

/// A text without the names of sources, without code, marks and slots.
fn bare(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("source: ") && !line.starts_with("picture: "));
    let lines = lines.map(|line| {
        let fields = ["title: ", "short: ", "lede: ", "about: "];
        let field = fields.iter().find_map(|field| line.strip_prefix(field));
        field.unwrap_or(line)
    });
    let text: String = lines.collect::<Vec<_>>().join("\n");
    let shown = replace(&text, |mark| {
        let shown = match mark {
            TextMark::Term(_, shown) | TextMark::Kind(_, shown) | TextMark::Fact(shown) => shown,
            _ => "",
        };
        Ok(format!(" {shown} "))
    });
    let shown = shown.expect("its marks can be read");
    let outside: String = shown.split("```").step_by(2).collect();
    let outside: String = outside.split('`').step_by(2).collect();
    let mut plain = String::new();
    let mut depth = 0_u32;
    for letter in outside.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    plain
}

/// The words of all texts of a language, each with the file that has it.
fn words(tag: &str) -> BTreeSet<(String, String)> {
    let mut files = vec![
        root().join(format!("words/{tag}.json")),
        root().join(format!("figures/words/{tag}.json")),
    ];
    let chapters =
        std::fs::read_dir(root().join("chapters").join(tag)).expect("there are chapters");
    files.extend(chapters.map(|entry| entry.expect("an entry").path()));
    if tag == "es" {
        files.push(root().join("scenario.schema.es.json"));
    }
    let mut found = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("it can be read");
        let name = file
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .to_string();
        let mut put = |text: &str| {
            for word in bare(text).split(|letter: char| !letter.is_alphabetic()) {
                if word.chars().count() > 1 {
                    found.insert((word.to_lowercase(), name.clone()));
                }
            }
        };
        if file.extension().is_some_and(|end| end == "json") {
            let json: Value = serde_json::from_str(&text).expect("it is JSON");
            // What a question of the quiz refers to is no text.
            let texts = match json {
                Value::Array(questions) => questions
                    .into_iter()
                    .map(|mut one| {
                        let fields = one.as_object_mut().expect("a question");
                        fields.retain(|key, _| !["figure", "chapter"].contains(&key.as_str()));
                        one
                    })
                    .collect(),
                other => other,
            };
            strings(&texts, &mut put);
        } else {
            put(&text);
        }
    }
    found
}

#[test]
fn no_english_word_is_left_in_the_spanish_texts() {
    let english: BTreeSet<String> = words("en").into_iter().map(|(word, _)| word).collect();
    let shared: BTreeSet<&str> = [SPANISH, NAMES, TERMS]
        .iter()
        .flat_map(|list| list.split(' '))
        .collect();
    assert!(english.len() > 1_200, "{}", english.len());
    let spanish = words("es");
    assert!(spanish.len() > 2_500, "{}", spanish.len());
    let faults: Vec<String> = spanish
        .iter()
        .filter(|(word, _)| english.contains(word) && !shared.contains(word.as_str()))
        .map(|(word, file)| format!("{file}: {word}"))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
