//! Notices at the top of the page: a refused command, a part of the program that did not load.

use leptos::prelude::*;

use crate::scene::refusal::refusal as reason;
use crate::t;
use crate::ui::language::all_texts;
use crate::ui::session::Session;

/// The notice that a part of the program did not load. The loader of the parts shows it (`scripts/parts.js`) and
/// handles its button.
#[component]
pub fn Missing() -> impl IntoView {
    view! {
        <div id="missing" class="notice" role="status">
            <p>{t!("missing.text")}</p>
            <button type="button" class="button">{t!("missing.again")}</button>
        </div>
    }
}

/// The last refused command, with the reason.
#[component]
pub fn Refusal(session: Session) -> impl IntoView {
    let refusal = session.refusal();
    view! {
        <div class="notice" role="alert">
            {move || {
                refusal
                    .get()
                    .map(|error| {
                        let text = async move {
                            all_texts().await;
                            reason(error)
                        };
                        view! {
                            <p>{Suspend::new(text)}</p>
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
