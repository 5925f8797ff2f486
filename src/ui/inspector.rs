//! Inspectors: panels with details, each behind a button. None is open at first, except where a scene is about one.

use leptos::html;
use leptos::prelude::*;
use web_sys::Element;

use crate::sim::balance::spec::ReturnPath;
use crate::t;
use crate::ui::description::SceneDescription;
use crate::ui::lazy;
use crate::ui::panels::{BalancerPanel, CompareLayers, MoreCharts};
use crate::ui::request_inspector::{
    AlgorithmPanel, FailureTimeline, RequestInspector, RequestPanel,
};
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::stylesheet::load_stylesheet;

/// The style sheet of all inspectors.
const STYLE: &str = "style/inspector.css";

/// Which inspector stands beside the stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectorKind {
    /// A description of the scene in words.
    Words,
    /// The trace of one request.
    Request,
    /// The state of the picker.
    Algorithm,
    /// The failures of each server over time.
    Failures,
    /// The balancer's rules, work and connections.
    Balancer,
    /// L4 beside L7.
    Layers,
    /// More charts.
    Charts,
}

/// The panel of an inspector.
#[component]
pub fn InspectorPanel(
    kind: InspectorKind,
    session: Session,
    request_inspector: RequestInspector,
) -> impl IntoView {
    load_stylesheet(STYLE);
    match kind {
        InspectorKind::Words => view! { <SceneDescription session /> }.into_any(),
        InspectorKind::Request => view! { <RequestPanel session request_inspector /> }.into_any(),
        InspectorKind::Algorithm => view! { <AlgorithmPanel session /> }.into_any(),
        InspectorKind::Failures => view! { <FailureTimeline session /> }.into_any(),
        InspectorKind::Balancer => view! { <BalancerPanel session /> }.into_any(),
        InspectorKind::Layers => view! { <CompareLayers session /> }.into_any(),
        InspectorKind::Charts => view! { <MoreCharts session /> }.into_any(),
    }
}

/// The place of an inspector beside the stage; empty while it is closed.
#[component]
fn InspectorPlace(
    open: RwSignal<bool>,
    kind: InspectorKind,
    session: Session,
    request_inspector: RequestInspector,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let panel = move || Suspend::new(lazy::inspector(kind, session, request_inspector));
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
                {panel}
            </div>
        </Show>
    }
}

/// Scrolls an inspector that opened beside the stage into view. The page itself scrolls only if the reader has scrolled
/// away from the stage.
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

/// Whether inspectors open beside the stage. On a narrow page they open over its lower part (`style/page.css`).
pub fn has_side() -> bool {
    let wide = window().match_media("(min-width: 1101px)").ok().flatten();
    wide.is_some_and(|wide| wide.matches())
}

/// Which inspectors are open.
#[derive(Clone, Copy)]
pub struct OpenInspectors {
    described: RwSignal<bool>,
    charts: RwSignal<bool>,
    failures: RwSignal<bool>,
    compared: RwSignal<bool>,
    inside: RwSignal<bool>,
    request_inspector: RequestInspector,
}

impl OpenInspectors {
    /// All closed, except that a scene about rules, the processor or the return path opens the balancer's inspector at
    /// its start, where inspectors open beside the stage. The next scene closes it again.
    pub fn new(session: Session, request_inspector: RequestInspector) -> Self {
        let closed = || RwSignal::new(false);
        let inspectors = Self {
            described: closed(),
            charts: closed(),
            failures: closed(),
            compared: closed(),
            inside: closed(),
            request_inspector,
        };
        Effect::new(move |_| {
            session.run().track();
            let about = session.read(|view| {
                let scene = view.scenario();
                !scene.rules.is_empty()
                    || scene.balancer.processor.is_some()
                    || scene.balancer.return_path == ReturnPath::Direct
            });
            inspectors.inside.set(about && has_side());
        });
        inspectors
    }

    /// Whether the inspector of this kind is open.
    pub fn open(self, kind: InspectorKind) -> RwSignal<bool> {
        match kind {
            InspectorKind::Words => self.described,
            InspectorKind::Request => self.request_inspector.open,
            InspectorKind::Algorithm => self.request_inspector.inside,
            InspectorKind::Failures => self.failures,
            InspectorKind::Balancer => self.inside,
            InspectorKind::Layers => self.compared,
            InspectorKind::Charts => self.charts,
        }
    }
}

/// The places of all inspectors beside the stage.
#[component]
pub fn InspectorPlaces(session: Session, inspectors: OpenInspectors) -> impl IntoView {
    let request_inspector = inspectors.request_inspector;
    view! {
        <InspectorPlace open=request_inspector.open kind=InspectorKind::Request session request_inspector />
        <InspectorPlace open=request_inspector.inside kind=InspectorKind::Algorithm session request_inspector />
        <InspectorPlace open=inspectors.described kind=InspectorKind::Words session request_inspector />
        <InspectorPlace open=inspectors.failures kind=InspectorKind::Failures session request_inspector />
        <InspectorPlace open=inspectors.inside kind=InspectorKind::Balancer session request_inspector />
        <InspectorPlace open=inspectors.compared kind=InspectorKind::Layers session request_inspector />
        <InspectorPlace open=inspectors.charts kind=InspectorKind::Charts session request_inspector />
    }
}
