//! The link between the two balancers of a pair: the advertisements that the backup missed, and the button that cuts
//! the link. The picture has the line and the advertisements on it.

use leptos::prelude::*;

use crate::scene::pair::missed::Missed;
use crate::sim::engine::command::{Command, SiteCommand};
use crate::sim::ids::SiteId;
use crate::t;
use crate::ui::session::Session;
use crate::ui::text::text;

/// Scissors.
const CUT: &str = "M4.2 10.2a1.9 1.9 0 1 0 .1 3.8 1.9 1.9 0 0 0-.1-3.8zM11.8 10.2a1.9 1.9 0 1 0 .1 3.8 1.9 1.9 0 0 0-.1-3.8zM5.4 10.6L11.5 2M10.6 10.6L4.5 2";
/// Two ends that meet.
const MEND: &str = "M1.5 8h4M10.5 8h4M5.5 5v6M10.5 5v6";

/// The text and the button beside the link. `link_up` is whether it carries packets; `None` if the two have no link.
#[component]
pub fn Link(
    session: Session,
    id: SiteId,
    link_up: Memo<Option<bool>>,
    missed: Memo<Missed>,
) -> impl IntoView {
    let up = move || link_up.get() != Some(false);
    let said = move || {
        let silent = missed.with(|missed| missed.text.clone());
        match (silent.is_empty(), up()) {
            (false, _) => silent,
            (true, true) => t!("pair.link"),
            (true, false) => t!("pair.link.cut"),
        }
    };
    let word = move || {
        if up() {
            t!("pair.cut")
        } else {
            t!("pair.mend")
        }
    };
    view! {
        <div class="between" class:cut=move || !up()>
            <p hidden=move || link_up.get().is_none()>{text(said)}</p>
            <button
                type="button"
                class="quiet"
                hidden=move || link_up.get().is_none()
                on:click=move |_| {
                    let up = link_up.get_untracked() == Some(true);
                    let _ = session.send(Command::Site(SiteCommand::SetLink(id, !up)));
                }
            >
                <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
                    <path d=move || if up() { CUT } else { MEND }></path>
                </svg>
                <span class="rest">{text(word)}</span>
            </button>
        </div>
    }
}
