//! The choice among several listeners of a configuration.

use leptos::prelude::*;

use crate::conf::Import;
use crate::conf::listener::Listener;
use crate::sim::balance::spec::Layer;
use crate::t;

/// A list of the listeners, where the text has more than one.
#[component]
pub fn ListenerChoice(
    found: RwSignal<Option<Import>, LocalStorage>,
    choose: Callback<String>,
) -> impl IntoView {
    let several = Memo::new(move |_| {
        found.with(|found| {
            let listeners = &found.as_ref()?.listeners;
            (listeners.all.len() > 1).then(|| listeners.clone())
        })
    });
    move || {
        several.get().map(|listeners| {
            let options = listeners.all.iter().enumerate().map(|(place, listener)| {
                let name = listener.name.clone();
                view! {
                    <option value=name prop:selected=place == listeners.chosen>
                        {label(listener)}
                    </option>
                }
            });
            view! {
                <label class="config-listener">
                    {t!("config.listener")}
                    <select on:change=move |event| choose.run(event_target_value(&event))>
                        {options.collect_view()}
                    </select>
                </label>
            }
        })
    }
}

/// The name, what it listens on, and the layer.
fn label(listener: &Listener) -> String {
    let layer = match listener.layer {
        Layer::L4 => "L4",
        Layer::L7 => "L7",
    };
    let listens = listener.listens.join(" ");
    if listens.is_empty() || listens == listener.name {
        format!("{} ({layer})", listener.name)
    } else {
        format!("{} ({listens}, {layer})", listener.name)
    }
}
