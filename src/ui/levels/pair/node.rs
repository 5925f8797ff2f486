//! The card of a balancer of the site: its VRRP state, its load, and its actions.

use leptos::prelude::*;

use crate::scene::pair::missed::Missed;
use crate::scene::pair::{NodeRow, NodeView, name_of};
use crate::sim::engine::command::{Command, NodeFault, SiteCommand};
use crate::sim::ids::BalancerId;
use crate::t;
use crate::ui::levels::row_actions::RowActions;
use crate::ui::levels::{ZoomLevel, ZoomLevels};
use crate::ui::session::Session;
use crate::ui::text::text;

/// A square: the balancer is stopped.
const STOP: &str = "M4 4h8v8H4z";
/// A lens: opens the balancer on the stage.
const LENS: &str = "M10.2 10.2L14 14M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z";

/// The card of one balancer.
#[component]
pub fn NodeCard(
    session: Session,
    levels: Option<ZoomLevels>,
    row: Memo<Option<NodeRow>>,
    id: BalancerId,
    missed: Memo<Missed>,
) -> impl IntoView {
    let name = session.read(|view| name_of(view, id));
    let look =
        Memo::new(move |_| row.with(|row| row.as_ref().map_or(NodeView::Dead, |row| row.look)));
    let tone = move || match look.get() {
        NodeView::Works => "node works",
        NodeView::Waits => "node waits",
        NodeView::Stopped => "node stopped",
        NodeView::Dead => "node dead",
    };
    let icon = move || match look.get() {
        NodeView::Works => "M3 8.5l3.2 3.2L13 5",
        NodeView::Waits => "M5.5 3.5v9M10.5 3.5v9",
        NodeView::Stopped => STOP,
        NodeView::Dead => "M4 4l8 8M12 4l-8 8",
    };
    let part =
        move |look: fn(&NodeRow) -> String| text(move || row.with(|row| row.as_ref().map(look)));
    // Who waits says what it has missed, where it has missed something.
    let silent = Memo::new(move |_| {
        let silent = missed.with(|missed| missed.text.clone());
        (look.get() == NodeView::Waits && !silent.is_empty()).then_some(silent)
    });
    let of_row = move |part: fn(&NodeRow) -> String| {
        row.with(|row| row.as_ref().map(part)).unwrap_or_default()
    };
    let rank = move || {
        silent
            .with(Option::is_none)
            .then(|| of_row(|row| row.priority.clone()))
    };
    let timer = move || {
        silent
            .get()
            .unwrap_or_else(|| of_row(|row| row.timer.clone()))
    };
    let (label, heading) = (name.clone(), name.clone());
    view! {
        <div class=tone role="group" aria-label=label>
            <h3>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=icon></path></svg>
                {heading}
                " "
                <small>{part(|row| row.address.clone())}</small>
            </h3>
            <p class="word">{part(|row| row.word.clone())}</p>
            <p class="timer" hidden=move || timer().is_empty()>
                <span class="rank">{text(rank)}</span>
                " "
                {text(timer)}
            </p>
            <p class="figures">
                <b class="lost" hidden=move || row.with(|row| row.as_ref().is_none_or(|row| row.lost == 0))>
                    {part(|row| t!("pair.figures.lost", count = row.lost))}
                </b>
                " "
                <span class="again" hidden=move || row.with(|row| row.as_ref().is_none_or(|row| row.waiting == 0))>
                    {part(|row| t!("pair.cost.waiting", count = row.waiting))}
                </span>
                " "
                <span class="hand">{part(|row| t!("pair.figures.hand", count = row.in_hand))}</span>
                " "
                <span class="load">{part(|row| row.load.clone())}</span>
                " "
                <span class="sees">
                    {part(|row| {
                        t!("pair.figures.sees", well = row.believes.0, all = row.believes.1)
                    })}
                </span>
            </p>
            <NodeActs session levels id name look />
        </div>
    }
}

/// The actions on a balancer.
#[component]
fn NodeActs(
    session: Session,
    levels: Option<ZoomLevels>,
    id: BalancerId,
    name: String,
    look: Memo<NodeView>,
) -> impl IntoView {
    let act = move |fault| {
        let _ = session.send(Command::Site(SiteCommand::Node(id, fault)));
    };
    let gone = move || matches!(look.get(), NodeView::Dead);
    let up = move || matches!(look.get(), NodeView::Works | NodeView::Waits);
    view! {
        <RowActions state=look>
            <button
                type="button"
                class="kill"
                hidden=gone
                aria-label=t!("pair.kill.label", name = &name)
                on:click=move |_| act(NodeFault::Kill)
            >
                {t!("pair.kill")}
            </button>
            <button
                type="button"
                class="quiet"
                hidden=move || !up()
                aria-label=t!("pair.stop.label", name = &name)
                on:click=move |_| act(NodeFault::Stop)
            >
                <Sign path=STOP />
                <span class="rest">{t!("pair.stop")}</span>
            </button>
            <button
                type="button"
                class="kill revive"
                hidden=up
                aria-label=t!("pair.revive.label", name = &name)
                on:click=move |_| act(NodeFault::Revive)
            >
                {t!("pair.revive")}
            </button>
            {levels
                .map(|levels| {
                    view! {
                        <button
                            type="button"
                            class="quiet"
                            aria-label=t!("pair.inside.label", name = &name)
                            on:click=move |_| levels.go(ZoomLevel::Inside(id))
                        >
                            <Sign path=LENS />
                            <span class="rest">{t!("pair.inside")}</span>
                        </button>
                    }
                })}
        </RowActions>
    }
}

/// The icon of a button that has no room for its label.
#[component]
fn Sign(path: &'static str) -> impl IntoView {
    view! {
        <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}
