//! The balancer thinks aloud: whom it picked last, and why.

use leptos::prelude::*;

use crate::scene::status::{form_line, processor_line};
use crate::scene::why::{Why, WhyRow, why};
use crate::scene::words;
use crate::sim::balance::algorithm::KeyNeed;
use crate::sim::balance::spec::Layer;
use crate::t;
use crate::ui::closer::{Look, OfChosen};
use crate::ui::glass::Glass;
use crate::ui::session::Session;

/// The most servers that the table shows; the rest is counted.
const ROWS: usize = 8;

/// The balancer with its reasoning.
#[component]
pub fn BalancerCard(session: Session, glass: Option<Glass>) -> impl IntoView {
    let why = session.watch(|view| why(view, ROWS));
    let what = session.watch(|view| {
        let spec = view.balancer().spec();
        let layer = match spec.layer {
            Layer::L4 => "L4",
            Layer::L7 => "L7",
        };
        format!("{layer} · {}", words::algorithm(spec.algorithm.row()))
    });
    // Where there are several, each has a name.
    let name = session.watch(|view| match view.balancer().name.as_str() {
        "" => t!("stage.balancer"),
        name => t!("stage.balancer.named", name = name),
    });
    let form = session.watch(form_line);
    let load = session.watch(processor_line);
    // A hash takes more words than a count.
    let hashes = session.watch(|view| view.balancer().spec().algorithm.row().key != KeyNeed::None);
    // As many lines as there can be, so that nothing below moves when a pick has fewer.
    let lines = session.watch(|view| view.members().count().min(ROWS));
    let more = move || match why.with(|why| why.more) {
        0 => String::new(),
        more => t!("why.more", more = more),
    };
    view! {
        <div class="balancer" role="group" aria-labelledby="balancer-name">
            <h2 id="balancer-name">{name}</h2>
            <p class="what">{what}</p>
            <p class="form" id="form-line">{form}</p>
            <p class="load-line">{load}</p>
            <p class="why" class:long=hashes>
                <strong>{move || why.with(|why| why.question.clone())}</strong>
                " "
                {move || why.with(|why| why.answer.clone())}
            </p>
            <p class="asked-by">{move || why.with(|why| why.asked_by.clone())}</p>
            <table>
                <caption class="unseen">{t!("why.caption")}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t!("why.server")}</th>
                        <Heads why=why />
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        (0..lines.get())
                            .map(|place| view! { <Line why=why place=place /> })
                            .collect_view()
                    }}
                </tbody>
            </table>
            <p class="more">{more}</p>
            {glass.map(look_inside)}
            {glass
                .map(|glass| view! { <OfChosen look=Look::Envelope session=session glass=glass /> })}
        </div>
    }
}

/// Opens the algorithm's inside below the stage.
fn look_inside(glass: Glass) -> impl IntoView {
    let open = glass.inside;
    view! {
        <button
            type="button"
            class="quiet"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {t!("inside.look")}
        </button>
    }
}

#[component]
fn Heads(why: Memo<Why>) -> impl IntoView {
    let columns = Memo::new(move |_| why.with(|why| why.columns.clone()));
    move || {
        columns
            .get()
            .iter()
            .map(|head| view! { <th scope="col">{head.clone()}</th> })
            .collect_view()
    }
}

#[component]
fn Line(why: Memo<Why>, place: usize) -> impl IntoView {
    let row = Memo::new(move |_| why.with(|why| why.rows.get(place).cloned()));
    let is = move |test: fn(&WhyRow) -> bool| row.with(|row| row.as_ref().is_some_and(test));
    let columns = Memo::new(move |_| why.with(|why| why.columns.len()));
    let cells = move || {
        let unused = is(|row| row.unused);
        // What was not compared has one cell that says so.
        let count = if unused { 1 } else { columns.get() };
        (0..count)
            .map(|cell| {
                let text = move || {
                    row.with(|row| {
                        row.as_ref()
                            .and_then(|row| row.cells.get(cell).cloned())
                            .unwrap_or_default()
                    })
                };
                let span = if unused { columns.get() } else { 1 };
                view! { <td colspan=span.to_string()>{text}</td> }
            })
            .collect_view()
    };
    view! {
        <tr
            class:picked=move || is(|row| row.picked)
            class:unused=move || is(|row| row.unused)
            class:spare=move || row.with(Option::is_none)
        >
            <th scope="row">
                {move || row.with(|row| row.as_ref().map(|row| row.name.clone()))}
            </th>
            {cells}
        </tr>
    }
}
