//! The component that draws a chart: a drawing that fits its place, values that are read by pointer and keyboard, the
//! numbers as a table, and files to save.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;

use super::cursor::Cursor;
use super::numbers::Numbers;
use crate::scene::chart::table::DataTable;
use crate::scene::chart::{Chart, KeyEntry};
use crate::scene::shape::Paint;
use crate::scene::svg::body;
use crate::sim::engine::view::View;
use crate::ui::session::Session;
use crate::ui::stylesheet::styled;

/// The style sheet of charts and of the table of shares.
pub const CHARTS: &str = "style/charts.css";

/// The size of a chart before its place is measured, in CSS pixels.
pub const UNMEASURED: (f64, f64) = (400.0, 210.0);

/// Makes the chart of a view, `width` by `height` CSS pixels large.
pub type Renderer = Arc<dyn Fn(View<'_>, f64, f64) -> Chart + Send + Sync>;
/// Makes the table of a view.
pub type Tabulate = Arc<dyn Fn(View<'_>) -> DataTable + Send + Sync>;

/// The source of a chart.
#[derive(Clone)]
pub struct Source {
    /// The name in labels of controls and in file names.
    pub name: String,
    /// The function that draws the chart.
    pub draw: Renderer,
    /// The function that gives the chart's numbers as a table.
    pub table: Tabulate,
    /// Whether its content decides its height, and not its place on the page.
    pub grows: bool,
}

impl Source {
    /// A chart that fills its place.
    pub fn new(
        name: String,
        draw: impl Fn(View<'_>, f64, f64) -> Chart + Send + Sync + 'static,
        table: impl Fn(View<'_>) -> DataTable + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            draw: Arc::new(draw),
            table: Arc::new(table),
            grows: false,
        }
    }

    /// A chart that is as high as it needs.
    pub fn growing(
        name: String,
        draw: impl Fn(View<'_>, f64) -> Chart + Send + Sync + 'static,
        table: impl Fn(View<'_>) -> DataTable + Send + Sync + 'static,
    ) -> Self {
        let draw = move |view: View<'_>, width, _| draw(view, width);
        Self {
            grows: true,
            ..Self::new(name, draw, table)
        }
    }
}

/// A chart of the run in its place. While values are read, `reading` holds them as a sentence, which the panel shows in
/// place of its headline.
#[component]
pub fn ChartView(session: Session, source: Source, reading: RwSignal<String>) -> impl IntoView {
    let size = RwSignal::new(UNMEASURED);
    let Source {
        name,
        draw,
        table,
        grows,
    } = source;
    let chart = session.watch(move |view| {
        let (width, height) = size.get();
        draw(view, width, height)
    });
    let table = TableSource::new(move || {
        let make = table.clone();
        session.watch(move |view| make(view))
    });
    view! { <ChartFrame name chart table size grows reading /> }
}

/// Makes the table of a chart when the reader first opens it.
#[derive(Clone)]
pub struct TableSource(Arc<dyn Fn() -> Memo<DataTable> + Send + Sync>);

impl TableSource {
    /// A table that is computed from its first display on.
    pub fn new(watch: impl Fn() -> Memo<DataTable> + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// Starts to compute the table.
    pub fn watch(&self) -> Memo<DataTable> {
        (self.0)()
    }
}

/// A chart of any data in its place. `size` is the measured size, in CSS pixels.
#[component]
pub fn ChartFrame(
    name: String,
    chart: Memo<Chart>,
    table: TableSource,
    size: RwSignal<(f64, f64)>,
    #[prop(optional)] grows: bool,
    reading: RwSignal<String>,
) -> impl IntoView {
    styled(CHARTS, move || {
        view! { <Drawn name=name.clone() chart table=table.clone() size grows reading /> }
    })
}

#[component]
fn Drawn(
    name: String,
    chart: Memo<Chart>,
    table: TableSource,
    size: RwSignal<(f64, f64)>,
    grows: bool,
    reading: RwSignal<String>,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    use_resize_observer(place, move |entries, _| {
        if let Some(entry) = entries.first() {
            let rect = entry.content_rect();
            let measured = (rect.width().round(), rect.height().round());
            // Nothing to draw on while the panel is hidden.
            if measured.0 > 0.0 && size.get_untracked() != measured {
                size.set(measured);
            }
        }
    });
    let drawing = Memo::new(move |_| chart.with(|chart| body(&chart.shapes, Paint::token)));
    let description = Memo::new(move |_| chart.with(|chart| chart.description.clone()));
    let tall = Memo::new(move |_| chart.with(|chart| chart.height));
    view! {
        <div class="figure" class:grows=grows node_ref=place>
            <svg
                role="img"
                aria-label=description
                width=move || size.get().0
                height=tall
                inner_html=drawing
            ></svg>
            <Cursor name=name.clone() chart reading />
        </div>
        <Numbers name table chart />
    }
}

/// The line above a chart: the values that are read, else the headline.
#[component]
pub fn Headline(
    reading: RwSignal<String>,
    #[prop(into)] otherwise: Signal<String>,
) -> impl IntoView {
    let text = move || {
        let read = reading.get();
        if read.is_empty() {
            otherwise.get()
        } else {
            read
        }
    };
    view! { <p class="headline" class:read=move || reading.with(|read| !read.is_empty())>{text}</p> }
}

/// The key of a chart: the style of each series and its meaning.
#[component]
pub fn Key(entries: Vec<KeyEntry>) -> impl IntoView {
    let entry = |entry: KeyEntry| {
        view! {
            <li>
                <svg
                    width="16"
                    height="12"
                    aria-hidden="true"
                    inner_html=body(&entry.sample, Paint::token)
                ></svg>
                {entry.name}
            </li>
        }
    };
    view! { <ul class="key">{entries.into_iter().map(entry).collect_view()}</ul> }
}
