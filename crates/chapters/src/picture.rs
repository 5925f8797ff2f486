//! A still picture of a figure: what it is drawn as, run without a page to a moment that tells.

use evenkeel_lesson::figure::{Drawing, Figure};
use evenkeel_lesson::timed_command::{advance, at_ms};
use evenkeel_scene::picture::reel::{Reel, ReelKind};
use evenkeel_scene::picture::{self, card, small_pair, small_world};
use evenkeel_scene::small::working;
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::ids::SiteId;
use evenkeel_sim::time::{SimDuration, SimTime};

/// The time between two looks at a run that is followed.
const STEP: SimDuration = SimDuration::from_ms(100);
/// How long before its picture a world is followed: the longest way of a request, which is drawn more slowly than it
/// is, and more.
const FOLLOWED: SimDuration = SimDuration::from_secs(8);

/// The picture as SVG, with a description for those who do not see it. `land` is the outline of the continents.
///
/// # Errors
/// An order of the figure's script that is refused.
pub fn picture(figure: &Figure, land: &str) -> Result<String, String> {
    let play = &figure.play;
    let end = at_ms(play.picture_ms.unwrap_or(play.run_ms));
    let mut film = Film::new(figure);
    let svg = match figure.drawing() {
        Drawing::Stage => {
            film.go(end)?;
            picture::small(film.engine.view())
        }
        Drawing::Pair => {
            film.go(end)?;
            small_pair::still(film.engine.view(), SiteId(0))
        }
        Drawing::World => {
            let mut followed = small_world::Followed::default();
            let mut now = SimTime::ZERO + end.since(SimTime::ZERO + FOLLOWED);
            while now < end {
                film.go(now)?;
                followed.follow(film.engine.view());
                now = (now + STEP).min(end);
            }
            film.go(end)?;
            followed.follow(film.engine.view());
            small_world::still(film.engine.view(), &followed, land)
        }
    };
    Ok(svg)
}

/// The wall time of a moving picture, in milliseconds, and the number of its frames.
const REEL_MS: u64 = 4_000;
const FRAMES: u64 = 60;
/// The most simulated time for a second of it, in thousandths: what is faster cannot be followed so small.
const FASTEST: u64 = 1_000;

/// A small moving picture of a figure's run up to the moment that tells, and the run at that moment.
pub struct Shot<'a> {
    reel: Reel<'a>,
    film: Film<'a>,
}

impl Shot<'_> {
    /// The file that moves.
    pub fn moving(&self) -> String {
        self.reel.file(self.film.engine.view(), Some(REEL_MS))
    }

    /// The file that stands still.
    pub fn still(&self) -> String {
        self.reel.file(self.film.engine.view(), None)
    }

    /// The card with this title and sentence, as SVG.
    pub fn card(&self, title: &str, about: &str) -> String {
        card::card(title, about, &self.reel, self.film.engine.view())
    }
}

/// Takes the moving picture of a figure.
///
/// # Errors
/// An order of the figure's script that is refused.
pub fn shoot<'a>(figure: &'a Figure, land: &'a str) -> Result<Shot<'a>, String> {
    let play = &figure.play;
    let end = at_ms(play.picture_ms.unwrap_or(play.run_ms));
    let kind = match figure.drawing() {
        Drawing::Stage => ReelKind::Stage,
        Drawing::Pair => ReelKind::Pair,
        Drawing::World => ReelKind::World,
    };
    let speed = match kind {
        ReelKind::World => 1_000,
        ReelKind::Stage | ReelKind::Pair => u64::from(play.speed_permille).min(FASTEST),
    };
    let shown = SimDuration::from_ms(REEL_MS * speed / 1_000);
    let start = SimTime::ZERO + end.since(SimTime::ZERO + shown);
    let mut film = Film::new(figure);
    let mut reel = Reel::new(kind, land);
    if kind == ReelKind::World {
        let mut now = SimTime::ZERO + start.since(SimTime::ZERO + FOLLOWED);
        while now < start {
            film.go(now)?;
            reel.follow(film.engine.view());
            now = now + STEP;
        }
    }
    for frame in 1..=FRAMES {
        film.go(start + shown.scaled(frame, FRAMES))?;
        reel.take(film.engine.view());
    }
    Ok(Shot { reel, film })
}

/// A figure's own run.
pub struct Film<'a> {
    figure: &'a Figure,
    /// The run as it is now.
    pub engine: Engine,
    next: usize,
}

impl<'a> Film<'a> {
    /// The run at its start.
    pub fn new(figure: &'a Figure) -> Self {
        let mut engine = Engine::new(&figure.scenario, figure.scenario.seed);
        // The reason of the last pick is written down only where somebody looks.
        engine.set_watched(true);
        Self {
            figure,
            engine,
            next: 0,
        }
    }

    /// Runs to a time.
    ///
    /// # Errors
    /// An order of the figure's script that is refused.
    pub fn go(&mut self, to: SimTime) -> Result<(), String> {
        let script = &self.figure.play.script;
        advance(
            &mut self.engine,
            script,
            &mut self.next,
            to,
            EventBudget::UNBOUNDED,
        )
        .map_err(|error| format!("{}: {error}", self.figure.name))?;
        if let Some(id) = working(self.engine.view()) {
            self.engine.look_at(id);
        }
        Ok(())
    }
}
