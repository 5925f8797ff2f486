//! The canvas behind the cards, and the measured positions of the cards.

use leptos::html;
use leptos::prelude::*;

use super::folded::Folded;
use super::measure::measure;
use crate::scene::fleet;
use crate::scene::layout::Layout;
use crate::scene::shape::Scene;
use crate::scene::words::thousands;
use crate::sim::engine::view::View;
use crate::ui::painter::Painter;
use crate::ui::session::Session;

/// The canvas, with the measured positions of the cards.
#[derive(Clone, Copy)]
pub struct Stage {
    pub(in crate::ui) root: NodeRef<html::Section>,
    pub(in crate::ui) canvas: NodeRef<html::Canvas>,
    pub(super) painter: StoredValue<Option<Painter>, LocalStorage>,
    pub(super) layout: StoredValue<Layout, LocalStorage>,
    pub(super) stale: StoredValue<bool>,
    pub(super) moved: Trigger,
    /// The controls that the cards have no room for.
    pub(super) folded: RwSignal<Folded>,
    /// The chosen request.
    pub(super) chosen: StoredValue<Option<u64>>,
    /// Whether all other requests are dimmed.
    pub(super) alone: StoredValue<bool>,
}

impl Stage {
    /// A stage whose elements are not in the page yet.
    pub fn new() -> Self {
        Self {
            root: NodeRef::new(),
            canvas: NodeRef::new(),
            painter: StoredValue::new_local(None),
            layout: StoredValue::new_local(Layout::default()),
            stale: StoredValue::new(true),
            moved: Trigger::new(),
            folded: RwSignal::new(Folded::default()),
            chosen: StoredValue::new(None),
            alone: StoredValue::new(false),
        }
    }

    /// Whether the cards have room for weights; tracked.
    pub fn shows_weights(self) -> bool {
        !self.folded.get().weights
    }

    /// Has the page measured before the next picture, since elements may have moved.
    pub fn remeasure(self) {
        self.stale.set_value(true);
        self.moved.notify();
    }

    /// Subscribes the calling effect to changes of positions.
    pub fn track(self) {
        self.moved.track();
    }

    /// Sets the controls that the cards have no room for.
    fn fold(self, folded: Folded) {
        if self.folded.get_untracked() != folded {
            self.folded.set(folded);
        }
    }

    /// Reads the colours of the page again.
    pub fn recolour(self) {
        self.painter.update_value(|painter| {
            if let Some(painter) = painter {
                painter.refresh_palette();
            }
        });
        self.moved.notify();
    }

    /// The marks of the last picture: number of the request (-1 for none), centre and radius, in CSS pixels.
    pub fn marks(self) -> Vec<[f64; 4]> {
        self.painter.with_value(|painter| {
            let scene = painter.as_ref().map(Painter::scene);
            let marks = scene.into_iter().flat_map(Scene::all_marks);
            let number = |request: Option<u64>| request.map_or(-1.0, |number| number as f64);
            marks
                .map(|(_, _, mark)| [number(mark.request), mark.at.x, mark.at.y, mark.size])
                .collect()
        })
    }

    /// Draws the present state. With `still` no request is drawn in flight.
    pub fn paint(self, session: Session, still: bool) {
        session.read(|view| self.paint_view(view, still));
    }

    /// The same, for the view of any run.
    pub fn paint_view(self, view: View<'_>, still: bool) {
        let (Some(root), Some(canvas)) = (
            self.root.try_get_untracked().flatten(),
            self.canvas.try_get_untracked().flatten(),
        ) else {
            return;
        };
        self.painter.update_value(|painter| {
            if painter.is_none() {
                *painter = Painter::new(canvas.clone());
                if let Some(painter) = painter {
                    painter.set_number(thousands);
                }
            }
            let Some(painter) = painter else { return };
            self.layout.update_value(|layout| {
                if self.stale.get_value() {
                    self.stale.set_value(false);
                    *layout = measure(&root, &canvas);
                    self.fold(Folded::read(&root));
                    fleet::place(view, layout);
                    let ratio = window().device_pixel_ratio();
                    painter.resize(layout.width, layout.height, ratio);
                }
                painter.set_still(still);
                painter.set_chosen(self.chosen.get_value(), self.alone.get_value());
                painter.frame(view, layout);
            });
        });
    }
}
