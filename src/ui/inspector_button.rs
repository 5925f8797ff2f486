//! The buttons that open inspectors. Each stands with what its inspector explains.

use leptos::prelude::*;

use crate::t;
use crate::ui::inspector::{InspectorKind, OpenInspectors};

impl InspectorKind {
    /// The name of its button, and the id of its panel.
    fn button(self) -> (String, &'static str) {
        match self {
            Self::Words => (t!("closer.describe"), "description"),
            Self::Request => (t!("glass.open"), "request-inspector"),
            Self::Algorithm => (t!("inside.open"), "algorithm-inside"),
            Self::Failures => (t!("failures.open"), "failures"),
            Self::Balancer => (t!("closer.inside"), "inside"),
            Self::Layers => (t!("closer.compare"), "compare-layers"),
            Self::Charts => (t!("closer.charts"), "more-charts"),
        }
    }
}

/// The button that opens and closes one inspector. It stands with what the inspector explains; nothing where the page
/// has no inspectors, as in a frame.
#[component]
pub fn InspectorButton(kind: InspectorKind) -> impl IntoView {
    let open = use_context::<OpenInspectors>()?.open(kind);
    let (name, controls) = kind.button();
    Some(view! {
        <button
            type="button"
            class="quiet inspector-button"
            aria-expanded=move || open.get().to_string()
            aria-controls=move || open.get().then_some(controls)
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {name}
        </button>
    })
}

/// What explains the balancer: the state of its algorithm, its rules and costs, its layer beside the other one.
#[component]
pub fn BalancerLooks() -> impl IntoView {
    let look = |kind, what: String| {
        view! {
            <li>
                <InspectorButton kind />
                <span class="hint">{what}</span>
            </li>
        }
    };
    view! {
        <section class="panel looks" aria-labelledby="looks-name">
            <h2 id="looks-name">{t!("closer.balancer")}</h2>
            <ul>
                {look(InspectorKind::Algorithm, t!("closer.algorithm_shows"))}
                {look(InspectorKind::Balancer, t!("closer.inside_shows"))}
                {look(InspectorKind::Layers, t!("closer.compare_shows"))}
            </ul>
        </section>
    }
}
