//! The plate of a server behind the balancers: its name in its colour, its share, and the button that kills it.

use leptos::prelude::*;

use crate::scene::pair::servers::ServerRow;
use crate::sim::balance::endpoint::Belief;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::session::Session;
use crate::ui::stage::icon::{HealthIcon, hue, tone};
use crate::ui::text::text;
use crate::words::around;

/// The plate of a server.
#[component]
pub fn ServerPlate(
    session: Session,
    behind: Memo<(Vec<ServerRow>, usize)>,
    id: ServerId,
    name: String,
) -> impl IntoView {
    let row =
        Memo::new(move |_| behind.with(|(rows, _)| rows.iter().find(|row| row.id == id).cloned()));
    let part =
        move |look: fn(&ServerRow) -> String| text(move || row.with(|row| row.as_ref().map(look)));
    let belief = Memo::new(move |_| {
        row.with(|row| row.as_ref().map_or(Belief::Maintenance, |row| row.belief))
    });
    let dead = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.dead)));
    let got = move || {
        let share = row.with(|row| row.as_ref().and_then(|row| row.share));
        format!("{}%", f64::from(share.unwrap_or(0)) / 10.0)
    };
    let (before, after) = around("server.name");
    let title = t!("server.name", name = &name);
    let letter = name.clone();
    view! {
        <div
            class=move || {
                let dead = if dead.get() { " dead" } else { "" };
                format!("pair-server {} {}{dead}", tone(belief.get()), hue(id))
            }
            role="group"
            aria-label=title
            data-server=id.0.to_string()
        >
            <h3 class="name">
                <HealthIcon belief />
                <span class="rest">{before}</span>
                <b class="letter">{letter}</b>
                <span class="rest">{after}</span>
            </h3>
            <p class="state">{part(|row| row.word.clone())}</p>
            <b class="percent">{part(|row| row.percent.clone())}</b>
            <div class="bar" aria-hidden="true">
                <div class="got" style:--got=got></div>
            </div>
            <KillServer session id name dead />
        </div>
    }
}

/// The button that kills the server's process, or starts it again.
#[component]
fn KillServer(session: Session, id: ServerId, name: String, dead: Memo<bool>) -> impl IntoView {
    let word = move || {
        if dead.get() {
            t!("kill.revive")
        } else {
            t!("kill.kill")
        }
    };
    let label = move || {
        if dead.get() {
            t!("kill.revive_server", name = &name)
        } else {
            t!("kill.kill_server", name = &name)
        }
    };
    let act = move |_| {
        let fault = if dead.get_untracked() {
            FaultKind::Restore
        } else {
            FaultKind::Crash
        };
        let _ = session.send(Command::Fault(id, fault));
    };
    view! {
        <button type="button" class="kill" aria-label=label on:click=act>
            {word}
        </button>
    }
}
