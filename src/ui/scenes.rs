//! The choice of a scene: a list of files that are fetched when they are wanted.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::preset::{SCENES, default_scenario};
use crate::t;
use crate::ui::language::fetch;
use crate::ui::later;
use crate::ui::options;
use crate::ui::session::Session;
use crate::words::scene_text;

async fn load(place: usize) -> Option<Scenario> {
    let (file, _) = SCENES.get(place)?;
    if place == 0 {
        return Some(default_scenario());
    }
    let text = fetch(&format!("scenarios/{file}.json")).await?;
    (later::scribe().await.scene)(&text).ok()
}

/// The control that opens another scene.
#[component]
pub fn SceneField(session: Session) -> impl IntoView {
    let now = session.watch(|view| {
        let name = &view.scenario().name;
        SCENES.iter().position(|(_, known)| known == name)
    });
    let failed = RwSignal::new(false);
    let open = move |place: usize| {
        spawn_local(async move {
            let scenario = load(place).await;
            failed.set(scenario.is_none());
            if let Some(scenario) = scenario {
                session.open(&Run::start(scenario));
            }
        });
    };
    // `?scene=websocket`, once: the page is built anew in another language.
    if let Some(name) = options::scene().filter(|_| session.run().get_untracked() == 0) {
        let place = SCENES.iter().position(|(file, _)| *file == name);
        open(place.unwrap_or(SCENES.len()));
    }
    let options = SCENES.iter().enumerate().map(|(place, (_, name))| {
        view! {
            <option value=place.to_string() prop:selected=move || now.get() == Some(place)>
                {scene_text(name)}
            </option>
        }
    });
    view! {
        <div class="scene-field">
            <label for="scene">{t!("scene.field")}</label>
            <select
                id="scene"
                on:change:target=move |event| {
                    if let Ok(place) = event.target().value().parse() {
                        open(place);
                    }
                }
            >
                {options.collect_view()}
                <option value="" hidden prop:selected=move || now.get().is_none()>
                    {t!("scene.other")}
                </option>
            </select>
            <p role="alert">{move || failed.get().then(|| t!("scene.failed"))}</p>
        </div>
    }
}
