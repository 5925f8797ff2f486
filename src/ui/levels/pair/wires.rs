//! The lines of the picture: from clients to balancers, from balancers to servers, and the link between the balancers.

use leptos::prelude::*;

use crate::scene::pair::addresses::{ClientRow, ClientWire};
use crate::scene::pair::layout::{PairWires, path_data};
use crate::scene::pair::missed::missed;
use crate::scene::pair::picture;
use crate::scene::pair::servers::{ServerRow, ServerWire};
use crate::sim::ids::SiteId;
use crate::ui::session::Session;

/// The most missed advertisements that are drawn on the link.
const MISSES: usize = 3;

/// All lines, as one picture with a description in words.
#[component]
pub fn Wires(
    session: Session,
    id: SiteId,
    wires: RwSignal<PairWires>,
    rows: Memo<Vec<ClientRow>>,
    behind: Memo<(Vec<ServerRow>, usize)>,
    said: Memo<String>,
) -> impl IntoView {
    let places = Memo::new(move |_| {
        wires.with(|wires| {
            let layout = wires.layout();
            (
                layout.clients.len(),
                layout.boxes.len(),
                layout.servers.len(),
            )
        })
    });
    let clients = move || {
        let (clients, boxes, _) = places.get();
        grid(clients, boxes)
    };
    let servers = move || {
        let (_, boxes, servers) = places.get();
        grid(boxes, servers)
    };
    view! {
        <svg class="wires" role="img" aria-label=move || said.get()>
            <For each=servers key=|place| *place let((node, server))>
                <path
                    class=move || server_class(wires, behind, node, server)
                    d=move || wires.with(|wires| wires.server(node, server).map(path_data))
                ></path>
            </For>
            <For each=clients key=|place| *place let((client, node))>
                <ClientLine wires rows client node />
            </For>
            <LinkLine session id wires />
        </svg>
    }
}

/// All pairs of indices.
fn grid(rows: usize, columns: usize) -> Vec<(usize, usize)> {
    let row = |row| (0..columns).map(move |column| (row, column));
    (0..rows).flat_map(row).collect()
}

#[component]
fn ClientLine(
    wires: RwSignal<PairWires>,
    rows: Memo<Vec<ClientRow>>,
    client: usize,
    node: usize,
) -> impl IntoView {
    let look = Memo::new(move |_| {
        let index = wires.with(|wires| wires.layout().clients.get(client).map(|one| one.0));
        rows.with(|rows| {
            let row = rows.iter().find(|row| Some(row.index) == index)?;
            row.wires.get(node).copied()
        })
        .unwrap_or(ClientWire::Off)
    });
    // One that leads nowhere any more fades as what it was.
    let class = Memo::new(move |before: Option<&&'static str>| match look.get() {
        ClientWire::On => "on",
        ClientWire::Broken => "broken",
        ClientWire::Old => "old",
        ClientWire::Off => match before.copied() {
            Some("broken" | "old" | "broken off") => "broken off",
            _ => "off",
        },
    });
    view! {
        <path
            class=move || class.get()
            d=move || wires.with(|wires| wires.client(client, node).map(path_data))
        ></path>
    }
}

fn server_class(
    wires: RwSignal<PairWires>,
    behind: Memo<(Vec<ServerRow>, usize)>,
    node: usize,
    server: usize,
) -> &'static str {
    let id = wires.with(|wires| wires.layout().servers.get(server).map(|one| one.0));
    let look = behind.with(|(rows, _)| {
        let row = rows.iter().find(|row| Some(row.id) == id)?;
        row.wires.get(node).copied()
    });
    match look {
        Some(ServerWire::On) => "on",
        Some(ServerWire::Broken) => "broken",
        Some(ServerWire::Off) | None => "off",
    }
}

/// The link between the balancers, with the missed advertisements.
#[component]
fn LinkLine(session: Session, id: SiteId, wires: RwSignal<PairWires>) -> impl IntoView {
    let up = session.watch(move |view| picture(view, id).and_then(|all| all.link_up));
    let count = session.watch(move |view| missed(view, id).count);
    let class = move || match up.get() {
        Some(true) => "link",
        Some(false) => "link cut",
        None => "link off",
    };
    let misses = (0..MISSES).map(|place| {
        let at = move || {
            let part = (place + 1) as f64 / (MISSES + 1) as f64;
            wires.with(|wires| wires.link().at(part).at)
        };
        view! {
            <circle
                class="miss"
                class:off=move || count.get() <= place
                r=move || format!("{:.1}", wires.with(|wires| (wires.link().length() / 12.0).clamp(3.2, 5.0)))
                cx=move || format!("{:.1}", at().x)
                cy=move || format!("{:.1}", at().y)
            ></circle>
        }
    });
    view! {
        <path class=class d=move || wires.with(|wires| path_data(wires.link()))></path>
        {misses.collect_view()}
    }
}
