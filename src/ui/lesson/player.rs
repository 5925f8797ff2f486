//! Plays a figure: its script, then its fixes, each to its end, and only while the figure is in view.

use leptos::html;
use leptos::prelude::*;
use leptos_use_document_visibility::use_document_visibility;
use leptos_use_intersection_observer::use_intersection_observer;
use leptos_use_media_query::use_media_query;
use leptos_use_raf_fn::{Pausable, UseRafFnOptions, use_raf_fn_with_options};
use serde_json::Value;
use web_sys::VisibilityState;

use crate::lesson::expectation::Expectation;
use crate::lesson::figure::{Figure, Question, with_value};
use crate::lesson::measure::Stretch;
use crate::lesson::timed_command::{TimedCommand, advance, at_ms, give};
use crate::scene::playback_clock::{PlaybackClock, Speed};
use crate::scene::small::working;
use crate::sim::engine::EventBudget;
use crate::sim::run::Run;
use crate::sim::time::{SimDuration, SimTime};
use crate::ui::session::Session;
use crate::ui::stage::Stage;
use crate::ui::testing::Clock;

/// How long a finished run continues after a change by the reader.
const GOES_ON: SimDuration = SimDuration::from_secs(60);
/// How many events one frame may handle.
const BUDGET: EventBudget = EventBudget(20_000);
/// From one change of the texts to the next.
const PULSE_MS: f64 = 250.0;
/// From one picture to the next where the reader wants no motion.
const SNAPSHOT_MS: f64 = 500.0;

/// The state of a figure. A part is the figure's own run (0) or one of its fixes, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayerAction {
    /// The question is open.
    Asking,
    /// A part runs.
    Running(usize),
    /// A part is over, and its answer is shown.
    Over(usize),
    /// The reader has changed the scene, so no answer applies to it.
    Own,
}

/// The player of a figure.
#[derive(Clone, Copy)]
pub struct Player {
    /// The run.
    pub session: Session,
    /// The stage that the run is drawn on.
    pub stage: Stage,
    /// The state.
    pub act: RwSignal<PlayerAction>,
    /// Whether the run plays while the figure is in view.
    pub playing: RwSignal<bool>,
    /// The answer that the run confirmed; `None` before that.
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
        Self {
            session,
            stage: Stage::new(),
            act: RwSignal::new(PlayerAction::Asking),
            playing: RwSignal::new(false),
            right: RwSignal::new(None),
            script: StoredValue::new(Vec::new()),
            next: StoredValue::new(0),
            end: StoredValue::new(SimTime::ZERO),
            figure: StoredValue::new(figure),
        }
    }

    /// Reads the data of the figure.
    pub fn figure<T>(self, look: impl FnOnce(&Figure) -> T) -> T {
        self.figure.with_value(look)
    }

    /// Plays a part from its beginning.
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

    /// The answer whose condition holds now.
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

    /// Carries out a change by the reader at once; the run then continues for a while.
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

    /// Restarts the run with the same traffic, in the present scene with one value changed.
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

    /// Runs the rest of a part at once.
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

    /// Lets some time of the wall's pass.
    fn step(self, pace: &mut PlaybackClock, delta_ms: f64) {
        let step = pace.step((delta_ms * 1_000.0) as u64, self.speed());
        let end = self.end.get_value();
        self.pass(|now| (now + step).min(end), BUDGET);
    }

    /// Runs to the time that `until` computes from the present one, and ends the part when its time is over.
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

    /// Starts the loop, which goes only while `place` is in view; it ends with the component.
    pub fn run(self, place: NodeRef<html::Div>) {
        let seen = RwSignal::new(false);
        use_intersection_observer(place, move |entries, _| {
            if let Some(last) = entries.last() {
                seen.set(last.is_intersecting());
            }
        });
        let visibility = use_document_visibility();
        let calm = use_media_query("(prefers-reduced-motion: reduce)");
        let dark = use_media_query("(prefers-color-scheme: dark)");
        let forced = use_media_query("(forced-colors: active)");
        let state = StoredValue::new_local((PlaybackClock::default(), 0.0_f64, 0.0_f64));
        let frame = move |delta_ms: f64| {
            state.update_value(|(pace, pulse, picture)| {
                self.step(pace, delta_ms);
                *picture += delta_ms;
                if !calm.get_untracked() || *picture >= SNAPSHOT_MS {
                    *picture = 0.0;
                    self.stage.paint(self.session, calm.get_untracked());
                }
                *pulse += delta_ms;
                if *pulse >= PULSE_MS {
                    *pulse = 0.0;
                    self.session.notify();
                }
            });
        };
        let Pausable { pause, resume, .. } = use_raf_fn_with_options(
            move |args| frame(args.delta),
            UseRafFnOptions::default().immediate(false),
        );
        let runs = Memo::new(move |_| {
            self.playing.get() && seen.get() && visibility.get() == VisibilityState::Visible
        });
        Effect::new(move |_| {
            if runs.get() {
                resume();
            } else {
                pause();
                self.session.notify();
            }
        });
        Effect::new(move |_| {
            dark.track();
            forced.track();
            self.stage.recolour();
        });
        Effect::new(move |_| {
            self.session.track();
            self.stage.track();
            let calm = calm.get();
            if seen.get() && !runs.get() {
                request_animation_frame(move || self.stage.paint(self.session, calm));
            }
        });
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
