//! What a reader opens to look closer: each behind a button, none of it in the way before.

use leptos::html;
use leptos::prelude::*;
use web_sys::Element;

use crate::sim::balance::spec::ReturnPath;
use crate::t;
use crate::ui::description::Described;
use crate::ui::lazy;
use crate::ui::panels::{CompareLayers, Inside, MoreCharts};
use crate::ui::request_inspector::{AlgorithmInside, FailureTimeline, GlassBox, RequestInspector};
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::stylesheet::load_stylesheet;

/// The style sheet of closer looks.
const STYLE: &str = "style/glass.css";

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectorKind {
    /// The scene in words.
    Words,
    /// One request's life.
    Request,
    /// What the algorithm keeps.
    Algorithm,
    /// Each server's failures over time.
    Failures,
    /// The balancer's rules, work and connections.
    Balancer,
    /// L4 beside L7.
    Layers,
    /// Further charts.
    Charts,
}

/// What is looked at.
#[component]
pub fn InspectorPanel(
    look: InspectorKind,
    session: Session,
    glass: RequestInspector,
) -> impl IntoView {
    load_stylesheet(STYLE);
    match look {
        InspectorKind::Words => view! { <Described session /> }.into_any(),
        InspectorKind::Request => view! { <GlassBox session glass /> }.into_any(),
        InspectorKind::Algorithm => view! { <AlgorithmInside session /> }.into_any(),
        InspectorKind::Failures => view! { <FailureTimeline session /> }.into_any(),
        InspectorKind::Balancer => view! { <Inside session /> }.into_any(),
        InspectorKind::Layers => view! { <CompareLayers session /> }.into_any(),
        InspectorKind::Charts => view! { <MoreCharts session /> }.into_any(),
    }
}

/// What is looked at, while it is open.
#[component]
fn Seen(
    open: RwSignal<bool>,
    look: InspectorKind,
    session: Session,
    glass: RequestInspector,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let sight = move || Suspend::new(lazy::closer(look, session, glass));
    // It may open where others are open already: then it is brought into sight.
    Effect::new(move |_| {
        if open.get()
            && let Some(place) = place.get()
        {
            request_animation_frame(move || show_beside(&place));
        }
    });
    view! {
        <Show when=move || open.get()>
            <div class="seen" node_ref=place>
                <button
                    type="button"
                    class="quiet put-away"
                    aria-label=t!("close")
                    on:click=move |_| open.set(false)
                >
                    "×"
                </button>
                {sight}
            </div>
        </Show>
    }
}

/// Brings what opened beside the stage into sight. The page itself moves only where the reader has scrolled
/// away from that place.
pub fn show_beside(place: &Element) {
    let Ok(Some(side)) = place.closest(".side") else {
        return;
    };
    let above = place.get_bounding_client_rect().top() - side.get_bounding_client_rect().top();
    side.set_scroll_top(side.scroll_top() + above.round() as i32);
    // What was pressed may stand below the stage, and what opens speaks of the stage.
    let stage = document().query_selector(".first").ok().flatten();
    if stage.is_some_and(|stage| stage.get_bounding_client_rect().top() < 0.0) {
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Whether what opens stands beside the stage. Elsewhere it lies over its lower part (`style/page.css`).
pub fn has_side() -> bool {
    let wide = window().match_media("(min-width: 1101px)").ok().flatten();
    wide.is_some_and(|wide| wide.matches())
}

/// Which of them are open.
#[derive(Clone, Copy)]
pub struct OpenInspectors {
    told: RwSignal<bool>,
    charts: RwSignal<bool>,
    failures: RwSignal<bool>,
    compared: RwSignal<bool>,
    inside: RwSignal<bool>,
    glass: RequestInspector,
}

impl OpenInspectors {
    /// All closed, but for what a scene is about: rules, work and the way of answers are shown from its start, where
    /// they stand beside the stage.
    pub fn new(session: Session, glass: RequestInspector) -> Self {
        let closed = || RwSignal::new(false);
        let looks = Self {
            told: closed(),
            charts: closed(),
            failures: closed(),
            compared: closed(),
            inside: closed(),
            glass,
        };
        Effect::new(move |_| {
            session.run().track();
            let about = session.read(|view| {
                let scene = view.scenario();
                !scene.rules.is_empty()
                    || scene.balancer.processor.is_some()
                    || scene.balancer.return_path == ReturnPath::Direct
            });
            looks.inside.set(about && has_side());
        });
        looks
    }
}

/// The buttons.
#[component]
pub fn InspectorButtons(looks: OpenInspectors) -> impl IntoView {
    let glass = looks.glass;
    view! {
        <nav class="closer" aria-label=t!("closer.name")>
            <Opener name=t!("closer.describe") controls="account" open=looks.told />
            <Opener name=t!("glass.open") controls="glass-box" open=glass.open />
            <Opener name=t!("inside.open") controls="algorithm-inside" open=glass.inside />
            <Opener name=t!("failures.open") controls="failures" open=looks.failures />
            <Opener name=t!("closer.inside") controls="inside" open=looks.inside />
            <Opener name=t!("closer.compare") controls="compare-layers" open=looks.compared />
            <Opener name=t!("closer.charts") controls="more-charts" open=looks.charts />
        </nav>
    }
}

/// What is open, beside the stage.
#[component]
pub fn InspectorPlaces(session: Session, looks: OpenInspectors) -> impl IntoView {
    let glass = looks.glass;
    view! {
        <Seen open=glass.open look=InspectorKind::Request session glass />
        <Seen open=glass.inside look=InspectorKind::Algorithm session glass />
        <Seen open=looks.told look=InspectorKind::Words session glass />
        <Seen open=looks.failures look=InspectorKind::Failures session glass />
        <Seen open=looks.inside look=InspectorKind::Balancer session glass />
        <Seen open=looks.compared look=InspectorKind::Layers session glass />
        <Seen open=looks.charts look=InspectorKind::Charts session glass />
    }
}

/// A button that opens and closes something beside the stage.
#[component]
fn Opener(name: String, controls: &'static str, open: RwSignal<bool>) -> impl IntoView {
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
