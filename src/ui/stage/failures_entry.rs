//! The entry of a server's menu that opens the failure timeline.

use leptos::prelude::*;

use super::menu::Shown;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::inspector::{InspectorKind, OpenInspectors};

/// The entry that opens the failure timeline; nothing in a frame, which has no inspectors.
#[component]
pub fn FailuresEntry(id: ServerId, shown: Shown) -> impl IntoView {
    let open = use_context::<OpenInspectors>()?.open(InspectorKind::Failures);
    let label = format!("menu-{}-failures", id.0);
    let hint = format!("{label}-hint");
    let show = move |_| {
        shown.close();
        open.set(true);
    };
    Some(view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            aria-labelledby=label
            aria-describedby=hint
            on:click=show
        >
            <span id=label.clone()>{t!("failures.open")}</span>
            <small id=hint.clone()>{t!("failures.open_means")}</small>
        </button>
    })
}
