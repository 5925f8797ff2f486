//! The events of the run: a list, and announcements for screen readers.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::scene::marks::told;
use crate::scene::words::{clock, sentence};
use crate::t;
use crate::ui::inspector::InspectorKind;
use crate::ui::inspector_button::InspectorButton;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The most events in the list.
const SHOWN: usize = 8;
/// The shortest time between two announcements, so that a listener can follow.
const QUIET_MS: u32 = 3_000;
/// The most sentences in one announcement; the rest is counted.
const SENTENCES: usize = 4;

/// The panel with the last events.
#[component]
pub fn EventsPanel(session: Session) -> impl IntoView {
    view! {
        <section class="panel events" aria-labelledby="events-name">
            <div class="panel-head">
                <h2 id="events-name">{t!("events.title")}</h2>
                <InspectorButton kind=InspectorKind::Failures />
            </div>
            <EventList session=session count=SHOWN />
        </section>
    }
}

/// The last `count` events, newest first.
#[component]
pub fn EventList(session: Session, count: usize) -> impl IntoView {
    let facts = session.watch(move |view| {
        let facts = told(view.facts()).rev().take(count);
        facts
            .map(|fact| (fact.number, clock(fact.at), sentence(fact)))
            .collect::<Vec<_>>()
    });
    view! {
        <Show
            when=move || facts.with(|facts| !facts.is_empty())
            fallback=|| view! { <p class="none">{t!("events.none")}</p> }
        >
            <ol reversed>
                <For each=move || facts.get() key=|fact| fact.clone() let((_, at, what))>
                    <li>
                        <span class="at">{at}</span>
                        " "
                        {what}
                    </li>
                </For>
            </ol>
        </Show>
    }
}

/// The events that were not announced yet.
#[derive(Default)]
struct Backlog {
    /// The numbers of opened runs and of jumps in time when the backlog began: a change of either drops the backlog.
    seen: (u32, u32),
    /// The number of the first event that was not taken in yet.
    next: u64,
    /// For each event its subject and its sentence.
    waiting: Vec<(String, String)>,
    quiet: bool,
}

impl Backlog {
    /// Takes the next announcement: the newest event of each subject, in the order in which they happened. At high
    /// speed an older event of a subject is no longer true.
    fn take(&mut self) -> Option<String> {
        if self.waiting.is_empty() {
            return None;
        }
        let count = self.waiting.len();
        let mut told: Vec<(String, String)> = Vec::with_capacity(SENTENCES);
        for (about, sentence) in self.waiting.drain(..).rev() {
            if told.len() < SENTENCES && told.iter().all(|(other, _)| *other != about) {
                told.push((about, sentence));
            }
        }
        let mut said: Vec<String> = told
            .into_iter()
            .rev()
            .map(|(_, sentence)| sentence)
            .collect();
        let more = count - said.len();
        if more > 0 {
            said.push(t!("events.more", more = more));
        }
        Some(said.join(" "))
    }
}

/// Announces events to screen readers, at most once in three seconds.
#[component]
pub fn LiveRegion(session: Session) -> impl IntoView {
    let message = RwSignal::new(String::new());
    let backlog = StoredValue::new(Backlog::default());
    let run = session.run();
    Effect::new(move |_| {
        session.track();
        let seen = (run.get(), session.jumps().get());
        backlog.update_value(|backlog| {
            if backlog.seen != seen {
                // What happened on the way is not told, only what happened just here.
                let next = session.read(|view| {
                    let facts = view.facts();
                    let here = facts.iter().find(|fact| fact.at >= view.now());
                    let after = || facts.back().map_or(0, |fact| fact.number + 1);
                    here.map_or_else(after, |fact| fact.number)
                });
                *backlog = Backlog {
                    seen,
                    next,
                    quiet: backlog.quiet,
                    ..Backlog::default()
                };
            }
            session.read(|view| {
                for fact in told(view.facts()) {
                    if fact.number >= backlog.next {
                        backlog.next = fact.number + 1;
                        backlog.waiting.push((fact.server.clone(), sentence(fact)));
                    }
                }
            });
        });
        say(message, backlog);
    });
    view! {
        <div class="unseen" role="status" aria-live="polite" aria-atomic="true">
            {message}
        </div>
    }
}

fn say(message: RwSignal<String>, backlog: StoredValue<Backlog>) {
    let said = backlog.try_update_value(|backlog| {
        let said = (!backlog.quiet).then(|| backlog.take()).flatten();
        backlog.quiet |= said.is_some();
        said
    });
    let Some(Some(said)) = said else { return };
    message.set(said);
    spawn_local(async move {
        TimeoutFuture::new(QUIET_MS).await;
        let here = backlog.try_update_value(|backlog| backlog.quiet = false);
        if here.is_some() {
            say(message, backlog);
        }
    });
}
