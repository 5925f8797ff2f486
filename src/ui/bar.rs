//! The controls above the stage: algorithm, layer, traffic.

use leptos::prelude::*;

use crate::scene::status::layer_line;
use crate::sim::balance::algorithm::{Algorithm, CATALOGUE, CatalogueRow};
use crate::sim::balance::spec::Layer;
use crate::sim::engine::command::Command;
use crate::ui::checks::Checks;
use crate::ui::session::Session;

/// The most requests a second that the slider goes to. The scene holds about 50.
const MAX_TRAFFIC: u32 = 100;

/// What the reader sets before anything else.
#[component]
pub fn ControlBar(session: Session, embed: bool) -> impl IntoView {
    view! {
        <section class="bar" aria-label="Controls">
            <AlgorithmField session=session />
            <LayerField session=session />
            <TrafficField session=session />
            {(!embed).then(|| view! { <Checks session=session /> })}
        </section>
    }
}

#[component]
fn AlgorithmField(session: Session) -> impl IntoView {
    let algorithm = session.watch(|view| view.balancer().spec().algorithm);
    let choose = move |id: String| {
        if let Some(row) = CATALOGUE.iter().find(|row| row.id == id) {
            let _ = session.send(with_form(session, row));
        }
    };
    let options = CATALOGUE
        .iter()
        .map(|row| {
            let is_it = move || algorithm.get() == row.algorithm;
            view! {
                <option value=row.id prop:selected=is_it>
                    {row.label}
                </option>
            }
        })
        .collect_view();
    view! {
        <div class="field algorithm">
            <label for="algorithm">"Algorithm"</label>
            <select
                id="algorithm"
                aria-describedby="algorithm-rule"
                on:change:target=move |event| choose(event.target().value())
            >
                {options}
            </select>
            <p class="says" id="algorithm-rule">
                {move || rule(algorithm.get())}
            </p>
        </div>
    }
}

fn rule(algorithm: Algorithm) -> &'static str {
    algorithm.row().rule
}

/// The algorithm in the form of the engine in use, or in the first there is.
fn with_form(session: Session, row: &CatalogueRow) -> Command {
    let engine = session.read(|view| view.balancer().spec().engine);
    let mut forms = row.flavours.iter().map(|(form, _)| *form);
    let form = forms
        .clone()
        .find(|form| *form == engine)
        .or_else(|| forms.next())
        .unwrap_or(engine);
    Command::SetAlgorithm(row.algorithm, form)
}

#[component]
fn LayerField(session: Session) -> impl IntoView {
    let layer = session.watch(|view| view.balancer().spec().layer);
    let line = session.watch(layer_line);
    let choice = move |this: Layer, word: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="layer"
                    value=word
                    prop:checked=move || layer.get() == this
                    on:change=move |_| {
                        let _ = session.send(Command::SetLayer(this));
                    }
                />
                <span>{word}</span>
            </label>
        }
    };
    view! {
        <div class="field layer">
            <div class="choice">
                <span class="label" id="layer-label">
                    "Layer"
                </span>
                <div
                    class="segments"
                    role="radiogroup"
                    aria-labelledby="layer-label"
                    aria-describedby="layer-line"
                >
                    {choice(Layer::L4, "L4")}
                    {choice(Layer::L7, "L7")}
                </div>
            </div>
            <p class="says" id="layer-line">
                {line}
            </p>
        </div>
    }
}

#[component]
fn TrafficField(session: Session) -> impl IntoView {
    let rate = session.watch(|view| view.rate().rps());
    let set = move |rps: f64| {
        if rps.is_finite() {
            let _ = session.send(Command::SetTraffic((rps * 1_000.0) as u64));
        }
    };
    view! {
        <div class="field traffic">
            <label for="traffic">"Traffic"</label>
            <span class="amount" aria-hidden="true">
                {move || rate.get().to_string()}
                " req/s"
            </span>
            <input
                type="range"
                id="traffic"
                min="0"
                max=MAX_TRAFFIC.to_string()
                step="1"
                prop:value=move || rate.get().to_string()
                aria-valuetext=move || format!("{} requests a second", rate.get())
                on:input:target=move |event| set(event.target().value_as_number())
            />
        </div>
    }
}
