//! The request inspector: the reader chooses a request, and sees its trace and why it went to its server.

mod choice;
mod envelope;
mod failures;
mod inside;
mod list;

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use self::choice::Choices;
use self::envelope::AtBalancer;
pub use self::envelope::{AtServer, EnvelopeSign};
pub use self::failures::FailureTimeline;
pub use self::inside::AlgorithmPanel;
use self::list::List;
use crate::scene::request_inspector::choice::decided;
use crate::scene::request_inspector::life;
use crate::sim::engine::observer::request_traces::RequestTrace;
use crate::sim::engine::view::View;
use crate::t;
use crate::ui::inspector::show_beside;
use crate::ui::panels::figure::{ChartView, Headline, Source};
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The state of the request inspector.
#[derive(Clone, Copy)]
pub struct RequestInspector {
    /// Whether the inspector is open.
    pub open: RwSignal<bool>,
    /// Whether the inspector of the algorithm is open.
    pub inside: RwSignal<bool>,
    /// Whether the chosen request is followed on the stage.
    pub following: RwSignal<bool>,
    chosen: RwSignal<Option<u64>>,
    /// Whether the trace still has to be scrolled into view, since the reader chose the request elsewhere.
    shown: RwSignal<bool>,
}

impl RequestInspector {
    /// An inspector that is closed.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            inside: RwSignal::new(false),
            following: RwSignal::new(false),
            chosen: RwSignal::new(None),
            shown: RwSignal::new(false),
        }
    }

    /// Opens the inspector on a request.
    pub fn choose(self, number: u64) {
        self.chosen.set(Some(number));
        self.open.set(true);
    }

    /// Follows a request on the stage.
    pub fn follow(self, number: u64) {
        self.chosen.set(Some(number));
        self.following.set(true);
    }

    /// Stops following the request. Where the inspector is open it stays chosen.
    pub fn stop_following(self) {
        self.following.set(false);
        if !self.open.get_untracked() {
            self.chosen.set(None);
        }
    }

    /// Opens the inspector on a request that was chosen elsewhere, and scrolls to it.
    pub fn show(self, number: u64) {
        self.choose(number);
        self.shown.set(true);
    }

    /// The number of the chosen request; `None` if none is.
    pub fn chosen(self) -> Signal<Option<u64>> {
        self.chosen.into()
    }
}

/// A copy of the trace of the chosen request. It is kept when the engine has dropped the trace, and goes when another
/// run is opened.
pub fn watched(
    session: Session,
    request_inspector: RequestInspector,
) -> Memo<Option<Arc<RequestTrace>>> {
    let (chosen, run) = (request_inspector.chosen(), session.run());
    let found = move |view: View<'_>| {
        // Of this run, at once and not with the next pulse.
        run.track();
        let number = chosen.get()?;
        view.trail()?.life(number).cloned()
    };
    let live = session.watch(found);
    let of_run = Memo::new(move |last: Option<&(u32, Option<Arc<RequestTrace>>)>| {
        let (number, run) = (chosen.get(), run.get());
        let kept = || {
            let (_, life) = last.cloned().filter(|(of, _)| *of == run)?;
            life.filter(|life| Some(life.number) == number)
        };
        (run, live.get().or_else(kept))
    });
    Memo::new(move |_| of_run.get().1)
}

/// The panel of the inspector.
#[component]
pub fn RequestPanel(session: Session, request_inspector: RequestInspector) -> impl IntoView {
    let life = watched(session, request_inspector);
    let some = Memo::new(move |_| life.with(Option::is_some));
    view! {
        <section class="panel inspector" id="request-inspector" aria-labelledby="request-inspector-name">
            <h2 id="request-inspector-name">{t!("glass.title")}</h2>
            <p class="hint">{t!("glass.hint")}</p>
            <div class="halves">
                <List session request_inspector />
                <Show
                    when=move || some.get()
                    fallback=|| view! { <p class="hint empty">{t!("glass.none")}</p> }
                >
                    <Watched session request_inspector life />
                </Show>
            </div>
        </section>
    }
}

#[component]
fn Watched(
    session: Session,
    request_inspector: RequestInspector,
    life: Memo<Option<Arc<RequestTrace>>>,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (true, Some(place)) = (request_inspector.shown.get(), place.get()) {
            request_inspector.shown.set(false);
            request_animation_frame(move || show_beside(&place));
        }
    });
    let server = Memo::new(move |_| life.with(|life| life.as_ref()?.last_server()));
    let got = move || {
        server
            .get()
            .map(|id| view! { <AtServer session request_inspector id /> })
    };
    let reading = RwSignal::new(String::new());
    let head = session.watch(move |view| {
        let life = life.get();
        life.map_or_else(String::new, |life| life::headline(view, &life))
    });
    let source = Source::growing(
        t!("glass.timeline"),
        move |view, width| {
            let life = life.get();
            life.map_or_else(Default::default, |life| life::chart(view, &life, width))
        },
        move |view| {
            let life = life.get();
            life.map_or_else(Default::default, |life| life::table(view, &life))
        },
    );
    let choices = session.watch(move |view| {
        let life = life.get();
        life.map_or_else(Vec::new, |life| decided(view, &life))
    });
    view! {
        <div class="life" node_ref=place>
            <p class="who">{head}</p>
            <Headline reading otherwise=Signal::stored(t!("glass.read")) />
            <ChartView session source reading />
            <Choices choices />
            <AtBalancer session request_inspector />
            {got}
        </div>
    }
}
