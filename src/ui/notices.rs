//! Notices at the top of the page: a refused command, a part of the program that did not load.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::t;
use crate::ui::lazy;
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

/// The last refused command, with the reason, which loads when the first command is refused.
#[component]
pub fn Refusal(session: Session) -> impl IntoView {
    let refusal = session.refusal();
    let reason = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let Some(error) = refusal.get() else {
            return reason.set(None);
        };
        spawn_local(async move {
            let text = lazy::refusal(error.clone()).await;
            if refusal.get_untracked() == Some(error) {
                reason.set(Some(text));
            }
        });
    });
    view! {
        <div class="notice" role="alert">
            {move || {
                reason
                    .get()
                    .map(|reason| {
                        view! {
                            <p>{reason}</p>
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
