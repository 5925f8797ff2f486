//! The panel of the timeline: a time to go to, the list of marks, the branches.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

use super::TimelineState;
use super::branches::Branches;
use crate::scene::marks::{TimelineMark, is_cut, parse_clock};
use crate::scene::words::clock;
use crate::t;
use crate::ui::fold::Fold;
use crate::ui::lazy;
use crate::ui::show::Show;

/// The most marks in the list; the newest are shown.
const SHOWN: usize = 200;

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
    // Focus that goes elsewhere, by a press beside the panel for one, closes it.
    let left = move |event: ev::FocusEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Node>().ok());
        let inside = details
            .get_untracked()
            .is_some_and(|details| details.contains(to.as_ref()));
        if to.is_none() || !inside {
            open.set(false);
        }
    };
    view! {
        <details
            class="moments"
            node_ref=details
            on:focusout=left
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

/// The content of the panel.
#[component]
pub fn MomentsPanel(line: TimelineState) -> impl IntoView {
    view! {
        <GoTo line=line />
        <Branches line=line />
        <MarkList line=line />
    }
}

#[component]
fn GoTo(line: TimelineState) -> impl IntoView {
    let wrong = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Input>::new();
    let go = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = field
            .get_untracked()
            .map(|field| field.value())
            .unwrap_or_default();
        match parse_clock(&text) {
            Ok(to) => {
                wrong.set(None);
                line.jump(to);
            }
            Err(why) => wrong.set(Some(why)),
        }
    };
    view! {
        <form class="go-to" on:submit=go>
            <label for="go-to">{t!("scrub.go_to")}</label>
            <input
                id="go-to"
                type="text"
                autocomplete="off"
                placeholder="1:23.4"
                node_ref=field
                aria-invalid=move || wrong.get().map(|_| "true")
                aria-describedby="go-to-wrong"
            />
            <button type="submit" class="button">
                {t!("scrub.go")}
            </button>
            <p class="wrong" id="go-to-wrong" role="alert">
                {wrong}
            </p>
        </form>
    }
}

#[component]
fn MarkList(line: TimelineState) -> impl IntoView {
    let shown = move || {
        line.marks.with(|marks| {
            let from = marks.len().saturating_sub(SHOWN);
            marks[from..]
                .iter()
                .cloned()
                .enumerate()
                .rev()
                .collect::<Vec<_>>()
        })
    };
    let count = Memo::new(move |_| line.marks.with(Vec::len));
    let cut = move || {
        let older = line.session.read_history(|history| is_cut(history.facts()));
        (count.get() > SHOWN || older).then(|| t!("scrub.cut", shown = SHOWN as u64))
    };
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=|| view! { <p class="hint">{t!("scrub.nothing_yet")}</p> }
        >
            <p class="hint">{cut}</p>
            <ol class="marks" reversed aria-label=t!("scrub.marks")>
                <For each=shown key=|(place, mark)| (*place, mark.clone()) let((_, mark))>
                    <MarkEntry line=line mark=mark />
                </For>
            </ol>
        </Show>
    }
}

#[component]
fn MarkEntry(line: TimelineState, mark: TimelineMark) -> impl IntoView {
    let at = mark.at;
    let here = move || (line.now.get() == at).then_some("true");
    view! {
        <li>
            <button
                type="button"
                class=format!("moment {:?}", mark.tone)
                aria-current=here
                on:click=move |_| line.jump(at)
            >
                <span class="at">{clock(at)}</span>
                " "
                {mark.text}
            </button>
        </li>
    }
}
