//! The arguments that `run`, `link` and `picture` share, and the run that they ask for.

use clap::{Args, ValueHint};
use evenkeel_sim::engine::command::LogEntry;
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::run::Run;
use evenkeel_sim::scenario::limits::MAX_RATE_RPS;
use evenkeel_sim::share::MAX_AT;
use evenkeel_sim::time::{SimDuration, SimTime};

use crate::error::CliError;
use crate::scene::SceneSource;
use crate::timed_command;

/// A scene, and how far it is to be run.
#[derive(Args)]
pub struct RunOptions {
    /// A scene file, a configuration of nginx or HAProxy, `-` for standard input, `default`, or a link to a run (also its
    /// fragment `#run=…` alone)
    #[arg(value_name = "SCENE", value_hint = ValueHint::FilePath)]
    pub scene: SceneSource,
    /// Simulated seconds from the start, at most a day (86400); a link has a place in time of its own
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    pub seconds: Option<u64>,
    /// Another seed than the scene's
    #[arg(long, value_parser = seed, allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Requests a second, instead of the scene's; not for a link
    #[arg(long, value_name = "NUMBER", value_parser = rate, allow_negative_numbers = true)]
    pub rate: Option<u32>,
    /// A command and its time, such as '1.25 {"fault":[1,"crash"]}'; may be given several times
    #[arg(
        long = "do",
        value_name = "SECONDS COMMAND",
        value_parser = timed_command::parse,
        allow_hyphen_values = true,
        long_help = timed_command::long_help()
    )]
    pub commands: Vec<LogEntry>,
}

impl RunOptions {
    /// Whether something says where the run ends.
    pub const fn has_end(&self) -> bool {
        self.seconds.is_some() || matches!(self.scene, SceneSource::Link(_))
    }

    /// The run of the scene with the commands, up to `--seconds`, or else to the place of the link, or else the start.
    pub fn run(&self) -> Result<Run, CliError> {
        let mut run = self.scene.run()?;
        run.seed = self.seed.unwrap_or(run.seed);
        if let Some(rate) = self.rate {
            if matches!(self.scene, SceneSource::Link(_)) {
                let reason = "--rate: a link has its own traffic";
                return Err(CliError::Input(reason.to_owned()));
            }
            run.scenario.arrivals.rate_rps = rate.into();
        }
        if let Some(seconds) = self.seconds {
            run.at = SimTime::ZERO + SimDuration::from_secs(seconds);
        }
        run.log.extend(self.commands.iter().cloned());
        run.log.sort_by_key(|entry| entry.at);
        Ok(run)
    }

    /// The engine at the end of [`Self::run`]; `watched` records what a picture shows. A command of a link that cannot
    /// be carried out changes nothing, as on the page; one of `--do` is an error.
    pub fn carry_out(&self, run: &Run, watched: bool) -> Result<Engine, CliError> {
        let mut engine = Engine::new(&run.scenario, run.seed);
        engine.set_watched(watched);
        for entry in run.ordered_log() {
            if entry.at > run.at {
                break;
            }
            engine.run_until(entry.at, EventBudget::UNBOUNDED);
            let result = engine.apply(entry.command.clone());
            if self.commands.contains(&entry) {
                let at = timed_command::seconds_of(entry.at);
                result.map_err(|error| CliError::Run(format!("--do: at {at} s: {error}")))?;
            }
        }
        engine.run_until(run.at, EventBudget::UNBOUNDED);
        Ok(engine)
    }
}

/// Reads `--seconds`: whole simulated seconds.
pub fn seconds(text: &str) -> Result<u64, String> {
    whole(text, MAX_AT.whole_secs())
}

/// Reads `--rate`: whole requests a second, as many as a scene may have.
pub fn rate(text: &str) -> Result<u32, String> {
    let rate = whole(text, MAX_RATE_RPS as u64)?;
    u32::try_from(rate).map_err(|error| error.to_string())
}

/// Reads `--seed`: a whole number of 64 bits.
pub fn seed(text: &str) -> Result<u64, String> {
    whole(text, u64::MAX)
}

fn whole(text: &str, most: u64) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("a whole number from 0 to {most} is needed"))
}
