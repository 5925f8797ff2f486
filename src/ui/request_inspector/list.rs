//! The list of requests to choose from. It is a snapshot: it changes only when the reader presses the button for newer
//! requests, so that rows do not move under a pointer or a finger.

use leptos::prelude::*;

use super::RequestInspector;
use crate::scene::request_inspector::recent::{Recent, RequestFilter, recent};
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The most requests in the list.
const LISTED: usize = 12;

/// The choice of a filter, and the list.
#[component]
pub fn List(session: Session, request_inspector: RequestInspector) -> impl IntoView {
    let which = RwSignal::new(RequestFilter::default());
    let read = move || session.read(|view| recent(view, which.get_untracked(), LISTED));
    let lines = RwSignal::new(read());
    let refresh = move || lines.set(read());
    let run = session.run();
    Effect::new(move |first: Option<()>| {
        which.track();
        run.track();
        if first.is_some() {
            refresh();
        }
    });
    let options = RequestFilter::ALL
        .into_iter()
        .enumerate()
        .map(|(place, one)| {
            view! {
                <option value=place.to_string() prop:selected=move || which.get() == one>
                    {one.word()}
                </option>
            }
        });
    view! {
        <div class="requests">
            <div class="row">
                <label>
                    {t!("glass.list.which")}
                    <select on:change:target=move |event| {
                        let place: usize = event.target().value().parse().unwrap_or(0);
                        which.set(RequestFilter::ALL.get(place).copied().unwrap_or_default());
                    }>{options.collect_view()}</select>
                </label>
                <button type="button" class="button" on:click=move |_| refresh()>
                    {t!("glass.list.refresh")}
                </button>
            </div>
            <fieldset>
                <legend class="unseen">{t!("glass.list.name")}</legend>
                <Show
                    when=move || lines.with(|lines| !lines.is_empty())
                    fallback=|| view! { <p class="hint">{t!("glass.list.empty")}</p> }
                >
                    <For each=move || lines.get() key=|line| line.clone() let(line)>
                        <Line request_inspector line />
                    </For>
                </Show>
            </fieldset>
        </div>
    }
}

#[component]
fn Line(request_inspector: RequestInspector, line: Recent) -> impl IntoView {
    let number = line.number;
    let chosen = request_inspector.chosen();
    view! {
        <label class="request">
            <input
                type="radio"
                name="inspected-request"
                prop:checked=move || chosen.get() == Some(number)
                on:change=move |_| request_inspector.choose(number)
            />
            <span class="what">{line.what}</span>
            " "
            <span class="fate" class:bad=line.bad>{line.fate}</span>
        </label>
    }
}
