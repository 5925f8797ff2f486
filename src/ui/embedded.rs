//! An embedded page: it reports its height, receives messages, sends figures, and stands still while it is out of view.
//! [`crate::embed::message`] has the messages.

use std::time::Duration;

use leptos::ev;
use leptos::prelude::*;
use leptos_use_resize_observer::use_resize_observer;
use serde_json::Value;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::embed::message::{self, HostMessage, InboundMessage};
use crate::sim::share;
use crate::ui::options;
use crate::ui::playback::Playback;
use crate::ui::session::Session;

/// The period between two messages with figures, while the host watches.
const EVERY: Duration = Duration::from_secs(1);

/// Sends a message to the page around, whatever its origin: the messages hold no secrets, and a sandboxed page has no
/// origin to name.
fn post_to_host(text: &str) {
    let parent = window().parent().ok().flatten();
    if let (Some(parent), Ok(data)) = (parent, js_sys::JSON::parse(text)) {
        let _ = parent.post_message(&data, "*");
    }
}

/// Whether the page is in a frame.
fn is_framed() -> bool {
    let own: JsValue = window().into();
    window().parent().ok().flatten().is_some_and(|parent| {
        let parent: JsValue = parent.into();
        parent != own
    })
}

/// Starts to receive and to send messages.
pub fn start(session: Session, playback: Playback) {
    stand_still_out_of_view(playback);
    if !is_framed() {
        return;
    }
    let watched = StoredValue::new(false);
    let listener = window_event_listener(ev::message, move |event| {
        // Only the page around may ask.
        let from = event.source().map(JsValue::from);
        let parent = window().parent().ok().flatten().map(JsValue::from);
        if from.is_none() || from != parent {
            return;
        }
        let text = js_sys::JSON::stringify(&event.data()).ok();
        let text = text.and_then(|text| text.as_string()).unwrap_or_default();
        match message::read(&text) {
            None => {}
            Some(Err(refused)) => post_to_host(&message::refused(&refused.reason, &refused.id)),
            Some(Ok(asked)) => post_to_host(&answer(asked, session, playback, watched)),
        }
    });
    on_cleanup(move || listener.remove());
    let figures = move || {
        if watched.get_value() {
            let playing = playback.playing.get_untracked();
            post_to_host(
                &session.read(|view| message::figures_message(view, playing, &Value::Null)),
            );
        }
    };
    if let Ok(handle) = set_interval_with_handle(figures, EVERY) {
        on_cleanup(move || handle.clear());
    }
    post_to_host(&session.read(message::ready));
    report_height();
}

/// Carries out a message; returns the answer.
fn answer(
    HostMessage { ask, id }: HostMessage,
    session: Session,
    playback: Playback,
    watched: StoredValue<bool>,
) -> String {
    match ask {
        InboundMessage::Play => playback.playing.set(true),
        InboundMessage::Pause => playback.playing.set(false),
        InboundMessage::Reset => session.restart(session.read(|view| view.seed())),
        InboundMessage::Seed(seed) => session.restart(seed),
        InboundMessage::Set { speed, theme } => {
            if let Some(place) = speed {
                playback.speed.set(place);
            }
            if let Some(theme) = theme {
                options::set_theme(theme);
            }
        }
        InboundMessage::Open(run) => session.open(&run),
        InboundMessage::Command(command) => {
            if let Err(error) = session.send(command) {
                return message::refused(&error.to_string(), &id);
            }
        }
        InboundMessage::Watch(on) => watched.set_value(on),
        InboundMessage::Figures => {
            let playing = playback.playing.get_untracked();
            return session.read(|view| message::figures_message(view, playing, &id));
        }
        InboundMessage::Link => {
            return match share::encode(&session.present()) {
                Ok(run) => message::link(&run, &id),
                Err(error) => message::refused(&error.to_string(), &id),
            };
        }
    }
    message::done(&id)
}

/// Reports the height of the page, now and whenever it changes.
fn report_height() {
    let Some(body) = document().body() else {
        return;
    };
    let told = StoredValue::new(0.0_f64);
    let tall = move || {
        let height = document()
            .body()
            .map_or(0.0, |body| body.get_bounding_client_rect().height());
        // A fraction of a pixel more or less is no news, and telling it could go round for ever.
        if (height - told.get_value()).abs() >= 2.0 {
            told.set_value(height);
            post_to_host(&message::resize(height));
        }
    };
    let target: web_sys::Element = body.into();
    use_resize_observer(
        Signal::derive_local(move || Some(target.clone())),
        move |_, _| tall(),
    );
}

/// Pauses the run while no part of the frame is on the screen.
fn stand_still_out_of_view(playback: Playback) {
    let look = Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let last = entries
            .pop()
            .dyn_into::<web_sys::IntersectionObserverEntry>();
        if let Ok(entry) = last {
            playback.in_view.set(entry.is_intersecting());
        }
    });
    let observer = web_sys::IntersectionObserver::new(look.as_ref().unchecked_ref()).ok();
    // As long as the page lives.
    look.forget();
    if let (Some(observer), Some(root)) = (observer, document().document_element()) {
        observer.observe(&root);
    }
}
