//! The entry of a server's menu that opens the failure timeline.

use leptos::prelude::*;

use super::menu::{Item, Shown};
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::inspector::{InspectorKind, OpenInspectors};

/// The entry that opens the failure timeline; nothing in a frame, which has no inspectors.
#[component]
pub fn FailuresEntry(id: ServerId, shown: Shown) -> impl IntoView {
    let open = use_context::<OpenInspectors>()?.open(InspectorKind::Failures);
    let show = move |()| {
        shown.close();
        open.set(true);
    };
    Some(view! {
        <Item
            label=format!("menu-{}-failures", id.0)
            word=t!("failures.open")
            meaning=t!("failures.open_means")
            press=show
        />
    })
}
