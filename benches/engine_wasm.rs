//! The same engine as WebAssembly, for `scripts/bench.mjs` to run and to time in Node.js.
#![cfg(target_arch = "wasm32")]

mod workload;

use std::cell::RefCell;

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::Engine;
use wasm_bindgen::prelude::wasm_bindgen;

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
