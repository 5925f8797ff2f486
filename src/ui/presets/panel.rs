//! The panel of the preset on the stage: what to watch, the measures so far, the answer, and the fix as the next press.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::list::load;
use super::{Preset, Presets, Shown};
use crate::lesson::amount::NumberMarks;
use crate::lesson::measure::{Measure, Stretch};
use crate::scene::words::clock;
use crate::t;
use crate::ui::language::Language;

/// The panel; nothing while no preset is on the stage.
#[component]
pub fn PresetPanel(presets: Presets, language: Language) -> impl IntoView {
    if let Some(asked) = presets.asked.get_untracked() {
        spawn_local(async move {
            let path = |tag: &str| format!("figures/{tag}/{}.json", asked.name);
            if let Some(book) = load(language, path).await {
                presets.arrive(book, &asked);
            }
            presets.asked.set(None);
        });
    }
    let session = presets.session;
    let over = Memo::new(move |_| {
        session.track();
        let shown = presets.shown.get();
        shown.is_some_and(|shown| session.read(|view| view.now() >= shown.end))
    });
    // Another run than the one that it was opened as: the panel goes.
    Effect::new(move |_| {
        let run = session.run().get();
        if presets.shown.get().is_some_and(|shown| shown.run != run) {
            presets.shown.set(None);
        }
    });
    // At its end it stops at the very moment of which the text speaks.
    Effect::new(move |before: Option<bool>| {
        let now = over.get();
        if now && before == Some(false) && presets.playback.playing.get_untracked() {
            request_animation_frame(move || presets.finish());
        }
        now
    });
    let put_away = move |_| presets.shown.set(None);
    let panel = move || {
        let shown = presets.shown.get()?;
        let preset = presets.preset.get_value()?;
        let title = preset.words.title.clone();
        Some(view! {
            <section class="preset" aria-labelledby="preset-name">
                <div class="sheet-head">
                    <h2 id="preset-name">{title}</h2>
                    <button type="button" class="quiet" on:click=put_away>
                        {t!("close")}
                    </button>
                </div>
                <p>{preset.words.watch.clone()}</p>
                <p class="question">{preset.words.question.clone()}</p>
                <Numbers presets=presets preset=preset.clone() />
                <p class="came" role="status">
                    {answer(&preset, shown).map(|text| move || over.get().then(|| text.clone()))}
                </p>
                <Steps presets=presets preset=preset shown=shown over=over />
            </section>
        })
    };
    view! { {panel} }
}

/// The answer of the part.
fn answer(preset: &Preset, shown: Shown) -> Option<String> {
    let words = &preset.words;
    match shown.part?.checked_sub(1) {
        None => Some(words.answer.clone()),
        Some(place) => {
            let fix = preset.figure.play.fixes.get(place)?;
            Some(words.fixes.get(&fix.id)?.answer.clone())
        }
    }
}

/// The measures so far.
#[component]
fn Numbers(presets: Presets, preset: Preset) -> impl IntoView {
    let word = move |name: &str| {
        presets
            .frame
            .with_value(|frame| frame.get(name).cloned())
            .unwrap_or_else(|| name.to_string())
    };
    let one = move |measure: Measure| {
        let label = word(&format!("measure.{}", measure.name()));
        let label = label.replace("{server}", measure.server().unwrap_or_default());
        let read = measure.clone();
        let value = presets
            .session
            .watch(move |view| read.read(Stretch::whole(view)));
        let text = move || match value.get() {
            Some(amount) => {
                let (decimal, thousands) = (word("decimal"), word("thousands"));
                let marks = NumberMarks {
                    decimal: &decimal,
                    thousands: &thousands,
                };
                amount.say(measure.unit(), amount.digits(measure.unit()), marks)
            }
            None => "–".to_string(),
        };
        view! {
            <div>
                <dt>{label}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    let shows = preset.figure.play.shows;
    view! { <dl class="measured">{shows.into_iter().map(one).collect_view()}</dl> }
}

/// The buttons: to the end, the fixes, and restart.
#[component]
fn Steps(presets: Presets, preset: Preset, shown: Shown, over: Memo<bool>) -> impl IntoView {
    let fixes = preset.figure.play.fixes.iter().enumerate();
    let fix = |(place, fix): (usize, &crate::lesson::figure::Fix)| {
        let label = preset.words.fixes.get(&fix.id)?.label.clone();
        let begin = move |_| presets.begin(place + 1);
        let pressed = (shown.part == Some(place + 1)).to_string();
        Some(view! {
            <button type="button" class="button" aria-pressed=pressed on:click=begin>
                {label}
            </button>
        })
    };
    let fixes: Vec<_> = fixes.filter_map(fix).collect();
    // What the reader has changed has no end.
    let finish = shown.part.map(|_| {
        view! {
            <button
                type="button"
                class="button"
                disabled=move || over.get()
                on:click=move |_| presets.finish()
            >
                {t!("presets.finish", at = clock(shown.end))}
            </button>
        }
    });
    view! {
        <div class="steps">
            {finish}
            {fixes}
            <button type="button" class="button" on:click=move |_| presets.begin(0)>
                {t!("presets.again")}
            </button>
        </div>
    }
}
