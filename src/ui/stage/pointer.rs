//! Chooses the request under the pointer on the stage.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::Stage;
use crate::scene::hit::request_at;
use crate::scene::layout::Point;
use crate::ui::request_inspector::RequestInspector;

/// The largest distance of a mouse from a request, in CSS pixels; requests move.
const NEAR: f64 = 10.0;
/// The largest distance of a finger, in CSS pixels.
const FINGER: f64 = 22.0;
/// The selector of elements that handle presses themselves.
const CONTROLS: &str = "a, button, input, label, select, summary, textarea, [role=menu]";

/// Marks the chosen request in the picture.
pub fn follow(stage: Stage, request_inspector: Option<RequestInspector>) {
    let Some(request_inspector) = request_inspector else {
        return;
    };
    Effect::new(move |_| {
        let following = request_inspector.following.get();
        let shown = request_inspector.open.get() || following;
        stage
            .chosen
            .set_value(shown.then(|| request_inspector.chosen().get()).flatten());
        stage.alone.set_value(following);
        stage.moved.notify();
    });
}

/// Follows the request under the pointer, if there is one there.
pub fn press(stage: Stage, request_inspector: Option<RequestInspector>, event: &ev::PointerEvent) {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let control = target.and_then(|target| target.closest(CONTROLS).ok().flatten());
    let (Some(request_inspector), Some(canvas), None) =
        (request_inspector, stage.canvas.get_untracked(), control)
    else {
        return;
    };
    let rect = canvas.get_bounding_client_rect();
    let at = Point {
        x: f64::from(event.client_x()) - rect.left(),
        y: f64::from(event.client_y()) - rect.top(),
    };
    let reach = if event.pointer_type() == "mouse" {
        NEAR
    } else {
        FINGER
    };
    let hit = stage.painter.with_value(|painter| {
        let painter = painter.as_ref()?;
        request_at(painter.scene(), at, reach)
    });
    if let Some(number) = hit {
        request_inspector.follow(number);
    }
}
