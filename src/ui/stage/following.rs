//! Follows one request on the stage: a caption tells what it does, leg by leg, while the run is slow.

use leptos::prelude::*;

use crate::scene::follow::caption;
use crate::t;
use crate::ui::lazy;
use crate::ui::playback::Playback;
use crate::ui::request_inspector::{RequestInspector, watched};
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The place of the caption at the bottom of the stage. Its code loads when the first request is followed.
#[component]
pub fn FollowPlace(
    session: Session,
    playback: Playback,
    request_inspector: RequestInspector,
) -> impl IntoView {
    Effect::new(move |_| {
        session.run().track();
        request_inspector.stop_following();
    });
    let caption = move || Suspend::new(lazy::following(session, playback, request_inspector));
    view! { <Show when=move || request_inspector.following.get()>{caption}</Show> }
}

/// The caption, while a request is followed.
#[component]
pub fn Following(
    session: Session,
    playback: Playback,
    request_inspector: RequestInspector,
) -> impl IntoView {
    let life = watched(session, request_inspector);
    let told =
        session.watch_picks(move |view| life.get().map(|life| (life.number, caption(view, &life))));
    let over =
        Memo::new(move |_| told.with(|told| told.as_ref().is_some_and(|(_, (_, over))| *over)));
    Effect::new(move |_| {
        let slow = request_inspector.following.get() && !over.get();
        if playback.following.get_untracked() != slow {
            playback.following.set(slow);
        }
    });
    on_cleanup(move || playback.following.set(false));
    let number = move || {
        told.with(|told| {
            told.as_ref()
                .map(|(number, _)| t!("follow.of", number = *number))
        })
    };
    let what = move || told.with(|told| told.as_ref().map(|(_, (what, _))| what.clone()));
    view! {
        <div class="following">
            <p role="status"><b>{number}</b> " " {what}</p>
            <Show when=move || !request_inspector.open.get()>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| {
                        if let Some(number) = request_inspector.chosen().get_untracked() {
                            request_inspector.show(number);
                        }
                    }
                >
                    {t!("follow.closer")}
                </button>
            </Show>
            <button type="button" class="button" on:click=move |_| request_inspector.stop_following()>
                {t!("follow.stop")}
            </button>
        </div>
    }
}

/// The button that follows the newest request on its way to the balancer.
#[component]
pub fn FollowButton(
    session: Session,
    playback: Playback,
    request_inspector: RequestInspector,
) -> impl IntoView {
    let follow = move |_| {
        let newest = session.read(|view| view.requests().map(|(_, request)| request.number).max());
        if let Some(number) = newest {
            playback.playing.set(true);
            request_inspector.follow(number);
        }
    };
    view! {
        <button type="button" class="button follow" title=t!("follow.next") on:click=follow>
            <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">
                <path fill="none" stroke="currentColor" stroke-width="1.6" d="M8 3.5a4.5 4.5 0 1 0 .01 0M8 .5v4M8 11.5v4M.5 8h4M11.5 8h4"></path>
            </svg>
            <span class="word">{t!("follow.next")}</span>
        </button>
    }
}
