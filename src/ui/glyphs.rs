//! Draws the shapes of marks on a canvas. The caller sets colours and line widths, once for many marks.

use std::f64::consts::TAU;

use web_sys::CanvasRenderingContext2d;

use crate::scene::shape::{Glyph, MarkStyle, RequestMark};

/// Draws the mark of one request.
pub fn draw(context: &CanvasRenderingContext2d, mark: &RequestMark, finish: MarkStyle) {
    let (x, y) = (mark.at.x, mark.at.y);
    let size = if mark.sealed {
        mark.size * 0.66
    } else {
        mark.size
    };
    context.begin_path();
    match mark.glyph {
        Glyph::Circle => circle(context, x, y, size),
        Glyph::Square => context.rect(x - size * 0.9, y - size * 0.9, size * 1.8, size * 1.8),
        Glyph::Diamond | Glyph::Triangle | Glyph::Hexagon => {
            polygon(context, x, y, size, mark.glyph.corners());
        }
        Glyph::Cross => {
            // The only mark that fades: others are solid, so most marks set no opacity.
            context.set_global_alpha(mark.opacity);
            context.set_line_width(2.2);
            cross(context, x, y, size * 0.75);
            context.stroke();
            return;
        }
        Glyph::ProbeOut | Glyph::ProbePass | Glyph::ProbeFail => {
            context.set_global_alpha(1.0);
            probe(context, mark);
            return;
        }
    }
    match finish {
        MarkStyle::Filled => context.fill(),
        MarkStyle::Hollow => {
            context.fill();
            context.stroke();
        }
        MarkStyle::Crossed => {
            context.fill();
            context.stroke();
            context.begin_path();
            cross(context, x, y, size * 0.55);
            context.stroke();
        }
        MarkStyle::Line => context.stroke(),
    }
}

/// Draws a closed envelope around a mark: at L4 the balancer forwards the request and cannot read it.
pub fn envelope(context: &CanvasRenderingContext2d, mark: &RequestMark) {
    let (x, y, size) = (mark.at.x, mark.at.y, mark.size);
    let (half, up) = (size * 1.35, size * 1.05);
    context.begin_path();
    context.rect(x - half, y - up, 2.0 * half, 2.0 * up);
    context.fill();
    context.stroke();
}

fn polygon(context: &CanvasRenderingContext2d, x: f64, y: f64, size: f64, corners: &[(f64, f64)]) {
    for (place, (right, down)) in corners.iter().enumerate() {
        let (x, y) = (x + right * size, y + down * size);
        if place == 0 {
            context.move_to(x, y);
        } else {
            context.line_to(x, y);
        }
    }
    context.close_path();
}

fn circle(context: &CanvasRenderingContext2d, x: f64, y: f64, radius: f64) {
    // A radius that is not negative cannot fail.
    let _ = context.arc(x, y, radius, 0.0, TAU);
}

fn cross(context: &CanvasRenderingContext2d, x: f64, y: f64, arm: f64) {
    context.move_to(x - arm, y - arm);
    context.line_to(x + arm, y + arm);
    context.move_to(x + arm, y - arm);
    context.line_to(x - arm, y + arm);
}

/// Draws a probe: a ring with a plus on the way out, then with a tick or a cross.
fn probe(context: &CanvasRenderingContext2d, mark: &RequestMark) {
    let (x, y, size) = (mark.at.x, mark.at.y, mark.size);
    context.set_line_width(1.4);
    circle(context, x, y, size);
    context.fill();
    let arm = size * 0.5;
    match mark.glyph {
        Glyph::ProbePass => {
            context.move_to(x - arm, y + arm * 0.1);
            context.line_to(x - arm * 0.2, y + arm * 0.8);
            context.line_to(x + arm, y - arm * 0.7);
        }
        Glyph::ProbeFail => cross(context, x, y, arm * 0.8),
        _ => {
            context.move_to(x - arm, y);
            context.line_to(x + arm, y);
            context.move_to(x, y - arm);
            context.line_to(x, y + arm);
        }
    }
    context.stroke();
}
