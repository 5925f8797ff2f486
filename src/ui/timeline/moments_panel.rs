//! The content of the panel of moments: a time to go to, the branches, the list of marks.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::TimelineState;
use super::branches::Branches;
use crate::scene::marks::{TimelineMark, is_cut, parse_clock};
use crate::scene::words::clock;
use crate::t;
use crate::ui::show::Show;

/// The most marks in the list; the newest are shown.
const SHOWN: usize = 200;

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
