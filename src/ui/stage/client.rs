//! The card of a client: its name and address, and the servers of its last requests.

use leptos::prelude::*;

use super::icon::hue;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::observer::RECENT_PICKS;
use crate::sim::engine::view::Member;
use crate::sim::ids::ClientId;
use crate::t;
use crate::ui::session::Session;
use crate::words::scene_text;

/// The card of the client at this index.
#[component]
pub fn ClientCard(session: Session, index: usize) -> impl IntoView {
    let (name, address, note) = session.read(|view| {
        let spec = view.clients().get(index).map(|client| &client.spec);
        spec.map_or_else(Default::default, |spec| {
            (
                spec.name.clone(),
                spec.address.to_string(),
                scene_text(&spec.note),
            )
        })
    });
    let went = session.watch(move |view| {
        // Another scene may have fewer clients, and this card goes a moment later.
        let recent = view.recent_picks(ClientId(index as u32));
        let endpoint = |id| view.balancer().endpoint(id);
        // A server that is gone keeps its place in the row, without its name.
        let gone = || ("·".to_string(), String::new());
        let name =
            |id| endpoint(id).map_or_else(gone, |e| (e.config.name.clone(), hue(e.config.server)));
        recent
            .iter()
            .map(|&id| name(id))
            .collect::<Vec<(String, String)>>()
    });
    // At L4 a connection is tied to a server, whatever comes on it.
    let tied = session.watch(move |view| {
        let l4 = view.balancer().layer() == Layer::L4;
        let client = ClientId(index as u32);
        let ties = |member: &Member<'_>| view.ties(client, member.endpoint.id) > 0;
        let members = view.members().filter(|member| l4 && ties(member));
        let names: Vec<String> = members
            .map(|one| one.endpoint.config.name.clone())
            .collect();
        names.join(" ")
    });
    let tied_to = move || {
        tied.with(|names| (!names.is_empty()).then(|| t!("client.tied_to", servers = names)))
    };
    view! {
        <li class="client">
            <span class="sign" aria-hidden="true">
                {name}
            </span>
            <span class="who">
                <span class="address">{address}</span>
                <small class="note">{note}</small>
                <small class="went">
                    <span class="went-to">{t!("client.went_to")}</span>
                    " "
                    <span class="picks">
                        // The newest first, and drawn from the right: the oldest have no room first.
                        {(0..RECENT_PICKS)
                            .rev()
                        .map(|place| {
                            let of = move |part: fn(&(String, String)) -> &String| {
                                move || {
                                    went.with(|went| went.get(place).map(part).cloned()).unwrap_or_default()
                                }
                            };
                            let class = of(|(_, hue)| hue);
                            view! { <span class=move || format!("pick {}", class())>{of(|(name, _)| name)}</span> " " }
                        })
                        .collect_view()}
                    </span>
                </small>
                <small class="tied">{tied_to}</small>
            </span>
        </li>
    }
}
