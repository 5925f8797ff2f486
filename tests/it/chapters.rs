//! The chapters in every language: each mark leads somewhere, each number is checked, and a
//! translation shows the same figures and says the same numbers.

use std::collections::BTreeSet;
use std::path::PathBuf;

use evenkeel::lesson::chapter::{Chapter, TextMark, marks, replace};
use evenkeel::lesson::library::{LanguageTexts, Library};
use evenkeel::lesson::measure::Measure;
use evenkeel::lesson::proof::proof;

use crate::lesson::library;

/// The languages that have chapters.
pub fn spoken(library: &Library) -> Vec<(&String, &LanguageTexts)> {
    let languages = library.languages.iter();
    languages
        .filter(|(_, one)| !one.chapters.is_empty())
        .collect()
}

fn marks_of(chapter: &Chapter) -> Vec<TextMark<'_>> {
    marks(&chapter.body).unwrap_or_else(|error| panic!("{}: {error}", chapter.slug))
}

/// What a mark names that is not there; `None` where all is well.
fn missing(mark: TextMark<'_>, library: &Library, language: &LanguageTexts) -> Option<String> {
    let there = match mark {
        TextMark::Claim(figure, id) => library
            .figures
            .get(figure)
            .is_some_and(|figure| figure.claim(id).is_some()),
        TextMark::Figure(name) | TextMark::With(name) => library.figures.contains_key(name),
        TextMark::Term(slug, _) => language.glossary.contains_key(slug),
        TextMark::Kind(kind, _) => language.frame.contains_key(&format!("kind-{kind}")),
        TextMark::Keep(name, _) => {
            let figures = library.figures.values();
            figures
                .flat_map(|figure| figure.play.lines.keys())
                .any(|line| line == name)
        }
        TextMark::Fact(_)
        | TextMark::Server(_)
        | TextMark::Line(..)
        | TextMark::Weight(..)
        | TextMark::Method
        | TextMark::Quiz
        | TextMark::Keys
        | TextMark::End => true,
    };
    (!there).then(|| format!("{mark:?}"))
}

#[test]
fn every_mark_leads_somewhere() {
    let library = library();
    let mut faults = Vec::new();
    for (tag, language) in spoken(&library) {
        for chapter in &language.chapters {
            let found = marks_of(chapter)
                .into_iter()
                .filter_map(|mark| missing(mark, &library, language));
            faults.extend(found.map(|mark| format!("{tag}/{}: {mark}", chapter.slug)));
            assert!(
                !chapter.sources.is_empty(),
                "{tag}/{}: no sources",
                chapter.slug
            );
        }
        for question in &language.quiz {
            let reason = marks(&question.reason).expect("its marks can be read");
            faults.extend(
                reason
                    .into_iter()
                    .filter_map(|mark| missing(mark, &library, language)),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_number_in_a_text_is_a_claim_or_from_a_source() {
    let mut faults = Vec::new();
    let library = library();
    for (tag, language) in spoken(&library) {
        for chapter in &language.chapters {
            let bare =
                replace(&chapter.body, |_| Ok(String::new())).expect("its marks can be read");
            // Code stands as it is in files; statuses of HTTP are names.
            let outside = bare.split('`').step_by(2).flat_map(str::split_whitespace);
            let status = ["200", "404", "429", "500", "503"];
            let wrong = outside
                .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
                .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
                .filter(|word| !status.contains(word) && !["4", "7"].contains(word));
            faults.extend(wrong.map(|word| format!("{tag}/{}: {word}", chapter.slug)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn there_are_ten_chapters_and_each_figure_stands_in_one() {
    let library = library();
    let english = &library.languages["en"];
    let numbers: Vec<u32> = english
        .chapters
        .iter()
        .map(|chapter| chapter.number)
        .collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let shown: BTreeSet<String> = english
        .chapters
        .iter()
        .flat_map(marks_of)
        .filter_map(TextMark::figure)
        .map(str::to_string)
        .collect();
    let unused: Vec<&String> = library
        .figures
        .keys()
        .filter(|name| !shown.contains(*name))
        .collect();
    assert!(unused.is_empty(), "no chapter shows {unused:?}");
    for chapter in &english.chapters {
        let figures = marks_of(chapter)
            .into_iter()
            .filter(|mark| mark.figure().is_some());
        assert!(figures.count() >= 1, "{} has no figure", chapter.slug);
    }
}

#[test]
fn a_translation_shows_the_same_figures_and_says_the_same_numbers() {
    let library = library();
    let english = &library.languages["en"];
    let same = |chapter: &Chapter| {
        let kept = |mark: &TextMark<'_>| {
            matches!(
                mark,
                TextMark::Figure(_)
                    | TextMark::With(_)
                    | TextMark::End
                    | TextMark::Claim(..)
                    | TextMark::Line(..)
                    | TextMark::Keep(..)
            )
        };
        let mut names: Vec<String> = marks_of(chapter)
            .into_iter()
            .filter(kept)
            .map(|mark| match mark {
                TextMark::Line(part, _) => part.to_string(),
                TextMark::Keep(name, _) => name.to_string(),
                other => format!("{other:?}"),
            })
            .collect();
        names.sort();
        names
    };
    for (tag, language) in spoken(&library) {
        for chapter in &language.chapters {
            let original = english.chapters.iter().find(|one| one.slug == chapter.slug);
            let original =
                original.unwrap_or_else(|| panic!("{tag}: no {} in English", chapter.slug));
            assert_eq!(same(chapter), same(original), "{tag}/{}", chapter.slug);
        }
        let keys = |language: &LanguageTexts| language.frame.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(language), keys(english), "{tag}/frame.json");
        let terms =
            |language: &LanguageTexts| language.glossary.keys().cloned().collect::<Vec<_>>();
        assert_eq!(terms(language), terms(english), "{tag}/glossary.json");
        assert_eq!(language.quiz.len(), english.quiz.len(), "{tag}/quiz.json");
    }
}

#[test]
fn the_quiz_has_one_right_answer_each_and_a_scene_to_check_it_in() {
    let library = library();
    for (tag, language) in spoken(&library) {
        // Nobody passes by always choosing the same place.
        for place in 0..3 {
            let here = language
                .quiz
                .iter()
                .filter(|one| one.right == place)
                .count();
            let fair = language.quiz.len() / 5..=language.quiz.len() / 2;
            assert!(fair.contains(&here), "{tag}: {here} right at {place}");
        }
        assert!(language.quiz.len() >= 20, "{tag}: {}", language.quiz.len());
        for one in &language.quiz {
            let question = &one.question;
            assert!(
                one.choices.len() >= 2 && one.right < one.choices.len(),
                "{tag}: {question}"
            );
            assert!(!one.reason.is_empty(), "{tag}: {question}");
            let chapter = language
                .chapters
                .iter()
                .find(|chapter| chapter.slug == one.chapter);
            let chapter = chapter.unwrap_or_else(|| panic!("{tag}: no chapter {}", one.chapter));
            let mut figures = marks_of(chapter).into_iter().filter_map(TextMark::figure);
            let stands = figures.any(|name| name == one.figure);
            assert!(
                stands,
                "{tag}: {} does not stand in {}",
                one.figure, one.chapter
            );
        }
    }
}

#[test]
fn every_measure_that_is_shown_has_a_label() {
    let library = library();
    for (tag, language) in spoken(&library) {
        for figure in library.figures.values() {
            for measure in &figure.play.shows {
                let key = format!("measure.{}", measure.name());
                assert!(language.frame.contains_key(&key), "{tag}: {key}");
            }
        }
    }
}

/// The folder of pages that the build writes, for a public address or for none. Whoever asks removes it.
pub fn written(address: Option<&str>, name: &str) -> PathBuf {
    let name = format!("evenkeel-chapters-{}-{name}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    evenkeel_chapters::write(&evenkeel_chapters::ChapterSite {
        assets: "assets".into(),
        out: folder.clone(),
        policy: "policy",
        program: "program.js",
        styles: &[],
        cards: false,
        address: address.unwrap_or_default(),
    })
    .expect("the pages can be written");
    folder
}

/// The head of a chapter's page as the build writes it, for a public address or for none.
fn head(address: Option<&str>) -> String {
    let folder = written(address, if address.is_some() { "twins" } else { "alone" });
    let page = std::fs::read_to_string(folder.join("chapters/es/why.html")).expect("it is there");
    std::fs::remove_dir_all(&folder).expect("it was made here");
    let (head, _) = page.split_once("</head>").expect("a page has a head");
    head.to_string()
}

#[test]
fn a_page_says_where_its_twins_are_only_by_whole_addresses() {
    let head_without = head(None);
    assert!(!head_without.contains("hreflang") && !head_without.contains("canonical"));
    let head = head(Some("https://example.org/lb/"));
    for link in [
        r#"<link rel="canonical" href="https://example.org/lb/chapters/es/why.html">"#,
        r#"<link rel="alternate" hreflang="en" href="https://example.org/lb/chapters/en/why.html">"#,
        r#"<link rel="alternate" hreflang="es" href="https://example.org/lb/chapters/es/why.html">"#,
    ] {
        assert!(head.contains(link), "{link} is not in {head}");
    }
}

#[test]
fn every_number_of_an_answer_is_under_the_stage_or_says_where_it_was_measured() {
    let library = library();
    let mut lines = 0;
    for (tag, language) in spoken(&library) {
        for figure in library.figures.values() {
            let claims = figure.play.fixes.iter().flat_map(|fix| &fix.claims);
            for (id, claim) in figure.play.claims.iter().chain(claims) {
                let key = match &claim.measure {
                    Measure::Given(_) | Measure::GivenTime(_) | Measure::Sequence(_) => continue,
                    Measure::Until(_, belief) => format!("measure.until.{belief}"),
                    other => format!("measure.{}", other.name()),
                };
                let known = language.frame.contains_key(&key);
                assert!(known, "{tag}: {}/{id}: {key}", figure.name);
            }
            let proof = proof(figure, language);
            for line in proof.values().flatten() {
                assert!(!line.contains(['{', '}']), "{tag}: {}: {line}", figure.name);
                lines += 1;
            }
        }
    }
    assert!(lines > 60, "{lines}");
    let figure = &library.figures["one-server"];
    let said = proof(figure, &library.languages["en"]);
    assert_eq!(
        said[""],
        [
            "failed (of ended), from 0:15 on: 33\u{a0}%",
            "mean time, from 0:15 on: 2.8\u{a0}s",
            "mean time, at 0:10: 1.6\u{a0}s"
        ]
    );
}

#[test]
fn spanish_says_tu_to_the_reader() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let chapters = std::fs::read_dir(root.join("chapters/es")).expect("there are chapters");
    let mut files: Vec<_> = chapters
        .map(|entry| entry.expect("an entry").path())
        .collect();
    for name in [
        "words/es.json",
        "figures/words/es.json",
        "scenario.schema.es.json",
    ] {
        files.push(root.join(name));
    }
    // Orders to "usted" that are nothing else in these texts, and the word itself.
    let formal = [
        "usted",
        "ustedes",
        "pidió",
        "adivine",
        "elija",
        "mire",
        "pulse",
        "escriba",
        "haga",
        "abra",
        "copie",
        "pegue",
        "quite",
        "compruebe",
        "inténtelo",
        "elíjalo",
        "elíjala",
        "úsela",
        "úselo",
        "seleccione",
        "introduzca",
        "añada",
        "borre",
        "fíjese",
        "deténgase",
        "piense",
        "imagine",
        "recuerde",
        "arrastre",
        "mate",
        "señale",
        "empiece",
        "pronostique",
        "olvide",
        "aborde",
    ];
    let mut faults = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file)
            .expect("it can be read")
            .to_lowercase();
        let words = text.split(|letter: char| !letter.is_alphabetic());
        let found = words.filter(|word| formal.contains(word));
        faults.extend(found.map(|word| format!("{}: {word}", file.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_a_chapter_says_its_figure_says_too() {
    let library = library();
    let mut faults = Vec::new();
    for (tag, language) in spoken(&library) {
        for chapter in &language.chapters {
            for mark in marks_of(chapter) {
                let TextMark::Claim(figure, id) = mark else {
                    continue;
                };
                let words = &language.book[figure];
                let named = format!("{{{id}}}");
                let said = words.sentences().any(|text| text.contains(&named));
                let claim = library.figures[figure].claim(id);
                let claim = claim.unwrap_or_else(|| panic!("no claim {figure}/{id}"));
                let shown = library.figures[figure].play.shows.contains(&claim.measure);
                let given = matches!(claim.measure, Measure::Given(_) | Measure::GivenTime(_));
                if !said && !shown && !given {
                    faults.push(format!("{tag}/{}: {figure}/{id}", chapter.slug));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_term_of_the_glossary_is_explained_where_it_occurs() {
    let library = library();
    for (tag, language) in spoken(&library) {
        let used: BTreeSet<&str> = language
            .chapters
            .iter()
            .flat_map(marks_of)
            .filter_map(|mark| match mark {
                TextMark::Term(slug, _) => Some(slug),
                _ => None,
            })
            .collect();
        let terms: BTreeSet<&str> = language.glossary.keys().map(String::as_str).collect();
        assert_eq!(used, terms, "{tag}");
    }
}
