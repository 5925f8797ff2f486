//! The sign of what the balancer believes of a server, on the page.

use leptos::prelude::*;

use crate::scene::sign::outline;
pub use crate::scene::sign::tone;
use crate::sim::balance::endpoint::Belief;

/// The sign. The word stands beside it, so it says nothing itself.
#[component]
pub fn HealthIcon(#[prop(into)] belief: Signal<Belief>) -> impl IntoView {
    view! {
        <svg
            class=move || format!("icon {}", tone(belief.get()))
            viewBox="0 0 16 16"
            aria-hidden="true"
        >
            <path fill="currentColor" fill-rule="evenodd" d=move || outline(belief.get())></path>
        </svg>
    }
}
