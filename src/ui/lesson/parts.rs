//! What the parts of a figure share: the run, the words, what the reader expects.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::FrameWords;
use super::player::{Player, PlayerAction};
use crate::lesson::amount::{Amount, NumberMarks};
use crate::lesson::figure_texts::FigureWords;
use crate::lesson::measure::Measure;

/// What the parts of a figure share.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The run.
    pub player: Player,
    /// What it says.
    pub words: StoredValue<FigureWords>,
    /// Where the numbers of its answers were measured, by the part; the first has no name.
    pub proof: StoredValue<BTreeMap<String, Vec<String>>>,
    /// The words round it.
    pub frame: StoredValue<FrameWords>,
    /// What the reader expects: a choice's name, or a number.
    pub expected: RwSignal<Option<String>>,
}

impl Parts {
    /// A word of the frame.
    pub fn word(self, name: &str) -> String {
        self.frame.with_value(|frame| frame.word(name))
    }

    /// The reader has answered: the run begins.
    pub fn answer(self, expected: String) {
        self.expected.set(Some(expected));
        self.player.begin(0);
    }

    /// Whether the first run is over, and what runs is still the figure's own scene.
    pub fn shows_answer(self) -> bool {
        !matches!(
            self.player.act.get(),
            PlayerAction::Asking | PlayerAction::Running(0) | PlayerAction::Own
        )
    }

    /// As the language writes numbers.
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
