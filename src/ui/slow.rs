//! Slow motion: a tenth of the speed, by a button or by holding a key.

use leptos::ev;
use leptos::prelude::*;

use crate::t;
use crate::ui::playback::Playback;

/// The button of slow motion: on while it is pressed in, or while the Shift key is held.
#[component]
pub fn SlowMotionButton(playback: Playback) -> impl IntoView {
    let hold = move |down: bool| {
        move |event: ev::KeyboardEvent| {
            if event.key() == "Shift" {
                playback.held.set(down);
            }
        }
    };
    let down = window_event_listener(ev::keydown, hold(true));
    let up = window_event_listener(ev::keyup, hold(false));
    let left = window_event_listener(ev::blur, move |_| playback.held.set(false));
    on_cleanup(move || {
        down.remove();
        up.remove();
        left.remove();
    });
    let pressed = move || playback.slow.get();
    view! {
        <button
            type="button"
            class="button slow"
            title=t!("transport.slow_means")
            aria-pressed=move || pressed().to_string()
            on:click=move |_| playback.slow.update(|slow| *slow = !*slow)
        >
            <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
                <path fill="none" stroke="currentColor" stroke-width="1.6" d="M8 4a5.2 5.2 0 1 0 .01 0M8 6v3.2l2.2 1.6M6 1.2h4"></path>
            </svg>
            <span class="word">{t!("transport.slow")}</span>
        </button>
    }
}
