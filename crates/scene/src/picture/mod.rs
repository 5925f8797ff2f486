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

mod cards;
mod marks;
mod plan;
mod style;
mod svg_writer;
mod thumbnail;

pub use self::thumbnail::small;

use self::plan::{PicturePlan, WIDTH};
use self::svg_writer::{SvgWriter, escape, number};
use super::build::{self, Motion};
use super::shape::Scene;
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

    let mut pen = SvgWriter::default();
    let (width, height) = (number(WIDTH), number(plan.height));
    pen.put(&format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
    ));
    let title = match &options.title {
        Some(title) => title.clone(),
        None => scene_text(&view.scenario().name),
    };
    pen.put(&format!("<title>{}</title>", escape(&title)));
    pen.put(&format!("<desc>{}</desc>", escape(&describe(view))));
    pen.put(&format!("<style>{}</style>", style::style(options.theme)));
    if !options.transparent {
        let size = (WIDTH - 1.0, plan.height - 1.0);
        pen.rect("box", (0.5, 0.5), size, 14.0);
    }
    marks::wires(&scene, &mut pen);
    cards::all(view, &plan, &mut pen);
    marks::slots(&scene, &mut pen);
    marks::marks(&scene, &mut pen);
    pen.put("</svg>");
    pen.0
}

#[cfg(test)]
mod tests;
