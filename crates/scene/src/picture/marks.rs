//! The wires, requests and workers of a picture: what the canvas draws, as SVG.

use super::styled;
use crate::layout::Point;
use crate::path::{Path, PathPiece};
use crate::shape::{Dash, FINISHES, Glyph, MarkStyle, PAINTS, Paint, RequestMark, Scene};
use crate::svg::{PathData, SvgWriter};

/// The style class of a colour.
pub const fn class(paint: Paint) -> &'static str {
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
pub fn wires(scene: &Scene, svg: &mut SvgWriter) {
    for stroke in &scene.strokes {
        let class = format!("wire {}", class(stroke.paint));
        let outline = outline(scene.path(stroke));
        let wire = styled::path(svg, &class, outline.as_str());
        let wire = wire.length("stroke-width", stroke.width);
        match stroke.dash {
            Dash::Solid => wire,
            Dash::Broken => wire.attr("stroke-dasharray", "3 5"),
            Dash::Resting => wire.attr("stroke-dasharray", "9 6"),
        }
        .end();
    }
}

fn outline(path: &Path) -> PathData {
    let at = |point: Point| (point.x, point.y);
    let mut data = PathData::default();
    data.move_to(path.start().x, path.start().y);
    for piece in path.pieces() {
        match *piece {
            PathPiece::Line(to) => data.line_to(to.x, to.y),
            PathPiece::Curve(a, b, to) => data.curve_to(at(a), at(b), at(to)),
        }
    }
    data
}

/// Draws the workers with their work, inside the cards.
pub fn slots(scene: &Scene, svg: &mut SvgWriter) {
    for slot in &scene.slots {
        let rect = slot.rect;
        let at = (rect.x, rect.y);
        if let Some((done, paint)) = slot.work {
            let class = format!("done {}", class(paint));
            styled::rect(svg, &class, at, (rect.width * done, rect.height), 0.0);
        }
        styled::rect(svg, "slot", at, (rect.width, rect.height), 0.0);
    }
    for more in &scene.more {
        let text = format!("+{}", more.count);
        styled::text(svg, "s soft", (more.at.x, more.at.y), &text);
    }
}

/// Draws requests, responses, probes and failures, on top.
pub fn marks(scene: &Scene, svg: &mut SvgWriter) {
    for finish in FINISHES {
        for paint in PAINTS {
            for mark in scene.marks(paint, finish) {
                one(mark, finish, class(paint), svg);
            }
        }
    }
}

/// Draws a mark for a key, outside of any stage.
pub fn key_mark(glyph: Glyph, finish: MarkStyle, colour: &str, at: Point, svg: &mut SvgWriter) {
    let mark = RequestMark {
        at,
        size: 4.0,
        glyph,
        opacity: 1.0,
        sealed: false,
        request: None,
    };
    one(&mark, finish, colour, svg);
}

/// Draws the shape of a mark round the origin, in the colour around it.
pub fn shape(glyph: Glyph, finish: MarkStyle, size: f64, svg: &mut SvgWriter) {
    let mark = RequestMark {
        at: Point::default(),
        size,
        glyph,
        opacity: 1.0,
        sealed: false,
        request: None,
    };
    one(&mark, finish, "", svg);
}

fn one(mark: &RequestMark, finish: MarkStyle, colour: &str, svg: &mut SvgWriter) {
    let (x, y) = (mark.at.x, mark.at.y);
    let mut size = mark.size;
    if mark.sealed {
        let (half, up) = (size * 1.35, size * 1.05);
        let class = format!("h {colour}");
        styled::rect(svg, &class, (x - half, y - up), (2.0 * half, 2.0 * up), 0.0);
        size *= 0.66;
    }
    let look = match finish {
        MarkStyle::Filled => "f",
        MarkStyle::Hollow | MarkStyle::Crossed => "h",
        MarkStyle::Line => "l",
    };
    let class = format!("{look} {colour}");
    styled::drawn(svg, &class, mark.opacity, |data| {
        form(data, mark.glyph, x, y, size);
    });
    if finish == MarkStyle::Crossed {
        let class = format!("l {colour}");
        styled::drawn(svg, &class, 1.0, |data| data.cross(x, y, size * 0.55));
    }
}

/// The outline of a mark; `ui/glyphs.rs` draws the same.
fn form(data: &mut PathData, glyph: Glyph, x: f64, y: f64, size: f64) {
    let place = |(right, down): (f64, f64)| (x + right, y + down);
    match glyph {
        Glyph::Circle => data.circle(x, y, size),
        Glyph::Square => {
            let side = size * 1.8;
            data.rect(x - size * 0.9, y - size * 0.9, side, side);
        }
        Glyph::Cross => data.cross(x, y, size * 0.75),
        Glyph::ProbeOut => {
            data.circle(x, y, size);
            data.move_to(x - size * 0.5, y);
            data.across(size);
            data.move_to(x, y - size * 0.5);
            data.down(size);
        }
        Glyph::ProbePass => {
            let arm = size * 0.5;
            let points = [
                (-arm, arm * 0.1),
                (-arm * 0.2, arm * 0.8),
                (arm, -arm * 0.7),
            ];
            data.circle(x, y, size);
            data.polyline(points.map(place));
        }
        Glyph::ProbeFail => {
            data.circle(x, y, size);
            data.cross(x, y, size * 0.4);
        }
        _ => {
            let corners = glyph.corners().iter();
            data.polyline(corners.map(|(right, down)| place((right * size, down * size))));
            data.close();
        }
    }
}
