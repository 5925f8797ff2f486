//! What to try first: one line on the stage that answers to what the reader does. Put away once, or done,
//! it never returns.

use leptos::prelude::*;

use crate::scene::first_steps::{Step, hint, next};
use crate::sim::scenario::preset::SCENES;
use crate::t;
use crate::ui::session::Session;
use crate::ui::storage;

/// The name under which the browser keeps that it was put away.
const KEPT: &str = "first-steps";

/// The line; nothing on any scene but the first one.
#[component]
pub fn WayIn(session: Session) -> impl IntoView {
    let step = RwSignal::new(if storage::get(KEPT).is_some() {
        Step::Done
    } else {
        Step::Kill
    });
    let here = session.watch(|view| view.scenario().name == SCENES[0].1);
    Effect::new(move |_| {
        session.track();
        let now = step.get_untracked();
        let then = session.read(|view| next(now.clone(), view));
        if then != now {
            if then == Step::Switched {
                let _ = storage::set(KEPT, "1");
            }
            step.set(then);
        }
    });
    Effect::new(move |_| {
        session.run().track();
        step.update(|step| {
            if *step != Step::Done {
                *step = Step::Kill;
            }
        });
    });
    let put_away = move |_| {
        let _ = storage::set(KEPT, "1");
        step.set(Step::Done);
    };
    let said = session.watch(move |view| hint(&step.get(), view));
    let shown = Memo::new(move |_| here.get() && step.with(|step| *step != Step::Done));
    view! {
        <Show when=move || shown.get()>
            <div class="way-in">
                <p role="status">
                    <span class="happened">{move || said.with(|said| said.happened.clone())}</span>
                    " "
                    <b>{move || said.with(|said| said.try_this.clone())}</b>
                </p>
                <button type="button" class="quiet" aria-label=t!("first.put_away") on:click=put_away>
                    "×"
                </button>
            </div>
        </Show>
    }
}
