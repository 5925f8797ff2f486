//! The scenes that come with the program: a list to choose from, and `?scene=websocket` in the
//! address.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::sim::run::Run;
use crate::sim::scenario::preset::default_scenario;
use crate::sim::scenario::validate::parse;
use crate::t;
use crate::ui::language::fetch;
use crate::ui::session::Session;

/// The files in `assets/scenarios` that are in the list, after the first scene.
const FILES: [&str; 8] = [
    "l4_keepalive",
    "grpc_trap",
    "direct_return",
    "l7_routing",
    "websocket",
    "rate_limit",
    "ab_split",
    "l7_saturated",
];

fn title(place: usize) -> String {
    match place {
        0 => t!("scenes.default"),
        1 => t!("scenes.l4_keepalive"),
        2 => t!("scenes.grpc_trap"),
        3 => t!("scenes.direct_return"),
        4 => t!("scenes.l7_routing"),
        5 => t!("scenes.websocket"),
        6 => t!("scenes.rate_limit"),
        7 => t!("scenes.ab_split"),
        _ => t!("scenes.l7_saturated"),
    }
}

/// The list. What cannot be opened is said beside it, and the scene that was there goes on.
#[component]
pub fn SceneField(session: Session, asked: Option<String>) -> impl IntoView {
    let chosen = RwSignal::new(0_usize);
    let refused = RwSignal::new(String::new());
    let open = move |place: usize| {
        refused.set(String::new());
        chosen.set(place);
        let Some(file) = place.checked_sub(1).and_then(|at| FILES.get(at)) else {
            return session.open(&Run::start(default_scenario()));
        };
        spawn_local(async move {
            let text = fetch(&format!("scenarios/{file}.json")).await;
            match text.as_deref().map(parse) {
                Some(Ok(scenario)) if chosen.try_get_untracked() == Some(place) => {
                    session.open(&Run::start(scenario));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    refused.set(t!("scenes.wrong", name = *file, why = error.to_string()))
                }
                None => refused.set(t!("scenes.missing", name = *file)),
            }
        });
    };
    if let Some(name) = asked {
        match FILES.iter().position(|file| *file == name) {
            Some(place) => open(place + 1),
            None => refused.set(t!("scenes.missing", name = name)),
        }
    }
    view! {
        <div class="scene-field">
            <label for="scene">{t!("scenes.label")}</label>
            <select
                id="scene"
                on:change:target=move |event| {
                    open(event.target().selected_index().max(0) as usize);
                }
            >
                {(0..=FILES.len())
                    .map(|place| {
                        view! {
                            <option prop:selected=move || chosen.get() == place>
                                {title(place)}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <p role="alert">{refused}</p>
        </div>
    }
}
