//! A figure of a chapter: first the question, then the run, then the answer and the fixes.

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;

use super::answers::{Answers, Fixes, Tools};
use super::parts::Parts;
use super::player::{Player, PlayerAction};
use super::question::{Choices, Slider};
use super::{FigureCommands, FrameWords};
use crate::lesson::figure::{Control, Drawing, Figure, Question};
use crate::lesson::figure_texts::FigureWords;
use crate::lesson::measure::{Measure, Stretch};
use crate::scene::request_head::letter;
use crate::ui::lazy;
use crate::ui::stage::compact::CompactStage;
use crate::ui::testing;

/// A figure. `rows` is the CSS class that sets the height of the scene.
#[component]
pub fn FigureView(
    figure: Figure,
    words: FigureWords,
    proof: BTreeMap<String, Vec<String>>,
    frame: FrameWords,
    rows: String,
    orders: FigureCommands,
) -> impl IntoView {
    let kills = figure.play.controls.contains(&Control::Kill);
    let question = figure.play.question.clone();
    let player = Player::new(figure);
    let parts = Parts {
        player,
        words: StoredValue::new(words),
        proof: StoredValue::new(proof),
        frame: StoredValue::new(frame),
        expected: RwSignal::new(None),
    };
    let place = NodeRef::<html::Div>::new();
    player.run(place);
    testing::install(&orders.0, player);
    orders.reset(player.act);
    orders.told(player.act);
    orders.each(move |order| player.order(&order));
    let kill = Signal::derive(move || {
        kills && (parts.shows_answer() || player.act.get() == PlayerAction::Own)
    });
    let letters = player.figure(Figure::writes_headers);
    let options = match question {
        Question::Choice(choices) => {
            let ids = choices.into_iter().map(|choice| choice.id).collect();
            view! { <Choices parts=parts ids=ids /> }.into_any()
        }
        Question::Guess(guess) => view! { <Slider parts=parts guess=guess /> }.into_any(),
    };
    view! {
        <div class=rows node_ref=place>
            <Scene parts kill />
        </div>
        <Numbers parts=parts />
        {letters.then(|| view! { <RequestHead parts=parts /> })}
        <div class="ask" role="group" aria-label=parts.words.with_value(|words| words.question.clone())>
            <p class="question">{parts.words.with_value(|words| words.question.clone())}</p>
            {options}
        </div>
        <Tools parts=parts />
        <Fixes parts=parts />
        <Answers parts=parts />
    }
}

/// What the figure is drawn as. The code for a world and for a pair loads with the first figure that needs it.
#[component]
fn Scene(parts: Parts, kill: Signal<bool>) -> impl IntoView {
    let Player { session, stage, .. } = parts.player;
    match parts.player.figure(Figure::drawing) {
        Drawing::Stage => view! { <CompactStage session stage kill /> }.into_any(),
        drawing => {
            let picture = Suspend::new(lazy::figure_picture(session, drawing));
            view! { <div class="wide-picture">{picture}</div> }.into_any()
        }
    }
}

/// The measures that are shown while the figure runs.
#[component]
fn Numbers(parts: Parts) -> impl IntoView {
    let shows = parts.player.figure(|figure| figure.play.shows.clone());
    let one = move |measure: Measure| {
        let key = format!("measure.{}", measure.name());
        let server = measure.server().unwrap_or_default();
        let kind = parts.player.figure(|figure| figure.kind_of(&measure));
        let kind = kind.map(|kind| parts.word(&kind)).unwrap_or_default();
        let label = parts.word(&key);
        let label = label.replace("{server}", server).replace("{kind}", &kind);
        let read = measure.clone();
        let value = parts
            .player
            .session
            .watch(move |view| read.read(Stretch::whole(view)));
        // What plays while the question is open measures nothing yet.
        let asking = move || parts.player.act.get() == PlayerAction::Asking;
        let text = move || match value.get().filter(|_| !asking()) {
            Some(amount) => parts.say(&amount, &measure, amount.digits(measure.unit())),
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

/// The last request: what the balancer did with it, and what the server gets of it. The box has its full height from
/// the start, so that nothing moves.
#[component]
fn RequestHead(parts: Parts) -> impl IntoView {
    let last = parts.player.session.watch(letter);
    let verdict = move || last.with(|last| last.as_ref().map(|last| last.verdict.clone()));
    let seen = move || {
        let lines = last.with(|last| last.as_ref().map(|last| last.at_server.clone()));
        let line = |(name, value): (String, String)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            }
        };
        lines
            .unwrap_or_default()
            .into_iter()
            .map(line)
            .collect_view()
    };
    view! {
        <div class="paper">
            <p>
                <b>{parts.word("last-request")}</b>
                " "
                {verdict}
            </p>
            <dl>{seen}</dl>
        </div>
    }
}
