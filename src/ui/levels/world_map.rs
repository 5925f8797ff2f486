//! The map: land, lines and cities behind the moving requests, and the sites in front of them.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_use_resize_observer::use_resize_observer;

use super::moving::MovingCanvas;
use super::site_card::site_hue;
use super::world_city::City;
use super::world_plan::WorldPlan;
use crate::scene::world::SiteState;
use crate::scene::world_layout::MapName;
use crate::scene::world_map::{Arc, MapFit, UserFlow};
use crate::scene::world_picture::{FarResolver, WorldPicture};
use crate::scene::world_traffic::WorldTraffic;
use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::language::fetch;
use crate::ui::lesson::root;
use crate::ui::session::Session;

/// Half the side of a site's square at full size, in pixels.
const SQUARE: f64 = 9.5;

/// The radius of the place that is pressed, in pixels.
const REACH: f64 = 20.0;

/// The map, as large as its place.
#[component]
pub fn Map(session: Session, now: Memo<WorldPicture>, plan: WorldPlan) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    use_resize_observer(place, move |entries, _| {
        let rect = entries.first().map(|entry| entry.content_rect());
        if let Some(rect) = rect {
            plan.set_map((rect.width(), rect.height()));
        }
    });
    let land = RwSignal::new(String::new());
    spawn_local(async move {
        if let Some(path) = fetch(&format!("{}map/land.txt", root())).await {
            let _ = land.try_set(path);
        }
    });
    let fit = Memo::new(move |_| plan.fit());
    let lines = Memo::new(move |_| now.with(|now| now.flows.clone()));
    let far = Memo::new(move |_| now.with(|now| now.far.clone()));
    let cities = plan.cities().into_iter().enumerate();
    let dots = cities.map(|(place, city)| {
        let state = Memo::new(move |_| now.with(|now| now.cities.get(place).cloned()));
        view! { <City at=city.at with_site=city.site.is_some() state fit /> }
    });
    let mut traffic = WorldTraffic::default();
    view! {
        <div class="map-place" node_ref=place>
            <svg
                class="map"
                role="img"
                aria-label=t!("world.map")
                aria-describedby="world-told"
            >
                <path
                    class="land"
                    d=move || land.get()
                    transform=move || fit.get().transform()
                ></path>
                {move || {
                    let fit = fit.get();
                    far.with(|far| far.iter().map(|one| resolver(one, &fit)).collect_view())
                }}
                {move || {
                    let fit = fit.get();
                    lines.with(|lines| lines.iter().map(|one| flow(one, &fit)).collect_view())
                }}
                {dots.collect_view()}
                {move || plan.names().iter().map(name).collect_view()}
            </svg>
            <p class="unseen" id="world-told">
                {move || now.with(|now| now.description.clone())}
            </p>
            <MovingCanvas
                session
                draw=move |view, size, motion, scene| traffic.frame(view, size, motion, scene)
            />
            <Sites session now fit />
        </div>
    }
}

/// The name of a city.
fn name(name: &MapName) -> impl IntoView + use<> {
    let hue = name.site.map(site_hue);
    let class = hue.map_or("name".to_string(), |hue| format!("name site-name {hue}"));
    let (x, y) = (
        name.rect.x + name.rect.width / 2.0,
        name.rect.y + name.rect.height - 4.0,
    );
    view! { <text class=class x=format!("{x:.0}") y=format!("{y:.0}")>{name.text.clone()}</text> }
}

/// A line from a city to the site that its users are sent to.
fn flow(flow: &UserFlow, fit: &MapFit) -> impl IntoView + use<> {
    let arc = Arc::between(fit.at(flow.from), fit.at(flow.to));
    let width = (0.8 + f64::from(flow.users) / 70.0).min(3.2);
    let tone = if flow.astray { "flow astray" } else { "flow" };
    view! {
        <path
            class=format!("{tone} {}", site_hue(flow.site))
            d=arc.data()
            stroke-width=format!("{width:.1}")
        ></path>
    }
}

/// The line from users to a distant resolver that misleads the authority, with the users' names.
fn resolver(far: &FarResolver, fit: &MapFit) -> impl IntoView + use<> {
    let arc = Arc::between(fit.at(far.from), fit.at(far.to)).mirrored();
    view! {
        <path class="far" d=arc.data()>
            <title>{far.told.clone()}</title>
        </path>
    }
}

/// The squares of the sites, in front of the moving requests. A press kills the site, or restores it; the card has the
/// same action for those who use no pointer.
#[component]
fn Sites(session: Session, now: Memo<WorldPicture>, fit: Memo<MapFit>) -> impl IntoView {
    let ids = session.read(|view| (0..view.topology().sites.len() as u32).map(SiteId));
    let sites = ids.map(|id| {
        let row = Memo::new(move |_| {
            now.with(|now| {
                let row = now.sites.get(id.index());
                row.map(|row| (row.at, row.state, row.name.clone()))
            })
        });
        let state = move || row.with(|row| row.as_ref().map(|row| row.1));
        let dark = move || state() == Some(SiteState::Dark);
        let class = move || {
            let tone = match state() {
                Some(SiteState::Hurt) => "hurt",
                Some(SiteState::Well) => "well",
                _ => "dark",
            };
            format!("site {tone} {}", site_hue(id))
        };
        let place = move || {
            let at = row.with(|row| row.as_ref().map(|row| row.0));
            let at = fit.get().at(at.unwrap_or_default());
            let unit = fit.get().unit();
            format!("translate({:.1} {:.1}) scale({unit:.2})", at.x, at.y)
        };
        let sign = move || match state() {
            Some(SiteState::Hurt) => "M0-4.5v5M0 3.4v1.2",
            Some(SiteState::Well) => "",
            _ => "M-3.5-3.5l7 7M3.5-3.5l-7 7",
        };
        let told = move || {
            let name = row.with(|row| row.as_ref().map(|row| row.2.clone()));
            let name = name.unwrap_or_default();
            if dark() {
                t!("world.site.press.dark", name = name)
            } else {
                t!("world.site.press", name = name)
            }
        };
        let press = move |_| {
            let dark =
                row.with_untracked(|row| row.as_ref().is_some_and(|row| row.1 == SiteState::Dark));
            let command = if dark {
                SiteCommand::RestoreSite(id)
            } else {
                SiteCommand::KillSite(id)
            };
            let _ = session.send(Command::Site(command));
        };
        // As large as a finger on every map.
        let reach = move || format!("{:.1}", REACH / fit.get().unit().min(1.0));
        let side = format!("{}", SQUARE * 2.0);
        let corner = format!("{}", -SQUARE);
        view! {
            <g class=class transform=place on:click=press>
                <title>{told}</title>
                <circle class="reach" r=reach></circle>
                <rect
                    x=corner.clone()
                    y=corner
                    width=side.clone()
                    height=side
                    rx="4.5"
                ></rect>
                <path d=sign></path>
            </g>
        }
    });
    view! { <svg class="map pins" aria-hidden="true">{sites.collect_view()}</svg> }
}
