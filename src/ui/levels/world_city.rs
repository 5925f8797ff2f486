//! The users of a city on the map: their dot and what is left of their cached answers.

use leptos::prelude::*;

use super::site_card::site_hue;
use crate::scene::world_layout::RADII;
use crate::scene::world_map::MapFit;
use crate::scene::world_picture::{CityPart, CityState};

/// The radius of a city's dot at full size, in pixels.
const DOT: f64 = 5.0;

/// The users of a city: a dot in the colours of the sites that they are sent to, and round it what is left of their
/// cached answers.
#[component]
pub fn City(
    at: (f64, f64),
    with_site: bool,
    state: Memo<Option<CityState>>,
    fit: Memo<MapFit>,
) -> impl IntoView {
    let class = move || {
        state.with(|state| {
            let state = state.as_ref();
            let main = state.and_then(|state| state.main);
            let hue = main.map_or_else(String::new, site_hue);
            let astray = state.is_some_and(|state| state.astray);
            format!("city {hue}{}", if astray { " astray" } else { "" })
        })
    };
    let place = move || {
        let at = fit.get().at(at);
        format!("translate({:.1} {:.1})", at.x, at.y)
    };
    let unit = Memo::new(move |_| fit.get().unit());
    // Where a site stands in the same city, its square is the dot.
    let ring = if with_site { RADII.0 } else { RADII.1 };
    let radius = move || format!("{:.1}", (ring - 1.0) * unit.get());
    let left = move || {
        let left = state.with(|state| state.as_ref().and_then(|state| state.left));
        format!("{} 1000", left.unwrap_or(0))
    };
    let ringed = move || {
        let left = state.with(|state| state.as_ref().and_then(|state| state.left));
        left.is_none().then_some("none")
    };
    let parts = Memo::new(move |_| {
        let parts = state.with(|state| state.as_ref().map(|state| state.parts.clone()));
        parts.unwrap_or_default()
    });
    let sectors = move || {
        let radius = DOT * unit.get();
        parts.with(|parts| sectors(parts, radius))
    };
    view! {
        <g class=class transform=place>
            <title>
                {move || state.with(|state| state.as_ref().map(|state| state.told.clone()))}
            </title>
            <circle class="track" r=radius display=ringed></circle>
            <circle
                class="left"
                r=radius
                display=ringed
                pathLength="1000"
                stroke-dasharray=left
                transform="rotate(-90)"
            ></circle>
            {(!with_site).then(|| view! {
                <circle class="dot" r=move || format!("{:.1}", DOT * unit.get())></circle>
                {sectors}
            })}
        </g>
    }
}

/// A sector of the dot for each site: all of it where there is one. Users without an answer ask before they send.
fn sectors(parts: &[CityPart], radius: f64) -> impl IntoView + use<> {
    let all = f64::from(parts.iter().map(|part| part.users).sum::<u32>()).max(1.0);
    let mut before = 0.0;
    let sector = |part: &CityPart| {
        let (start, share) = (before, f64::from(part.users) / all);
        before += share;
        let astray = part.astray;
        view! {
            <circle
                class=format!("sector {}", site_hue(part.site))
                class:astray=astray
                r=format!("{:.2}", radius / 2.0)
                stroke-width=format!("{radius:.1}")
                pathLength="1000"
                stroke-dasharray=format!("{:.0} 1000", share * 1_000.0)
                transform=format!("rotate({:.1})", start * 360.0 - 90.0)
            ></circle>
        }
    };
    parts.iter().map(sector).collect_view()
}
