//! The question of a figure: a choice of several answers, or a number on a slider.

use leptos::prelude::*;

use super::parts::Parts;
use crate::lesson::amount::Amount;
use crate::lesson::figure::Guess;

/// A choice of several answers. The run confirms the right one.
#[component]
pub fn Choices(parts: Parts, ids: Vec<String>) -> impl IntoView {
    let one = move |id: String| {
        let text = parts
            .words
            .with_value(|words| words.choices.get(&id).cloned().unwrap_or_default());
        let (own, mine) = (id.clone(), id.clone());
        let chosen = move || parts.expected.get().as_deref() == Some(own.as_str());
        let is_right =
            Memo::new(move |_| parts.player.right.get().as_deref() == Some(mine.as_str()));
        let mark = move || is_right.get().then(|| parts.word("right"));
        view! {
            <button
                type="button"
                class="button option"
                class:right=is_right
                aria-pressed=move || chosen().to_string()
                on:click=move |_| parts.answer(id.clone())
            >
                {text}
                <span class="unseen">{mark}</span>
            </button>
        }
    };
    view! { <div class="options">{ids.into_iter().map(one).collect_view()}</div> }
}

/// A slider for a number to guess.
#[component]
pub fn Slider(parts: Parts, guess: Guess) -> impl IntoView {
    let value = RwSignal::new(f64::midpoint(guess.from, guess.to));
    let measure = parts.player.figure(|figure| {
        let claim = figure.play.claims.get(&guess.claim);
        claim.map(|claim| claim.measure.clone())
    });
    let text = move || {
        let amount = Amount::Number(value.get());
        measure
            .as_ref()
            .map(|measure| parts.say(&amount, measure, 0))
    };
    let go = move |_| parts.answer(value.get_untracked().to_string());
    let verdict = move || {
        let guessed: f64 = parts.expected.get()?.parse().ok()?;
        let answer = parts.player.figure(|figure| {
            let claim = figure.play.claims.get(&guess.claim)?;
            match claim.says {
                Amount::Number(value) => Some(value),
                Amount::Text(_) => None,
            }
        })?;
        parts.shows_answer().then(|| {
            let near = (guessed - answer).abs() <= guess.within;
            parts.word(if near { "near" } else { "far" })
        })
    };
    let label = parts.word("your-guess");
    view! {
        <div class="options guess">
            <input
                type="range"
                aria-label=label
                min=guess.from.to_string()
                max=guess.to.to_string()
                step=guess.step.to_string()
                prop:value=value.get_untracked().to_string()
                on:input:target=move |event| {
                    if let Ok(number) = event.target().value().parse() {
                        value.set(number);
                    }
                }
            />
            <output>{text}</output>
            <button type="button" class="button" on:click=go>
                {parts.word("guess-run")}
            </button>
            <span class="verdict">{verdict}</span>
        </div>
    }
}
