//! The same engine as WebAssembly, for `scripts/bench.mjs` to run and to time in Node.js, and its
//! painter, for a page of the benchmark in a browser.
#![cfg(target_arch = "wasm32")]

mod workload;

use std::cell::RefCell;

use evenkeel::scene::layout::{Layout, Point, Rect, ServerSpot, Side};
use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::time::SimDuration;
use evenkeel::ui::painter::Painter;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::HtmlCanvasElement;

thread_local! {
    /// The engine under test, and the same as it was when warm.
    static ENGINE: RefCell<Option<(Engine, Engine)>> = const { RefCell::new(None) };
}

/// The algorithms, by the catalogue's ids, a line each.
#[wasm_bindgen]
#[must_use]
pub fn algorithms() -> String {
    CATALOGUE
        .iter()
        .map(|row| row.id.to_string() + "\n")
        .collect()
}

/// The fleet sizes, in order, and the events of a sample behind them.
#[wasm_bindgen]
#[must_use]
pub fn sizes() -> Vec<u32> {
    let fleets = workload::FLEETS.iter().map(|servers| *servers as u32);
    fleets.chain([workload::EVENTS as u32]).collect()
}

/// Makes a fleet and warms it.
#[wasm_bindgen]
pub fn ready(servers: usize, id: &str) {
    let engine = workload::fleet(servers, id);
    ENGINE.set(Some((engine.clone(), engine)));
}

/// Puts the fleet back to where it was when warm.
#[wasm_bindgen]
pub fn rewind() {
    ENGINE.with_borrow_mut(|engines| {
        if let Some((engine, warm)) = engines {
            engine.clone_from(warm);
        }
    });
}

/// Runs a sample.
#[wasm_bindgen]
pub fn sample() {
    ENGINE.with_borrow_mut(|engines| {
        if let Some((engine, _)) = engines {
            workload::run(engine, workload::EVENTS);
        }
    });
}

/// Lets so many requests come that stay, and tells how many are in flight.
#[wasm_bindgen]
#[must_use]
pub fn crowd(requests: usize) -> usize {
    let mut engine = workload::crowd();
    workload::fill(&mut engine, requests);
    engine.view().in_flight()
}

/// Bytes of WebAssembly's memory. It only grows.
#[wasm_bindgen]
#[must_use]
pub fn memory_bytes() -> usize {
    core::arch::wasm32::memory_size(0) << 16
}

/// Runs the queue model until so many requests have arrived. Gives the events that were handled, and
/// the mean response time in microseconds.
#[wasm_bindgen]
#[must_use]
pub fn model(requests: u32) -> Vec<f64> {
    let mut engine = workload::model(7);
    workload::arrive(&mut engine, u64::from(requests));
    let view = engine.view();
    let mean = view.recorder().run_mean().unwrap_or_default();
    vec![view.events() as f64, mean.as_us() as f64]
}

/// The lanes of a race, for their frames to be timed.
#[wasm_bindgen]
pub struct Lanes(Vec<Engine>);

#[wasm_bindgen]
impl Lanes {
    /// Four lanes, warm.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self(workload::lanes())
    }

    /// Lets a frame's time pass in each.
    pub fn frame(&mut self) {
        workload::race_frame(&mut self.0);
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new()
    }
}

/// A run and the page's own painter, on a canvas of a page.
#[wasm_bindgen]
pub struct Show {
    engine: Engine,
    painter: Painter,
    layout: Layout,
}

#[wasm_bindgen]
impl Show {
    /// So many requests on their way. `None` where the canvas has no 2D context.
    #[must_use]
    pub fn new(
        canvas: HtmlCanvasElement,
        width: f64,
        height: f64,
        requests: usize,
    ) -> Option<Self> {
        let engine = workload::crowded(requests);
        let layout = place(&engine, width, height);
        let mut painter = Painter::new(canvas)?;
        painter.resize(width, height, 1.0);
        Some(Self {
            engine,
            painter,
            layout,
        })
    }

    /// Lets a frame's time pass and draws; gives how many are in flight.
    pub fn frame(&mut self) -> usize {
        let until = self.engine.view().now() + SimDuration::from_us(16_667);
        self.engine.run_until(until, EventBudget::UNBOUNDED);
        self.painter.frame(self.engine.view(), &self.layout);
        self.engine.view().in_flight()
    }
}

/// Clients at the left edge, servers at the right one, the balancer between them.
fn place(engine: &Engine, width: f64, height: f64) -> Layout {
    let view = engine.view();
    let spread = |count: usize, place: usize| height * (place as f64 + 0.5) / count as f64;
    let servers = view.members().count();
    let mut layout = Layout {
        width,
        height,
        clients: (0..view.clients().len())
            .map(|place| Point {
                x: width * 0.1,
                y: spread(view.clients().len(), place),
            })
            .collect(),
        servers: view
            .members()
            .enumerate()
            .map(|(place, member)| ServerSpot {
                id: member.server.id,
                door: Point {
                    x: width * 0.85,
                    y: spread(servers, place),
                },
                side: Side::Left,
                work: Rect {
                    x: width * 0.87,
                    y: spread(servers, place) - 12.0,
                    width: width * 0.12,
                    height: 24.0,
                },
            })
            .collect(),
        ..Layout::default()
    };
    let balancer = Rect {
        x: width * 0.45,
        y: height * 0.3,
        width: width * 0.1,
        height: height * 0.4,
    };
    layout.set_ports(balancer, &[]);
    layout
}
