//! A hint on what to try first: one line on the stage that reacts to what the reader does. It is shown until the reader
//! closes it or has done everything, and never again.

use leptos::prelude::*;

use crate::embed::address::Controls;
use crate::scene::first_steps::{Reach, hint};
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::scenario::preset::SCENES;
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::stage::Stage;
use crate::ui::storage;
use crate::ui::text::text;

/// The storage key that remembers that the hint was closed.
const KEPT: &str = "first-steps";
/// The address that the last suggestion links to.
const CHAPTERS: &str = "chapters/index.html";

/// The hint; nothing on any scene but the first one.
#[component]
pub fn FirstSteps(session: Session, stage: Stage, controls: Controls) -> impl IntoView {
    let away = RwSignal::new(storage::get(KEPT).is_some());
    let here = session.watch(|view| view.scenario().name == SCENES[0].1);
    let said = session.watch(move |view| {
        let reach = Reach {
            // What a card has no room for is in the sheet of settings, which a small frame does without.
            weights: controls == Controls::Full || stage.shows_weights(),
            algorithm: controls != Controls::None,
        };
        hint(view, reach)
    });
    let last = Memo::new(move |_| said.with(|said| said.last));
    Effect::new(move |_| {
        if here.get() && last.get() {
            let _ = storage::set(KEPT, "1");
        }
    });
    let put_away = move |_| {
        let _ = storage::set(KEPT, "1");
        away.set(true);
    };
    let shown = Memo::new(move |_| here.get() && !away.get());
    let try_this = move || said.with(|said| said.try_this.clone());
    let revive = Memo::new(move |_| said.with(|said| said.revive));
    let act = move |id| {
        let press = move |_| {
            let _ = session.send(Command::Fault(id, FaultKind::Restore));
        };
        view! { <button type="button" class="act" on:click=press>{text(try_this)}</button> }
    };
    let next = move || match revive.get() {
        Some(id) => act(id).into_any(),
        None => view! { <b>{text(try_this)}</b> }.into_any(),
    };
    view! {
        <Show when=move || shown.get()>
            <div class="first-steps">
                <p role="status">
                    <span class="happened">{text(move || said.with(|said| said.happened.clone()))}</span>
                    " "
                    <Show
                        when=move || last.get()
                        fallback=move || next
                    >
                        <a href=CHAPTERS>{text(try_this)}</a>
                    </Show>
                </p>
                <button type="button" class="quiet" aria-label=t!("first.put_away") on:click=put_away>
                    "×"
                </button>
            </div>
        </Show>
    }
}
