//! The page. The only place that knows leptos and the browser.
//!
//! | file | what it is |
//! |---|---|
//! | [`session`] | the bridge to the engine, which lives outside the reactive graph |
//! | `frame`, `playback` | when simulated time goes on, and how fast |
//! | `app` | what stands where |
//! | `bar`, `algorithm`, `checks`, `transport` | the controls above and below the stage |
//! | `share`, `embedded` | the run as link, snippet and file; the page inside another page |
//! | `scrub` | the run on one line, to go back and forth in |
//! | `stage` | clients, balancer and servers as DOM, and the canvas between them |
//! | [`painter`], `glyphs`, `palette` | draw on that canvas |
//! | [`panels`], `events` | figures and facts under the stage |
//! | `account` | the scene in words, when it is asked for |
//! | `closer` | what opens on request: more charts, a request's life, failures over time |
//! | `levels`, `scenes` | the world and the pairs above the stage; the choice of a scene |
//! | `number`, `switch` | a number field that refuses in words; a switch |
//! | `language`, [`storage`] | the reader's language; what the browser keeps |
//! | `configuration` | the way to the configuration panel |
//! | [`config`] | that panel, a program of its own: the page does not link it |
//! | [`halt`], `options` | what is shown after a panic; what the address asks for |

mod account;
mod algorithm;
mod app;
mod bar;
mod checks;
mod closer;
pub mod config;
mod configuration;
mod dress;
mod editor;
mod embedded;
mod events;
mod frame;
mod glass;
mod glyphs;
pub mod halt;
mod language;
mod later;
mod legend;
mod lesson;
mod levels;
mod number;
mod options;
pub mod painter;
mod palette;
pub mod panels;
mod playback;
mod presets;
mod race;
mod scenes;
mod scrub;
pub mod session;
mod share;
mod sheet;
mod stage;
pub mod storage;
mod switch;
mod transport;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Installs the panic hook and mounts the page.
pub fn start() {
    halt::install();
    let settings = options::from_page();
    options::apply(settings);
    if lesson::is_chapter() {
        return language::begin_chapter(|| wasm_bindgen_futures::spawn_local(later::lesson()));
    }
    let page = document();
    let place = page
        .get_element_by_id("app")
        .and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok())
        .or_else(|| page.body())
        .expect("a page has a body");
    language::begin(options::language(), move |language| {
        mount_to(
            place,
            move || view! { <app::App settings=settings language=language /> },
        )
        .forget();
        if let Some(boot) = document().get_element_by_id("boot") {
            boot.remove();
        }
    });
}
