//! The case of a comparison: the field that chooses it, what to watch in it, and the slow server that a comparison
//! starts with.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::comparison_cases::{Case, SLOW, slow_from_the_start};
use crate::sim::engine::command::{Command, FaultKind};
use crate::t;
use crate::ui::show::Show;

/// The field that chooses a case.
#[component]
pub fn CaseField(compared: ComparisonRun) -> impl IntoView {
    let case = compared.case;
    let options = Case::ALL.iter().enumerate().map(|(place, one)| {
        view! {
            <option value=place.to_string() prop:selected=move || case.get() == Some(*one)>
                {one.name()}
            </option>
        }
    });
    view! {
        <label class="case">
            {t!("race.case")} " "
            <select on:change:target=move |event| {
                let place: Option<usize> = event.target().value().parse().ok();
                compared.open(place.and_then(|place| Case::ALL.get(place).copied()));
            }>
                <option value="" prop:selected=move || case.get().is_none()>
                    {t!("race.case.stage")}
                </option>
                {options.collect_view()}
            </select>
        </label>
    }
}

/// A text: what to watch in the case; or that a server is slow, with a button that repairs it; or what a comparison is.
#[component]
pub fn CaseText(compared: ComparisonRun) -> impl IntoView {
    let slow = compared.watch(move |race| slow_from_the_start(race, &compared.faults()));
    let repair = move |_| {
        for (id, fault) in compared.faults() {
            if fault == SLOW {
                compared.send(Command::Fault(id, FaultKind::Restore));
            }
        }
    };
    let text = move || match (compared.case.get(), slow.get()) {
        (Some(case), _) => case.watch(),
        (None, Some(slow)) => slow,
        (None, None) => t!("race.about"),
    };
    let offered = move || compared.case.get().is_none() && slow.with(Option::is_some);
    view! {
        <div class="case-text">
            <p class="hint">{text}</p>
            <Show when=offered>
                <button type="button" class="small" on:click=repair>
                    {t!("race.repair")}
                </button>
            </Show>
        </div>
    }
}
