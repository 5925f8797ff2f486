//! Running all lanes ahead until nothing remains to be found, and how far that is.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::verdict::{forecast, progress};
use crate::sim::comparison::RunComparison;
use crate::t;

/// The button, the way to the verdict as a bar, and how much longer it takes.
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
