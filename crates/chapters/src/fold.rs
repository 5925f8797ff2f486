//! Folds what gives the answer of a figure away: the text after it, up to the last number that its run confirms. With
//! scripts it opens when the figure has run, or when the reader asks for it; without scripts nothing is folded.

use evenkeel_lesson::chapter::{TextMark, marks};
use evenkeel_lesson::library::LanguageTexts;
use maud::html;

/// The Markdown of a chapter with its folds.
///
/// # Errors
/// A mark that cannot be read.
pub fn fold(text: &str, language: &LanguageTexts) -> Result<String, String> {
    let blocks: Vec<&str> = text.split("\n\n").collect();
    let mut done = Vec::new();
    let mut place = 0;
    while let Some(block) = blocks.get(place) {
        done.push((*block).to_string());
        place += 1;
        let found = marks(block)?;
        let [TextMark::Figure(name)] = found.as_slice() else {
            continue;
        };
        let count = folded(&blocks[place..], name)?;
        if count > 0 {
            done.push(opening(name, language));
            let inner = blocks[place..place + count].iter();
            done.extend(inner.map(|block| (*block).to_string()));
            done.push("</div>".to_string());
            place += count;
        }
    }
    Ok(done.join("\n\n"))
}

/// How many of the blocks after a figure are folded: the paragraph that follows it, and all up to the last that has a
/// number of the figure's runs. A heading and another figure end them.
fn folded(blocks: &[&str], name: &str) -> Result<usize, String> {
    let mut count = 0;
    for (place, block) in blocks.iter().enumerate() {
        let found = marks(block)?;
        let figure = found.iter().any(|mark| mark.figure().is_some());
        let other = matches!(found.as_slice(), [TextMark::Quiz | TextMark::Keys]);
        if block.starts_with(['#', '|', '>']) || figure || other {
            break;
        }
        let of_run = |mark: &TextMark<'_>| matches!(mark, TextMark::Claim(of, _) if *of == name);
        if place == 0 || found.iter().any(of_run) {
            count = place + 1;
        }
    }
    Ok(count)
}

fn opening(name: &str, language: &LanguageTexts) -> String {
    let button = html! {
        div.cover {
            button.button type="button" { (language.word("reveal")) }
            " " span { (language.word("covered")) }
        }
    };
    format!(
        "<div class=\"after\" data-after=\"{name}\">{}",
        button.into_string()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_after_a_figure_is_folded_up_to_its_last_number() {
        let language = LanguageTexts::default();
        let fold = |text: &str| {
            let folded = fold(text, &language).expect("its marks can be read");
            let blocks = folded.split("\n\n");
            let blocks =
                blocks.map(|block| block.split_once(" data-").map_or(block, |(tag, _)| tag));
            blocks.map(str::to_string).collect::<Vec<_>>().join("|")
        };
        let open = "<div class=\"after\"";
        assert_eq!(
            fold("a\n\n[[figure:f]]\n\nb\n\nc [[claim:f/x]]\n\nd"),
            format!("a|[[figure:f]]|{open}|b|c [[claim:f/x]]|</div>|d")
        );
        assert_eq!(
            fold("[[figure:f]]\n\nb\n\n## c\n\n[[claim:f/x]]"),
            format!("[[figure:f]]|{open}|b|</div>|## c|[[claim:f/x]]")
        );
        assert_eq!(
            fold("[[figure:f]]\n\n[[figure:g]]"),
            "[[figure:f]]|[[figure:g]]"
        );
        assert_eq!(fold("[[with:f]]\n\nb\n\n[[end]]"), "[[with:f]]|b|[[end]]");
    }
}
