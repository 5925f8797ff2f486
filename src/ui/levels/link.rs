//! The link between two balancers: the adverts on it, and the button that cuts it.

use leptos::prelude::*;
use leptos_use_raf_fn::use_raf_fn;

use crate::scene::pair::{Dot, dots};
use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::session::Session;

/// The most adverts that are drawn at one time.
const DOTS: usize = 3;

/// The link between two, with the adverts on it.
#[component]
pub fn Link(session: Session, id: SiteId, picture_up: Memo<Option<bool>>) -> impl IntoView {
    let on_link = RwSignal::new(Vec::<Dot>::new());
    let _ = use_raf_fn(move |_| {
        let now = session.read(|view| dots(view, id));
        if on_link.with_untracked(|old| *old != now) {
            on_link.set(now);
        }
    });
    let spots = (0..DOTS).map(|place| {
        let dot = move || on_link.with(|all| all.get(place).copied());
        let at = move || {
            let at = dot().map_or(0.0, |dot| if dot.from == 0 { dot.at } else { 1.0 - dot.at });
            format!("{:.1}%", at * 100.0)
        };
        view! {
            <span
                class="dot"
                class:lost=move || dot().is_some_and(|dot| !dot.carried)
                hidden=move || dot().is_none()
                style=("--at", at)
            ></span>
        }
    });
    let up = move || picture_up.get() == Some(true);
    view! {
        <div class="link" class:cut=move || picture_up.get() == Some(false) hidden=move || picture_up.get().is_none()>
            <div class="wire" aria-hidden="true">{spots.collect_view()}</div>
            <p>{move || if up() { t!("pair.link") } else { t!("pair.link.cut") }}</p>
            <button
                type="button"
                class="button"
                on:click=move |_| {
                    let up = picture_up.get_untracked() == Some(true);
                    let _ = session.send(Command::Site(SiteCommand::SetLink(id, !up)));
                }
            >
                {move || if up() { t!("pair.cut") } else { t!("pair.mend") }}
            </button>
        </div>
    }
}
