//! The controls above the stage: layer and traffic, beside the algorithm and the checks.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::scene::status::layer_line;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::command::Command;
use crate::t;
use crate::ui::algorithm::AlgorithmField;
use crate::ui::checks::Checks;
use crate::ui::session::Session;
use crate::words::number;

/// The most requests a second that the slider goes to, where the scene starts with less. The first
/// scene holds about 50.
const MAX_TRAFFIC: f64 = 100.0;

/// What the reader sets before anything else.
#[component]
pub fn ControlBar(session: Session, embed: bool) -> impl IntoView {
    view! {
        <section class="bar" aria-label=t!("bar.title")>
            <AlgorithmField session=session />
            <LayerField session=session />
            <TrafficField session=session />
            {(!embed).then(|| view! { <Checks session=session /> })}
        </section>
    }
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
                    {t!("bar.layer")}
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
    // Of the scene's start and not of the rate now: a scale that follows the hand is none.
    let most = session.watch(|view| {
        let start = view.scenario().arrivals.rate_rps;
        MAX_TRAFFIC.max((start * 2.0).ceil())
    });
    let resting = StoredValue::new(false);
    let latest = StoredValue::new(None::<u64>);
    let set = move |rps: f64| {
        if !rps.is_finite() {
            return;
        }
        latest.set_value(Some((rps * 1_000.0) as u64));
        if !resting.get_value() {
            resting.set_value(true);
            leptos::task::spawn_local(pass_on(session, latest, resting));
        }
    };
    view! {
        <div class="field traffic">
            <label for="traffic">{t!("bar.traffic")}</label>
            <span class="amount" aria-hidden="true">
                {move || t!("bar.rate", rate = rate_text(rate.get()))}
            </span>
            <input
                type="range"
                id="traffic"
                min="0"
                max=move || most.get().to_string()
                step="1"
                prop:value=move || rate.get().to_string()
                aria-valuetext=move || t!("bar.rate_long", rate = rate_text(rate.get()))
                on:input:target=move |event| set(event.target().value_as_number())
            />
        </div>
    }
}

/// A rate: to three digits after the point, or grouped where it is large.
fn rate_text(rps: f64) -> String {
    if rps < 1_000.0 {
        number::short(rps, 3)
    } else {
        number::count(rps.round() as u64)
    }
}

/// Sends what the slider says, and while it is dragged no more than eight values a second: each
/// stays in the run's log.
async fn pass_on(session: Session, latest: StoredValue<Option<u64>>, resting: StoredValue<bool>) {
    while let Some(rate) = latest.try_update_value(Option::take).flatten() {
        let _ = session.send(Command::SetTraffic(rate));
        TimeoutFuture::new(125).await;
    }
    resting.set_value(false);
}
