//! What the panels are about, where there are several balancers.

use leptos::prelude::*;

use crate::sim::engine::view::View;
use crate::t;
use crate::ui::session::Session;

fn about(view: View<'_>) -> Option<String> {
    let name = &view.balancer().name;
    (view.topology().nodes.len() > 1).then(|| t!("panels.whole", name = name))
}

/// A line above the panels: whose figures they are. Nothing where there is one balancer.
#[component]
pub fn PanelScope(session: Session) -> impl IntoView {
    let about = session.watch(about);
    view! {
        <p class="hint whole" hidden=move || about.with(Option::is_none)>
            {about}
        </p>
    }
}
