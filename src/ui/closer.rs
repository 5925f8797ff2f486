//! What a reader opens to look closer: each behind a button, none of it in the way before.

use leptos::prelude::*;

use crate::ui::panels::MoreCharts;
use crate::ui::session::Session;

/// The buttons, and what is open.
#[component]
pub fn Closer(session: Session) -> impl IntoView {
    let charts = RwSignal::new(false);
    view! {
        <nav class="closer" aria-label="Look closer">
            <Opener name="More charts" controls="more-charts" open=charts />
        </nav>
        <Show when=move || charts.get()>
            <MoreCharts session />
        </Show>
    }
}

/// A button that opens and closes something below.
#[component]
fn Opener(name: &'static str, controls: &'static str, open: RwSignal<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            aria-expanded=move || open.get().to_string()
            aria-controls=move || open.get().then_some(controls)
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {name}
        </button>
    }
}
