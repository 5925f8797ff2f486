//! The two controls on a server's card: weight, and kill or revive.

use leptos::prelude::*;

use super::card::Card;
use crate::sim::engine::command::{Command, FaultKind};
use crate::sim::fleet::server::ServerFault;
use crate::sim::ids::ServerId;
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::session::Session;

/// The largest weight that the page offers.
const MAX_WEIGHT: u32 = 100;

/// The weight field, with buttons for one more and one less.
#[component]
pub fn Weight(session: Session, id: ServerId, name: String, card: Memo<Card>) -> impl IntoView {
    let weight = Memo::new(move |_| card.with(|card| card.weight));
    let least = Memo::new(move |_| weight.get() == 0);
    let most = Memo::new(move |_| weight.get() >= MAX_WEIGHT);
    let set = move |weight: u32| {
        let _ = session.send(Command::SetWeight(id, weight));
    };
    let label = t!("weight.of", name = &name);
    let (lower, raise) = (
        t!("weight.lower", name = &name),
        t!("weight.raise", name = name),
    );
    view! {
        <div class="weight">
            <button
                type="button"
                aria-label=lower
                // Not `disabled`: that would take the focus away from who got there by this button.
                aria-disabled=move || least.get().then_some("true")
                on:click=move |_| {
                    if !least.get_untracked() {
                        set(weight.get_untracked() - 1);
                    }
                }
            >
                "−"
            </button>
            <NumberField
                id=format!("weight-{}", id.0)
                label=label
                min=0.0
                max=f64::from(MAX_WEIGHT)
                value=Signal::derive(move || f64::from(weight.get()))
                set=move |typed: f64| set(typed as u32)
            />
            <button
                type="button"
                aria-label=raise
                aria-disabled=move || most.get().then_some("true")
                on:click=move |_| {
                    if !most.get_untracked() {
                        set(weight.get_untracked() + 1);
                    }
                }
            >
                "+"
            </button>
        </div>
    }
}

/// The button that kills the server's process, or starts it again.
#[component]
pub fn KillButton(session: Session, id: ServerId, name: String, card: Memo<Card>) -> impl IntoView {
    let dead = Memo::new(move |_| card.with(|card| card.trouble == Some(ServerFault::Crashed)));
    let word = move || {
        if dead.get() {
            t!("kill.revive")
        } else {
            t!("kill.kill")
        }
    };
    let label = move || {
        if dead.get() {
            t!("kill.revive_server", name = &name)
        } else {
            t!("kill.kill_server", name = &name)
        }
    };
    let act = move |_| {
        let fault = if dead.get_untracked() {
            FaultKind::Restore
        } else {
            FaultKind::Crash
        };
        let _ = session.send(Command::Fault(id, fault));
    };
    view! {
        <button
            type="button"
            class="kill"
            aria-label=label
            on:click=act
        >
            {word}
        </button>
    }
}
