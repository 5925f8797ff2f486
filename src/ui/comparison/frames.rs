//! The frame loop of a comparison: one loop for all runs.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::ui::frame::{Animation, animate};
use crate::ui::stage::Stage;

/// The compared runs with their stages.
struct ComparisonFrames {
    compared: ComparisonRun,
    stages: StoredValue<Vec<Stage>, LocalStorage>,
}

/// Plays all runs until the calling component is disposed.
pub fn run(compared: ComparisonRun, stages: StoredValue<Vec<Stage>, LocalStorage>) {
    animate(ComparisonFrames { compared, stages });
}

impl Animation for ComparisonFrames {
    fn is_running(&self) -> bool {
        self.compared.playing.get() || self.compared.ahead.get()
    }

    fn advance(&self, delta_ms: f64) {
        self.compared.advance(delta_ms);
    }

    fn paint(&self, still: bool) {
        // Pictures that have nothing to do with each other would only flicker.
        if self.compared.ahead.get_untracked() {
            return;
        }
        self.compared.read(|race| {
            self.stages.with_value(|stages| {
                for (lane, stage) in race.lanes().iter().zip(stages) {
                    stage.paint_view(lane.view(), still);
                }
            });
        });
    }

    fn pulse(&self) {
        self.compared.pulse();
    }

    fn on_stop(&self) {
        self.compared.notify();
    }

    fn track(&self) {
        self.compared.track();
        self.compared.start.track();
        self.stages
            .with_value(|stages| stages.iter().for_each(|stage| stage.track()));
    }

    fn recolour(&self) {
        self.stages
            .with_value(|stages| stages.iter().for_each(|stage| stage.recolour()));
    }
}
