//! One lane of a comparison: its name, which opens its settings; its figures; and its small stage.

use leptos::prelude::*;

use super::choices::Choices;
use super::run::ComparisonRun;
use super::thumbnail::SmallStage;
use crate::scene::comparison::{Reading, Standing, lane_figures, name};
use crate::scene::comparison_chart::{SAMPLE, sample};
use crate::scene::shape::Paint;
use crate::scene::svg::body;
use crate::sim::comparison::LANES;
use crate::t;
use crate::ui::show::Show;
use crate::ui::stage::Stage;

/// One lane. `full` opens the run of the lane on the large stage.
#[component]
pub fn LaneView(
    compared: ComparisonRun,
    place: usize,
    stage: Stage,
    full: Callback<usize>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let named = compared.watch(move |race| {
        let is_there = place < race.lanes().len();
        is_there.then(|| name(race, place))
    });
    let several = move || compared.configs.with(|all| all.len() > *LANES.start());
    let remove = move |_| {
        let mut configs = compared.configs.get_untracked();
        configs.remove(place);
        compared.begin(configs);
    };
    view! {
        <section class="lane" aria-label=t!("race.lane_title", n = place + 1)>
            <div class="lane-head">
                <h3>
                    <button
                        type="button"
                        class="lane-name"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <b>{place + 1}</b>
                        <svg
                            width=SAMPLE
                            height="12"
                            aria-hidden="true"
                            inner_html=body(&sample(place), Paint::token)
                        ></svg>
                        <span>{named}</span>
                        <span class="unseen">": " {t!("race.settings", n = place + 1)}</span>
                    </button>
                </h3>
                <LaneFigures compared place />
                <div class="lane-acts">
                    <button type="button" class="quiet" on:click=move |_| full.run(place)>
                        {t!("race.full_short")}
                        <span class="unseen">": " {t!("race.full", n = place + 1)}</span>
                    </button>
                    <Show when=several>
                        <button
                            type="button"
                            class="quiet"
                            aria-label=t!("race.remove", n = place + 1)
                            on:click=remove
                        >
                            "×"
                        </button>
                    </Show>
                </div>
            </div>
            <SmallStage compared place stage />
            <Show when=move || open.get()>
                <Choices compared place />
            </Show>
        </section>
    }
}

/// The figures that change during the run. Only a verdict says which is best or worst.
#[component]
fn LaneFigures(compared: ComparisonRun, place: usize) -> impl IntoView {
    let figures = compared.watch(move |race| lane_figures(race, place));
    let one = |(name, reading): (String, Reading)| {
        view! {
            <div class:best=reading.standing == Standing::Best>
                <dt>{name}</dt>
                <dd>
                    <b>{reading.value}</b>
                    <small>{reading.standing.word()}</small>
                </dd>
            </div>
        }
    };
    view! { <dl class="lane-figures">{move || figures.get().into_iter().map(one).collect_view()}</dl> }
}
