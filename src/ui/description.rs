//! "Describe the scene": a text of what is happening now, made when the reader asks for it. It stays as it is until the
//! reader asks again, so that it can be read; screen readers announce it politely.

use leptos::prelude::*;

use crate::scene::description::{Description, account};
use crate::t;
use crate::ui::session::Session;

/// The panel with the description and the button that renews it.
#[component]
pub fn SceneDescription(session: Session) -> impl IntoView {
    let told = RwSignal::new(None::<Description>);
    let tell = move || told.set(Some(session.read_history(account)));
    // The region has to be in the page before what it says.
    request_animation_frame(move || {
        let _ = told.try_set(Some(session.read_history(account)));
    });
    // What was said of another run, or of another place in time, no longer holds.
    Effect::new(move |before: Option<(u32, u32)>| {
        let here = (session.run().get(), session.jumps().get());
        if before.is_some_and(|before| before != here) {
            tell();
        }
        here
    });
    view! {
        <section class="panel description" id="description" aria-labelledby="description-name">
            <div class="sheet-head">
                <h2 id="description-name">{t!("account.title")}</h2>
                <button type="button" class="button" on:click=move |_| tell()>
                    {t!("account.again")}
                </button>
            </div>
            <div role="status" aria-live="polite" aria-atomic="true">
                {move || told.get().map(text)}
            </div>
        </section>
    }
}

fn text(told: Description) -> impl IntoView {
    let lines = |lines: Vec<String>| {
        let line = |line| view! { <li>{line}</li> };
        lines.into_iter().map(line).collect_view()
    };
    let changes = told
        .changes
        .into_iter()
        .map(|(at, what)| format!("{at} {what}"));
    let changes: Vec<String> = changes.collect();
    let head = if changes.is_empty() {
        t!("account.unchanged")
    } else {
        t!("account.changed")
    };
    view! {
        <p>{told.now.join(" ")}</p>
        <ul>{lines(told.servers)}</ul>
        <p>{head}</p>
        <ul>{lines(changes)}</ul>
    }
}
