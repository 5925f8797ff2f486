//! The timeline: the whole run on a slider with marks, to go back and forth in, and the panel that it opens.

mod branches;
mod moments;
mod moments_panel;

use leptos::ev;
use leptos::prelude::*;

pub use self::branches::{BranchInfo, BranchPlace};
pub use self::moments::Moments;
pub use self::moments_panel::MomentsPanel;
use crate::scene::marks::{
    TimelineMark, length, marks, next, permille, previous, pulled, ticks, version,
};
use crate::scene::words::clock;
use crate::sim::history::History;
use crate::sim::time::{SimDuration, SimTime};
use crate::t;
use crate::ui::playback::Playback;
use crate::ui::session::Session;

/// The step of an arrow key.
const NUDGE: SimDuration = SimDuration::from_secs(1);

/// The state that the slider and the list share.
#[derive(Clone, Copy)]
pub struct TimelineState {
    session: Session,
    playback: Playback,
    now: Memo<SimTime>,
    furthest: Memo<SimTime>,
    marks: Memo<Vec<TimelineMark>>,
    /// The result of a jump by a button, announced to screen readers.
    said: RwSignal<String>,
    /// Notified when the reader jumps to a moment from a list.
    jumped: Trigger,
}

impl TimelineState {
    /// The timeline of the session's run.
    pub fn new(session: Session, playback: Playback) -> Self {
        let version = session.watch_history(version);
        Self {
            session,
            playback,
            now: session.watch(|view| view.now()),
            furthest: session.watch_history(History::furthest),
            marks: Memo::new(move |_| {
                // Not `track`: a memo that nobody has read yet follows nothing.
                let _ = (version.get(), session.run().get());
                session.read_history(marks)
            }),
            said: RwSignal::new(String::new()),
            jumped: Trigger::new(),
        }
    }

    fn length(self) -> SimDuration {
        length(self.furthest.get())
    }

    fn go(self, to: SimTime) {
        self.playback.go(self.session, to);
    }

    /// Jumps to a moment that was chosen in a list, which then closes.
    fn jump(self, to: SimTime) {
        self.go(to);
        self.jumped.notify();
    }

    fn go_to_mark(self, find: fn(&[TimelineMark], SimTime) -> Option<&TimelineMark>) {
        let now = self.session.read(|view| view.now());
        let found = self.marks.with_untracked(|marks| find(marks, now).cloned());
        match found {
            Some(mark) => {
                self.said.set(format!("{} {}", clock(mark.at), mark.text));
                self.go(mark.at);
            }
            None => self.said.set(t!("scrub.no_more")),
        }
    }
}

/// The slider with its marks, between `previous event` and `next event`.
#[component]
pub fn Scrub(line: TimelineState) -> impl IntoView {
    let ms = |at: SimTime| (at.as_us() / 1_000).to_string();
    let slide = move |ms: f64| {
        if ms.is_finite() && ms >= 0.0 {
            let to = SimTime::from_us((ms * 1_000.0) as u64);
            let length = length(line.furthest.get_untracked());
            line.go(line.marks.with_untracked(|marks| pulled(marks, to, length)));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let now = line.session.read(|view| view.now());
        let to = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => {
                SimTime::from_us(now.as_us().saturating_sub(NUDGE.as_us()))
            }
            "ArrowRight" | "ArrowUp" => now + NUDGE,
            "Home" => SimTime::ZERO,
            "End" => line.furthest.get_untracked(),
            _ => return,
        };
        event.prevent_default();
        line.go(to);
    };
    let part = move |at: SimTime| format!("{}%", permille(at, line.length()) as f64 / 10.0);
    let value = move || {
        t!(
            "scrub.value",
            now = clock(line.now.get()),
            end = clock(line.furthest.get())
        )
    };
    view! {
        <div class="scrub">
            <MarkButton line=line find=previous label=t!("scrub.previous") sign="M10 3L5 8l5 5" />
            <div class="line">
                <div class="track" aria-hidden="true">
                    <div class="known" style:width=move || part(line.furthest.get())></div>
                    <div class="past" style:width=move || part(line.now.get())></div>
                    <For
                        each=move || line.marks.with(|marks| ticks(marks, line.length()))
                        key=|tick| *tick
                        let((at, tone))
                    >
                        <i
                            class=format!("tick {tone:?}")
                            style:left=format!("{}%", at as f64 / 10.0)
                        ></i>
                    </For>
                </div>
                <input
                    type="range"
                    min="0"
                    step="1"
                    max=move || (line.length().as_us() / 1_000).to_string()
                    aria-label=t!("scrub.time")
                    aria-valuetext=value
                    prop:value=move || ms(line.now.get())
                    on:input:target=move |event| slide(event.target().value_as_number())
                    on:keydown=keys
                />
            </div>
            <MarkButton line=line find=next label=t!("scrub.next") sign="M6 3l5 5-5 5" />
            <p class="unseen" role="status">{line.said}</p>
        </div>
    }
}

#[component]
fn MarkButton(
    line: TimelineState,
    find: fn(&[TimelineMark], SimTime) -> Option<&TimelineMark>,
    label: String,
    sign: &'static str,
) -> impl IntoView {
    let title = label.clone();
    view! {
        <button
            type="button"
            class="button near"
            data-stays=""
            aria-label=label
            title=title
            on:click=move |_| line.go_to_mark(find)
        >
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path fill="none" stroke="currentColor" stroke-width="2" d=sign></path>
            </svg>
        </button>
    }
}
