//! Runs all lanes ahead until every difference is decided, and shows how long that takes.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::verdict::{forecast, progress};
use crate::sim::comparison::RunComparison;
use crate::t;

/// The button, the progress towards the verdict as a bar, and the remaining time.
#[component]
pub fn RunAhead(compared: ComparisonRun) -> impl IntoView {
    let ahead = compared.ahead;
    let sure = compared.watch(RunComparison::is_sure);
    let way = compared.watch(progress);
    let left = compared.watch(forecast);
    let act = move |_| {
        if ahead.get_untracked() {
            ahead.set(false);
        } else if !sure.get_untracked() {
            ahead.set(true);
        }
    };
    view! {
        <div class="ahead">
            <button
                type="button"
                class="button"
                aria-disabled=move || sure.get().to_string()
                on:click=act
            >
                {move || if ahead.get() { t!("race.stop") } else { t!("race.ahead") }}
            </button>
            <progress
                aria-label=t!("race.progress")
                value=move || way.get().0.to_string()
                max=move || way.get().1.to_string()
            ></progress>
            <p class="hint">{left}</p>
        </div>
    }
}
