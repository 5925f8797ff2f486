//! Keeps the address bar and the run together: a link opens when the page starts and when its fragment changes, and the
//! fragment follows the run without new entries in the browser's history.

use std::cell::RefCell;
use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::scene::words::clock;
use crate::sim::run::Run;
use crate::sim::scenario::preset::start_scenario;
use crate::sim::share::{self, NAME};
use crate::t;
use crate::ui::lazy;
use crate::ui::playback::Playback;
use crate::ui::session::Session;

/// The period of updates of the fragment. Browsers refuse more than about three changes a second.
const EVERY: Duration = Duration::from_millis(1_500);

thread_local! {
    /// The fragment at the last update. After a panic the run itself cannot be read.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The fragment at the last update, with its `#`; empty before the first.
pub fn last() -> String {
    LAST.with_borrow(Clone::clone)
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// Whether the address names a run: that goes before a scene that it names too.
pub fn has_run() -> bool {
    fragment().contains(&format!("{NAME}="))
}

/// Opens the run in the fragment of the page. If the fragment has a fault, `notice` gets the message and the present
/// run stays. `read` becomes true when the fragment was read.
fn open(
    session: Session,
    playback: Playback,
    notice: RwSignal<Option<String>>,
    read: RwSignal<bool>,
) {
    let fragment = fragment();
    if !has_run() || fragment == last() {
        return read.set(true);
    }
    let text = share::find(&fragment).unwrap_or_default().to_owned();
    spawn_local(async move {
        match (lazy::link_codec().await.run)(&text) {
            Ok(run) => {
                // What was shared at a moment shows that moment until the reader goes on.
                if run.at.as_us() > 0 {
                    playback.playing.set(false);
                }
                session.open(&run);
                LAST.set(fragment);
                let paused = run.at.as_us() > 0;
                notice.set(paused.then(|| t!("share.paused", at = clock(run.at))));
            }
            Err(error) => notice.set(Some(t!("share.not_opened", reason = error.to_string()))),
        }
        read.set(true);
    });
}

/// Opens the link of the page, and listens for others. The returned signal becomes true when the first link was read:
/// before, the page may still show another run.
pub fn listen(
    session: Session,
    playback: Playback,
    notice: RwSignal<Option<String>>,
) -> Signal<bool> {
    let read = RwSignal::new(false);
    let look = move || open(session, playback, notice, read);
    look();
    let listener = window_event_listener(ev::hashchange, move |_| look());
    on_cleanup(move || listener.remove());
    read.into()
}

/// Updates the fragment of the address bar, once the run differs from the start of the first scene. An embedded page
/// only remembers the fragment.
pub fn follow(session: Session, playback: Playback, embed: bool) {
    let untouched = Run::start(start_scenario());
    let look = move || {
        if session.is_seeking().get_untracked() {
            return;
        }
        let run = session.present();
        let started = run.log.is_empty() && run.seed == untouched.seed;
        let opened = started && run.scenario == untouched.scenario;
        if opened && (embed || playback.playing.get_untracked()) {
            return;
        }
        spawn_local(async move {
            let Ok(fragment) = (lazy::link_codec().await.link)(&run) else {
                return;
            };
            if fragment == last() {
                return;
            }
            LAST.set(fragment.clone());
            if embed {
                return;
            }
            // Refused where the page has no address of its own; then there is nothing to follow.
            let history = window().history().ok();
            let _ = history
                .map(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&fragment)));
        });
    };
    if let Ok(handle) = set_interval_with_handle(look, EVERY) {
        on_cleanup(move || handle.clear());
    }
}

/// The notice about a fault in the link of the page.
#[component]
pub fn LinkNotice(playback: Playback, notice: RwSignal<Option<String>>) -> impl IntoView {
    // A reader who goes on has read it.
    Effect::new(move |before: Option<bool>| {
        let playing = playback.playing.get();
        if playing && before == Some(false) {
            notice.set(None);
        }
        playing
    });
    view! {
        <div class="notice" role="alert">
            {move || {
                notice
                    .get()
                    .map(|text| {
                        view! {
                            <p>{text}</p>
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| notice.set(None)
                            >
                                {t!("close")}
                            </button>
                        }
                    })
            }}
        </div>
    }
}
