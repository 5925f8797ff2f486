//! The texts of figures, one file for each language: `assets/figures/words/LANG.json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::amount::NumberMarks;
use super::figure::{Figure, Question};

/// The texts of all figures in one language, by name.
pub type FigureTexts = BTreeMap<String, FigureWords>;

/// The texts of one figure. `{name}` in a sentence is the claim of that name, as a text writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureWords {
    /// A short name for lists.
    pub title: String,
    /// What to watch: one sentence.
    pub watch: String,
    /// The question to the reader.
    pub question: String,
    /// The answers to choose, by their names.
    #[serde(default)]
    pub choices: BTreeMap<String, String>,
    /// The explanation of what happened and why; shown after the run.
    pub answer: String,
    /// The fixes, by their names.
    #[serde(default)]
    pub fixes: BTreeMap<String, FixWords>,
}

/// The texts of one fix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixWords {
    /// The label of the button.
    pub label: String,
    /// The explanation of what happened; shown after its run.
    pub answer: String,
}

impl FigureWords {
    /// Every sentence, for checks.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        let fixes = self.fixes.values();
        [&self.title, &self.watch, &self.question, &self.answer]
            .into_iter()
            .chain(self.choices.values())
            .chain(fixes.flat_map(|fix| [&fix.label, &fix.answer]))
            .map(String::as_str)
    }

    /// The same texts with every `{claim}` filled in.
    ///
    /// # Errors
    /// The claims that the figure does not have.
    pub fn said(&self, figure: &Figure, marks: NumberMarks<'_>) -> Result<Self, String> {
        let say = |text: &str| fill(text, figure, marks);
        let choices = self.choices.iter();
        let fixes = self.fixes.iter();
        Ok(Self {
            title: say(&self.title)?,
            watch: say(&self.watch)?,
            question: say(&self.question)?,
            choices: choices
                .map(|(id, text)| Ok((id.clone(), say(text)?)))
                .collect::<Result<_, String>>()?,
            answer: say(&self.answer)?,
            fixes: fixes
                .map(|(id, fix)| {
                    let said = FixWords {
                        label: say(&fix.label)?,
                        answer: say(&fix.answer)?,
                    };
                    Ok((id.clone(), said))
                })
                .collect::<Result<_, String>>()?,
        })
    }

    /// The texts that are missing or superfluous for the figure's data.
    #[must_use]
    pub fn faults(&self, figure: &Figure) -> Vec<String> {
        let mut faults = Vec::new();
        let name = &figure.name;
        let asked: Vec<&str> = match &figure.play.question {
            Question::Choice(choices) => choices.iter().map(|one| one.id.as_str()).collect(),
            Question::Guess(_) => Vec::new(),
        };
        let fixes: Vec<&str> = figure
            .play
            .fixes
            .iter()
            .map(|fix| fix.id.as_str())
            .collect();
        let pairs = [
            ("choices", asked, self.choices.keys().collect::<Vec<_>>()),
            ("fixes", fixes, self.fixes.keys().collect::<Vec<_>>()),
        ];
        for (what, data, words) in pairs {
            for id in &data {
                if !words.iter().any(|word| word == id) {
                    faults.push(format!("{name}: {what}.{id} has no words"));
                }
            }
            for word in words {
                if !data.contains(&word.as_str()) {
                    faults.push(format!("{name}: {what}.{word} is not in the figure"));
                }
            }
        }
        if let Err(error) = self.said(figure, NumberMarks::ENGLISH) {
            faults.push(error);
        }
        faults
    }
}

/// Fills in the claims for each `{name}`.
///
/// # Errors
/// Names a claim that is not there, or a brace without its partner.
pub fn fill(text: &str, figure: &Figure, marks: NumberMarks<'_>) -> Result<String, String> {
    let mut said = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (id, behind) = after
            .split_once('}')
            .ok_or_else(|| format!("{}: a {{ without a }} in {text:?}", figure.name))?;
        let claim = figure
            .claim(id)
            .ok_or_else(|| format!("{}: there is no claim {id:?}", figure.name))?;
        said += before;
        said += &claim.say(marks);
        rest = behind;
    }
    Ok(said + rest)
}
