//! The panel: the tabs, and the content of the chosen one.

use leptos::prelude::*;

use super::export::Export;
use super::source::Source;
use crate::conf::ConfigFormat;
use crate::sim::scenario::Scenario;
use crate::t;

/// The tabs: read a configuration, or see the scene as one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Import,
    Export(ConfigFormat),
}

/// The whole panel. `scene` is the scene as it stands on the stage; `show` opens another one there.
#[component]
pub fn Panel(scene: Signal<Option<Scenario>>, show: Callback<Scenario>) -> impl IntoView {
    let tab = RwSignal::new(Tab::Import);
    let choice = move |this: Tab, word: String| {
        view! {
            <label>
                <input
                    type="radio"
                    name="config-tab"
                    value=word.clone()
                    prop:checked=move || tab.get() == this
                    on:change=move |_| tab.set(this)
                />
                <span>{word}</span>
            </label>
        }
    };
    let exports = ConfigFormat::ALL.map(|one| choice(Tab::Export(one), one.label().to_string()));
    let is_import = move || tab.get() == Tab::Import;
    let export = move || match tab.get() {
        Tab::Import => None,
        Tab::Export(dialect) => Some(view! { <Export scene=scene dialect=dialect /> }),
    };
    view! {
        <div class="segments" role="radiogroup" aria-label=t!("config.tabs")>
            {choice(Tab::Import, t!("config.import"))}
            {exports}
        </div>
        // Hidden and not taken away, so that a text that was pasted stays.
        <div hidden=move || !is_import()>
            <Source scene show />
        </div>
        {export}
    }
}
