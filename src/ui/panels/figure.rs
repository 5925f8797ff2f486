//! What charts have in common: a place that is measured, axes, and words for those who do not see.

use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use crate::scene::chart::{Frame, Tick};

/// The size of a figure before it is measured.
const UNMEASURED: (f64, f64) = (400.0, 200.0);

/// The size of a figure in pixels: what is written in it keeps its size at any width.
#[derive(Clone, Copy)]
pub struct Size(RwSignal<(f64, f64)>);

impl Size {
    /// A size not measured yet.
    pub fn new() -> Self {
        Self(RwSignal::new(UNMEASURED))
    }

    /// Width and height.
    pub fn get(self) -> (f64, f64) {
        self.0.get()
    }
}

/// A chart: an image whose size is that of its place on the page.
#[component]
pub fn Figure(
    /// The chart in words.
    #[prop(into)]
    description: Signal<String>,
    /// Where its size goes.
    size: Size,
    /// Its height, where what is in it decides that and not its place on the page.
    #[prop(optional, into)]
    height: Option<Signal<f64>>,
    children: Children,
) -> impl IntoView {
    let tall = move || height.map_or_else(|| size.get().1, |height| height.get());
    let place = NodeRef::<html::Div>::new();
    use_resize_observer(place, move |entries, _| {
        if let Some(entry) = entries.first() {
            let rect = entry.content_rect();
            let measured = (rect.width().round(), rect.height().round());
            // Nothing to draw on while the panel is hidden.
            if measured.0 > 0.0 && size.0.get_untracked() != measured {
                size.0.set(measured);
            }
        }
    });
    view! {
        <div class="figure" class:grows=height.is_some() node_ref=place>
            <svg
                role="img"
                aria-label=description
                width=move || size.get().0
                height=tall
            >
                {children()}
            </svg>
        </div>
    }
}

/// The axes of a chart over time.
#[component]
pub fn Axes(
    /// Where the plot is.
    #[prop(into)]
    frame: Signal<Frame>,
    /// Ticks from the bottom up.
    #[prop(into)]
    heights: Signal<Vec<Tick>>,
    /// Ticks from the left to the right.
    #[prop(into)]
    times: Signal<Vec<Tick>>,
) -> impl IntoView {
    let rows = move || {
        let Frame { left, right, .. } = frame.get();
        let row = |tick: Tick| {
            view! {
                <line class="grid" x1=left x2=right y1=tick.at y2=tick.at />
                <text class="tick end" x=left - 6.0 y=tick.at + 4.0>
                    {tick.label}
                </text>
            }
        };
        heights.get().into_iter().map(row).collect_view()
    };
    let columns = move || {
        let Frame {
            left,
            right,
            bottom,
            ..
        } = frame.get();
        let column = |tick: Tick| {
            // The first label begins at the edge, so that it does not meet the other axis.
            let anchor = if tick.at <= left {
                "tick"
            } else if tick.at >= right {
                "tick end"
            } else {
                "tick mid"
            };
            view! {
                <text class=anchor x=tick.at y=bottom + 15.0>
                    {tick.label}
                </text>
            }
        };
        times.get().into_iter().map(column).collect_view()
    };
    view! {
        <g aria-hidden="true">{rows} {columns}</g>
    }
}
