//! The part of the page below the stage: legend, what explains the balancer, and large charts.

use leptos::html::Div;
use leptos::prelude::*;
use leptos_use_intersection_observer::use_intersection_observer;

use crate::ui::lazy;
use crate::ui::playback::Playback;
use crate::ui::session::Session;

/// The legend, what explains the balancer, and the large charts.
#[component]
pub fn Deeper(session: Session, playback: Playback) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    use_intersection_observer(place, move |entries, _| {
        if let Some(last) = entries.last() {
            playback.deeper_in_view.set(last.is_intersecting());
        }
    });
    view! {
        <div class="deeper" node_ref=place>
            {Suspend::new(lazy::panels(session))}
        </div>
    }
}
