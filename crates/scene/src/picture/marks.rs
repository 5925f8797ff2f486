//! The wires, requests and workers of a picture: what the canvas draws, as SVG.

use super::svg_writer::{SvgWriter, number};
use crate::layout::Point;
use crate::path::{Path, PathPiece};
use crate::shape::{Dash, FINISHES, Glyph, MarkStyle, PAINTS, Paint, RequestMark, Scene};

/// The style class of a colour.
const fn class(paint: Paint) -> &'static str {
    match paint {
        Paint::Ink => "ink",
        Paint::InkSoft => "soft",
        Paint::Card => "card",
        Paint::Edge => "edge",
        Paint::Server0 => "s0",
        Paint::Server1 => "s1",
        Paint::Server2 => "s2",
        Paint::Server3 => "s3",
        Paint::Server4 => "s4",
        Paint::Server5 => "s5",
        Paint::Server6 => "s6",
        Paint::Server7 => "s7",
        Paint::Late => "late",
        Paint::Healthy => "healthy",
        Paint::Down => "down",
        Paint::Draining => "draining",
        Paint::Line => "line",
        Paint::Focus => "focus",
        Paint::Degraded => "degraded",
    }
}

/// Draws the lines between the cards, which come first.
pub fn wires(scene: &Scene, pen: &mut SvgWriter) {
    for stroke in &scene.strokes {
        let dash = match stroke.dash {
            Dash::Solid => "",
            Dash::Broken => r#" stroke-dasharray="3 5""#,
            Dash::Resting => r#" stroke-dasharray="9 6""#,
        };
        let width = number(stroke.width);
        let more = format!(r#" stroke-width="{width}"{dash}"#);
        let class = format!("wire {}", class(stroke.paint));
        pen.path(&class, &outline(scene.path(stroke)), &more);
    }
}

fn outline(path: &Path) -> String {
    let at = |point: Point| format!("{} {}", number(point.x), number(point.y));
    let mut text = format!("M{}", at(path.start()));
    for piece in path.pieces() {
        text += &match *piece {
            PathPiece::Line(to) => format!("L{}", at(to)),
            PathPiece::Curve(a, b, to) => format!("C{} {} {}", at(a), at(b), at(to)),
        };
    }
    text
}

/// Draws the workers with their work, inside the cards.
pub fn slots(scene: &Scene, pen: &mut SvgWriter) {
    for slot in &scene.slots {
        let rect = slot.rect;
        let at = (rect.x, rect.y);
        if let Some((done, paint)) = slot.work {
            let class = format!("done {}", class(paint));
            pen.rect(&class, at, (rect.width * done, rect.height), 0.0);
        }
        pen.rect("slot", at, (rect.width, rect.height), 0.0);
    }
    for more in &scene.more {
        let text = format!("+{}", more.count);
        pen.text("s soft", more.at.x, more.at.y, &text);
    }
}

/// Draws requests, responses, probes and failures, on top.
pub fn marks(scene: &Scene, pen: &mut SvgWriter) {
    for finish in FINISHES {
        for paint in PAINTS {
            for mark in scene.marks(paint, finish) {
                one(mark, finish, class(paint), pen);
            }
        }
    }
}

/// Draws a mark for a key, outside of any stage.
pub fn key_mark(glyph: Glyph, finish: MarkStyle, colour: &str, at: Point, pen: &mut SvgWriter) {
    let mark = RequestMark {
        at,
        size: 4.0,
        glyph,
        opacity: 1.0,
        sealed: false,
        request: None,
    };
    one(&mark, finish, colour, pen);
}

fn one(mark: &RequestMark, finish: MarkStyle, colour: &str, pen: &mut SvgWriter) {
    let (x, y) = (mark.at.x, mark.at.y);
    let mut size = mark.size;
    if mark.sealed {
        let (half, up) = (size * 1.35, size * 1.05);
        let class = format!("h {colour}");
        pen.rect(&class, (x - half, y - up), (2.0 * half, 2.0 * up), 0.0);
        size *= 0.66;
    }
    let look = match finish {
        MarkStyle::Filled => "f",
        MarkStyle::Hollow | MarkStyle::Crossed => "h",
        MarkStyle::Line => "l",
    };
    let more = if mark.opacity < 1.0 {
        format!(r#" opacity="{}""#, number(mark.opacity))
    } else {
        String::new()
    };
    pen.path(
        &format!("{look} {colour}"),
        &form(mark.glyph, x, y, size),
        &more,
    );
    if finish == MarkStyle::Crossed {
        pen.path(&format!("l {colour}"), &cross(x, y, size * 0.55), "");
    }
}

/// The outline of a mark; `ui/glyphs.rs` draws the same.
fn form(glyph: Glyph, x: f64, y: f64, size: f64) -> String {
    match glyph {
        Glyph::Circle => circle(x, y, size),
        Glyph::Square => {
            let (left, top, side) = (x - size * 0.9, y - size * 0.9, size * 1.8);
            let [left, top, side] = [left, top, side].map(number);
            format!("M{left} {top}h{side}v{side}h-{side}z")
        }
        Glyph::Cross => cross(x, y, size * 0.75),
        Glyph::ProbeOut => {
            let [left, top, x_, y_, long] =
                [x - size * 0.5, y - size * 0.5, x, y, size].map(number);
            circle(x, y, size) + &format!("M{left} {y_}h{long}M{x_} {top}v{long}")
        }
        Glyph::ProbePass => {
            let arm = size * 0.5;
            let points = [
                (-arm, arm * 0.1),
                (-arm * 0.2, arm * 0.8),
                (arm, -arm * 0.7),
            ];
            circle(x, y, size) + &line(x, y, &points)
        }
        Glyph::ProbeFail => circle(x, y, size) + &cross(x, y, size * 0.4),
        _ => {
            line(
                x,
                y,
                &glyph
                    .corners()
                    .iter()
                    .map(|(right, down)| (right * size, down * size))
                    .collect::<Vec<_>>(),
            ) + "z"
        }
    }
}

fn circle(x: f64, y: f64, radius: f64) -> String {
    let [left, y, radius, across] = [x - radius, y, radius, 2.0 * radius].map(number);
    format!("M{left} {y}a{radius} {radius} 0 1 0 {across} 0a{radius} {radius} 0 1 0 -{across} 0z")
}

fn cross(x: f64, y: f64, arm: f64) -> String {
    let [left, right, top, bottom] = [x - arm, x + arm, y - arm, y + arm].map(number);
    format!("M{left} {top}L{right} {bottom}M{right} {top}L{left} {bottom}")
}

fn line(x: f64, y: f64, points: &[(f64, f64)]) -> String {
    let at = |(right, down): &(f64, f64)| format!("{} {}", number(x + right), number(y + down));
    let points: Vec<String> = points.iter().map(at).collect();
    format!("M{}", points.join("L"))
}
