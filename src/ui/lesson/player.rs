//! Runs a figure: its script, then its fixes, each to its end, and only while it is in view.

use std::cell::RefCell;

use leptos::html;
use leptos::prelude::*;
use leptos_use_intersection_observer::use_intersection_observer;
use serde_json::Value;

use crate::lesson::expectation::Expectation;
use crate::lesson::figure::{Figure, Question, with_value};
use crate::lesson::measure::Stretch;
use crate::lesson::timed_command::{TimedCommand, advance, at_ms, give};
use crate::scene::playback_clock::{FramePacer, Speed};
use crate::scene::small::working;
use crate::sim::engine::EventBudget;
use crate::sim::run::Run;
use crate::sim::time::{SimDuration, SimTime};
use crate::ui::frame::{Animation, EVENTS, animate};
use crate::ui::session::Session;
use crate::ui::stage::Stage;
use crate::ui::testing::Clock;

/// How long a run that was over goes on when the reader changes something.
const GOES_ON: SimDuration = SimDuration::from_secs(60);

/// Where a figure is. A part is its own run (0) or one of its fixes, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayerAction {
    /// The question is open. The scene plays by itself up to a time that shows nothing of what is asked.
    Asking,
    /// A part runs.
    Running(usize),
    /// A part is over, and its answer is shown.
    Over(usize),
    /// The reader has changed the scene: no answer speaks of it.
    Own,
}

/// The run of a figure, and how it is played.
#[derive(Clone, Copy)]
pub struct Player {
    /// The session that runs the figure's scene.
    pub session: Session,
    /// What is drawn of it.
    pub stage: Stage,
    /// What the figure waits for or does now.
    pub act: RwSignal<PlayerAction>,
    /// Whether time goes on while it is in view.
    pub playing: RwSignal<bool>,
    /// The answer that the run confirmed, once it has.
    pub right: RwSignal<Option<String>>,
    figure: StoredValue<Figure>,
    script: StoredValue<Vec<TimedCommand>>,
    next: StoredValue<usize>,
    end: StoredValue<SimTime>,
}

impl Player {
    /// A figure at its start.
    pub fn new(figure: Figure) -> Self {
        let session = Session::new();
        session.open(&Run::start(figure.scenario.clone()));
        let (script, end) = (figure.play.script.clone(), at_ms(figure.ask_ms()));
        Self {
            session,
            stage: Stage::new(),
            act: RwSignal::new(PlayerAction::Asking),
            playing: RwSignal::new(false),
            right: RwSignal::new(None),
            script: StoredValue::new(script),
            next: StoredValue::new(0),
            end: StoredValue::new(end),
            figure: StoredValue::new(figure),
        }
    }

    /// Looks at the figure's data.
    pub fn figure<T>(self, look: impl FnOnce(&Figure) -> T) -> T {
        self.figure.with_value(look)
    }

    /// Runs a part from its beginning.
    pub fn begin(self, part: usize) {
        let (world, script, end) = self.figure(|figure| match part.checked_sub(1) {
            None => (
                Some(figure.scenario.clone()),
                figure.play.script.clone(),
                figure.play.run_ms,
            ),
            Some(place) => {
                let fix = &figure.play.fixes[place];
                // Checked for every figure before the page is written.
                let world = figure.world_of(fix).ok().flatten();
                (world, figure.script_of(fix).to_vec(), fix.run_ms)
            }
        });
        if let Some(scenario) = world {
            let seed = self.figure(|figure| figure.scenario.seed);
            self.session.open(&Run {
                seed,
                ..Run::start(scenario)
            });
        }
        self.script.set_value(script);
        self.next.set_value(0);
        self.end.set_value(at_ms(end));
        self.act.set(PlayerAction::Running(part));
        self.playing.set(true);
    }

    /// The answer that holds in the world as it is now.
    fn confirmed(self) -> Option<String> {
        self.figure(|figure| {
            let Question::Choice(choices) = &figure.play.question else {
                return None;
            };
            let holds =
                |gate: &Expectation| self.session.read(|view| gate.holds(Stretch::whole(view)));
            let right = choices.iter().find(|choice| holds(&choice.when));
            right.map(|choice| choice.id.clone())
        })
    }

    /// The speed, in thousandths of real time.
    fn speed(self) -> Speed {
        Speed {
            num: self.figure(|figure| figure.play.speed_permille),
            den: 1_000,
            label: "",
        }
    }

    /// The reader changes something: at once, and the run goes on for a while.
    pub fn order(self, order: &Value) {
        if self.act.get_untracked() == PlayerAction::Asking {
            self.begin(0);
        }
        for change in self.figure(|figure| figure.changes_of(order)) {
            match change.get("set") {
                Some(set) => self.anew(set),
                // What is refused changes nothing, and the field says what it may hold.
                None => drop(self.session.drive(|engine| give(engine, &change))),
            }
        }
        let more = self.session.read(|view| view.now()) + GOES_ON;
        self.end.set_value(more);
        self.act.set(PlayerAction::Own);
        self.playing.set(true);
        self.session.notify();
    }

    /// The run begins anew, with the same traffic, in the scene as it stands with one value changed.
    fn anew(self, set: &Value) {
        let scene = self.session.read(|view| view.edited());
        // A figure's changes are tried by a test, each alone.
        if let Ok(scenario) = with_value(&scene, set) {
            let seed = self.figure(|figure| figure.scenario.seed);
            self.session.open(&Run {
                seed,
                ..Run::start(scenario)
            });
            self.script.set_value(Vec::new());
            self.next.set_value(0);
        }
    }

    /// Whether the run has reached its end.
    pub fn is_over(self) -> bool {
        self.session.read(|view| view.now()) >= self.end.get_value()
    }

    /// Runs what is left of a part at once.
    pub fn finish(self) {
        if matches!(
            self.act.get_untracked(),
            PlayerAction::Running(_) | PlayerAction::Own
        ) {
            let end = self.end.get_value();
            self.pass(|_| end, EventBudget::UNBOUNDED);
            self.session.notify();
        }
    }

    /// Runs to the time that `until` makes of the present one, and tells when the part is over.
    fn pass(self, until: impl FnOnce(SimTime) -> SimTime, budget: EventBudget) {
        let mut next = self.next.get_value();
        let now = self.session.drive(|engine| {
            let until = until(engine.view().now());
            self.script.with_value(|script| {
                // Orders were checked; one that the reader has made impossible is left out.
                while advance(engine, script, &mut next, until, budget).is_err() {}
            });
            if let Some(id) = working(engine.view()) {
                engine.look_at(id);
            }
            engine.view().now()
        });
        self.next.set_value(next);
        if now >= self.end.get_value() {
            self.playing.set(false);
            if let PlayerAction::Running(part) = self.act.get_untracked() {
                if part == 0 {
                    self.right.set(self.confirmed());
                }
                self.act.set(PlayerAction::Over(part));
            }
        }
    }

    /// Plays the scene by itself while the question is open. Where the reader wants no motion, it stands at the end of
    /// that at once.
    fn play_itself(self) {
        let calm = window().match_media("(prefers-reduced-motion: reduce)");
        if calm.ok().flatten().is_some_and(|calm| calm.matches()) {
            let end = self.end.get_value();
            self.pass(|_| end, EventBudget::UNBOUNDED);
            self.session.notify();
        } else {
            self.playing.set(true);
        }
    }

    /// Lets the run go on while `place` is in view, until the component that calls this is gone.
    pub fn run(self, place: NodeRef<html::Div>) {
        self.play_itself();
        let seen = RwSignal::new(false);
        use_intersection_observer(place, move |entries, _| {
            if let Some(last) = entries.last() {
                seen.set(last.is_intersecting());
            }
        });
        animate(PlayerFrames {
            player: self,
            seen,
            pacer: RefCell::default(),
        });
    }
}

/// A figure's run in its place.
struct PlayerFrames {
    player: Player,
    /// Whether the place is in view.
    seen: RwSignal<bool>,
    pacer: RefCell<FramePacer>,
}

impl Animation for PlayerFrames {
    fn is_running(&self) -> bool {
        self.player.playing.get() && self.seen.get()
    }

    fn advance(&self, delta_ms: f64) {
        let player = self.player;
        let now = || player.session.read(|view| view.now());
        let mut pacer = self.pacer.borrow_mut();
        pacer.pass(delta_ms, player.speed(), |step| {
            let (from, end) = (now(), player.end.get_value());
            player.pass(|now| (now + step).min(end), EVENTS);
            now().since(from)
        });
    }

    fn paint(&self, still: bool) {
        if self.seen.get_untracked() {
            self.player.stage.paint(self.player.session, still);
        }
    }

    fn pulse(&self) {
        self.player.session.notify();
    }

    fn on_stop(&self) {
        self.player.session.notify();
    }

    fn track(&self) {
        self.seen.track();
        self.player.session.track();
        self.player.stage.track();
    }

    fn recolour(&self) {
        self.player.stage.recolour();
    }
}

impl Clock for Player {
    fn now(self) -> SimTime {
        self.session.read(|view| view.now())
    }

    /// As far as the part that runs goes, and nowhere while the question is open.
    fn go(self, to: SimTime) {
        if matches!(
            self.act.get_untracked(),
            PlayerAction::Running(_) | PlayerAction::Own
        ) {
            let end = self.end.get_value();
            self.pass(|now| to.clamp(now, end.max(now)), EventBudget::UNBOUNDED);
            self.session.notify();
        }
    }
}
