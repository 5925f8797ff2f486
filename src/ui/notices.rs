//! What the page says above everything else: that a command was refused, that a part is missing.

use leptos::prelude::*;

use crate::scene::words;
use crate::t;
use crate::ui::session::Session;

/// Says that a part of the program did not arrive. The loader of the parts shows it (`scripts/parts.js`),
/// and hears the button.
#[component]
pub fn Missing() -> impl IntoView {
    view! {
        <div id="missing" class="notice" role="status">
            <p>{t!("missing.text")}</p>
            <button type="button" class="button">{t!("missing.again")}</button>
        </div>
    }
}

/// The last command that could not be done, with the reason.
#[component]
pub fn Refusal(session: Session) -> impl IntoView {
    let refusal = session.refusal();
    view! {
        <div class="notice" role="alert">
            {move || {
                refusal
                    .get()
                    .map(|error| {
                        view! {
                            <p>{words::refusal(error)}</p>
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| session.forget_refusal()
                            >
                                {t!("close")}
                            </button>
                        }
                    })
            }}
        </div>
    }
}
