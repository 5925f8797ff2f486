//! A switch: a native checkbox that says it is on or off.

use leptos::prelude::*;

/// A switch, named by what stands in it.
#[component]
pub fn Switch(
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// Takes where it was put.
    #[prop(into)]
    set: Callback<bool>,
    /// Its name.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="switch">
            <input
                type="checkbox"
                role="switch"
                prop:checked=on
                on:change:target=move |event| set.run(event.target().checked())
            />
            {children()}
        </label>
    }
}
