//! Draws on the stage's canvas.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::scene::layout::{Layout, Point};
use crate::sim::engine::request::Phase;
use crate::sim::engine::view::View;

/// Draws on one canvas.
pub struct Painter {
    canvas: HtmlCanvasElement,
    pen: CanvasRenderingContext2d,
}

impl Painter {
    /// A painter for a canvas; `None` where the browser cannot draw.
    #[must_use]
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let pen = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(Self { canvas, pen })
    }

    /// Draws one frame.
    pub fn frame(&mut self, view: View<'_>, layout: &Layout) {
        let ratio = window().device_pixel_ratio();
        let (width, height) = (layout.width * ratio, layout.height * ratio);
        if (f64::from(self.canvas.width()) - width).abs() > 1.0
            || (f64::from(self.canvas.height()) - height).abs() > 1.0
        {
            self.canvas.set_width(width as u32);
            self.canvas.set_height(height as u32);
        }
        let _ = self.pen.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        self.pen.clear_rect(0.0, 0.0, layout.width, layout.height);
        self.pen.set_stroke_style_str("#858b95");
        self.pen.set_fill_style_str("#0072b2");
        for client in &layout.clients {
            self.wire(*client, layout.balancer_in);
        }
        for server in &layout.servers {
            self.wire(layout.balancer_out, server.door);
        }
        for (_, request) in view.requests() {
            let spot = request
                .current
                .and_then(|current| layout.servers.iter().find(|spot| spot.id == current.server));
            let client = layout.clients.get(request.draw.client.index()).copied();
            let door = spot.map_or(layout.balancer_out, |spot| spot.door);
            let (from, to, trip) = match request.phase {
                Phase::ToBalancer(trip) => (client, Some(layout.balancer_in), trip),
                Phase::ToClient(trip, _) => (Some(layout.balancer_in), client, trip),
                Phase::ToServer(trip) => (Some(layout.balancer_out), Some(door), trip),
                Phase::FromServer(trip, _) => (Some(door), Some(layout.balancer_out), trip),
                _ => continue,
            };
            if let (Some(from), Some(to)) = (from, to) {
                let t = trip.progress(view.now());
                self.dot(from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t);
            }
        }
    }

    fn wire(&self, from: Point, to: Point) {
        self.pen.begin_path();
        self.pen.move_to(from.x, from.y);
        self.pen.line_to(to.x, to.y);
        self.pen.stroke();
    }

    fn dot(&self, x: f64, y: f64) {
        self.pen.begin_path();
        let _ = self.pen.arc(x, y, 5.0, 0.0, 6.3);
        self.pen.fill();
    }
}
