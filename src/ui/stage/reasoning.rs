//! The last pick of the balancer and its reason. Where picks come slowly enough to be read, each is told with the
//! values that were compared. Where they come faster, the last picks are shown in their order.

use leptos::prelude::*;

use super::icon::hue;
use crate::scene::pick_explanation::{PickExplanation, PickExplanationRow, why};
use crate::scene::recent_picks::{RecentPicks, roll};
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::text::text;

/// The most servers in the table; the others are counted.
const ROWS: usize = 8;

/// The question, the answer, and the table of compared values.
#[component]
pub fn Reasoning(session: Session) -> impl IntoView {
    let fast = session.is_fast();
    let why = session.watch_picks(|view| why(view, ROWS));
    let roll = session.watch_picks(|view| roll(view, ROWS));
    // As many lines as there can be, so that nothing below moves when a pick has fewer.
    let lines = session.watch(|view| view.members().count().min(ROWS));
    let more = move || match why.with(|why| why.more) {
        0 => String::new(),
        more => t!("why.more", more = more),
    };
    let question = move || {
        if fast.get() {
            t!("why.last_picks")
        } else {
            why.with(|why| why.question.clone())
        }
    };
    let class = move || {
        let own = why.with(|why| why.picked).map(hue).unwrap_or_default();
        format!("why {own}")
    };
    view! {
        <p class=class>
            <strong>{question}</strong>
            " "
            <Show
                when=move || fast.get()
                fallback=move || view! { <span class="answer">{text(move || why.with(|why| why.answer.clone()))}</span> }
            >
                <Order roll=roll />
            </Show>
        </p>
        <p class="asked-by">
            {text(move || if fast.get() { String::new() } else { why.with(|why| why.asked_by.clone()) })}
        </p>
        <table class:rolling=fast>
            <caption class="unseen">{t!("why.caption")}</caption>
            <thead>
                <tr>
                    <th scope="col">{t!("why.server")}</th>
                    <Heads why=why fast=fast />
                </tr>
            </thead>
            <tbody>
                {move || {
                    (0..lines.get())
                        .map(|place| view! { <Line why=why roll=roll fast=fast place=place /> })
                        .collect_view()
                }}
            </tbody>
        </table>
        <p class="more">{more}</p>
    }
}

/// The last picks in their order, oldest first.
#[component]
fn Order(roll: Memo<RecentPicks>) -> impl IntoView {
    let picks = move || {
        roll.with(|roll| {
            let last = roll.order.iter().skip(roll.order.len().saturating_sub(8));
            last.map(|(name, server)| {
                let class = format!("pick {}", server.map(hue).unwrap_or_default());
                view! { <b class=class>{name.clone()}</b> " " }
            })
            .collect_view()
        })
    };
    view! { <span class="order">{picks}</span> }
}

#[component]
fn Heads(why: Memo<PickExplanation>, fast: Signal<bool>) -> impl IntoView {
    let columns = Memo::new(move |_| why.with(|why| why.columns.clone()));
    move || {
        if fast.get() {
            return view! { <th scope="col" class="lately">{t!("why.lately")}</th> }.into_any();
        }
        columns
            .get()
            .iter()
            .map(|head| view! { <th scope="col">{head.clone()}</th> })
            .collect_view()
            .into_any()
    }
}

#[component]
fn Line(
    why: Memo<PickExplanation>,
    roll: Memo<RecentPicks>,
    fast: Signal<bool>,
    place: usize,
) -> impl IntoView {
    let row = Memo::new(move |_| why.with(|why| why.rows.get(place).cloned()));
    let is =
        move |test: fn(&PickExplanationRow) -> bool| row.with(|row| row.as_ref().is_some_and(test));
    let class = move || {
        let server = row.with(|row| row.as_ref().and_then(|row| row.server));
        let mut class = server.map(hue).unwrap_or_default();
        let states = [
            (!fast.get() && is(|row| row.picked), " picked"),
            (is(|row| row.unused), " unused"),
            (row.with(Option::is_none), " spare"),
        ];
        for (_, name) in states.into_iter().filter(|(holds, _)| *holds) {
            class.push_str(name);
        }
        class
    };
    view! {
        <tr class=class>
            <th scope="row">
                <b class="letter">{text(move || row.with(|row| row.as_ref().map(|row| row.name.clone())))}</b>
            </th>
            <Show
                when=move || fast.get()
                fallback=move || view! { <Cells why=why row=row /> }
            >
                <td class="roll"><Dots roll=roll place=place /></td>
            </Show>
        </tr>
    }
}

/// The compared values of one server in the last pick.
#[component]
fn Cells(why: Memo<PickExplanation>, row: Memo<Option<PickExplanationRow>>) -> impl IntoView {
    let columns = Memo::new(move |_| why.with(|why| why.columns.len()));
    let unused = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.unused)));
    move || {
        // What was not compared has one cell that says so.
        let count = if unused.get() { 1 } else { columns.get() };
        (0..count)
            .map(|cell| {
                let text = move || {
                    row.with(|row| {
                        row.as_ref()
                            .and_then(|row| row.cells.get(cell).cloned())
                            .unwrap_or_default()
                    })
                };
                let span = if unused.get() { columns.get() } else { 1 };
                view! { <td colspan=span.to_string()>{text}</td> }
            })
            .collect_view()
    }
}

/// The last picks that went to one server: a column for each pick, the newest at the right.
#[component]
fn Dots(roll: Memo<RecentPicks>, place: usize) -> impl IntoView {
    let row =
        Memo::new(move |_| roll.with(|roll| roll.rows.get(place).cloned().unwrap_or_default()));
    view! {
        <svg class="dots" viewBox="0 0 160 10" preserveAspectRatio="xMaxYMid meet" aria-hidden="true">
            <path class="ground" d=move || row.with(|row| row.others.clone())></path>
            <path class="hits" d=move || row.with(|row| row.hits.clone())></path>
        </svg>
        <span class="unseen">{text(move || row.with(|row| t!("why.of_the_last", count = row.count, all = row.all)))}</span>
    }
}
