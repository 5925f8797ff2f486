//! Three ways to pick in a fleet, one press each, with how uneven each leaves the servers.

use leptos::prelude::*;

use crate::scene::fleet::{Unevenness, unevenness};
use crate::scene::words;
use crate::sim::balance::algorithm::Algorithm;
use crate::sim::engine::command::Command;
use crate::t;
use crate::ui::session::Session;

/// The algorithms that are compared.
const COMPARED: [Algorithm; 3] = [Algorithm::Random, Algorithm::PowerOfTwo, Algorithm::Subset];

/// A button for each algorithm. Below it stands how uneven the load is under it: live while it is at work, and as it
/// last was after another took over.
#[component]
pub fn FleetAlgorithms(session: Session) -> impl IntoView {
    let now = session.watch(|view| (view.balancer().spec().algorithm, unevenness(view)));
    let known = RwSignal::new([None::<Unevenness>; COMPARED.len()]);
    let run = session.run();
    Effect::new(move |_| {
        run.track();
        known.set([None; COMPARED.len()]);
    });
    Effect::new(move |_| {
        let (algorithm, found) = now.get();
        if let Some(place) = COMPARED.iter().position(|one| *one == algorithm) {
            known.update(|known| known[place] = Some(found));
        }
    });
    let button = move |(place, algorithm): (usize, Algorithm)| {
        let row = algorithm.row();
        let name = words::algorithm(row);
        let pressed = Memo::new(move |_| now.get().0 == algorithm);
        let choose = move |_| {
            let form = session.read(|view| row.form(view.balancer().spec().engine));
            let _ = session.send(Command::SetAlgorithm(algorithm, form));
        };
        let found = move || known.get()[place].map(found_text);
        view! {
            <li>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || pressed.get().to_string()
                    on:click=choose
                >
                    {name}
                </button>
                <span class="found">{found}</span>
            </li>
        }
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
