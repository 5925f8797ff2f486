//! The transport: play, step, speed, timeline, reset, seed and clock.

use leptos::prelude::*;

use crate::scene::playback_clock::{SPEEDS, behind_short, behind_text, slowed_short};
use crate::scene::words::clock;
use crate::t;
use crate::ui::fold::{Fold, FoldButton};
use crate::ui::playback::Playback;
use crate::ui::request_inspector::RequestInspector;
use crate::ui::session::Session;
use crate::ui::slow::SlowMotionButton;
use crate::ui::stage::{FollowButton, SettingsSheet, SheetButton};
use crate::ui::text::text;
use crate::ui::timeline::{BranchPlace, Moments, Scrub, TimelineState};

/// The selector of the controls that fold into the menu.
const FOLDED: &str =
    ".transport > :is(.back, .step, .slow, .follow, .moments, .again, .seed), .transport .near";

/// The controls below the stage: playback first, then the timeline, then the restart.
#[component]
pub fn Transport(
    session: Session,
    playback: Playback,
    embed: bool,
    /// The request inspector, for following a request; `None` where no request can be followed.
    request_inspector: Option<RequestInspector>,
    /// The settings sheet; `None` where little can be changed.
    sheet: Option<SettingsSheet>,
) -> impl IntoView {
    // What there is no room for folds into a menu, one after another (`style/page.css`).
    let fold = Fold::new(FOLDED);
    let line = (!embed).then(|| TimelineState::new(session, playback));
    view! {
        <section
            class="transport"
            class:unfolded=move || fold.is_open()
            aria-label=t!("transport.title")
            on:click:capture=move |event| fold.choose(&event)
            on:keydown=move |event| fold.key(&event)
            on:focusout=move |event| fold.left(&event)
        >
            <PlayButton playback=playback />
            {line
                .map(|line| {
                    view! {
                        <StepButton word=t!("transport.back") class="back" act=move || playback.step_back(session) />
                        <StepButton word=t!("transport.step") class="step" act=move || playback.step(session) />
                        <Scrub line=line />
                    }
                })}
            <Clock session playback />
            <SpeedField playback=playback />
            <SlowMotionButton playback=playback />
            {request_inspector.map(|request_inspector| view! { <FollowButton session playback request_inspector /> })}
            {sheet.map(|sheet| view! { <SheetButton sheet /> })}
            {line
                .map(|line| {
                    view! {
                        <FoldButton fold name=t!("transport.more") class="more-of-transport" />
                        <Moments line=line fold=fold />
                        <Anew session />
                        <BranchPlace session=session playback=playback />
                    }
                })}
        </section>
    }
}

/// Goes one pick forward, or back. The menu stays open, since it is pressed several times in a row.
#[component]
fn StepButton(
    word: String,
    class: &'static str,
    act: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <button type="button" class=format!("button {class}") data-stays="" on:click=move |_| act()>
            {word}
        </button>
    }
}

/// The simulated time. Below it: the speed of slow motion, or the speed that is reached where the machine is too slow
/// for the chosen one.
#[component]
fn Clock(session: Session, playback: Playback) -> impl IntoView {
    let now = session.watch(|view| clock(view.now()));
    let slowed = move || {
        // Tracked, as the slowed speed follows the chosen one.
        playback.speed.track();
        let speed = playback.is_slowed().then(|| playback.pace())??;
        Some(view! { <span class="behind slowed">{slowed_short(speed)}</span> })
    };
    let behind = move || {
        let hundredths = playback.behind.get().filter(|_| !playback.is_slowed())?;
        Some(
            view! { <span class="behind" title=behind_text(hundredths)>{behind_short(hundredths)}</span> },
        )
    };
    view! {
        <p class="clock">
            <span class="time">{now}</span>
            {behind}
            {slowed}
        </p>
    }
}

/// The buttons that restart the run: with the same seed, or with another.
#[component]
fn Anew(session: Session) -> impl IntoView {
    let seed = session.watch(|view| view.seed());
    view! {
        <button
            type="button"
            class="button again"
            on:click=move |_| session.restart(session.read(|view| view.seed()))
        >
            {t!("transport.reset")}
        </button>
        <button
            type="button"
            class="button seed"
            title=move || t!("transport.seed", seed = seed.get().to_string())
            on:click=move |_| session.restart(new_seed(session))
        >
            {t!("transport.new_seed")}
        </button>
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
            {text(move || if playing.get() { t!("transport.pause") } else { t!("transport.play") })}
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

/// A random seed, short enough to be read out; the next number where the browser gives no random one.
fn new_seed(session: Session) -> u64 {
    getrandom::u32().map_or_else(
        |_| session.read(|view| view.seed()) + 1,
        |random| u64::from(random % 1_000_000),
    )
}
