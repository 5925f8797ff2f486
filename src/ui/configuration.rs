//! The configuration panel's button and its place under the stage. The panel itself comes when it is
//! first opened.

use leptos::html::Section;
use leptos::prelude::*;

use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::t;
use crate::ui::closer::show_beside;
use crate::ui::config::{STYLE, panel::Panel};
use crate::ui::dress::dress;
use crate::ui::later;
use crate::ui::session::Session;

/// Whether the panel is open.
#[derive(Clone, Copy)]
pub struct Configuration(RwSignal<bool>);

impl Configuration {
    /// Closed.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(false))
    }
}

/// Opens and closes the panel.
#[component]
pub fn ConfigurationButton(configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    view! {
        <button
            type="button"
            class="button config-button"
            aria-expanded=move || open.get().to_string()
            aria-controls=move || open.get().then_some("config")
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {t!("config.button")}
        </button>
    }
}

/// The place of the panel, once it was opened.
#[component]
pub fn ConfigurationDoor(session: Session, configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    let opened = Memo::new(move |before| before == Some(&true) || open.get());
    move || {
        let place = || later::configuration(session, configuration);
        opened.get().then(|| Suspend::new(place()))
    }
}

/// The place of the panel.
#[component]
pub fn ConfigurationPlace(session: Session, configuration: Configuration) -> impl IntoView {
    let open = configuration.0;
    let place = NodeRef::<Section>::new();
    dress(STYLE);
    Effect::new(move |_| {
        let (true, Some(place)) = (open.get(), place.get()) else {
            return;
        };
        let _ = place.focus();
        show_beside(&place);
    });
    let scene = edited(session, open);
    let show = Callback::new(move |scenario| session.open(&Run::start(scenario)));
    view! {
        <section
            id="config"
            class="config"
            aria-label=t!("config.heading")
            tabindex="-1"
            node_ref=place
            hidden=move || !open.get()
        >
            <h2>{t!("config.heading")}</h2>
            <Panel scene show />
        </section>
    }
}

/// The scene as the reader has changed it. It follows the stage only while the panel is open.
fn edited(session: Session, open: RwSignal<bool>) -> Signal<Option<Scenario>> {
    let scene = Memo::new(move |last: Option<&Option<Scenario>>| {
        if !open.get() {
            return last.cloned().flatten();
        }
        session.track();
        Some(session.read(|view| view.edited()))
    });
    scene.into()
}
