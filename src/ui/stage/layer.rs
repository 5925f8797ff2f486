//! The switch between layer 4 and layer 7 on the balancer's card.

use leptos::prelude::*;

use crate::scene::status::layer_line;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::command::Command;
use crate::t;
use crate::ui::session::Session;

/// The two layers. The meaning of a layer is shown while it has the pointer or the focus.
#[component]
pub fn LayerField(session: Session) -> impl IntoView {
    let layer = session.watch(|view| view.balancer().layer());
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
        <div class="layer asks">
            <span class="unseen" id="layer-label">
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
            <p class="says" id="layer-line">
                {line}
            </p>
        </div>
    }
}
