//! Three ways to pick in a fleet, one press each, with how uneven each leaves the servers.

use leptos::prelude::*;

use crate::scene::fleet::{Unevenness, unevenness};
use crate::scene::words;
use crate::sim::balance::catalogue::CATALOGUE;
use crate::sim::engine::command::Command;
use crate::t;
use crate::ui::session::Session;

/// The algorithms that are compared, by their ids in the catalogue.
const COMPARED: [&str; 3] = ["random", "power_of_two", "subset"];

/// A button for each algorithm. Below it stands how uneven the load is under it: live while it is at work, and as it
/// last was after another took over.
#[component]
pub fn FleetAlgorithms(session: Session) -> impl IntoView {
    let now = session.watch(|view| {
        let id = view.balancer().picker().algorithm.row().id;
        (id, unevenness(view))
    });
    let known = RwSignal::new([None::<Unevenness>; COMPARED.len()]);
    let run = session.run();
    Effect::new(move |_| {
        run.track();
        known.set([None; COMPARED.len()]);
    });
    Effect::new(move |_| {
        let (id, found) = now.get();
        if let Some(place) = COMPARED.iter().position(|one| *one == id) {
            known.update(|known| known[place] = Some(found));
        }
    });
    let button = move |(place, id): (usize, &str)| {
        let row = CATALOGUE.iter().find(|row| row.id == id)?;
        let pressed = Memo::new(move |_| now.get().0 == row.id);
        let choose = move |_| {
            let form = session.read(|view| row.form(view.balancer().picker().implementation));
            let _ = session.send(Command::SetAlgorithm(row.algorithm, form));
        };
        let found = move || known.get()[place].map(found_text);
        Some(view! {
            <li>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || pressed.get().to_string()
                    on:click=choose
                >
                    {words::algorithm(row)}
                </button>
                <span class="found">{found}</span>
            </li>
        })
    };
    view! {
        <ul class="fleet-algorithms" aria-label=t!("fleet.algorithms")>
            {COMPARED.into_iter().enumerate().map(button).collect_view()}
        </ul>
    }
}

/// How uneven the load is, in a few words.
fn found_text(found: Unevenness) -> String {
    t!(
        "fleet.uneven",
        most = found.most,
        full = found.full,
        idle = found.idle
    )
}
