//! The link from a figure to the workbench, the page with all controls.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlAnchorElement;

use super::parts::Parts;
use super::player::PlayerAction;
use super::root;
use crate::sim::run::Run;
use crate::sim::share::LinkError;
use crate::ui::lazy;

/// The function that writes links; `None` until it has loaded.
type Writer = Option<fn(&Run) -> Result<String, LinkError>>;

/// The link, with the scene as it stands when the reader follows it: its commands and its position in time. The
/// function that writes links loads when the pointer or the focus comes near.
#[component]
pub fn Workbench(parts: Parts) -> impl IntoView {
    let session = parts.player.session;
    let writer = StoredValue::new(None as Writer);
    let tag = document()
        .document_element()
        .and_then(|root| root.get_attribute("lang"))
        .unwrap_or_default();
    let name = parts.player.figure(|figure| figure.name.clone());
    let plain = format!("{}index.html?lang={tag}&figure={name}", root());
    let bare = format!("{plain}&part=0");
    let fallback = bare.clone();
    // The part that the page goes on with; none where the reader has changed the scene.
    let part = move || match parts.player.act.get_untracked() {
        PlayerAction::Asking => "&part=0".to_string(),
        PlayerAction::Running(part) | PlayerAction::Over(part) => format!("&part={part}"),
        PlayerAction::Own => String::new(),
    };
    // The address of the scene as it stands; without a fragment where no link can be made of it.
    let address = move || {
        let write = writer.get_value()?;
        let fragment = write(&session.present()).unwrap_or_default();
        Some(format!("{plain}{}{fragment}", part()))
    };
    let point = {
        let address = address.clone();
        move |link: HtmlAnchorElement| {
            if let Some(address) = address() {
                link.set_href(&address);
            }
        }
    };
    let near = {
        let point = point.clone();
        move |link: HtmlAnchorElement| {
            let point = point.clone();
            spawn_local(async move {
                writer.set_value(Some(lazy::link_codec().await.link));
                point(link);
            });
        }
    };
    let (on_focus, on_enter, on_down) = (near.clone(), near, point.clone());
    // What writes links is not there yet: the way is taken once it is.
    let wait = move || {
        let (address, fallback) = (address.clone(), fallback.clone());
        spawn_local(async move {
            writer.set_value(Some(lazy::link_codec().await.link));
            let address = address().unwrap_or(fallback);
            // A page may always go to another of its own site.
            let _ = window().location().set_href(&address);
        });
    };
    view! {
        <a
            class="out"
            href=bare
            on:focus:target=move |event| on_focus(event.target())
            on:pointerenter:target=move |event| on_enter(event.target())
            on:pointerdown:target=move |event| on_down(event.target())
            on:click:target=move |event| {
                if writer.get_value().is_some() {
                    return point(event.target());
                }
                event.prevent_default();
                wait();
            }
        >
            {parts.word("workbench")}
        </a>
    }
}
