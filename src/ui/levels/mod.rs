//! One level at a time: the world, a site's balancers, one balancer with its servers. A scene with
//! a single balancer has the last level only, and nothing of this is seen.

mod acts;
mod failures;
mod link;
mod naming;
mod pair;
mod settings;
mod tables;
mod users;
mod world;

use leptos::prelude::*;

use self::pair::PairView;
use self::world::WorldView;
use crate::sim::engine::view::View;
use crate::sim::ids::{BalancerId, SiteId};
use crate::t;
use crate::ui::later;
use crate::ui::session::Session;

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The map.
    World,
    /// The balancers of a site.
    Site(SiteId),
    /// One balancer and its servers: the stage.
    Inside(BalancerId),
}

/// The level, and the ways to another.
#[derive(Clone, Copy)]
pub struct Levels {
    session: Session,
    level: RwSignal<Level>,
}

impl Levels {
    /// The levels of a session, at the one that its scene begins with.
    pub fn new(session: Session) -> Self {
        let levels = Self {
            session,
            level: RwSignal::new(session.read(first)),
        };
        let run = session.run();
        Effect::watch(
            move || run.get(),
            move |_, _, _| levels.level.set(session.read(first)),
            false,
        );
        // A jump in time brings another engine, which must look where the reader does.
        Effect::new(move |_| {
            session.track();
            if let Level::Inside(id) = levels.level.get() {
                session.drive(|engine| engine.look_at(id));
            }
        });
        levels
    }

    /// Whether the stage is to be seen.
    pub fn on_stage(self) -> bool {
        matches!(self.level.get(), Level::Inside(_))
    }

    /// Goes to a level.
    pub fn go(self, level: Level) {
        if let Level::Inside(id) = level {
            self.session.drive(|engine| engine.look_at(id));
        }
        self.level.set(level);
        self.session.notify();
        request_animation_frame(|| {
            use wasm_bindgen::JsCast;
            let now = document().query_selector(".levels [aria-current]");
            let now = now.ok().flatten();
            if let Some(now) = now.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = now.focus();
            }
        });
    }

    /// The way from the top down to here, with the name of each step.
    fn path(self) -> Vec<(Level, String)> {
        let level = self.level.get();
        self.session.read(|view| path(view, level))
    }
}

/// Where a scene begins: as high as it goes.
fn first(view: View<'_>) -> Level {
    if view.scenario().world.is_some() {
        Level::World
    } else if view.edge().boxes.len() > 1 {
        Level::Site(SiteId(0))
    } else {
        Level::Inside(BalancerId(0))
    }
}

fn path(view: View<'_>, level: Level) -> Vec<(Level, String)> {
    let edge = view.edge();
    let mut path = Vec::new();
    if view.scenario().world.is_some() {
        path.push((Level::World, t!("level.world")));
    }
    let site = match level {
        Level::World => return path,
        Level::Site(id) => id,
        Level::Inside(id) => edge.boxes.get(id.index()).map_or(SiteId(0), |one| one.site),
    };
    let name = edge.sites.get(site.index()).map_or("", |one| &one.name);
    let label = if name.is_empty() {
        t!("level.pair")
    } else {
        t!("level.site", name = name)
    };
    path.push((Level::Site(site), label));
    if let Level::Inside(id) = level {
        let name = edge.boxes.get(id.index()).map(|one| one.name.clone());
        path.push((level, name.unwrap_or_default()));
    }
    path
}

/// The way up, and the level itself where it is not the stage.
#[component]
pub fn LevelView(session: Session, levels: Levels) -> impl IntoView {
    let several = session.watch(|view| view.edge().boxes.len() > 1);
    let run = session.run();
    move || {
        run.track();
        several.get().then(|| {
            view! {
                <Crumbs levels=levels />
                {move || {
                    let level = levels.level.get();
                    let above = !matches!(level, Level::Inside(_));
                    above.then(|| Suspend::new(later::level(session, levels, level)))
                }}
            }
        })
    }
}

/// A level above the stage.
#[component]
pub fn Above(session: Session, levels: Levels, level: Level) -> impl IntoView {
    match level {
        Level::World => view! { <WorldView session=session levels=levels /> }.into_any(),
        Level::Site(id) => view! { <PairView session=session levels=levels id=id /> }.into_any(),
        Level::Inside(_) => ().into_any(),
    }
}

#[component]
fn Crumbs(levels: Levels) -> impl IntoView {
    let steps = move || {
        let path = levels.path();
        let last = path.len().saturating_sub(1);
        path.into_iter()
            .enumerate()
            .map(|(place, (level, name))| {
                view! {
                    <li>
                        <button
                            type="button"
                            class="button"
                            aria-current=(place == last).then_some("step")
                            on:click=move |_| levels.go(level)
                        >
                            {name}
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <nav class="levels" aria-label=t!("level.nav")>
            <ol>{steps}</ol>
        </nav>
    }
}
