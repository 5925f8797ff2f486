//! The zoom levels: the world, the balancers of a site, one balancer with its servers. One level is shown at a time. A
//! scene with a single balancer has the last level only, and shows nothing of this module.

mod breadcrumbs;
mod dns_settings;
mod failures;
mod link;
mod moving;
mod pair;
mod row_actions;
mod settings;
mod site_card;
mod tables;
mod users;
mod world;
mod world_city;
mod world_map;
mod world_plan;

use leptos::prelude::*;

use self::breadcrumbs::Breadcrumbs;
use self::pair::{PairFigure, PairView};
use self::world::{WorldFigure, WorldView};
use crate::lesson::figure::Drawing;
use crate::sim::engine::view::View;
use crate::sim::ids::{BalancerId, SiteId};
use crate::t;
use crate::ui::lazy;
use crate::ui::session::Session;
use crate::ui::stylesheet::styled;
use crate::words::scene_text;

/// How much of the surroundings the stage shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoomLevel {
    /// The world map.
    World,
    /// The balancers of a site.
    Site(SiteId),
    /// One balancer and its servers: the stage.
    Inside(BalancerId),
}

/// The present level, and the changes to another.
#[derive(Clone, Copy)]
pub struct ZoomLevels {
    session: Session,
    level: RwSignal<ZoomLevel>,
}

impl ZoomLevels {
    /// The levels of a session, at the one that its scene begins with.
    pub fn new(session: Session) -> Self {
        let levels = Self {
            session,
            level: RwSignal::new(session.read(first)),
        };
        let run = session.run();
        // Also the first time: a link may open another run before this effect begins to watch.
        Effect::new(move |_| {
            run.track();
            levels.level.set(session.read(first));
        });
        // A jump in time brings another engine, which must look where the reader does.
        Effect::new(move |_| {
            session.track();
            if let ZoomLevel::Inside(id) = levels.level.get() {
                session.drive(|engine| engine.look_at(id));
            }
        });
        levels
    }

    /// Whether the level is the stage; tracked.
    pub fn on_stage(self) -> bool {
        matches!(self.level.get(), ZoomLevel::Inside(_))
    }

    /// Goes to a level.
    pub fn go(self, level: ZoomLevel) {
        if let ZoomLevel::Inside(id) = level {
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

    /// The path from the top level to this one, with the name of each level.
    fn path(self) -> Vec<(ZoomLevel, String)> {
        let level = self.level.get();
        self.session.read(|view| path(view, level))
    }
}

/// The level at which a scene starts: its highest.
fn first(view: View<'_>) -> ZoomLevel {
    if view.scenario().world.is_some() {
        ZoomLevel::World
    } else if view.topology().nodes.len() > 1 {
        ZoomLevel::Site(SiteId(0))
    } else {
        ZoomLevel::Inside(BalancerId(0))
    }
}

fn path(view: View<'_>, level: ZoomLevel) -> Vec<(ZoomLevel, String)> {
    let edge = view.topology();
    let mut path = Vec::new();
    if view.scenario().world.is_some() {
        path.push((ZoomLevel::World, t!("level.world")));
    }
    let site = match level {
        ZoomLevel::World => return path,
        ZoomLevel::Site(id) => id,
        ZoomLevel::Inside(id) => edge.nodes.get(id.index()).map_or(SiteId(0), |one| one.site),
    };
    let name = edge
        .sites
        .get(site.index())
        .map_or_else(String::new, |one| scene_text(&one.name));
    let label = if name.is_empty() {
        t!("level.pair")
    } else {
        t!("level.site", name = name)
    };
    path.push((ZoomLevel::Site(site), label));
    if let ZoomLevel::Inside(id) = level {
        let name = edge.nodes.get(id.index()).map(|one| one.name.clone());
        path.push((level, name.unwrap_or_default()));
    }
    path
}

/// The breadcrumbs, and the level itself unless it is the stage.
#[component]
pub fn LevelView(session: Session, levels: ZoomLevels) -> impl IntoView {
    let several = session.watch(|view| view.topology().nodes.len() > 1);
    let run = session.run();
    move || {
        run.track();
        several.get().then(|| {
            let levels = move || view! { <LevelsInSight session levels /> };
            styled("style/levels.css", levels)
        })
    }
}

#[component]
fn LevelsInSight(session: Session, levels: ZoomLevels) -> impl IntoView {
    view! {
        <Breadcrumbs levels=levels />
        {move || match levels.level.get() {
            ZoomLevel::Inside(_) => None,
            level => Some(Suspend::new(lazy::level(session, levels, level))),
        }}
    }
}

/// The picture of a level above the stage, for a figure of a text.
#[component]
pub fn FigurePicture(session: Session, drawing: Drawing) -> impl IntoView {
    match drawing {
        Drawing::World => view! { <WorldFigure session /> }.into_any(),
        Drawing::Pair => view! { <PairFigure session id=SiteId(0) /> }.into_any(),
        Drawing::Stage => ().into_any(),
    }
}

/// A level above the stage.
#[component]
pub fn Overview(session: Session, levels: ZoomLevels, level: ZoomLevel) -> impl IntoView {
    match level {
        ZoomLevel::World => view! { <WorldView session=session levels=levels /> }.into_any(),
        ZoomLevel::Site(id) => {
            view! { <PairView session=session levels=levels id=id /> }.into_any()
        }
        ZoomLevel::Inside(_) => ().into_any(),
    }
}
