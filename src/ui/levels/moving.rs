//! The canvas of a level above the stage: what moves on the map and between two balancers. Cards are elements in front
//! of the canvas; the lines between them are SVG behind it.

use leptos::html;
use leptos::prelude::*;
use leptos_use_intersection_observer::use_intersection_observer;
use leptos_use_media_query::use_media_query;
use leptos_use_raf_fn::use_raf_fn;
use leptos_use_resize_observer::use_resize_observer;

use crate::scene::build::Motion;
use crate::scene::shape::Scene;
use crate::scene::words::thousands;
use crate::sim::engine::view::View;
use crate::ui::painter::Painter;
use crate::ui::session::Session;

/// The time between two pictures where the reader wants no motion, in milliseconds.
const STILL_MS: f64 = 1_000.0;

/// A canvas as large as the element around it. Each frame calls `draw` with the view, the size of the canvas in CSS
/// pixels, and whether marks may move. `draw` fills the scene, and clears it first.
#[component]
pub fn MovingCanvas(
    session: Session,
    draw: impl FnMut(View<'_>, (f64, f64), Motion, &mut Scene) + 'static,
) -> impl IntoView {
    let canvas = NodeRef::<html::Canvas>::new();
    let painter = StoredValue::new_local(None::<Painter>);
    let draw = StoredValue::new_local(draw);
    let size = StoredValue::new((0.0, 0.0));
    let calm = use_media_query("(prefers-reduced-motion: reduce)");
    let dark = use_media_query("(prefers-color-scheme: dark)");
    let forced = use_media_query("(forced-colors: active)");
    use_resize_observer(canvas, move |entries, _| {
        let Some(entry) = entries.first() else { return };
        let rect = entry.content_rect();
        size.set_value((rect.width(), rect.height()));
        painter.update_value(|painter| {
            if let Some(painter) = painter {
                painter.resize(rect.width(), rect.height(), window().device_pixel_ratio());
            }
        });
    });
    Effect::new(move |_| {
        dark.track();
        forced.track();
        painter.update_value(|painter| {
            if let Some(painter) = painter {
                painter.refresh_palette();
            }
        });
    });
    // Nobody sees what is out of view, as most figures of a text are.
    let seen = StoredValue::new(true);
    use_intersection_observer(canvas, move |entries, _| {
        if let Some(last) = entries.last() {
            seen.set_value(last.is_intersecting());
        }
    });
    let waited = StoredValue::new(f64::INFINITY);
    let _ = use_raf_fn(move |args| {
        let still = calm.get_untracked();
        waited.update_value(|waited| *waited += args.delta);
        if !seen.get_value() || (still && waited.get_value() < STILL_MS) {
            return;
        }
        waited.set_value(0.0);
        let Some(canvas) = canvas.try_get_untracked().flatten() else {
            return;
        };
        painter.update_value(|painter| {
            if painter.is_none() {
                *painter = Painter::new(canvas);
                if let Some(painter) = painter {
                    let (width, height) = size.get_value();
                    painter.set_number(thousands);
                    painter.resize(width, height, window().device_pixel_ratio());
                }
            }
            let Some(painter) = painter else { return };
            painter.set_still(still);
            painter.picture(|scene, motion| {
                session.read(|view| {
                    draw.update_value(|draw| draw(view, size.get_value(), motion, scene));
                });
            });
        });
    });
    view! { <canvas class="moving" node_ref=canvas aria-hidden="true"></canvas> }
}
