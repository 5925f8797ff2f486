//! The page. Only this part of the program uses leptos and the browser.
//!
//! | file | contents |
//! |---|---|
//! | [`session`] | the bridge to the engine, which lives outside the reactive graph |
//! | `frame`, `playback` | the frame loop; play, pause and speed |
//! | `opening`, `staged` | moving pictures until the page has loaded; building the page in pieces |
//! | `lazy`, `stylesheet` | code and style sheets that load when they are first needed |
//! | `show`, `text` | conditional content; changing text |
//! | `app`, `header`, `below` | the layout of the page; its header; the part below the stage |
//! | `algorithm` | the choice of the algorithm |
//! | `transport`, `slow`, `strip` | playback controls; slow motion; figures under the stage |
//! | `share`, `embedded` | the run as link, snippet and file; messages to the page around |
//! | `timeline` | the whole run on a slider, with marks and branches |
//! | `stage` | clients, balancer and servers as elements, and the canvas between them |
//! | [`painter`], `glyphs`, `palette` | drawing on the canvas |
//! | [`panels`], `events`, `legend` | charts and tables; events; the legend |
//! | `description` | the scene in words, on request |
//! | `inspector`, `request_inspector` | panels with details, on request |
//! | `comparison` | runs side by side ("race" on the page) |
//! | `editor`, `presets`, `scenes` | the scene editor; incidents with their fixes; the choice of a scene |
//! | `levels` | the world and the pairs of balancers above the stage |
//! | `lesson` | the figures of a chapter's page |
//! | `fold`, `dialog` | a menu of controls that a row has no room for; a modal dialog |
//! | `first_steps` | the hint on what to try first |
//! | `notices` | a refused command, a part that did not load |
//! | `number`, `switch` | a number field that refuses with a message; a switch |
//! | `language`, [`storage`] | the language of the page; the browser's storage |
//! | `configuration`, `config` | the place of the configuration panel; the panel |
//! | `options` | the parameters of the address |
//! | `testing` | a hook by which tests take a run to a simulated time |
//! | [`crash_screen`] | the panel after a panic |

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
mod inspector_button;
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

/// Starts the opening pictures, and loads the rest of the page meanwhile.
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
