//! The icon of a balancer's belief.

use leptos::prelude::*;

use crate::scene::shape::Paint;
use crate::scene::sign::outline;
pub use crate::scene::sign::tone;
use crate::sim::balance::endpoint::Belief;
use crate::sim::ids::ServerId;

/// The class that gives an element its server's colour as `--own`.
pub fn hue(id: ServerId) -> String {
    let token = Paint::of_server(id).token();
    let name = token.trim_start_matches("var(--").trim_end_matches(')');
    format!("own-{name}")
}

/// The icon. It is hidden from assistive technology, since the word stands beside it.
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
