//! Play, step, speed, reset, seed, clock.

use leptos::prelude::*;

use crate::scene::pace::SPEEDS;
use crate::scene::words::clock;
use crate::t;
use crate::ui::playback::Playback;
use crate::ui::scrub::{Line, Moments, Scrub, Whereabouts};
use crate::ui::session::Session;

/// The controls under the stage.
#[component]
pub fn Transport(session: Session, playback: Playback, embed: bool) -> impl IntoView {
    let now = session.watch(|view| clock(view.now()));
    let seed = session.watch(|view| view.seed());
    let again = move |_| session.restart(session.read(|view| view.seed()));
    view! {
        <section class="transport" aria-label=t!("transport.title")>
            <PlayButton playback=playback />
            {(!embed)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            on:click=move |_| playback.step_back(session)
                        >
                            {t!("transport.back")}
                        </button>
                        <button
                            type="button"
                            class="button"
                            on:click=move |_| playback.step(session)
                        >
                            {t!("transport.step")}
                        </button>
                        <button type="button" class="button" on:click=again>
                            {t!("transport.reset")}
                        </button>
                        <button
                            type="button"
                            class="button"
                            on:click=move |_| session.restart(new_seed(session))
                        >
                            {t!("transport.new_seed")}
                        </button>
                    }
                })}
            <SpeedField playback=playback />
            <p class="behind">
                {move || {
                    playback.behind.get().then(|| t!("transport.behind"))
                }}
            </p>
            {(!embed)
                .then(|| {
                    let line = Line::new(session, playback);
                    view! {
                        <Scrub line=line />
                        <Moments line=line />
                    }
                })}
            <p class="clock">
                <span class="time">{now}</span>
                <span class="seed">{move || t!("transport.seed", seed = seed.get().to_string())}</span>
            </p>
            {(!embed).then(|| view! { <Whereabouts session=session playback=playback /> })}
        </section>
    }
}

#[component]
fn PlayButton(playback: Playback) -> impl IntoView {
    let playing = playback.playing;
    let sign = move || {
        if playing.get() {
            "M3 2h4v12H3zM9 2h4v12H9z"
        } else {
            "M3.5 1.5v13l10-6.5z"
        }
    };
    view! {
        <button
            type="button"
            class="button play"
            on:click=move |_| playing.update(|playing| *playing = !*playing)
        >
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path fill="currentColor" d=sign></path>
            </svg>
            {move || if playing.get() { t!("transport.pause") } else { t!("transport.play") }}
        </button>
    }
}

#[component]
fn SpeedField(playback: Playback) -> impl IntoView {
    let options = SPEEDS
        .iter()
        .enumerate()
        .map(|(place, speed)| {
            let is_it = move || playback.speed.get() == place;
            view! {
                <option value=place.to_string() prop:selected=is_it>
                    {speed.label}
                </option>
            }
        })
        .collect_view();
    let fastest = SPEEDS.len();
    let choose = move |value: String| {
        if let Some(place) = value.parse().ok().filter(|place| *place <= fastest) {
            playback.speed.set(place);
        }
    };
    view! {
        <div class="speed">
            <label for="speed">{t!("transport.speed")}</label>
            <select id="speed" on:change:target=move |event| choose(event.target().value())>
                {options}
                <option
                    value=fastest.to_string()
                    prop:selected=move || playback.speed.get() == fastest
                >
                    {t!("transport.fastest")}
                </option>
            </select>
        </div>
    }
}

/// A seed from the browser's randomness, short enough to be read out. Where there is none, the next.
fn new_seed(session: Session) -> u64 {
    getrandom::u32().map_or_else(
        |_| session.read(|view| view.seed()) + 1,
        |random| u64::from(random % 1_000_000),
    )
}
