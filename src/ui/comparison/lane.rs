//! One lane of a comparison: the settings that are its own, and its small stage.

use leptos::prelude::*;

use super::run::ComparisonRun;
use super::thumbnail::SmallStage;
use crate::scene::words;
use crate::sim::balance::algorithm::{CATALOGUE, Implementation};
use crate::sim::balance::spec::Layer;
use crate::sim::comparison::{ComparedConfig, LANES};
use crate::t;
use crate::ui::show::Show;
use crate::ui::stage::Stage;

/// One lane. `full` opens the run of the lane on the large stage.
#[component]
pub fn LaneView(
    compared: ComparisonRun,
    place: usize,
    stage: Stage,
    full: Callback<usize>,
) -> impl IntoView {
    let title = t!("race.lane_title", n = place + 1);
    let heading = title.clone();
    let several = move || compared.configs.with(|all| all.len() > *LANES.start());
    let remove = move |_| {
        let mut configs = compared.configs.get_untracked();
        configs.remove(place);
        compared.begin(configs);
    };
    view! {
        <section class="lane" aria-label=heading>
            <div class="lane-head">
                <h3>{title}</h3>
                <button type="button" class="small" on:click=move |_| full.run(place)>
                    {t!("race.full_short")}
                    <span class="unseen">": " {t!("race.full", n = place + 1)}</span>
                </button>
                <Show when=several>
                    <button
                        type="button"
                        class="small"
                        aria-label=t!("race.remove", n = place + 1)
                        on:click=remove
                    >
                        "×"
                    </button>
                </Show>
            </div>
            <Choices compared place />
            <SmallStage compared place stage />
        </section>
    }
}

/// The settings in which this lane may differ from the others.
#[component]
fn Choices(compared: ComparisonRun, place: usize) -> impl IntoView {
    let entrant = compared.read(|race| race.lanes()[place].entrant);
    let ideas = CATALOGUE.iter().filter(|row| !row.needs_limits);
    let ideas = ideas.map(|row| {
        view! {
            <option value=row.id selected=row.algorithm == entrant.algorithm>
                {words::algorithm(row)}
            </option>
        }
    });
    let forms = entrant.algorithm.row().flavours.iter().map(|form| {
        view! {
            <option value=form.id() selected=*form == entrant.engine>
                {words::implementation(*form)}
            </option>
        }
    });
    let choose = move |id: String| {
        if let Some(row) = CATALOGUE.iter().find(|row| row.id == id) {
            compared.change(place, |one| {
                (one.algorithm, one.engine) = (row.algorithm, row.form(one.engine));
            });
        }
    };
    let choose_implementation = move |id: String| {
        if let Some(form) = Implementation::ALL.iter().find(|form| form.id() == id) {
            compared.change(place, |one| one.engine = *form);
        }
    };
    let layer = move |id: String| {
        let layer = if id == "l4" { Layer::L4 } else { Layer::L7 };
        compared.change(place, |one| one.layer = layer);
    };
    view! {
        <div class="lane-choices">
            <select
                aria-label=t!("race.algorithm", n = place + 1)
                on:change:target=move |event| choose(event.target().value())
            >
                {ideas.collect_view()}
            </select>
            <select
                aria-label=t!("race.engine", n = place + 1)
                on:change:target=move |event| choose_implementation(event.target().value())
            >
                {forms.collect_view()}
            </select>
            <select
                aria-label=t!("race.layer", n = place + 1)
                on:change:target=move |event| layer(event.target().value())
            >
                <option value="l4" selected=entrant.layer == Layer::L4>"L4"</option>
                <option value="l7" selected=entrant.layer == Layer::L7>"L7"</option>
            </select>
            <Check
                compared
                place
                label=t!("race.active")
                on=entrant.active_checks
                set=|one, on| one.active_checks = on
            />
            <Check
                compared
                place
                label=t!("race.passive")
                on=entrant.passive_checks
                set=|one, on| one.passive_checks = on
            />
        </div>
    }
}

/// A switch: whether the lane has the scene's health checks of one kind.
#[component]
fn Check(
    compared: ComparisonRun,
    place: usize,
    label: String,
    on: bool,
    set: fn(&mut ComparedConfig, bool),
) -> impl IntoView {
    let named = t!(
        "race.name_and",
        name = &label,
        more = t!("race.lane", n = place + 1)
    );
    view! {
        <label class="lane-check">
            <input
                type="checkbox"
                aria-label=named
                checked=on
                on:change:target=move |event| {
                    let on = event.target().checked();
                    compared.change(place, |one| set(one, on));
                }
            />
            {label}
        </label>
    }
}
