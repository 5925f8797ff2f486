//! The numbers on a server's card: answered and failed requests, load, share.

use leptos::prelude::*;

use super::card::Card;
use crate::scene::words::{self, thousands};
use crate::t;
use crate::ui::text::text;
use crate::words::around;

/// The numbers of answered and failed requests.
#[component]
pub fn Counts(card: Memo<Card>) -> impl IntoView {
    let (before, after) = around("server.answered");
    let (failed_before, failed_after) = around("server.failed");
    let failed = Memo::new(move |_| card.with(|card| card.failed));
    // A small place shows the numbers alone.
    view! {
        <p class="counts">
            <span class="word">{before}</span>
            <span class="count">{text(move || thousands(card.with(|card| card.answered)))}</span>
            <span class="word">{after}</span>
            <span class="failed" hidden=move || failed.get() == 0>
                <span class="dot">" · "</span>
                <b>
                    <span class="word">{failed_before}</span>
                    {text(move || thousands(failed.get()))}
                    <span class="word">{failed_after}</span>
                    <span class="cross" aria-hidden="true">" ✕"</span>
                </b>
            </span>
        </p>
    }
}

/// The load of the server, for assistive technology: the canvas draws it.
#[component]
pub fn Load(card: Memo<Card>) -> impl IntoView {
    let said = move || {
        card.with(|card| {
            t!(
                "server.load",
                sent = card.in_progress,
                in_work = card.in_work,
                queued = card.queued
            )
        })
    };
    view! { <p class="load unseen">{said}</p> }
}

/// The share of the picks as a bar, with a tick at the share that the weight asks for, and as a number. The table has
/// the same numbers.
#[component]
pub fn ShareBar(card: Memo<Card>) -> impl IntoView {
    let at = |permille: Option<u32>| format!("{}%", f64::from(permille.unwrap_or(0)) / 10.0);
    let percent = move || {
        card.with(|card| card.share).map_or_else(
            || "–".to_string(),
            |share| words::share(f64::from(share) / 1_000.0),
        )
    };
    view! {
        <div class="share">
            <div class="bar" aria-hidden="true">
                <div class="got" style:--got=move || at(card.with(|card| card.share))></div>
                <div
                    class="asked"
                    style:left=move || at(card.with(|card| card.expected))
                    hidden=move || card.with(|card| card.expected.is_none())
                ></div>
            </div>
            <span class="unseen">{t!("server.share")} " "</span>
            <b class="percent">{percent}</b>
        </div>
    }
}
