//! The picture: cards that the style sheet lays out, the lines between them, and the canvas with what moves.

use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use super::measure::measure;
use super::node::NodeCard;
use super::pills::Pills;
use super::server::ServerPlate;
use super::wires::Wires;
use crate::scene::pair::addresses::{ClientRow, clients};
use crate::scene::pair::layout::PairWires;
use crate::scene::pair::marks::PairFlights;
use crate::scene::pair::missed::missed;
use crate::scene::pair::picture;
use crate::scene::pair::servers::servers;
use crate::scene::pair::story::description;
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::levels::ZoomLevels;
use crate::ui::levels::link::Link;
use crate::ui::levels::moving::MovingCanvas;
use crate::ui::session::Session;
use crate::ui::text::text;

/// Clients, balancers and servers, with the wires between them. `levels` is `None` where no other level can be reached.
#[component]
pub fn Picture(session: Session, levels: Option<ZoomLevels>, id: SiteId) -> impl IntoView {
    let root = NodeRef::<html::Div>::new();
    let wires = RwSignal::new(PairWires::default());
    let rows = session.watch(move |view| clients(view, id));
    let behind = session.watch(move |view| servers(view, id));
    let look = move || {
        let Some(root) = root.try_get_untracked().flatten() else {
            return;
        };
        let layout = measure(&root);
        if wires.with_untracked(|wires| *wires.layout() != layout) {
            wires.set(PairWires::new(&layout));
        }
    };
    use_resize_observer(root, move |_, _| look());
    // A text that grows moves what stands below it.
    Effect::new(move |_| {
        session.track();
        rows.track();
        behind.track();
        request_animation_frame(look);
    });
    let mut flights = PairFlights::default();
    let said = session.watch(move |view| description(view, id));
    view! {
        <div class="picture" node_ref=root>
            <Wires session id wires rows behind said />
            <MovingCanvas
                session
                draw=move |view, _, motion, scene| {
                    wires.with_untracked(|wires| flights.lay(wires.layout()));
                    flights.draw(view, id, motion, scene);
                }
            />
            <div class="parts">
                <Clients session rows />
                <Nodes session levels id />
                <Servers session behind />
            </div>
            <Pills session id wires />
        </div>
    }
}

#[component]
fn Clients(session: Session, rows: Memo<Vec<ClientRow>>) -> impl IntoView {
    let run = session.run();
    let each = move || {
        let run = run.get();
        rows.with(|rows| {
            let row = |row: &ClientRow| (run, row.index, row.name.clone(), row.note.clone());
            rows.iter().map(row).collect::<Vec<_>>()
        })
    };
    view! {
        <ul class="pair-clients" aria-label=t!("pair.clients")>
            <For each=each key=|row| row.clone() let((_, index, name, note))>
                <li class="pair-client" data-client=index.to_string()>
                    <span class="sign">{name}</span>
                    <small class="note">{note}</small>
                </li>
            </For>
        </ul>
    }
}

#[component]
fn Nodes(session: Session, levels: Option<ZoomLevels>, id: SiteId) -> impl IntoView {
    let picture = session.watch(move |view| picture(view, id));
    let missed = session.watch(move |view| missed(view, id));
    let ids = session.read(|view| {
        let site = view.topology().sites.get(id.index());
        site.map(|site| site.balancers.clone()).unwrap_or_default()
    });
    let link_up = Memo::new(move |_| picture.with(|all| all.as_ref().and_then(|all| all.link_up)));
    let two = ids.len() > 1;
    let cards = ids.into_iter().enumerate().map(|(place, balancer)| {
        let row = Memo::new(move |_| {
            picture.with(|all| {
                let mut rows = all.iter().flat_map(|all| all.boxes.iter());
                rows.find(|row| row.id == balancer).cloned()
            })
        });
        let link = (place == 0 && two).then(|| view! { <Link session id link_up missed /> });
        view! {
            <NodeCard session levels row id=balancer missed />
            {link}
        }
    });
    view! { <div class="nodes" class:two=two>{cards.collect_view()}</div> }
}

type Behind = (Vec<crate::scene::pair::servers::ServerRow>, usize);

#[component]
fn Servers(session: Session, behind: Memo<Behind>) -> impl IntoView {
    let run = session.run();
    let each = move || {
        let run = run.get();
        behind.with(|(rows, _)| {
            let row =
                |row: &crate::scene::pair::servers::ServerRow| (run, row.id, row.name.clone());
            rows.iter().map(row).collect::<Vec<_>>()
        })
    };
    let more = move || behind.with(|(_, more)| *more);
    view! {
        <div class="pair-servers" role="group" aria-label=t!("pair.servers")>
            <For each=each key=|row| row.clone() let((_, id, name))>
                <ServerPlate session behind id name />
            </For>
            <p class="more" hidden=move || more() == 0>
                {text(move || t!("pair.servers.more", count = more()))}
            </p>
        </div>
    }
}
