//! The chapters' pages as the build writes them: where their figures stand, what they keep back until a guess, where
//! their links lead, and how long they say they take.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use evenkeel::lesson::measure::Measure;
use evenkeel::lesson::reading::ReadingTime;

use crate::chapters::{spoken, written};
use crate::lesson::library;

/// The pages of every language as the build writes them, by their addresses from the folder of the chapters.
fn pages() -> &'static BTreeMap<String, String> {
    static PAGES: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let folder = written(Some("https://example.org/lb/"), "pages");
        let mut pages = BTreeMap::new();
        for tag in ["en", "es"] {
            for entry in std::fs::read_dir(folder.join("chapters").join(tag)).expect("a folder") {
                let path = entry.expect("an entry").path();
                let name = path.file_name().expect("a name").to_string_lossy();
                if name.ends_with(".html") && name != "404.html" {
                    let text = std::fs::read_to_string(&path).expect("it can be read");
                    pages.insert(format!("{tag}/{name}"), text);
                }
            }
        }
        std::fs::remove_dir_all(&folder).expect("it was made here");
        pages
    })
}

/// The parts of a text between two others.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open)
        .skip(1)
        .map(move |rest| rest.split(close).next().unwrap_or_default())
}

#[test]
fn every_link_within_the_chapters_leads_to_a_place() {
    let mut faults = Vec::new();
    let mut links = 0;
    for (name, page) in pages() {
        let folder = name.split('/').next().expect("a folder");
        for href in between(page, "href=\"", "\"") {
            let (file, place) = href.split_once('#').unwrap_or((href, ""));
            if file.contains("..") || file.contains("//") {
                continue;
            }
            let target = if file.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{file}")
            };
            let there = pages().get(&target);
            let found = there
                .is_some_and(|page| place.is_empty() || page.contains(&format!("id=\"{place}\"")));
            links += 1;
            if !found {
                faults.push(format!("{name}: {href}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(links > 500, "{links}");
}

#[test]
fn the_first_figure_of_a_chapter_stands_at_its_beginning() {
    let library = library();
    for (tag, language) in spoken(&library) {
        for chapter in &language.chapters {
            let place = format!("{tag}/{}", chapter.slug);
            let (before, _) = chapter
                .body
                .split_once("[[figure:")
                .or_else(|| chapter.body.split_once("[[with:"))
                .unwrap_or_else(|| panic!("{place} has no figure"));
            let before: Vec<&str> = before.trim().split("\n\n").collect();
            let (heads, texts): (Vec<&str>, Vec<&str>) =
                before.iter().partition(|block| block.starts_with('#'));
            assert!(heads.len() <= 1 && texts.len() <= 1, "{place}: {before:?}");
            // Three lines of 75 letters on a desk, six on a phone.
            let letters: usize = texts.iter().map(|text| text.chars().count()).sum();
            assert!(
                letters <= 300,
                "{place}: {letters} letters before the first figure"
            );
        }
    }
}

#[test]
fn no_text_outside_of_a_fold_gives_the_result_of_a_run_away() {
    let library = library();
    let mut kept = 0;
    for (name, page) in pages() {
        for claim in between(page, "<a class=\"claim\" href=\"#", "</a>") {
            let (figure, rest) = claim.split_once('"').expect("an address");
            let says = claim
                .split("<span>")
                .nth(1)
                .and_then(|text| text.split("</span>").next());
            let says = says.expect("a number");
            let marks = library.languages[&name[..2]].marks();
            let claims = &library.figures[figure].play;
            let all = claims
                .claims
                .values()
                .chain(claims.fixes.iter().flat_map(|fix| fix.claims.values()));
            let given =
                |measure: &Measure| matches!(measure, Measure::Given(_) | Measure::GivenTime(_));
            let of_run = !all
                .filter(|claim| claim.say(marks) == says)
                .any(|claim| given(&claim.measure));
            let is_kept = rest.starts_with(&format!(" data-of=\"{figure}\""));
            assert_eq!(is_kept, of_run, "{name}: {claim}");
            kept += usize::from(is_kept);
        }
        for figure in between(page, "<div class=\"after\" data-after=\"", "\"") {
            assert!(
                page.contains(&format!("<figure class=\"fig\" id=\"{figure}\"")),
                "{name}: {figure}"
            );
        }
    }
    assert!(kept > 80, "{kept}");
}

/// The visible text of HTML: no tags, no scripts.
fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text += before;
        let script = tag.starts_with("script") || tag.starts_with("svg");
        let end = match (script, tag.starts_with("svg")) {
            (true, true) => "</svg>",
            (true, false) => "</script>",
            _ => ">",
        };
        let block = [
            "p>", "/p", "li", "/li", "h1", "h2", "h3", "td", "th", "/t", "dd", "dt", "button",
            "div", "/b",
        ];
        if block.iter().any(|name| tag.starts_with(name))
            && !tag.starts_with("button class=\"term\"")
        {
            text.push('\n');
        }
        rest = tag.split_once(end).map_or("", |(_, behind)| behind);
    }
    (text + rest).replace("&amp;", "&")
}

#[test]
fn a_sentence_begins_with_a_capital_letter() {
    // Names that are written so, also where a sentence begins.
    let names = [
        "nginx",
        "eBPF",
        "keepalived",
        "least_conn",
        "ip_hash",
        "ssl_certificate",
        "fail_timeout",
    ];
    let mut faults = Vec::new();
    let mut sentences = 0;
    let mut check = |place: &str, text: &str| {
        for (at, _) in text.match_indices([' ', '\u{a0}']) {
            let (before, after) = (&text[..at], text[at..].trim_start());
            let ends = before.ends_with(['.', '?', '!']) && !before.ends_with("…");
            let word: String = after
                .chars()
                .take_while(|letter| !letter.is_whitespace())
                .collect();
            if !ends || word.is_empty() {
                continue;
            }
            sentences += 1;
            let first = word.trim_start_matches(|letter: char| !letter.is_alphanumeric());
            let lower = first.chars().next().is_some_and(char::is_lowercase);
            if lower && !names.iter().any(|name| first.starts_with(name)) {
                faults.push(format!(
                    "{place}: …{}",
                    after.chars().take(40).collect::<String>()
                ));
            }
        }
    };
    let library = library();
    for (tag, language) in spoken(&library) {
        for (name, words) in &language.book {
            let said = words
                .said(&library.figures[name], language.marks())
                .expect("its claims are there");
            said.sentences()
                .for_each(|text| check(&format!("{tag}: {name}"), text));
        }
        for question in &language.quiz {
            check(&format!("{tag}: quiz"), &question.question);
        }
        for (slug, term) in &language.glossary {
            check(&format!("{tag}: {slug}"), &term.means);
        }
    }
    for (name, page) in pages() {
        let (_, article) = page.split_once("<main").expect("a page has a text");
        for line in visible(article).lines() {
            check(name, line);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(sentences > 1_500, "{sentences}");
}

#[test]
fn reading_times_are_those_of_the_words_and_the_figures() {
    let library = library();
    for (tag, language) in spoken(&library) {
        for chapter in &language.chapters {
            let time = ReadingTime::of(chapter, language, &library);
            // Counted anew, from the page.
            let page = &pages()[&format!("{tag}/{}.html", chapter.slug)];
            let (_, article) = page.split_once("<article>").expect("a page has a text");
            let (article, _) = article
                .split_once("<section class=\"sources\">")
                .expect("its sources");
            let words = visible(article)
                .split_whitespace()
                .filter(|word| word.contains(char::is_alphanumeric))
                .count();
            // Beside the text, a page has the labels of buttons and measures, and where numbers were measured.
            let share = time.words as f64 / words as f64;
            assert!(
                (0.7..=1.0).contains(&share),
                "{tag}/{}: {} of {words} words",
                chapter.slug,
                time.words
            );
            let minutes = time.minutes().to_string();
            assert!(
                page.contains(&format!("<span class=\"minutes\">{minutes} min")),
                "{tag}/{}",
                chapter.slug
            );
            assert!(
                time.minutes() >= words / 260 && time.figure_minutes() >= 1,
                "{tag}/{}",
                chapter.slug
            );
        }
    }
}
