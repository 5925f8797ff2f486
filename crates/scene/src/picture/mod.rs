//! A scene as a still picture: one SVG file, for places where no program may run, and for the time before a page's
//! program runs.
//!
//! ```
//! use evenkeel_scene::picture::{self, PictureOptions};
//! use evenkeel_sim::run::Run;
//! use evenkeel_sim::scenario::preset::default_scenario;
//!
//! let engine = Run::start(default_scenario()).replay_watched();
//! let svg = picture::svg(engine.view(), &PictureOptions::default());
//! assert!(svg.starts_with("<svg "));
//! ```
//!
//! It has a layout of its own and reads nothing of a page. Its colours are in its own style sheet,
//! so it belongs into an `<img>` or a file, not into the markup of a page with a strict policy.

pub mod card;
mod cards;
mod fit;
mod marks;
mod plan;
pub mod reel;
pub mod small_pair;
pub mod small_world;
mod style;
mod styled;
mod thumbnail;

pub use self::thumbnail::small;

use self::plan::{PicturePlan, WIDTH};
use super::build::{self, Motion};
use super::shape::Scene;
use super::svg::{NAMESPACE, SvgWriter, number};
use super::words::describe;
use evenkeel_sim::engine::view::View;
use evenkeel_words::scene_text;

/// The colours of a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PictureTheme {
    /// The colours that the reader's system prefers.
    #[default]
    Auto,
    /// Dark colours on a light ground.
    Light,
    /// Light colours on a dark ground.
    Dark,
}

/// The options of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureOptions {
    /// The colours of the picture.
    pub theme: PictureTheme,
    /// The title; `None` is the scene's name.
    pub title: Option<String>,
    /// Whether the ground behind it is left out.
    pub transparent: bool,
}

/// The present stage as SVG: clients, balancer with its reasons, servers with belief and truth, wires, and the
/// requests on them. It has the scene's name as its title and the stage in words as its description. Twelve clients
/// and twelve servers are drawn, the others counted. The balancer gives its reason only if the engine was watched
/// ([`Run::replay_watched`](evenkeel_sim::run::Run::replay_watched)).
#[must_use]
pub fn svg(view: View<'_>, options: &PictureOptions) -> String {
    let plan = PicturePlan::new(view);
    let layout = plan.layout(view.members().map(|member| member.server.id));
    let mut scene = Scene::default();
    build::stage(view, &layout, Motion::Flying, &mut scene);

    let title = match &options.title {
        Some(title) => title.clone(),
        None => scene_text(&view.scenario().name),
    };
    let mut writer = SvgWriter::default();
    let picture = writer.element("svg").attr("xmlns", NAMESPACE);
    let view_box = format!("0 0 {} {}", number(WIDTH), number(plan.height));
    let picture = picture.attr("viewBox", view_box).size(WIDTH, plan.height);
    picture.attr("role", "img").hold(|svg| {
        svg.element("title").text(&title);
        svg.element("desc").text(&describe(view));
        svg.element("style").text(&style::style(options.theme));
        if !options.transparent {
            let size = (WIDTH - 1.0, plan.height - 1.0);
            styled::rect(svg, "box", (0.5, 0.5), size, 14.0);
        }
        marks::wires(&scene, svg);
        cards::all(view, &plan, svg);
        marks::slots(&scene, svg);
        marks::marks(&scene, svg);
    });
    writer.finish()
}

#[cfg(test)]
mod tests;
