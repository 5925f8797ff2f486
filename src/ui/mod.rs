//! The page. The only place that knows leptos and the browser.
//!
//! | file | what it is |
//! |---|---|
//! | [`session`] | the bridge to the engine, which lives outside the reactive graph |
//! | `frame`, `playback` | when simulated time goes on, and how fast |
//! | `opening`, `staged` | the first moving pictures, before the controls are there; the pieces that take their place |
//! | `lazy`, `stylesheet` | parts and style sheets that come when they are wanted |
//! | `show`, `text` | what is shown only at times, and text that changes |
//! | `app`, `header` | what stands where; the head of the page |
//! | `algorithm`, `transport`, `slow`, `strip` | the algorithm's choice; playback and figures under the stage |
//! | `share`, `embedded` | the run as link, snippet and file; the page inside another page |
//! | `timeline` | the run on one line, to go back and forth in |
//! | `stage` | clients, balancer and servers as DOM, and the canvas between them |
//! | [`painter`], `glyphs`, `palette` | draw on that canvas |
//! | [`panels`], `events` | figures and facts under the stage |
//! | `description` | the scene in words, when it is asked for |
//! | `inspector`, `request_inspector`, `below` | what opens on request: more charts, a request's life, failures over time |
//! | `levels`, `scenes` | the world and the pairs above the stage; the choice of a scene |
//! | `fold` | a menu of what a row has no room for |
//! | `way_in` | what to try first, as one line on the stage |
//! | `notices` | a refused command, a missing part |
//! | `number`, `switch` | a number field that refuses in words; a switch |
//! | `language`, [`storage`] | the reader's language; what the browser keeps |
//! | `configuration`, `config` | the place of the configuration panel; the panel |
//! | `testing` | a hook by which tests take a run to a simulated time |
//! | [`crash_screen`], `options` | what is shown after a panic; what the address asks for |

mod algorithm;
mod app;
mod below;
mod comparison;
mod config;
mod configuration;
pub mod crash_screen;
mod description;
mod dialog;
mod editor;
mod embedded;
mod events;
mod first_steps;
mod fold;
mod frame;
mod glyphs;
mod header;
mod inspector;
mod language;
mod lazy;
mod legend;
mod lesson;
mod levels;
mod notices;
mod number;
mod opening;
mod options;
pub mod painter;
mod palette;
pub mod panels;
mod playback;
mod presets;
mod request_inspector;
mod scenes;
pub mod session;
mod share;
mod show;
mod slow;
mod stage;
mod staged;
pub mod storage;
mod strip;
mod stylesheet;
mod switch;
mod testing;
mod text;
mod timeline;
mod transport;

use wasm_bindgen_futures::spawn_local;

/// Shows the first moving pictures, and fetches the rest of the page meanwhile.
pub fn start() {
    // What a reader sees of a panic is a part of the page, which installs that itself.
    console_error_panic_hook::set_once();
    let settings = options::from_page();
    options::apply(settings);
    if lesson::is_chapter() {
        return spawn_local(lazy::lesson());
    }
    let opening = opening::Opening::begin();
    spawn_local(lazy::page(settings, opening));
}
