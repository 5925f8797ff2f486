//! The state of the picker, and the keys that a change moves.

use leptos::prelude::*;

use crate::scene::picker_state::{Mapping, chart, headline, mapping, moved, table};
use crate::scene::words::about;
use crate::sim::balance::catalogue::CATALOGUE;
use crate::t;
use crate::ui::panels::figure::{ChartView, Headline, Source};
use crate::ui::session::Session;
use crate::ui::show::Show;

/// The state of the picker, drawn live.
#[component]
pub fn AlgorithmPanel(session: Session) -> impl IntoView {
    let reading = RwSignal::new(String::new());
    let source = Source::growing(t!("inside.chart"), chart, table);
    view! {
        <section class="panel inspector" id="algorithm-inside" aria-labelledby="algorithm-inside-name">
            <h2 id="algorithm-inside-name">{t!("inside.title")}</h2>
            <Headline reading otherwise=session.watch(headline) />
            <ChartView session source reading />
            <MovedKeys session />
            <About session />
        </section>
    }
}

/// What the algorithm is good at, what it is bad at, and when to choose it.
#[component]
fn About(session: Session) -> impl IntoView {
    let row = session.watch(|view| view.balancer().picker().algorithm.row().id);
    let text = move |what: &'static str| {
        move || {
            let row = CATALOGUE.iter().find(|one| one.id == row.get());
            row.map(|row| about(row, what))
        }
    };
    view! {
        <dl class="about">
            <dt>{t!("inside.pros")}</dt>
            <dd>{text("pros")}</dd>
            <dt>{t!("inside.cons")}</dt>
            <dd>{text("cons")}</dd>
            <dt>{t!("inside.choose")}</dt>
            <dd>{text("choose")}</dd>
        </dl>
    }
}

/// The number of keys that go to another server than when the panel was opened.
#[component]
fn MovedKeys(session: Session) -> impl IntoView {
    let before = RwSignal::new(None::<Mapping>);
    let begin = move || before.set(session.read(mapping));
    // Another algorithm, layer or run maps keys anew: what moved by that is no news.
    let kind = session.watch(|view| {
        let config = view.balancer().config();
        let picker = config.picker;
        (picker.algorithm, picker.implementation, config.layer)
    });
    let run = session.run();
    Effect::new(move |_| {
        kind.track();
        run.track();
        begin();
    });
    let text = session.watch(move |view| {
        before.with(|before| before.as_ref().and_then(|before| moved(view, before)))
    });
    view! {
        <Show when=move || text.with(Option::is_some)>
            <p class="moved">
                <span role="status">{move || text.get()}</span>
                " "
                <button type="button" class="button" on:click=move |_| begin()>
                    {t!("inside.again")}
                </button>
            </p>
        </Show>
    }
}
