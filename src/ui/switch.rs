//! A switch: a native checkbox with the role of a switch.

use leptos::prelude::*;

/// A switch. Its content is its name.
#[component]
pub fn Switch(
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// Takes the new state.
    #[prop(into)]
    set: Callback<bool>,
    /// The name.
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
