//! A site's balancers: who answers for the address, adverts on the link, and what may happen to
//! them.

use leptos::prelude::*;

use super::link::Link;
use super::row_actions::RowActions;
use super::settings::PairSettings;
use super::tables::PairTables;
use super::{ZoomLevel, ZoomLevels};
use crate::scene::pair::{NodeRow, NodeView, picture};
use crate::sim::engine::command::{Command, NodeFault, SiteCommand};
use crate::sim::ids::{BalancerId, SiteId};
use crate::t;
use crate::ui::session::Session;

/// The balancers of one site.
#[component]
pub fn PairView(session: Session, levels: ZoomLevels, id: SiteId) -> impl IntoView {
    let picture = session.watch(move |view| picture(view, id));
    let part = move |look: fn(&crate::scene::pair::PairPicture) -> String| {
        move || picture.with(|all| all.as_ref().map(look))
    };
    let ids = session.read(|view| {
        let site = view.topology().sites.get(id.index());
        site.map(|site| site.balancers.clone()).unwrap_or_default()
    });
    let title = if ids.len() > 1 {
        t!("pair.title")
    } else {
        t!("pair.title.one")
    };
    let heading = title.clone();
    let dark = move || picture.with(|all| all.as_ref().is_some_and(|all| all.dark));
    let split = move || picture.with(|all| all.as_ref().is_some_and(|all| all.split));
    let cards = ids.iter().enumerate().map(|(place, balancer)| {
        let balancer = *balancer;
        let card = view! {
            <BoxCard session=session levels=levels row=Memo::new(move |_| {
                picture.with(|all| {
                    let rows = all.as_ref().map(|all| all.boxes.iter());
                    rows.and_then(|mut rows| rows.find(|row| row.id == balancer).cloned())
                })
            }) id=balancer />
        };
        let link = (place == 0 && ids.len() > 1).then(|| {
            view! { <Link session=session id=id picture_up=Memo::new(move |_| {
                picture.with(|all| all.as_ref().and_then(|all| all.link_up))
            }) /> }
        });
        (card, link)
    });
    view! {
        <section class="level pair" aria-label=title>
            <h2>{heading}</h2>
            <p class="address" class:dark=dark>{part(|all| all.address.clone())}</p>
            <div class="boxes">{cards.collect_view()}</div>
            <p class="split" role="status">{move || split().then(|| t!("pair.split"))}</p>
            <p class="takeover">{part(|all| all.takeover.clone())}</p>
            <PairSettings session id />
            <PairTables session id />
        </section>
    }
}

/// One balancer: what it is, what it has, what may be done to it.
#[component]
fn BoxCard(
    session: Session,
    levels: ZoomLevels,
    row: Memo<Option<NodeRow>>,
    id: BalancerId,
) -> impl IntoView {
    let name = session.read(|view| {
        let record = &view.topology().nodes[id.index()];
        if record.name.is_empty() {
            view.topology().site(record.site).name.clone()
        } else {
            record.name.clone()
        }
    });
    let look =
        Memo::new(move |_| row.with(|row| row.as_ref().map_or(NodeView::Dead, |row| row.look)));
    let tone = move || match look.get() {
        NodeView::Works => "box works",
        NodeView::Waits => "box waits",
        NodeView::Stopped => "box stopped",
        NodeView::Dead => "box dead",
    };
    let icon = move || match look.get() {
        NodeView::Works => "M3 8.5l3.2 3.2L13 5",
        NodeView::Waits => "M5.5 3.5v9M10.5 3.5v9",
        NodeView::Stopped => "M4 4h8v8H4z",
        NodeView::Dead => "M4 4l8 8M12 4l-8 8",
    };
    let text = move |look: fn(&NodeRow) -> String| move || row.with(|row| row.as_ref().map(look));
    let act = move |fault| {
        let _ = session.send(Command::Site(SiteCommand::Node(id, fault)));
    };
    let gone = move || matches!(look.get(), NodeView::Dead);
    let up = move || matches!(look.get(), NodeView::Works | NodeView::Waits);
    let (label, heading) = (name.clone(), name.clone());
    view! {
        <div class=tone role="group" aria-label=label>
            <h3>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d=icon></path></svg>
                {heading}
                " "
                <small>{text(|row| row.address.clone())}</small>
            </h3>
            <p class="word">{text(|row| row.word.clone())}</p>
            <p class="timer">{text(|row| row.timer.clone())}</p>
            <p class="figures">
                {text(|row| {
                    t!(
                        "pair.figures",
                        hand = row.in_hand as u64,
                        reached = row.reached,
                        well = row.believes.0 as u64,
                        all = row.believes.1 as u64
                    )
                })}
            </p>
            <RowActions state=look>
                <button
                    type="button"
                    class="button"
                    hidden=gone
                    aria-label=t!("pair.kill.label", name = &name)
                    on:click=move |_| act(NodeFault::Kill)
                >
                    {t!("pair.kill")}
                </button>
                <button
                    type="button"
                    class="button"
                    hidden=move || !up()
                    aria-label=t!("pair.stop.label", name = &name)
                    on:click=move |_| act(NodeFault::Stop)
                >
                    {t!("pair.stop")}
                </button>
                <button
                    type="button"
                    class="button"
                    hidden=up
                    aria-label=t!("pair.revive.label", name = &name)
                    on:click=move |_| act(NodeFault::Revive)
                >
                    {t!("pair.revive")}
                </button>
                <button
                    type="button"
                    class="button"
                    aria-label=t!("pair.inside.label", name = &name)
                    on:click=move |_| levels.go(ZoomLevel::Inside(id))
                >
                    {t!("pair.inside")}
                </button>
            </RowActions>
        </div>
    }
}
