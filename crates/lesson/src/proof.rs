//! Where the numbers of an answer were measured: the measure, and the stretch of time. The numbers under the stage
//! count the whole run, but an answer often refers to a part of it.

use std::collections::BTreeMap;

use super::figure::{Claim, Figure};
use super::library::LanguageTexts;
use super::measure::Measure;

/// For each part of a figure (the figure's own run as `""`, the fixes by their names): where each number of its answer
/// was measured, as lines in the reader's language.
pub type Proof = BTreeMap<String, Vec<String>>;

/// The proof of a figure's answers.
#[must_use]
pub fn proof(figure: &Figure, language: &LanguageTexts) -> Proof {
    let Some(words) = language.book.get(&figure.name) else {
        return Proof::new();
    };
    let own = |claims: &BTreeMap<String, Claim>, text: &str, from: Option<u64>| {
        let named = names(text).into_iter().filter_map(|id| claims.get(id));
        let hidden = named.filter(|claim| !is_shown(figure, claim, from));
        let mut lines: Vec<String> = Vec::new();
        for claim in hidden {
            let line = line(figure, language, claim, from);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    };
    let main = own(&figure.play.claims, &words.answer, None);
    let fixes = figure.play.fixes.iter().filter_map(|fix| {
        let words = words.fixes.get(&fix.id)?;
        let from = fix.patch.is_none().then_some(figure.play.run_ms);
        Some((fix.id.clone(), own(&fix.claims, &words.answer, from)))
    });
    [(String::new(), main)].into_iter().chain(fixes).collect()
}

/// The claims in a text, in order.
fn names(text: &str) -> Vec<&str> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
        .collect()
}

/// Whether the number is shown under the stage at the end, or is one of the scene itself and no measurement. The first
/// picks can be seen on the stage.
fn is_shown(figure: &Figure, claim: &Claim, from: Option<u64>) -> bool {
    let measure = &claim.measure;
    let whole = claim.at_ms.is_none() && claim.since_ms.or(from).is_none();
    let given = matches!(
        measure,
        Measure::Given(_) | Measure::GivenTime(_) | Measure::Sequence(_)
    );
    let same = claim.digits == claim.says.digits(measure.unit());
    given || (figure.play.shows.contains(measure) && whole && same)
}

fn line(figure: &Figure, language: &LanguageTexts, claim: &Claim, from: Option<u64>) -> String {
    let measure = &claim.measure;
    let label = match measure {
        Measure::Until(_, belief) => format!("measure.until.{belief}"),
        other => format!("measure.{}", other.name()),
    };
    let kind = figure.kind_of(measure);
    let label = language
        .word(&label)
        .replace("{server}", measure.server().unwrap_or_default())
        .replace(
            "{kind}",
            kind.as_deref().map_or("", |kind| language.word(kind)),
        );
    let since = claim.since_ms.or(from).filter(|_| measure.has_stretch());
    let form = match (since, claim.at_ms, measure) {
        (Some(_), _, Measure::Until(..)) => "proof-after",
        (Some(_), None, _) => "proof-since",
        (Some(_), Some(_), _) => "proof-between",
        (None, Some(_), _) => "proof-at",
        (None, None, _) => "proof-whole",
    };
    language
        .word(form)
        .replace("{label}", &label)
        .replace("{value}", &claim.say(language.marks()))
        .replace("{from}", &at(since.unwrap_or(0), language))
        .replace("{to}", &at(claim.at_ms.unwrap_or(0), language))
}

/// A time as on the figure's clock, with tenths only if there are any.
fn at(ms: u64, language: &LanguageTexts) -> String {
    let (minutes, seconds, tenths) = (ms / 60_000, ms / 1_000 % 60, ms % 1_000 / 100);
    let whole = format!("{minutes}:{seconds:02}");
    match tenths {
        0 => whole,
        tenths => format!("{whole}{}{tenths}", language.marks().decimal),
    }
}
