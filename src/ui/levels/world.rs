//! The world: the situation in a sentence, the map, a card for each site, and the settings of the name. The changing
//! values are read from the view once for all components.

use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use super::ZoomLevels;
use super::dns_settings::DnsSettings;
use super::failures::Failures;
use super::site_card::SiteCard;
use super::tables::WorldTables;
use super::users::UserTable;
use super::world_map::Map;
use super::world_plan::WorldPlan;
use crate::scene::world_picture::{WorldPicture, picture};
use crate::scene::world_traffic::{SLOWER, drawn_one_in};
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::session::Session;
use crate::ui::stylesheet::{styled, stylesheet_ready};

/// The number of pulses after which a screen reader is told an unchanged situation again: ten seconds.
const TOLD_AGAIN: u32 = 40;

/// The world with its sites.
#[component]
pub fn WorldView(session: Session, levels: ZoomLevels) -> impl IntoView {
    styled(
        "style/world.css",
        move || view! { <World session=session levels=levels /> },
    )
}

/// The picture alone, for a figure of a text: the situation, the map, and the cards without their actions, which the
/// style sheet of the chapters hides.
#[component]
pub fn WorldFigure(session: Session) -> impl IntoView {
    let ready = stylesheet_ready("style/world.css");
    let now = session.watch(picture);
    let (view, plan) = sized_plan(session);
    let placed = move || plan.map_width() > 0.0;
    let shown = move || {
        let ids = session.read(|view| (0..view.topology().sites.len() as u32).map(SiteId));
        let cards = ids.map(|id| {
            let row = Memo::new(move |_| now.with(|now| now.sites.get(id.index()).cloned()));
            view! { <SiteCard session levels=None id row plan /> }
        });
        view! {
            <div class="world world-figure">
                <h2 class="unseen">{t!("world.title")}</h2>
                <div
                    class="world-view"
                    class:on-map=move || plan.on_map()
                    class:placed=placed
                    node_ref=view
                >
                    <Head now />
                    <Map session now plan />
                    <div class="sites">{cards.collect_view()}</div>
                </div>
            </div>
        }
    };
    move || ready.get().then(shown)
}

/// The plan of the map for the size of an element, and the reference to that element.
fn sized_plan(session: Session) -> (NodeRef<html::Div>, WorldPlan) {
    let view = NodeRef::<html::Div>::new();
    let size = RwSignal::new((0.0, 0.0));
    use_resize_observer(view, move |entries, _| {
        let rect = entries.first().map(|entry| entry.content_rect());
        if let Some(rect) = rect {
            size.set((rect.width(), rect.height()));
        }
    });
    (view, WorldPlan::new(session, size.into()))
}

#[component]
fn World(session: Session, levels: ZoomLevels) -> impl IntoView {
    let now = session.watch(picture);
    let (view, plan) = sized_plan(session);
    let ids = session.read(|view| (0..view.topology().sites.len() as u32).map(SiteId));
    let cards = ids.map(|id| {
        let row = Memo::new(move |_| now.with(|now| now.sites.get(id.index()).cloned()));
        view! { <SiteCard session levels=Some(levels) id row plan /> }
    });
    let tables = RwSignal::new(false);
    view! {
        <section class="level world" aria-label=t!("world.title")>
            <h2 class="unseen">{t!("world.title")}</h2>
            <div class="world-view" node_ref=view class:on-map=move || plan.on_map()>
                <Head now />
                <Map session now plan />
                <div class="sites">{cards.collect_view()}</div>
                <Foot session plan tables />
            </div>
            <div id="world-tables" class="more" hidden=move || !tables.get()>
                {move || {
                    tables.get().then(|| view! {
                        <Failures session />
                        <UserTable session />
                        <WorldTables session />
                    })
                }}
            </div>
        </section>
    }
}

/// The situation, in a sentence or two. They change every second; a screen reader is told when the situation changes,
/// and now and then how far it has come.
#[component]
fn Head(now: Memo<WorldPicture>) -> impl IntoView {
    let lines = Memo::new(move |_| now.with(|now| now.headline.clone()));
    let told = Memo::new(move |before: Option<&(Vec<String>, u32, String)>| {
        let lines = now.with(|now| now.headline.clone());
        let text = format!("{} {}", lines.said, lines.lost);
        match before {
            Some((situation, since, old)) if *situation == lines.situation => {
                let again = !situation.is_empty() && *since >= TOLD_AGAIN;
                let since = if again { 0 } else { since + 1 };
                let text = if again { text } else { old.clone() };
                (lines.situation, since, text)
            }
            _ => (lines.situation, 0, text),
        }
    });
    view! {
        <div class="head">
            <p class="headline" aria-hidden="true">
                {move || lines.with(|lines| lines.said.clone())}
                " "
                <b>{move || lines.with(|lines| lines.lost.clone())}</b>
            </p>
            <p class="unseen" role="status">{move || told.with(|told| told.2.clone())}</p>
        </div>
    }
}

/// The settings of the name, the speed at which requests are drawn, and the button of the tables.
#[component]
fn Foot(session: Session, plan: WorldPlan, tables: RwSignal<bool>) -> impl IntoView {
    let settings = RwSignal::new(false);
    let every = session.watch(move |view| drawn_one_in(view, plan.map_width()));
    // With anycast no answer is kept, and there are no rings to explain.
    let anycast = session.watch(|view| view.dns().is_some_and(|names| names.spec.anycast));
    let note = move |short: bool| match (every.get(), short || anycast.get()) {
        (1, false) => t!("world.drawn.all", slower = SLOWER),
        (1, true) => t!("world.drawn.short.all", slower = SLOWER),
        (every, false) => t!("world.drawn", slower = SLOWER, every = every),
        (every, true) => t!("world.drawn.short", slower = SLOWER, every = every),
    };
    view! {
        <div
            class="foot"
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    settings.set(false);
                }
            }
        >
            <button
                type="button"
                class="button fold"
                aria-expanded=move || settings.get().to_string()
                aria-controls="world-settings"
                on:click=move |_| settings.update(|open| *open = !*open)
            >
                {t!("world.settings")}
            </button>
            <div id="world-settings" class="settings" class:open=move || settings.get()>
                <DnsSettings session />
            </div>
            <p class="note long">{move || note(false)}</p>
            <p class="note short">{move || note(true)}</p>
            <button
                type="button"
                class="button"
                aria-expanded=move || tables.get().to_string()
                aria-controls="world-tables"
                on:click=move |_| tables.update(|open| *open = !*open)
            >
                {t!("world.more")}
            </button>
        </div>
    }
}
