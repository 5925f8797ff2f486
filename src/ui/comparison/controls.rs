//! The controls of a comparison: play, speed, reset and clock, and the run to its verdict.

use leptos::prelude::*;

use super::ahead::RunAhead;
use super::run::ComparisonRun;
use crate::scene::playback_clock::{SPEEDS, behind_text};
use crate::scene::words::clock;
use crate::t;

/// Play, speed, reset, clock, and the button that runs ahead.
#[component]
pub fn Controls(compared: ComparisonRun) -> impl IntoView {
    let playing = compared.playing;
    let now = compared.watch(|race| clock(race.now()));
    let options = SPEEDS.iter().enumerate().map(|(place, speed)| {
        let is_it = move || compared.speed.get() == place;
        view! {
            <option value=place.to_string() prop:selected=is_it>
                {speed.label}
            </option>
        }
    });
    view! {
        <div class="comparison-row timing">
            <button
                type="button"
                class="button"
                on:click=move |_| playing.update(|playing| *playing = !*playing)
            >
                {move || if playing.get() { t!("transport.pause") } else { t!("transport.play") }}
            </button>
            <button
                type="button"
                class="button"
                on:click=move |_| compared.begin(compared.configs.get_untracked())
            >
                {t!("transport.reset")}
            </button>
            <label for="comparison-speed">{t!("transport.speed")}</label>
            <select
                id="comparison-speed"
                on:change:target=move |event| {
                    if let Ok(place) = event.target().value().parse() {
                        compared.speed.set(place);
                    }
                }
            >
                {options.collect_view()}
            </select>
            <p class="clock">{now}</p>
            <RunAhead compared />
            <p class="behind">{move || compared.behind.get().map(behind_text)}</p>
        </div>
    }
}
