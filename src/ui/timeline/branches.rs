//! The reader's position in time when it is not the end of the run, and the way back.

use leptos::prelude::*;

use super::TimelineState;
use crate::scene::words::clock;
use crate::sim::history::{Fork, History};
use crate::sim::time::SimTime;
use crate::t;
use crate::ui::lazy;
use crate::ui::playback::Playback;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The position in time, as far as there is something to say about it.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// At the end of the only branch.
    Now,
    /// A jump is in progress.
    OnTheWay(SimTime),
    /// Before the end of the branch, whose time this is.
    Past(SimTime),
    /// At the end of a branch that began when another one was left.
    Forked(Fork),
}

fn place(history: &History) -> Place {
    if let Some(seeking) = history.seeking() {
        return Place::OnTheWay(seeking.to);
    }
    let end = history.furthest();
    if history.view().now() < end {
        return Place::Past(end);
    }
    history.last_fork().map_or(Place::Now, Place::Forked)
}

/// The place of the line on the position in time. Its code loads when there is something to say.
#[component]
pub fn BranchPlace(session: Session, playback: Playback) -> impl IntoView {
    let away = session.watch_history(|history| place(history) != Place::Now);
    let info = move || Suspend::new(lazy::branch_info(session, playback));
    view! { <div class="branch-info"><Show when=move || away.get()>{info}</Show></div> }
}

/// A line on the position in time, with the button that leads back.
#[component]
pub fn BranchInfo(session: Session, playback: Playback) -> impl IntoView {
    let place = session.watch_history(place);
    let seeking = session.watch_history(History::seeking);
    let done = move || {
        seeking
            .get()
            .map_or(0, |seeking| (seeking.part * 100.0) as u64)
    };
    move || match place.get() {
        Place::Now => None,
        Place::OnTheWay(to) => Some(
            view! {
                <p>{move || t!("scrub.on_the_way", to = clock(to), done = done())}</p>
                <progress
                    max="100"
                    value=move || done().to_string()
                    aria-label=t!("scrub.progress")
                ></progress>
                <button type="button" class="button" on:click=move |_| session.stop_seeking()>
                    {t!("scrub.stop")}
                </button>
            }
            .into_any(),
        ),
        Place::Past(end) => Some(
            view! {
                <p>{t!("scrub.past")}</p>
                <button
                    type="button"
                    class="button"
                    on:click=move |_| playback.go(session, end)
                >
                    {t!("scrub.to_end", end = clock(end))}
                </button>
            }
            .into_any(),
        ),
        Place::Forked(fork) => Some(
            view! {
                <p>
                    {t!("scrub.forked", at = clock(fork.left_at), end = clock(fork.furthest))}
                </p>
                <button type="button" class="button" on:click=move |_| session.switch(fork.id)>
                    {t!("scrub.back")}
                </button>
            }
            .into_any(),
        ),
    }
}

/// The list of branches, if there are several.
#[component]
pub fn Branches(line: TimelineState) -> impl IntoView {
    let session = line.session;
    let forks = session.watch_history(|history| history.forks().rev().collect::<Vec<_>>());
    view! {
        <Show when=move || { forks.with(Vec::len) > 1 }>
            <ul class="branches" aria-label=t!("scrub.branches")>
                <For each=move || forks.get() key=|fork| (fork.id, fork.left_at, fork.furthest) let(fork)>
                    <li>
                        <button
                            type="button"
                            class="moment"
                            on:click=move |_| {
                                session.switch(fork.id);
                                line.jumped.notify();
                            }
                        >
                            {t!(
                                "scrub.branch",
                                at = clock(fork.left_at),
                                end = clock(fork.furthest),
                                commands = fork.commands as u64
                            )}
                        </button>
                    </li>
                </For>
            </ul>
        </Show>
    }
}
