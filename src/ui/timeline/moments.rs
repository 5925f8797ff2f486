//! The button of the panel of moments, and the panel's place over the stage.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

use super::TimelineState;
use crate::t;
use crate::ui::fold::Fold;
use crate::ui::lazy;
use crate::ui::show::Show;

/// The button and the panel. The panel lies over the stage, and closes after a choice.
#[component]
pub fn Moments(
    line: TimelineState,
    /// The menu that the button may be folded into.
    fold: Fold,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let details = NodeRef::<html::Details>::new();
    let panel = NodeRef::<html::Div>::new();
    let close = move || {
        open.set(false);
        let summary = details
            .get_untracked()
            .and_then(|details| details.query_selector("summary").ok().flatten());
        if let Some(summary) = summary.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            let _ = summary.focus();
        }
        // The menu's button, where the other is folded and cannot have the focus.
        let lost = document()
            .active_element()
            .is_none_or(|now| now.tag_name() != "SUMMARY");
        if lost {
            fold.focus();
        }
    };
    Effect::new(move |_| {
        line.jumped.track();
        if open.get_untracked() {
            close();
        }
    });
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            close();
        }
    };
    let toggled = move |now: bool| {
        open.set(now);
        if now && fold.is_open_untracked() {
            fold.close();
            // What was pressed is folded again, so the panel takes the focus: it hears Escape.
            request_animation_frame(move || {
                if let Some(panel) = panel.try_get_untracked().flatten() {
                    let _ = panel.focus();
                }
            });
        }
    };
    // A press beside the panel closes it.
    let press = window_event_listener(ev::pointerdown, move |event| {
        let at = event.target().and_then(|at| at.dyn_into::<Node>().ok());
        let details = details.try_get_untracked().flatten();
        if details.is_some_and(|details| !details.contains(at.as_ref())) {
            open.set(false);
        }
    });
    on_cleanup(move || press.remove());
    view! {
        <details
            class="moments"
            node_ref=details
            prop:open=move || open.get()
            on:toggle:target=move |event| toggled(event.target().open())
            on:keydown=keys
        >
            <summary class="button">{t!("scrub.moments")}</summary>
            <Show when=move || open.get()>
                <div class="moments-panel" tabindex="-1" node_ref=panel>
                    {move || Suspend::new(lazy::moments(line))}
                </div>
            </Show>
        </details>
    }
}
