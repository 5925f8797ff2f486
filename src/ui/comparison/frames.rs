//! The one animation loop of a race.

use leptos::prelude::*;
use leptos_use_document_visibility::use_document_visibility;
use leptos_use_media_query::use_media_query;
use leptos_use_raf_fn::{Pausable, UseRafFnOptions, use_raf_fn_with_options};
use web_sys::VisibilityState;

use super::run::ComparisonRun;
use crate::ui::stage::Stage;

/// From one change of the texts to the next.
const PULSE_MS: f64 = 250.0;
/// From one picture to the next where the reader wants no motion.
const SNAPSHOT_MS: f64 = 500.0;

/// The one loop of the race: it ends with the page's component.
pub fn run(compared: ComparisonRun, stages: StoredValue<Vec<Stage>, LocalStorage>) {
    let visibility = use_document_visibility();
    let calm = use_media_query("(prefers-reduced-motion: reduce)");
    let dark = use_media_query("(prefers-color-scheme: dark)");
    let forced = use_media_query("(forced-colors: active)");
    let since = StoredValue::new_local((0.0_f64, 0.0_f64));
    let paint = move || {
        // A frame that was asked for may come after the page of the race is gone.
        let (Some(still), false) = (calm.try_get_untracked(), stages.is_disposed()) else {
            return;
        };
        compared.read(|race| {
            stages.with_value(|stages| {
                for (lane, stage) in race.lanes().iter().zip(stages) {
                    stage.paint_view(lane.view(), still);
                }
            });
        });
    };
    let frame = move |delta_ms: f64| {
        compared.advance(delta_ms);
        since.update_value(|(pulse, picture)| {
            *picture += delta_ms;
            if !calm.get_untracked() || *picture >= SNAPSHOT_MS {
                *picture = 0.0;
                paint();
            }
            *pulse += delta_ms;
            if *pulse >= PULSE_MS {
                *pulse %= PULSE_MS;
                compared.pulse();
            }
        });
    };
    let Pausable { pause, resume, .. } = use_raf_fn_with_options(
        move |args| frame(args.delta),
        UseRafFnOptions::default().immediate(false),
    );
    let runs =
        Memo::new(move |_| compared.playing.get() && visibility.get() == VisibilityState::Visible);
    Effect::new(move |_| {
        if runs.get() {
            resume();
        } else {
            pause();
            compared.notify();
        }
    });
    Effect::new(move |_| {
        dark.track();
        forced.track();
        stages.with_value(|stages| stages.iter().for_each(|stage| stage.recolour()));
    });
    Effect::new(move |_| {
        compared.track();
        compared.start.track();
        stages.with_value(|stages| stages.iter().for_each(|stage| stage.track()));
        if !runs.get() {
            request_animation_frame(paint);
        }
    });
}
