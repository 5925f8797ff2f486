//! The comparison of runs ("race" on the page): up to four lanes with the same traffic, in the place of the stage.

mod ahead;
mod case;
mod charts;
mod choices;
mod controls;
mod faults;
mod figures;
mod frames;
mod lane;
mod run;
mod thumbnail;

use leptos::html;
use leptos::prelude::*;

use self::case::{CaseField, CaseText};
use self::charts::Charts;
use self::controls::Controls;
use self::faults::Faults;
use self::figures::{Figures, Verdicts};
use self::lane::LaneView;
use self::run::ComparisonRun;
use crate::scene::comparison_cases::as_on_the_stage;
use crate::sim::comparison::LANES;
use crate::t;
use crate::ui::lazy;
use crate::ui::playback::Playback;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::stage::Stage;
use crate::ui::stylesheet::load_stylesheet;
use crate::ui::testing;

/// The compared runs, and the reactive owner of their signals.
type KeptComparison = Option<(ComparisonRun, Owner)>;

/// Whether the comparison is open, and its runs. They outlive the component: the page is built anew when the reader
/// chooses another language.
#[derive(Clone, Copy)]
pub struct ComparisonView {
    on: RwSignal<bool>,
    kept: StoredValue<KeptComparison, LocalStorage>,
}

impl ComparisonView {
    /// A closed comparison. While it is open the run of the stage stands still; the run continues afterwards if it was
    /// playing.
    pub fn new(playback: Playback) -> Self {
        let comparison = Self {
            on: RwSignal::new(false),
            kept: StoredValue::new_local(None),
        };
        let went = StoredValue::new(false);
        Effect::new(move |before: Option<bool>| {
            let now = comparison.on.get();
            if now {
                went.set_value(playback.playing.get_untracked());
                playback.playing.set(false);
            } else if before == Some(true) {
                if went.get_value() {
                    playback.playing.set(true);
                }
                // Its page goes first.
                request_animation_frame(move || comparison.forget());
            }
            now
        });
        comparison
    }

    /// Whether the comparison is open.
    pub fn is_on(self) -> bool {
        self.on.get()
    }

    /// The runs in progress, or new ones of the scene on the stage. They outlive the component that shows them.
    fn compared(self, session: Session) -> ComparisonRun {
        let on_the_way = self
            .kept
            .with_value(|kept| kept.as_ref().map(|(compared, _)| *compared));
        on_the_way.unwrap_or_else(|| {
            let owner = Owner::new_root(None);
            let present = session.present();
            let compared = owner
                .with(|| ComparisonRun::new(session.read(|view| as_on_the_stage(view, &present))));
            self.kept.set_value(Some((compared, owner)));
            compared
        })
    }

    /// Drops the runs of a comparison that was closed.
    fn forget(self) {
        if !self.on.get_untracked() {
            self.kept.set_value(None);
        }
    }
}

/// The button that opens and closes the comparison.
#[component]
pub fn ComparisonButton(comparison: ComparisonView) -> impl IntoView {
    let on = comparison.on;
    view! {
        <button
            type="button"
            class="button"
            aria-expanded=move || on.get().to_string()
            on:click=move |_| on.update(|on| *on = !*on)
        >
            {t!("race.open")}
        </button>
    }
}

/// The place of the comparison in the page; empty while it is closed.
#[component]
pub fn ComparisonPlace(
    session: Session,
    playback: Playback,
    comparison: ComparisonView,
) -> impl IntoView {
    let on = comparison.on;
    let comparison = move || Suspend::new(lazy::comparison(session, playback, comparison));
    view! { <Show when=move || on.get()>{comparison}</Show> }
}

/// The whole comparison: controls, faults, lanes and figures.
#[component]
pub fn ComparisonPage(
    session: Session,
    playback: Playback,
    comparison: ComparisonView,
) -> impl IntoView {
    load_stylesheet("style/comparison.css");
    let compared = comparison.compared(session);
    let stages: Vec<Stage> = (0..*LANES.end()).map(|_| Stage::new()).collect();
    let stages = StoredValue::new_local(stages);
    frames::run(compared, stages);
    let place = NodeRef::<html::Section>::new();
    place.on_load(move |element| testing::install(&element, compared));
    let full = Callback::new(move |place: usize| {
        let run = compared.read(|comparison| comparison.lanes().get(place).map(|lane| lane.run()));
        if let Some(run) = run {
            comparison.on.set(false);
            session.open(&run);
            // After the place of the race has let the stage go on: the lane stands where it was left.
            request_animation_frame(move || playback.playing.set(false));
        }
    });
    let add = move |_| {
        let mut configs = compared.configs.get_untracked();
        if let Some(last) = configs.last().copied() {
            configs.push(last);
            compared.begin(configs);
        }
    };
    let room = move || compared.configs.with(|all| all.len() < *LANES.end());
    let lanes = move || 0..compared.configs.with(Vec::len);
    view! {
        <section class="comparison" aria-labelledby="comparison-name" node_ref=place>
            <div class="sheet-head">
                <h2 id="comparison-name">{t!("race.title")}</h2>
                <button type="button" class="button" on:click=move |_| comparison.on.set(false)>
                    {t!("race.close")}
                </button>
                <CaseField compared />
                <Show when=room>
                    <button type="button" class="button" on:click=add>
                        {t!("race.add")}
                    </button>
                </Show>
            </div>
            <CaseText compared />
            <Verdicts compared />
            <Controls compared />
            <div class="comparison-main">
                <div class="lanes">
                    <For each=lanes key=|place| *place let(place)>
                        <LaneView
                            compared
                            place
                            stage=stages.with_value(|stages| stages[place])
                            full
                        />
                    </For>
                </div>
                <Charts compared />
            </div>
            <Faults compared />
            <Figures compared />
        </section>
    }
}
