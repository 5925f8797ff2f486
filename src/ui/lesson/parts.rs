//! The context that the components of a figure share: the run, the texts, and the reader's answer.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::FrameWords;
use super::player::{Player, PlayerAction};
use crate::lesson::amount::{Amount, NumberMarks};
use crate::lesson::figure_texts::FigureWords;
use crate::lesson::measure::Measure;

/// The shared context of a figure.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The player of the run.
    pub player: Player,
    /// The texts of the figure.
    pub words: StoredValue<FigureWords>,
    /// For each part of the figure, where the numbers of its answer were measured; the first part has no name.
    pub proof: StoredValue<BTreeMap<String, Vec<String>>>,
    /// The texts around figures.
    pub frame: StoredValue<FrameWords>,
    /// The reader's answer: the name of a choice, or a number.
    pub expected: RwSignal<Option<String>>,
}

impl Parts {
    /// A text around figures, by its name.
    pub fn word(self, name: &str) -> String {
        self.frame.with_value(|frame| frame.word(name))
    }

    /// Takes the reader's answer, and starts the run.
    pub fn answer(self, expected: String) {
        self.expected.set(Some(expected));
        self.player.begin(0);
    }

    /// Whether the answer is shown: the first run is over, and the scene is still the figure's own.
    pub fn shows_answer(self) -> bool {
        !matches!(
            self.player.act.get(),
            PlayerAction::Asking | PlayerAction::Running(0) | PlayerAction::Own
        )
    }

    /// An amount as text, in the way that the language writes numbers.
    pub fn say(self, amount: &Amount, measure: &Measure, digits: usize) -> String {
        self.frame.with_value(|frame| {
            let marks = NumberMarks {
                decimal: &frame.word("decimal"),
                thousands: &frame.word("thousands"),
            };
            amount.say(measure.unit(), digits, marks)
        })
    }
}
