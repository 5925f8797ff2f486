//! Reads values in a chart, by pointer and by keyboard.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::scene::chart::{Chart, highlight};
use crate::scene::layout::Point;
use crate::scene::shape::Paint;
use crate::scene::svg::body;
use crate::t;

/// The data point that is read, and the chart that it belongs to.
#[derive(Clone, Copy)]
struct Reader {
    chart: Memo<Chart>,
    /// The key of the data point that is read.
    at: RwSignal<Option<u64>>,
}

impl Reader {
    fn place(self) -> Option<usize> {
        let key = self.at.get()?;
        self.chart.with(|chart| chart.find(key))
    }

    fn go(self, step: impl Fn(usize, usize) -> usize) {
        let next = self.chart.with_untracked(|chart| {
            let last = chart.stops.len().checked_sub(1)?;
            let here = self.at.get_untracked().and_then(|key| chart.find(key));
            let next = here.map_or(last, |here| step(here, last).min(last));
            Some(chart.stops[next].key)
        });
        self.at.set(next);
    }

    fn point(self, at: Point) {
        let key = self.chart.with_untracked(|chart| {
            let place = chart.nearest(at)?;
            Some(chart.stops[place].key)
        });
        if self.at.get_untracked() != key {
            self.at.set(key);
        }
    }
}

/// The area over a chart where values are read: by pointer, or with the arrow keys.
#[component]
pub fn Cursor(name: String, chart: Memo<Chart>, reading: RwSignal<String>) -> impl IntoView {
    let reader = Reader {
        chart,
        at: RwSignal::new(None),
    };
    let place = NodeRef::<html::Div>::new();
    let text = Memo::new(move |_| {
        reader.place().map_or_else(String::new, |place| {
            chart.with(|chart| chart.stops[place].text.clone())
        })
    });
    Effect::new(move |_| reading.set(text.get()));
    let mark = move || {
        let shapes = reader.place().map_or_else(Vec::new, |place| {
            chart.with(|chart| highlight(&chart.stops[place]))
        });
        body(&shapes, Paint::token)
    };
    let moved = move |event: ev::PointerEvent| {
        if let Some(place) = place.get_untracked() {
            let rect = place.get_bounding_client_rect();
            reader.point(Point {
                x: f64::from(event.client_x()) - rect.left(),
                y: f64::from(event.client_y()) - rect.top(),
            });
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        match event.key().as_str() {
            "ArrowLeft" | "ArrowUp" => reader.go(|here, _| here.saturating_sub(1)),
            "ArrowRight" | "ArrowDown" => reader.go(|here, _| here + 1),
            "PageUp" => reader.go(|here, _| here.saturating_sub(10)),
            "PageDown" => reader.go(|here, _| here + 10),
            "Home" => reader.go(|_, _| 0),
            "End" => reader.go(|_, last| last),
            "Escape" => reader.at.set(None),
            _ => return,
        }
        event.prevent_default();
    };
    let begin = move |_| {
        if reader.at.get_untracked().is_none() {
            reader.go(|_, last| last);
        }
    };
    let last = move || chart.with(|chart| chart.stops.len().saturating_sub(1));
    let said = move || {
        let text = text.get();
        if text.is_empty() {
            t!("cursor.nothing")
        } else {
            text
        }
    };
    view! {
        <div
            class="cursor"
            node_ref=place
            role="slider"
            tabindex="0"
            aria-label=t!("cursor.read", name = name)
            aria-valuemin="0"
            aria-valuemax=move || last().to_string()
            aria-valuenow=move || reader.place().unwrap_or_else(last).to_string()
            aria-valuetext=said
            on:pointermove=moved
            on:pointerdown=moved
            on:pointerleave=move |_| reader.at.set(None)
            on:focus=begin
            on:blur=move |_| reader.at.set(None)
            on:keydown=keys
        >
            <svg aria-hidden="true" width="100%" height="100%" inner_html=mark></svg>
        </div>
    }
}
