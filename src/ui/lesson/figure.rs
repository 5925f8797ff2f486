//! A figure: question first, then the run, then what happened and what can be done about it.

use leptos::html;
use leptos::prelude::*;

use super::player::{Act, Player};
use super::{Frame, root};
use crate::lesson::amount::{Amount, Marks};
use crate::lesson::figure::{Control, Figure, Guess, Question};
use crate::lesson::measure::{Measure, Stretch};
use crate::lesson::words::FigureWords;
use crate::scene::words::clock;
use crate::ui::stage::compact::CompactStage;

/// What the parts of a figure share.
#[derive(Clone, Copy)]
struct Parts {
    player: Player,
    words: StoredValue<FigureWords>,
    frame: StoredValue<Frame>,
    /// What the reader expects: a choice's name, or a number.
    expected: RwSignal<Option<String>>,
}

impl Parts {
    fn word(self, name: &str) -> String {
        self.frame.with_value(|frame| frame.word(name))
    }

    fn answer(self, expected: String) {
        self.expected.set(Some(expected));
        self.player.begin(0);
    }

    /// Whether the first run is over.
    fn told(self) -> bool {
        !matches!(self.player.act.get(), Act::Asking | Act::Running(0))
    }

    /// As the language writes numbers.
    fn say(self, amount: &Amount, measure: &Measure, digits: usize) -> String {
        self.frame.with_value(|frame| {
            let marks = Marks {
                decimal: &frame.word("decimal"),
                thousands: &frame.word("thousands"),
            };
            amount.say(measure.unit(), digits, marks)
        })
    }
}

/// A figure. `rows` is the class that gives the scene its height.
#[component]
pub fn FigureView(figure: Figure, words: FigureWords, frame: Frame, rows: String) -> impl IntoView {
    let kills = figure.play.controls.contains(&Control::Kill);
    let question = figure.play.question.clone();
    let player = Player::new(figure);
    let parts = Parts {
        player,
        words: StoredValue::new(words),
        frame: StoredValue::new(frame),
        expected: RwSignal::new(None),
    };
    let place = NodeRef::<html::Div>::new();
    player.run(place);
    let kill = Signal::derive(move || kills && parts.told());
    let options = match question {
        Question::Choice(choices) => {
            let ids = choices.into_iter().map(|choice| choice.id).collect();
            view! { <Choices parts=parts ids=ids /> }.into_any()
        }
        Question::Guess(guess) => view! { <Slider parts=parts guess=guess /> }.into_any(),
    };
    view! {
        <div class=rows node_ref=place>
            <CompactStage session=player.session stage=player.stage kill=kill />
        </div>
        <Numbers parts=parts />
        <div class="ask" role="group" aria-label=parts.words.with_value(|words| words.question.clone())>
            <p class="question">{parts.words.with_value(|words| words.question.clone())}</p>
            {options}
        </div>
        <Answers parts=parts />
        <Fixes parts=parts />
        <Tools parts=parts />
    }
}

/// What is measured while it runs.
#[component]
fn Numbers(parts: Parts) -> impl IntoView {
    let shows = parts.player.figure(|figure| figure.play.shows.clone());
    let one = move |measure: Measure| {
        let key = format!("measure.{}", measure.name());
        let server = measure.server().unwrap_or_default();
        let label = parts.word(&key).replace("{server}", server);
        let read = measure.clone();
        let value = parts
            .player
            .session
            .watch(move |view| read.read(Stretch::whole(view)));
        let text = move || match value.get() {
            Some(amount) => parts.say(&amount, &measure, 0),
            None => "–".to_string(),
        };
        view! {
            <div>
                <dt>{label}</dt>
                <dd>{text}</dd>
            </div>
        }
    };
    view! { <dl class="numbers">{shows.into_iter().map(one).collect_view()}</dl> }
}

#[component]
fn Choices(parts: Parts, ids: Vec<String>) -> impl IntoView {
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

#[component]
fn Slider(parts: Parts, guess: Guess) -> impl IntoView {
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
        parts.told().then(|| {
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

/// What happened, once it has: for the figure's own run and for each fix.
#[component]
fn Answers(parts: Parts) -> impl IntoView {
    let words = parts.words.get_value();
    let fixes = parts.player.figure(|figure| {
        let ids = figure.play.fixes.iter().map(|fix| fix.id.clone());
        ids.collect::<Vec<_>>()
    });
    let said = move |part: usize, head: String, text: String| {
        let shown = move || parts.player.act.get() == Act::Over(part);
        view! {
            <div class="said" class:shown=shown aria-hidden=move || (!shown()).to_string()>
                <p>
                    <b>{head}</b>
                    " "
                    {text}
                </p>
            </div>
        }
    };
    let first = said(0, parts.word("answer"), words.answer.clone());
    let rest = fixes
        .iter()
        .enumerate()
        .filter_map(|(place, id)| {
            let fix = words.fixes.get(id)?;
            Some(said(place + 1, fix.label.clone(), fix.answer.clone()))
        })
        .collect_view();
    view! {
        <div class="answers" role="status">
            {first}
            {rest}
        </div>
    }
}

/// One more click each. They are there from the start, so that nothing moves, and wait for the
/// first run to be over.
#[component]
fn Fixes(parts: Parts) -> impl IntoView {
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
            (act == Act::Running(part) || act == Act::Over(part)).to_string()
        };
        view! {
            <button
                type="button"
                class="button option"
                disabled=move || !parts.told()
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

/// Play, again, the clock, and the way to the workbench.
#[component]
fn Tools(parts: Parts) -> impl IntoView {
    let player = parts.player;
    let now = player.session.watch(|view| clock(view.now()));
    let act = player.act;
    let play = move |_| match act.get_untracked() {
        Act::Asking => player.begin(0),
        Act::Running(_) => player.playing.update(|playing| *playing = !*playing),
        Act::Over(part) => player.begin(part),
    };
    let label = move || {
        parts.word(match act.get() {
            Act::Asking => "just-run",
            Act::Running(_) if player.playing.get() => "pause",
            Act::Running(_) => "go-on",
            Act::Over(_) => "again",
        })
    };
    view! {
        <div class="tools">
            <button type="button" class="button" on:click=play>
                {label}
            </button>
            <span class="time">{now}</span>
            <a class="out" href=format!("{}index.html", root())>
                {parts.word("workbench")}
            </a>
        </div>
    }
}
