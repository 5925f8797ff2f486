//! The card of one site: its state, its share of the users, the outcomes of their requests, and its actions.

use leptos::prelude::*;

use super::row_actions::RowActions;
use super::world_plan::WorldPlan;
use super::{ZoomLevel, ZoomLevels};
use crate::scene::layout::Rect;
use crate::scene::world::{SiteRow, SiteState, state_line};
use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::ids::{ServerId, SiteId};
use crate::t;
use crate::ui::session::Session;
use crate::ui::stage::icon::hue;
use crate::words::scene_text;

/// The class that gives an element its site's colour as `--own`.
pub fn site_hue(id: SiteId) -> String {
    hue(ServerId(id.0))
}

/// The card of a site, on the map or below it.
#[component]
pub fn SiteCard(
    session: Session,
    levels: Option<ZoomLevels>,
    id: SiteId,
    row: Memo<Option<SiteRow>>,
    plan: WorldPlan,
) -> impl IntoView {
    let name = session.read(|view| scene_text(&view.topology().site(id).name));
    let (label, heading) = (name.clone(), name.clone());
    let anycast = session.watch(|view| view.dns().is_some_and(|names| names.spec.anycast));
    let text = move |look: fn(&SiteRow) -> String| move || row.with(|row| row.as_ref().map(look));
    let none = move |look: fn(&SiteRow) -> u64| {
        move || row.with(|row| row.as_ref().is_none_or(|row| look(row) == 0))
    };
    let state =
        Memo::new(move |_| row.with(|row| row.as_ref().map_or(SiteState::Dark, |row| row.state)));
    let class = move || {
        let tone = match state.get() {
            SiteState::Well => "well",
            SiteState::Hurt => "hurt",
            SiteState::Dark => "dark",
        };
        let size = if plan.is_large() { "large" } else { "small" };
        format!("site-card {tone} {size} {}", site_hue(id))
    };
    let word = move || {
        let anycast = anycast.get();
        row.with(|row| row.as_ref().map(|row| state_line(row, anycast)))
    };
    let share = move || {
        let anycast = anycast.get();
        row.with(|row| {
            let percent = u64::from((row.as_ref().map_or(0, |row| row.users) + 5) / 10);
            if anycast {
                t!("world.site.routed", percent = percent)
            } else {
                t!("world.site.users", percent = percent)
            }
        })
    };
    // Set property by property, as the content-security policy allows no style attribute.
    let place = move |side: fn(&Rect) -> f64| {
        move || plan.card(id).map(|rect| format!("{:.0}px", side(&rect)))
    };
    view! {
        <div
            class=class
            role="group"
            aria-label=label
            style:left=place(|rect| rect.x)
            style:top=place(|rect| rect.y)
            style:width=place(|rect| rect.width)
            style:min-height=place(|rect| rect.height)
        >
            <h3>{heading}</h3>
            <p class="share">
                <span aria-hidden="true">
                    {text(|row| format!("{} %", (row.users + 5) / 10))}
                </span>
                <span class="unseen">{share}</span>
            </p>
            <p class="word">{word}</p>
            <p class="figures">
                <span class="answered">
                    {text(|row| t!("world.site.answered", count = row.answered))}
                </span>
                " "
                <span class="lost" class:none=none(|row| row.lost)>
                    {text(|row| t!("world.site.lost", count = row.lost))}
                </span>
                " "
                <span class="open" hidden=none(|row| row.unanswered)>
                    {text(|row| t!("world.site.unanswered", count = row.unanswered))}
                </span>
            </p>
            <SiteActs session levels id name state />
        </div>
    }
}

/// The actions on a site. `levels` is `None` where no other level can be reached.
#[component]
fn SiteActs(
    session: Session,
    levels: Option<ZoomLevels>,
    id: SiteId,
    name: String,
    state: Memo<SiteState>,
) -> impl IntoView {
    let act = move |command| {
        let _ = session.send(Command::Site(command));
    };
    let dark = move || state.get() == SiteState::Dark;
    view! {
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
            {levels
                .map(|levels| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            aria-label=t!("world.enter.label", name = &name)
                            on:click=move |_| levels.go(ZoomLevel::Site(id))
                        >
                            {t!("world.enter")}
                        </button>
                    }
                })}
        </RowActions>
    }
}
