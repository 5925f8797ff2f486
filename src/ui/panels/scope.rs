//! The line above the panels that names the balancer whose figures they show.

use leptos::prelude::*;

use crate::sim::engine::view::View;
use crate::t;
use crate::ui::session::Session;

fn about(view: View<'_>) -> Option<String> {
    let name = &view.balancer().name;
    (view.topology().nodes.len() > 1).then(|| t!("panels.whole", name = name))
}

/// The line. Nothing in a scene with one balancer.
#[component]
pub fn PanelScope(session: Session) -> impl IntoView {
    let about = session.watch(about);
    view! {
        <p class="hint whole" hidden=move || about.with(Option::is_none)>
            {about}
        </p>
    }
}
