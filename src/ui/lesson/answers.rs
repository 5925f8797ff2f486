//! The answers of a figure, its fixes, and the controls of its run.

use leptos::prelude::*;

use super::parts::Parts;
use super::player::PlayerAction;
use super::workbench::Workbench;
use crate::scene::words::clock;

/// The answers: of the figure's own run and of each fix, each shown when its part is over.
#[component]
pub fn Answers(parts: Parts) -> impl IntoView {
    let words = parts.words.get_value();
    let fixes = parts.player.figure(|figure| {
        let ids = figure.play.fixes.iter().map(|fix| fix.id.clone());
        ids.collect::<Vec<_>>()
    });
    let said = move |part: usize, id: &str, head: String, text: String| {
        let lines = parts.proof.with_value(|proof| proof.get(id).cloned());
        let lines = lines.filter(|lines| !lines.is_empty());
        let shown = move || parts.player.act.get() == PlayerAction::Over(part);
        view! {
            <div class="said" class:shown=shown aria-hidden=move || (!shown()).to_string()>
                <p>
                    <b>{head}</b>
                    " "
                    {text}
                </p>
                {lines
                    .map(|lines| {
                        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> });
                        view! {
                            <ul class="proof" aria-label=parts.word("measured")>
                                {lines.collect_view()}
                            </ul>
                        }
                    })}
            </div>
        }
    };
    let first = said(0, "", parts.word("answer"), words.answer.clone());
    let rest = fixes
        .iter()
        .enumerate()
        .filter_map(|(place, id)| {
            let fix = words.fixes.get(id)?;
            Some(said(place + 1, id, fix.label.clone(), fix.answer.clone()))
        })
        .collect_view();
    let hint = move || match parts.player.act.get() {
        PlayerAction::Asking => parts.word("ask-first"),
        PlayerAction::Running(_) => parts.word("running"),
        PlayerAction::Over(_) => String::new(),
        PlayerAction::Own => parts.word("own"),
    };
    view! {
        <div class="answers" role="status">
            <p class="hint">{hint}</p>
            {first}
            {rest}
        </div>
    }
}

/// The buttons of the fixes. They are there from the start, so that nothing moves, and are enabled when the first run
/// is over.
#[component]
pub fn Fixes(parts: Parts) -> impl IntoView {
    let ids = parts.player.figure(|figure| {
        let ids = figure.play.fixes.iter().map(|fix| fix.id.clone());
        ids.collect::<Vec<_>>()
    });
    let words = parts.words.get_value();
    let one = move |(place, id): (usize, String)| {
        let label = words.fixes.get(&id).map(|fix| fix.label.clone());
        let part = place + 1;
        let pressed = move || {
            let act = parts.player.act.get();
            (act == PlayerAction::Running(part) || act == PlayerAction::Over(part)).to_string()
        };
        view! {
            <button
                type="button"
                class="button option"
                disabled=move || !parts.shows_answer()
                aria-pressed=pressed
                on:click=move |_| parts.player.begin(part)
            >
                {label}
            </button>
        }
    };
    (!ids.is_empty()).then(|| {
        view! {
            <div class="tools fixes" role="group" aria-label=parts.word("fixes")>
                {ids.into_iter().enumerate().map(one).collect_view()}
            </div>
        }
    })
}

/// Play, restart, the clock, and the link to the workbench.
#[component]
pub fn Tools(parts: Parts) -> impl IntoView {
    let player = parts.player;
    let now = player.session.watch(|view| clock(view.now()));
    let act = player.act;
    let play = move |_| match act.get_untracked() {
        PlayerAction::Asking => player.begin(0),
        PlayerAction::Own if player.is_over() => player.begin(0),
        PlayerAction::Running(_) | PlayerAction::Own => {
            player.playing.update(|playing| *playing = !*playing);
        }
        PlayerAction::Over(part) => player.begin(part),
    };
    let label = move || {
        parts.word(match act.get() {
            PlayerAction::Asking => "just-run",
            PlayerAction::Running(_) | PlayerAction::Own if player.playing.get() => "pause",
            PlayerAction::Own if player.is_over() => "again",
            PlayerAction::Running(_) | PlayerAction::Own => "go-on",
            PlayerAction::Over(_) => "again",
        })
    };
    let speed = player.figure(|figure| figure.play.speed_permille);
    let pace = (speed != 1_000).then(|| {
        let times = speed / 1_000;
        parts.word("pace").replace("{times}", &times.to_string())
    });
    view! {
        <div class="tools">
            <button type="button" class="button" on:click=play>
                {label}
            </button>
            <button
                type="button"
                class="button end"
                disabled=move || match act.get() {
                    PlayerAction::Running(_) => false,
                    // It is over when it stands still and cannot go on; a pause is no end.
                    PlayerAction::Own => !player.playing.get() && player.is_over(),
                    _ => true,
                }
                on:click=move |_| player.finish()
            >
                {parts.word("to-end")}
            </button>
            <span class="time">{now}</span>
            {pace.map(|pace| view! { <span class="pace">{pace}</span> })}
            <Workbench parts=parts />
        </div>
    }
}
