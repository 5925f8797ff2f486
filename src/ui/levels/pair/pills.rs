//! The virtual IPs that clients know: each slides to the balancer that owns it.

use leptos::prelude::*;

use crate::scene::layout::FlowDirection;
use crate::scene::pair::addresses::{AddressLook, AddressPill, addresses};
use crate::scene::pair::layout::{AddressSpot, PairWires};
use crate::sim::ids::SiteId;
use crate::ui::session::Session;
use crate::ui::text::text;

/// The most addresses in the picture: one for each balancer, or one that both claim.
const PILLS: usize = 2;

/// The addresses, over the edges of the balancers' cards.
#[component]
pub fn Pills(session: Session, id: SiteId, wires: RwSignal<PairWires>) -> impl IntoView {
    let all = session.watch(move |view| addresses(view, id));
    let pills = (0..PILLS).map(|place| view! { <Pill all place wires /> });
    view! { <div class="pills">{pills.collect_view()}</div> }
}

#[component]
fn Pill(all: Memo<Vec<AddressPill>>, place: usize, wires: RwSignal<PairWires>) -> impl IntoView {
    let own = Memo::new(move |_| all.with(|all| all.get(place).cloned()));
    let part = move |look: fn(&AddressPill) -> String| {
        text(move || own.with(|own| own.as_ref().map(look)))
    };
    let measured = Memo::new(move |_| wires.with(|wires| !wires.layout().boxes.is_empty()));
    let class = move || match own.with(|own| own.as_ref().map(|own| own.look)) {
        Some(AddressLook::Vacant) => "pill vacant",
        Some(AddressLook::Claimed) => "pill claimed",
        Some(AddressLook::Held) | None => "pill held",
    };
    // Where a second one is not there, it waits at the first, from which it parts.
    let spot = move || {
        let first = || all.with(|all| all.first().map(|own| own.spot));
        own.with(|own| own.as_ref().map(|own| own.spot))
            .or_else(first)
    };
    let at = move || {
        let spot = spot().unwrap_or(AddressSpot::At(0));
        wires.with(|wires| {
            let layout = wires.layout();
            let at = layout.address(spot);
            let middle = spot == AddressSpot::Between && layout.flow == FlowDirection::Down;
            let back = if middle { " translateX(-50%)" } else { "" };
            format!(
                "translate({:.1}px, {:.1}px) translateY(-100%){back}",
                at.x, at.y
            )
        })
    };
    view! {
        <p
            class=class
            hidden=move || own.with(|own| own.is_none()) || !measured.get()
            style:transform=at
        >
            <b>{part(|own| own.text.clone())}</b>
            " "
            <small>{part(|own| own.note.clone())}</small>
        </p>
    }
}
