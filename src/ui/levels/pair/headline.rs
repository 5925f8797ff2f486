//! The headline of the picture: the last event, the time since then, and the requests that it cost.

use leptos::prelude::*;

use crate::scene::pair::story::headline;
use crate::sim::ids::SiteId;
use crate::ui::session::Session;
use crate::ui::text::text;

/// The headline. Screen readers are told its first sentence only, which changes with the state; the numbers change four
/// times a second.
#[component]
pub fn HeadlineView(session: Session, id: SiteId, heading: String) -> impl IntoView {
    let now = session.watch(move |view| headline(view, id));
    let state = Memo::new(move |_| now.with(|now| now.state.clone()));
    let since = Memo::new(move |_| now.with(|now| now.since.clone()));
    let bad = move || now.with(|now| now.bad);
    let costs = move || now.with(|now| now.costs.join(" · "));
    view! {
        <header class="pair-headline" class:bad=bad>
            <h2 tabindex="-1">{heading}</h2>
            <p class="said">
                <span class="state" role="status">{text(move || state.get())}</span>
                " "
                <span class="ticks">{text(move || since.get())}</span>
                " "
                <b class="costs">{text(costs)}</b>
            </p>
        </header>
    }
}
