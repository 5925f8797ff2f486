//! The map: cities, sites and who is sent where; a card for each site.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dns_settings::DnsSettings;
use super::failures::Failures;
use super::row_actions::RowActions;
use super::tables::WorldTables;
use super::users::UserTable;
use super::{ZoomLevel, ZoomLevels};
use crate::scene::world::{MAP, SiteRow, SiteState, UserFlow, flows, sites, state_line, users};
use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::language::fetch;
use crate::ui::session::Session;

/// The world with its sites.
#[component]
pub fn WorldView(session: Session, levels: ZoomLevels) -> impl IntoView {
    let rows = session.watch(sites);
    let ids = session.read(|view| (0..view.topology().sites.len() as u32).map(SiteId));
    let cards = ids.map(|id| {
        let row = Memo::new(move |_| rows.with(|rows| rows.get(id.index()).cloned()));
        view! { <SiteCard session=session levels=levels id=id row=row /> }
    });
    view! {
        <section class="level world" aria-label=t!("world.title")>
            <h2 class="unseen">{t!("world.title")}</h2>
            <DnsSettings session=session />
            <Map session=session rows=rows />
            <div class="sites">{cards.collect_view()}</div>
            <Failures session=session />
            <UserTable session=session />
            <WorldTables session />
        </section>
    }
}

#[component]
fn Map(session: Session, rows: Memo<Vec<SiteRow>>) -> impl IntoView {
    let land = RwSignal::new(String::new());
    spawn_local(async move {
        if let Some(path) = fetch("map/land.txt").await {
            let _ = land.try_set(path);
        }
    });
    let lines = session.watch(flows);
    let cities = session.read(|view| users(view).into_iter().map(|user| user.at));
    let line = |flow: &UserFlow| {
        let width = 0.6 + f64::from(flow.users) / 40.0;
        let class = if flow.astray { "flow astray" } else { "flow" };
        view! { <path class=class d=flow.path.clone() stroke-width=format!("{width:.1}")></path> }
    };
    let spot = |row: &SiteRow| {
        let (x, y) = row.at;
        let (class, sign) = match row.state {
            SiteState::Well => ("site well", "M-3.4 .4l2.4 2.4L3.6-2.6"),
            SiteState::Hurt => ("site hurt", "M0-3.8v4.4M0 2.6v1"),
            SiteState::Dark => ("site dark", "M-2.8-2.8l5.6 5.6M2.8-2.8l-5.6 5.6"),
        };
        view! {
            <g class=class transform=format!("translate({x:.1} {y:.1})")>
                <circle r="7"></circle>
                <path d=sign></path>
                <text x="10" y="4">{row.name.clone()}</text>
            </g>
        }
    };
    view! {
        <svg
            class="map"
            role="img"
            aria-label=t!("world.map")
            viewBox=format!("0 0 {} {}", MAP.0, MAP.1)
        >
            <path class="land" d=move || land.get()></path>
            {cities
                .map(|(x, y)| {
                    view! { <circle class="city" cx=x.to_string() cy=y.to_string() r="2.2"></circle> }
                })
                .collect_view()}
            {move || lines.with(|lines| lines.iter().map(line).collect_view())}
            {move || rows.with(|rows| rows.iter().map(spot).collect_view())}
        </svg>
    }
}

#[component]
fn SiteCard(
    session: Session,
    levels: ZoomLevels,
    id: SiteId,
    row: Memo<Option<SiteRow>>,
) -> impl IntoView {
    let name = session.read(|view| view.topology().site(id).name.clone());
    let anycast = session.watch(|view| view.dns().is_some_and(|names| names.spec.anycast));
    let text = move |look: fn(&SiteRow) -> String| move || row.with(|row| row.as_ref().map(look));
    let state =
        Memo::new(move |_| row.with(|row| row.as_ref().map_or(SiteState::Dark, |row| row.state)));
    let dark = move || state.get() == SiteState::Dark;
    let tone = move || match state.get() {
        SiteState::Well => "box works",
        SiteState::Hurt => "box stopped",
        SiteState::Dark => "box dead",
    };
    let word = move || {
        let anycast = anycast.get();
        row.with(|row| row.as_ref().map(|row| state_line(row, anycast)))
    };
    let act = move |command| {
        let _ = session.send(Command::Site(command));
    };
    let (label, heading) = (name.clone(), name.clone());
    view! {
        <div class=tone role="group" aria-label=label>
            <h3>{heading} " " <small>{text(|row| row.region.to_string())}</small></h3>
            <p class="word">{word}</p>
            <p class="figures">
                {text(|row| t!("world.site.users", percent = u64::from((row.users + 5) / 10)))}
            </p>
            <p class="figures">
                {text(|row| {
                    t!("world.site.figures", answered = row.answered, lost = row.lost)
                })}
            </p>
            <RowActions state=state>
                <button
                    type="button"
                    class="button"
                    hidden=dark
                    aria-label=t!("world.kill.label", name = &name)
                    on:click=move |_| act(SiteCommand::KillSite(id))
                >
                    {t!("world.kill")}
                </button>
                <button
                    type="button"
                    class="button"
                    hidden=move || state.get() == SiteState::Well
                    aria-label=t!("world.restore.label", name = &name)
                    on:click=move |_| act(SiteCommand::RestoreSite(id))
                >
                    {t!("world.restore")}
                </button>
                <button
                    type="button"
                    class="button"
                    aria-label=t!("world.enter.label", name = &name)
                    on:click=move |_| levels.go(ZoomLevel::Site(id))
                >
                    {t!("world.enter")}
                </button>
            </RowActions>
        </div>
    }
}
