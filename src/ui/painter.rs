//! Draws a [`Scene`] on a 2D canvas. **Invariant:** a frame allocates nothing.

use std::fmt::Write as _;

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::glyphs;
use super::palette::Palette;
use crate::scene::build::{self, Motion};
use crate::scene::layout::Layout;
use crate::scene::path::{Path, PathPiece};
use crate::scene::shape::{Dash, FINISHES, MarkStyle, PAINTS, Paint, RequestMark, Scene};
use crate::sim::engine::view::View;

/// The font size of numbers, in CSS pixels.
const TEXT: f64 = 11.0;
/// The side of a request's square when there are too many for shapes, in CSS pixels.
const CROWD: f64 = 4.0;
/// The opacity of a request while another one is followed.
const DIMMED: f64 = 0.2;
/// The width of a stream: this many CSS pixels times the square root of its number of requests.
const STREAM: f64 = 0.5;
/// The largest width of a stream, in CSS pixels.
const WIDEST: f64 = 34.0;
/// The smallest radius at which shapes can be told apart, in CSS pixels.
const TELLING: f64 = 3.0;

/// A canvas, the scene that is drawn on it, and the colours.
pub struct Painter {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    palette: Palette,
    scene: Scene,
    motion: Motion,
    chosen: Option<u64>,
    /// Whether all but the chosen request are dimmed.
    alone: bool,
    width: f64,
    height: f64,
    ratio: f64,
    font: String,
    text: String,
    number: fn(u64) -> String,
    dashes: [js_sys::Array; 3],
}

impl Painter {
    /// A painter for a canvas in the page; `None` where the browser gives no 2D context.
    #[must_use]
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??;
        let context = context.dyn_into::<CanvasRenderingContext2d>().ok()?;
        let palette = Palette::read()?;
        let mut painter = Self {
            canvas,
            context,
            font: font(&palette),
            palette,
            scene: Scene::default(),
            motion: Motion::Flying,
            chosen: None,
            alone: false,
            width: 0.0,
            height: 0.0,
            ratio: 1.0,
            text: String::new(),
            number: |number| number.to_string(),
            dashes: [dash(&[]), dash(&[3.0, 5.0]), dash(&[8.0, 5.0])],
        };
        painter.resize(300.0, 150.0, 1.0);
        Some(painter)
    }

    /// Sets the pixels of the canvas to its size on the page. This empties the canvas: draw a frame at once.
    pub fn resize(&mut self, css_width: f64, css_height: f64, device_pixel_ratio: f64) {
        self.width = css_width;
        self.height = css_height;
        self.ratio = device_pixel_ratio.clamp(0.5, 4.0);
        let pixels = |length: f64| (length * self.ratio).round().clamp(1.0, 16_384.0) as u32;
        let (width, height) = (pixels(css_width), pixels(css_height));
        // Setting the size empties a canvas even where it is the same.
        if self.canvas.width() != width || self.canvas.height() != height {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
    }

    /// Reads the colours again, after the colour scheme of the page has changed.
    pub fn refresh_palette(&mut self) {
        if let Some(palette) = Palette::read() {
            self.font = font(&palette);
            self.palette = palette;
        }
    }

    /// Sets whether requests are drawn at rest (reduced motion).
    pub const fn set_still(&mut self, still: bool) {
        self.motion = if still { Motion::Still } else { Motion::Flying };
    }

    /// Sets the function that writes large numbers in the reader's language. By default digits are not grouped.
    pub const fn set_number(&mut self, number: fn(u64) -> String) {
        self.number = number;
    }

    /// Sets the request that is marked (`None` is none), and whether all others are dimmed.
    pub const fn set_chosen(&mut self, chosen: Option<u64>, alone: bool) {
        self.chosen = chosen;
        self.alone = alone && chosen.is_some();
    }

    /// The scene that was drawn last.
    #[must_use]
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Draws the present state of the stage.
    pub fn frame(&mut self, view: View<'_>, layout: &Layout) {
        self.picture(|scene, motion| build::stage(view, layout, motion, scene));
    }

    /// Draws the picture that `fill` puts into the scene. The scene still holds the picture before.
    pub fn picture(&mut self, fill: impl FnOnce(&mut Scene, Motion)) {
        fill(&mut self.scene, self.motion);
        let ratio = self.ratio;
        // A transform of finite numbers cannot fail.
        let _ = self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.context.clear_rect(0.0, 0.0, self.width, self.height);
        self.strokes();
        self.streams();
        self.cells();
        self.slots();
        for finish in FINISHES {
            for paint in PAINTS {
                self.marks(paint, finish);
            }
        }
        self.more();
        self.statuses();
        self.ring();
    }

    /// Draws a ring around the chosen request.
    fn ring(&self) {
        let Some(chosen) = self.chosen else { return };
        let context = &self.context;
        let mut marks = self.scene.all_marks();
        if let Some((paint, finish, mark)) = marks.find(|(_, _, mark)| mark.request == Some(chosen))
        {
            if self.alone {
                self.look(paint, finish);
                glyphs::draw(context, mark, finish);
            }
            context.set_stroke_style_str(self.palette.colour(Paint::Focus));
            context.set_line_width(2.5);
            context.begin_path();
            let whole = 2.0 * std::f64::consts::PI;
            let _ = context.arc(mark.at.x, mark.at.y, mark.size + 5.0, 0.0, whole);
            context.stroke();
        }
    }

    fn strokes(&self) {
        let context = &self.context;
        context.set_line_cap("butt");
        for stroke in &self.scene.strokes {
            context.set_stroke_style_str(self.palette.colour(stroke.paint));
            context.set_line_width(stroke.width);
            self.set_dash(stroke.dash);
            trace(context, self.scene.path(stroke));
            context.stroke();
        }
        self.set_dash(Dash::Solid);
    }

    fn set_dash(&self, dash: Dash) {
        let _ = self.context.set_line_dash(&self.dashes[dash as usize]);
    }

    /// Draws links with so many requests that they are shown as a stream: its width grows with the number, which stands
    /// beside it.
    fn streams(&mut self) {
        let context = &self.context;
        if self.scene.streams.is_empty() {
            return;
        }
        context.set_font(&self.font);
        context.set_text_align("center");
        for stream in &self.scene.streams {
            let width = (stream.count as f64).sqrt() * STREAM;
            context.set_global_alpha(0.3);
            context.set_stroke_style_str(self.palette.colour(Paint::InkSoft));
            context.set_line_width(width.clamp(1.0, WIDEST));
            context.begin_path();
            context.move_to(stream.from.x, stream.from.y);
            context.line_to(stream.to.x, stream.to.y);
            context.stroke();
            context.set_global_alpha(1.0);
            context.set_fill_style_str(self.palette.colour(Paint::Ink));
            let text = (self.number)(stream.count as u64);
            let _ = context.fill_text(&text, stream.at.x, stream.at.y + TEXT / 3.0);
        }
        context.set_text_align("start");
    }

    /// Draws the grid of a fleet. The outline of a cell is the balancer's belief, its filling from below the load of
    /// the server, and a cross marks a server that really has a fault.
    fn cells(&self) {
        let context = &self.context;
        for paint in PAINTS {
            let of = || self.scene.cells.iter().filter(|cell| cell.paint == paint);
            if of().next().is_none() {
                continue;
            }
            context.set_fill_style_str(self.palette.colour(paint));
            context.set_stroke_style_str(self.palette.colour(paint));
            context.set_line_width(1.0);
            for cell in of() {
                let rect = cell.rect;
                let high = (rect.height * cell.filled).round();
                context.set_global_alpha(0.55);
                context.fill_rect(rect.x, rect.y + rect.height - high, rect.width, high);
                context.set_global_alpha(1.0);
                context.stroke_rect(rect.x, rect.y, rect.width, rect.height);
                if cell.crossed {
                    context.begin_path();
                    context.move_to(rect.x, rect.y);
                    context.line_to(rect.x + rect.width, rect.y + rect.height);
                    context.move_to(rect.x + rect.width, rect.y);
                    context.line_to(rect.x, rect.y + rect.height);
                    context.stroke();
                }
            }
        }
        if let Some(cell) = self.scene.cells.iter().find(|cell| cell.chosen) {
            let rect = cell.rect;
            context.set_stroke_style_str(self.palette.colour(Paint::Focus));
            context.set_line_width(2.5);
            let (side, tall) = (rect.width + 6.0, rect.height + 6.0);
            context.stroke_rect(rect.x - 3.0, rect.y - 3.0, side, tall);
        }
    }

    /// Draws workers: a faint outline, filled from the left by the part of the work that is done.
    fn slots(&self) {
        let context = &self.context;
        context.set_line_width(1.0);
        context.set_stroke_style_str(self.palette.colour(Paint::Edge));
        for slot in &self.scene.slots {
            let rect = slot.rect;
            if let Some((done, paint)) = slot.work {
                context.set_global_alpha(0.22);
                context.set_fill_style_str(self.palette.colour(paint));
                context.fill_rect(rect.x, rect.y, rect.width * done, rect.height);
            }
            context.set_global_alpha(if slot.work.is_some() { 0.75 } else { 0.4 });
            // Half a pixel in, so that the line is sharp.
            context.stroke_rect(
                rect.x + 0.5,
                rect.y + 0.5,
                rect.width - 1.0,
                rect.height - 1.0,
            );
        }
        context.set_global_alpha(1.0);
    }

    fn marks(&self, paint: Paint, finish: MarkStyle) {
        let marks = self.scene.marks(paint, finish);
        if marks.is_empty() {
            return;
        }
        let context = &self.context;
        let colour = self.palette.colour(paint);
        context.set_stroke_style_str(colour);
        let small = |mark: &RequestMark| self.scene.crowded && mark.size < TELLING;
        if self.scene.crowded {
            context.set_fill_style_str(colour);
            let side = if finish == MarkStyle::Filled {
                CROWD
            } else {
                CROWD - 1.0
            };
            for mark in marks.iter().filter(|mark| small(mark)) {
                let (x, y) = (mark.at.x - side / 2.0, mark.at.y - side / 2.0);
                context.fill_rect(x, y, side, side);
            }
        }
        let marks = || marks.iter().filter(|mark| !small(mark));
        if marks().any(|mark| mark.sealed) {
            context.set_line_width(1.1);
            context.set_fill_style_str(self.palette.colour(Paint::Card));
            for mark in marks().filter(|mark| mark.sealed) {
                glyphs::envelope(context, mark);
            }
        }
        self.look(paint, finish);
        context.set_global_alpha(if self.alone { DIMMED } else { 1.0 });
        for mark in marks() {
            glyphs::draw(context, mark, finish);
        }
        context.set_global_alpha(1.0);
    }

    /// Sets colours and line width for marks of one kind.
    fn look(&self, paint: Paint, finish: MarkStyle) {
        let (context, colour) = (&self.context, self.palette.colour(paint));
        context.set_stroke_style_str(colour);
        context.set_line_width(if finish == MarkStyle::Filled {
            1.0
        } else {
            1.6
        });
        context.set_fill_style_str(match finish {
            MarkStyle::Filled => colour,
            _ => self.palette.colour(Paint::Card),
        });
    }

    /// Draws the status codes of rejected requests.
    fn statuses(&mut self) {
        let context = &self.context;
        if self.scene.statuses.is_empty() {
            return;
        }
        context.set_font(&self.font);
        context.set_fill_style_str(self.palette.colour(Paint::Down));
        for status in &self.scene.statuses {
            self.text.clear();
            let _ = write!(self.text, "{}", status.code);
            context.set_global_alpha(status.opacity);
            let _ = context.fill_text(&self.text, status.at.x, status.at.y);
        }
        context.set_global_alpha(1.0);
    }

    /// Draws "+12" and the like, where there were more marks than could be drawn.
    fn more(&mut self) {
        let context = &self.context;
        if self.scene.more.is_empty() {
            return;
        }
        context.set_font(&self.font);
        context.set_fill_style_str(self.palette.colour(Paint::InkSoft));
        for more in &self.scene.more {
            self.text.clear();
            let _ = write!(self.text, "+{}", more.count);
            let _ = context.fill_text(&self.text, more.at.x, more.at.y);
        }
    }
}

fn font(palette: &Palette) -> String {
    format!("600 {TEXT}px {}", palette.family())
}

fn dash(lengths: &[f64]) -> js_sys::Array {
    lengths.iter().copied().map(JsValue::from).collect()
}

fn trace(context: &CanvasRenderingContext2d, path: &Path) {
    context.begin_path();
    context.move_to(path.start().x, path.start().y);
    for piece in path.pieces() {
        match *piece {
            PathPiece::Line(to) => context.line_to(to.x, to.y),
            PathPiece::Curve(a, b, to) => context.bezier_curve_to(a.x, a.y, b.x, b.y, to.x, to.y),
        }
    }
}
