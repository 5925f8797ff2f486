//! Play, step, speed, reset, seed, clock.

use leptos::prelude::*;

use crate::scene::pace::{SPEEDS, behind_text};
use crate::scene::words::clock;
use crate::t;
use crate::ui::glass::Glass;
use crate::ui::playback::Playback;
use crate::ui::scrub::{Line, Moments, Scrub, Whereabouts};
use crate::ui::session::Session;
use crate::ui::slow::SlowButton;
use crate::ui::stage::{FollowButton, Tuning, TuningButton};

/// The controls under the stage: playing first, then the line of time, then what begins anew.
#[component]
pub fn Transport(
    session: Session,
    playback: Playback,
    embed: bool,
    /// Where a request is followed; `None` where none can be.
    glass: Option<Glass>,
    /// The sheet of settings; `None` where little can be changed.
    tuning: Option<Tuning>,
) -> impl IntoView {
    let now = session.watch(|view| clock(view.now()));
    let seed = session.watch(|view| view.seed());
    let again = move |_| session.restart(session.read(|view| view.seed()));
    let plain = move |word: String, act: fn(Playback, Session)| {
        view! {
            <button type="button" class="button" on:click=move |_| act(playback, session)>
                {word}
            </button>
        }
    };
    // On a narrow page what is used less folds into a menu.
    let unfolded = RwSignal::new(false);
    // The sheet needs the room of that menu.
    let tuned = move || tuning.is_some_and(Tuning::is_open);
    let is_unfolded = move || unfolded.get() && !tuned();
    let fold = move |_| match tuning {
        Some(tuning) if tuned() => tuning.close(),
        _ => unfolded.update(|it| *it = !*it),
    };
    let line = (!embed).then(|| Line::new(session, playback));
    view! {
        <section class="transport" class:unfolded=is_unfolded aria-label=t!("transport.title")>
            <PlayButton playback=playback />
            {(!embed)
                .then(|| {
                    view! {
                        <span class="steps">
                            {plain(t!("transport.back"), Playback::step_back)}
                            {plain(t!("transport.step"), Playback::step)}
                        </span>
                    }
                })}
            {line.map(|line| view! { <Scrub line=line /> })}
            <p class="clock">
                <span class="time">{now}</span>
            </p>
            <SpeedField playback=playback />
            {(!embed)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button more-of-transport"
                            aria-label=t!("transport.more")
                            aria-expanded=move || is_unfolded().to_string()
                            on:click=fold
                        >
                            "⋯"
                        </button>
                    }
                })}
            <SlowButton playback=playback />
            {glass.map(|glass| view! { <FollowButton session playback glass /> })}
            {line.map(|line| view! { <Moments line=line /> })}
            {tuning.map(|tuning| view! { <TuningButton tuning /> })}
            {(!embed)
                .then(|| {
                    view! {
                        <button type="button" class="button again" on:click=again>
                            {t!("transport.reset")}
                        </button>
                        <button
                            type="button"
                            class="button again"
                            title=move || t!("transport.seed", seed = seed.get().to_string())
                            on:click=move |_| session.restart(new_seed(session))
                        >
                            {t!("transport.new_seed")}
                        </button>
                    }
                })}
            <p class="behind">{move || playback.behind.get().map(behind_text)}</p>
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
