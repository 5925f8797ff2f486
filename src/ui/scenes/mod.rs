//! The choice of a scene from the project's scenes, whose files load when they are chosen.

mod gallery;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::sim::run::Run;
use crate::sim::scenario::Scenario;
use crate::sim::scenario::preset::{SCENES, start_scenario};
use crate::t;
use crate::ui::language::fetch;
use crate::ui::lazy;
use crate::ui::options;
use crate::ui::session::Session;
use crate::ui::share::address;
use crate::ui::text::text;
use crate::words::{say, scene_text};

pub use self::gallery::{Gallery, GalleryButton};

/// How many scenes of [`SCENES`] each group of the list has, in their order.
const GROUPS: [usize; 5] = [2, 3, 5, 3, 2];

/// The name of a group of the list.
fn group_name(group: usize) -> String {
    match group {
        0 => t!("scenes.start"),
        1 => t!("scenes.connections"),
        2 => t!("scenes.requests"),
        3 => t!("scenes.pair"),
        _ => t!("scenes.scale"),
    }
}

/// A sentence on what to watch in a scene, by its name; empty for other scenes.
#[must_use]
pub fn scene_watch(name: &str) -> String {
    let file = SCENES.iter().find(|(_, known)| *known == name);
    file.map_or_else(String::new, |(file, _)| say(&format!("watch.{file}"), &[]))
}

async fn load(place: usize) -> Option<Scenario> {
    let (file, _) = SCENES.get(place)?;
    if place == 0 {
        return Some(start_scenario());
    }
    let text = fetch(&format!("scenarios/{file}.json")).await?;
    (lazy::link_codec().await.scene)(&text).ok()
}

/// Opens the scene that the address names: `?scene=websocket`, unless it names a run as well, as it does once the run
/// has gone on. If there is no such scene or it does not load, `notice`
/// gets the message, and the present scene stays.
pub fn open_asked(session: Session, notice: RwSignal<Option<String>>) {
    let name = options::scene().filter(|_| !address::has_run());
    let Some(name) = name else { return };
    let place = SCENES.iter().position(|(file, _)| *file == name);
    spawn_local(async move {
        match load(place.unwrap_or(SCENES.len())).await {
            Some(scenario) => session.open(&Run::start(scenario)),
            None => notice.set(Some(t!("scene.unknown", name = name))),
        }
    });
}

/// Opens scenes, for the list in the header and for the gallery.
#[derive(Clone, Copy)]
pub struct SceneOpener {
    session: Session,
    /// How many were asked for: files may come in another order, and the last one asked for counts.
    asked: StoredValue<u32>,
    /// Whether the last one did not load.
    failed: RwSignal<bool>,
}

impl SceneOpener {
    /// Nothing was asked for.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self {
            session,
            asked: StoredValue::new(0),
            failed: RwSignal::new(false),
        }
    }

    /// Opens the scene at a place of [`SCENES`].
    fn open(self, place: usize) {
        self.asked.update_value(|asked| *asked += 1);
        let mine = self.asked.get_value();
        spawn_local(async move {
            let scenario = load(place).await;
            if self.asked.try_get_value() != Some(mine) {
                return;
            }
            self.failed.set(scenario.is_none());
            if let Some(scenario) = scenario {
                self.session.open(&Run::start(scenario));
            }
        });
    }
}

/// The control that opens another scene.
#[component]
pub fn SceneField(session: Session, opener: SceneOpener) -> impl IntoView {
    let now = session.watch(|view| {
        let name = &view.scenario().name;
        SCENES.iter().position(|(_, known)| known == name)
    });
    // A configuration, a lesson or a file has a name of its own.
    let other = session.watch(|view| match view.scenario().name.as_str() {
        "" => t!("scene.other"),
        name => scene_text(name),
    });
    let watch = session.watch(|view| scene_watch(&view.scenario().name));
    let option = move |(place, (_, name)): (usize, &(&str, &str))| {
        view! {
            <option value=place.to_string() prop:selected=move || now.get() == Some(place)>
                {scene_text(name)}
            </option>
        }
    };
    let mut scenes = SCENES.iter().enumerate();
    let groups = GROUPS.iter().enumerate().map(|(group, count)| {
        let options = scenes.by_ref().take(*count).map(option).collect_view();
        view! { <optgroup label=group_name(group)>{options}</optgroup> }
    });
    view! {
        <div class="scene-field">
            <label for="scene">{t!("scene.field")}</label>
            <select
                id="scene"
                aria-describedby="scene-watch"
                title=watch
                on:change:target=move |event| {
                    if let Ok(place) = event.target().value().parse() {
                        opener.open(place);
                    }
                }
            >
                {groups.collect_view()}
                <option value="" hidden prop:selected=move || now.get().is_none()>
                    {other}
                </option>
            </select>
            <span id="scene-watch" class="unseen">{watch}</span>
            <p role="alert">{text(move || opener.failed.get().then(|| t!("scene.failed")))}</p>
        </div>
    }
}

const _: () = {
    let mut all = 0;
    let mut group = 0;
    while group < GROUPS.len() {
        all += GROUPS[group];
        group += 1;
    }
    assert!(all == SCENES.len(), "every scene is in a group");
};
