//! From wall time to simulated time. Integers throughout: at speed 1/10, ten frames of a tenth of a microsecond each
//! are one microsecond, never zero.

use evenkeel_sim::time::SimDuration;
use evenkeel_words::{number, t};

/// The longest stretch of wall time that one frame makes up for. After a longer gap (the machine
/// slept, the page was stopped in a debugger) the run goes on from where it was.
pub const LONGEST_FRAME_US: u64 = 100_000;

/// From this length on, a gap between frames means a stopped page, not a slow one.
const STOPPED_US: u64 = 1_000_000;

/// Simulated time over wall time, as a ratio of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed {
    /// The simulated microseconds …
    pub num: u32,
    /// … in this many microseconds of wall time.
    pub den: u32,
    /// The name on the page.
    pub label: &'static str,
}

const fn speed(num: u32, den: u32, label: &'static str) -> Speed {
    Speed { num, den, label }
}

/// The speeds to choose from, slowest first.
pub const SPEEDS: [Speed; 10] = [
    speed(1, 10, "1/10×"),
    speed(1, 4, "1/4×"),
    speed(1, 2, "1/2×"),
    speed(1, 1, "1×"),
    speed(2, 1, "2×"),
    speed(5, 1, "5×"),
    speed(10, 1, "10×"),
    speed(20, 1, "20×"),
    speed(50, 1, "50×"),
    speed(100, 1, "100×"),
];

/// The index of real time in [`SPEEDS`].
pub const REAL_TIME: usize = 3;

/// Turns frames into steps of simulated time without losing a part of a microsecond.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlaybackClock {
    /// The remainder of the last step, in 1/`den` of a microsecond.
    rest: u64,
    den: u32,
}

impl PlaybackClock {
    /// The simulated time for `wall_us` of wall time.
    pub fn step(&mut self, wall_us: u64, speed: Speed) -> SimDuration {
        if self.den != speed.den {
            *self = Self {
                rest: 0,
                den: speed.den,
            };
        }
        let whole = wall_us.min(LONGEST_FRAME_US) * u64::from(speed.num) + self.rest;
        self.rest = whole % u64::from(speed.den);
        SimDuration::from_us(whole / u64::from(speed.den))
    }
}

/// The picks in a second of wall time from which on they come too fast to be read one by one.
const TOO_FAST: f64 = 10.5;
/// The picks in a second below which they can be read again.
const READABLE: f64 = 9.0;
/// The time that the rate is measured over, in milliseconds.
const OVER_MS: f64 = 1_000.0;

/// The rate of picks, as a reader sees them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tempo {
    rate: f64,
    fast: bool,
}

impl Tempo {
    /// Records one frame of `delta_ms` in which the balancer picked `new` times as time passed: a jump in time gives
    /// no rate. Returns whether there were picks that can be shown one by one.
    pub fn note(&mut self, new: u64, delta_ms: f64) -> bool {
        if delta_ms <= 0.0 {
            return new > 0;
        }
        let part = (delta_ms / OVER_MS).min(1.0);
        self.rate += (new as f64 * 1_000.0 / delta_ms - self.rate) * part;
        self.fast = self.rate > if self.fast { READABLE } else { TOO_FAST };
        new > 0 && !self.fast
    }

    /// Whether picks come too fast to be read one by one.
    #[must_use]
    pub const fn is_fast(&self) -> bool {
        self.fast
    }

    /// Clears the rate: the run stands still.
    pub const fn rest(&mut self) {
        self.rate = 0.0;
        self.fast = false;
    }
}

/// Whether the run keeps up with the speed asked for, judged over stretches of wall time.
#[derive(Clone, Copy, Debug, Default)]
pub struct LagMeter {
    wall_us: u64,
    asked_us: u64,
    done_us: u64,
}

impl LagMeter {
    /// Notes one frame: after `wall_us` of the wall's time at a speed, so much was done. A slow machine has
    /// long frames, and is asked for all of them; a page that was stopped is not.
    pub fn note(&mut self, wall_us: u64, speed: Speed, done: SimDuration) {
        let meant_us = if wall_us < STOPPED_US {
            wall_us
        } else {
            LONGEST_FRAME_US
        };
        let asked =
            SimDuration::from_us(meant_us).scaled(u64::from(speed.num), u64::from(speed.den));
        self.wall_us += meant_us;
        self.asked_us += asked.as_us();
        self.done_us += done.as_us();
    }

    /// Ends the stretch. The speed that was reached, in hundredths of real time, if more than a twentieth of what
    /// was asked for was not done; `None` if it kept up.
    pub fn behind(&mut self) -> Option<u32> {
        let Self {
            wall_us,
            asked_us,
            done_us,
        } = std::mem::take(self);
        (done_us * 20 < asked_us * 19).then(|| (done_us * 100 / wall_us.max(1)) as u32)
    }
}

/// How a run goes on from frame to frame: the step that each frame asks for, and whether the run keeps up.
#[derive(Clone, Copy, Debug, Default)]
pub struct FramePacer {
    clock: PlaybackClock,
    lag: LagMeter,
}

impl FramePacer {
    /// Lets a frame of `wall_ms` milliseconds pass at a speed. `run` gets the simulated time that is asked for and says
    /// how much of it was done.
    pub fn pass(
        &mut self,
        wall_ms: f64,
        speed: Speed,
        run: impl FnOnce(SimDuration) -> SimDuration,
    ) {
        let wall_us = (wall_ms * 1_000.0) as u64;
        let done = run(self.clock.step(wall_us, speed));
        self.lag.note(wall_us, speed, done);
    }

    /// Ends a stretch, as [`LagMeter::behind`] does.
    pub fn behind(&mut self) -> Option<u32> {
        self.lag.behind()
    }
}

/// That the machine is too slow, and the speed that is reached, given in hundredths of real time.
#[must_use]
pub fn behind_text(hundredths: u32) -> String {
    let speed = number::decimal(u64::from(hundredths), 100);
    t!("transport.behind", speed = speed)
}

/// The same in two words, for the place below the clock.
#[must_use]
pub fn behind_short(hundredths: u32) -> String {
    let speed = number::decimal(u64::from(hundredths), 100);
    t!("transport.only", speed = speed)
}

/// The speed of slow motion, for beside the clock.
#[must_use]
pub fn slowed_short(speed: Speed) -> String {
    let hundredths = 100 * u64::from(speed.num) / u64::from(speed.den);
    t!("transport.slowed", speed = number::decimal(hundredths, 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(frames: &[u64], speed: Speed) -> u64 {
        let mut pace = PlaybackClock::default();
        frames
            .iter()
            .map(|wall| pace.step(*wall, speed).as_us())
            .sum()
    }

    #[test]
    fn nothing_is_lost_however_time_is_cut() {
        let tenth = SPEEDS[0];
        assert_eq!(run(&[1; 1_000], tenth), 100);
        assert_eq!(run(&[16_667, 16_666, 16_667], tenth), 5_000);
        assert_eq!(run(&[50_000], SPEEDS[REAL_TIME]), 50_000);
        assert_eq!(run(&[16_667], SPEEDS[9]), 1_666_700);
    }

    #[test]
    fn a_frame_asks_for_a_step_and_notes_what_was_done() {
        let mut pacer = FramePacer::default();
        let mut asked = Vec::new();
        let mut frame = |done_ms| {
            pacer.pass(50.0, SPEEDS[REAL_TIME], |step| {
                asked.push(step);
                SimDuration::from_ms(done_ms)
            });
            pacer.behind()
        };
        assert_eq!([frame(50), frame(25)], [None, Some(50)]);
        assert_eq!(asked, [SimDuration::from_ms(50); 2]);
    }

    #[test]
    fn a_long_gap_is_not_made_up_for() {
        assert_eq!(run(&[60_000_000], SPEEDS[REAL_TIME]), LONGEST_FRAME_US);
    }

    #[test]
    fn speeds_rise() {
        let ratio = |speed: &Speed| f64::from(speed.num) / f64::from(speed.den);
        assert!(SPEEDS.is_sorted_by(|a, b| ratio(a) < ratio(b)));
        assert_eq!(ratio(&SPEEDS[REAL_TIME]), 1.0);
    }

    #[test]
    fn the_speed_that_is_reached_is_told() {
        let text = "Running at 0.15 of real time: this machine's limit.";
        assert_eq!(behind_text(15), text);
        assert_eq!(behind_short(15), "only 0.15×");
        assert_eq!(slowed_short(speed(1, 10, "")), "slowed to 0.1×");
        assert_eq!(slowed_short(speed(1, 40, "")), "slowed to 0.02×");
    }

    #[test]
    fn it_is_behind_when_a_twentieth_is_missing() {
        let mut keeping = LagMeter::default();
        let twice = SPEEDS[REAL_TIME + 1];
        keeping.note(50_000, twice, SimDuration::from_ms(96));
        assert_eq!(keeping.behind(), None);
        keeping.note(50_000, twice, SimDuration::from_ms(94));
        assert_eq!(keeping.behind(), Some(188));
        assert_eq!(keeping.behind(), None, "a new stretch has begun");
        keeping.note(300_000, twice, SimDuration::from_ms(200));
        assert_eq!(
            keeping.behind(),
            Some(66),
            "frames are long on a slow machine"
        );
        keeping.note(60_000_000, twice, SimDuration::from_ms(200));
        assert_eq!(keeping.behind(), None, "the page was stopped");
    }
}
