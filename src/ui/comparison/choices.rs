//! The settings that a lane has of its own: algorithm, implementation, layer, checks.

use leptos::prelude::*;

use super::run::ComparisonRun;
use crate::scene::words;
use crate::sim::balance::algorithm::{CATALOGUE, Implementation};
use crate::sim::balance::spec::Layer;
use crate::sim::comparison::ComparedConfig;
use crate::t;

/// The settings of a lane.
#[component]
pub fn Choices(compared: ComparisonRun, place: usize) -> impl IntoView {
    let own = Memo::new(move |_| compared.configs.with(|all| all.get(place).copied()));
    let layer = move |id: String| {
        let layer = if id == "l4" { Layer::L4 } else { Layer::L7 };
        compared.change(place, |one| one.layer = layer);
    };
    let has_layer = move |layer| move || own.get().is_some_and(|own| own.layer == layer);
    view! {
        <div class="lane-choices">
            <AlgorithmField compared place own />
            <ImplementationField compared place own />
            <select
                aria-label=t!("race.layer", n = place + 1)
                on:change:target=move |event| layer(event.target().value())
            >
                <option value="l4" prop:selected=has_layer(Layer::L4)>
                    "L4"
                </option>
                <option value="l7" prop:selected=has_layer(Layer::L7)>
                    "L7"
                </option>
            </select>
            <Check
                compared
                place
                own
                label=t!("race.active")
                get=|one| one.active_checks
                set=|one, on| one.active_checks = on
            />
            <Check
                compared
                place
                own
                label=t!("race.passive")
                get=|one| one.passive_checks
                set=|one, on| one.passive_checks = on
            />
        </div>
    }
}

#[component]
fn AlgorithmField(
    compared: ComparisonRun,
    place: usize,
    own: Memo<Option<ComparedConfig>>,
) -> impl IntoView {
    let rows = CATALOGUE.iter().filter(|row| !row.needs_limits);
    let options = rows.map(|row| {
        let is_it = move || own.get().is_some_and(|own| own.algorithm == row.algorithm);
        view! {
            <option value=row.id prop:selected=is_it>
                {words::algorithm(row)}
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
    view! {
        <select
            aria-label=t!("race.algorithm", n = place + 1)
            on:change:target=move |event| choose(event.target().value())
        >
            {options.collect_view()}
        </select>
    }
}

#[component]
fn ImplementationField(
    compared: ComparisonRun,
    place: usize,
    own: Memo<Option<ComparedConfig>>,
) -> impl IntoView {
    let options = move || {
        let own = own.get()?;
        let forms = own.algorithm.row().flavours.iter().map(|form| {
            view! {
                <option value=form.id() prop:selected=*form == own.engine>
                    {words::implementation(*form)}
                </option>
            }
        });
        Some(forms.collect_view())
    };
    let choose = move |id: String| {
        if let Some(form) = Implementation::ALL.iter().find(|form| form.id() == id) {
            compared.change(place, |one| one.engine = *form);
        }
    };
    view! {
        <select
            aria-label=t!("race.engine", n = place + 1)
            on:change:target=move |event| choose(event.target().value())
        >
            {options}
        </select>
    }
}

/// A switch: whether the lane has the scene's health checks of one kind.
#[component]
fn Check(
    compared: ComparisonRun,
    place: usize,
    own: Memo<Option<ComparedConfig>>,
    label: String,
    get: fn(&ComparedConfig) -> bool,
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
                prop:checked=move || own.with(|own| own.as_ref().is_some_and(get))
                on:change:target=move |event| {
                    let on = event.target().checked();
                    compared.change(place, |one| set(one, on));
                }
            />
            {label}
        </label>
    }
}
