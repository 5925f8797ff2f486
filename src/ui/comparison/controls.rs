//! Play, speed, reset and clock of a race.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::playback_clock::{SPEEDS, behind_text};
use crate::scene::words::clock;
use crate::t;

/// Play, speed, reset, clock.
#[component]
pub fn Controls(course: ComparisonRun) -> impl IntoView {
    let playing = course.playing;
    let now = course.watch(|race| clock(race.now()));
    let options = SPEEDS.iter().enumerate().map(|(place, speed)| {
        let is_it = move || course.speed.get() == place;
        view! {
            <option value=place.to_string() prop:selected=is_it>
                {speed.label}
            </option>
        }
    });
    view! {
        <div class="race-row timing">
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
                on:click=move |_| course.begin(course.entrants.get_untracked())
            >
                {t!("transport.reset")}
            </button>
            <label for="race-speed">{t!("transport.speed")}</label>
            <select
                id="race-speed"
                on:change:target=move |event| {
                    if let Ok(place) = event.target().value().parse() {
                        course.speed.set(place);
                    }
                }
            >
                {options.collect_view()}
            </select>
            <p class="clock">{now}</p>
            <p class="behind">{move || course.behind.get().map(behind_text)}</p>
        </div>
    }
}
