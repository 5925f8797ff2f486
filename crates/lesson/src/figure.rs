//! The data of a figure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::amount::{Amount, NumberMarks};
use super::expectation::Expectation;
use super::measure::Measure;
use super::patch::merge;
use super::timed_command::TimedCommand;
use evenkeel_sim::balance::l7::rules::{RouteAction, Rule};
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::validate::parse;

/// A figure as in its file: `assets/figures/NAME.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureFile {
    /// The scene of `assets/scenarios`, by its file's name without the ending.
    pub scene: String,
    /// The differences from that scene: a JSON merge patch.
    #[serde(default)]
    pub patch: Value,
    /// What happens in the figure, and the claims about it.
    #[serde(flatten)]
    pub play: Play,
}

/// A figure, ready to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The name: that of its file. Addresses and links use it.
    pub name: String,
    /// The scenario that it starts from, with its seed.
    pub scenario: Scenario,
    /// What happens in the figure, and the claims about it.
    #[serde(flatten)]
    pub play: Play,
}

/// What happens in a figure, and what a text may claim about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Play {
    /// Whether it is among the presets of the workbench.
    #[serde(default)]
    pub preset: bool,
    /// Simulated time for one second of wall time, in thousandths.
    #[serde(default = "real_time")]
    pub speed_permille: u32,
    /// The commands that are given during the run.
    #[serde(default)]
    pub script: Vec<TimedCommand>,
    /// The time of its end, when the question is answered.
    pub run_ms: u64,
    /// The time of its picture, for places where no program runs; `None` is the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_ms: Option<u64>,
    /// The time up to which it plays by itself while the question is open; `None` is a time that shows nothing of what
    /// is asked: see [`Figure::ask_ms`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_ms: Option<u64>,
    /// What it is drawn as; `None` follows from the scene: see [`Figure::drawing`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawing: Option<Drawing>,
    /// The measures shown under it while it runs, at most four.
    #[serde(default)]
    pub shows: Vec<Measure>,
    /// The controls that the reader gets.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// The question that the reader is asked before it runs.
    pub question: Question,
    /// The conditions that the run must fulfil.
    #[serde(default)]
    pub gates: Vec<Expectation>,
    /// The claims that a text may make, by name.
    #[serde(default)]
    pub claims: BTreeMap<String, Claim>,
    /// The remedies or alternatives to try; each is one more click.
    #[serde(default)]
    pub fixes: Vec<Fix>,
    /// Lines of a configuration that the reader may take away and put back, by the names that
    /// [`TextMark::Keep`](super::chapter::TextMark::Keep) gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, VariantLine>,
}

/// A line of a configuration: what its presence and its absence mean for the scene. Each change is a command as in a
/// script, or `{"set": [POINTER, VALUE]}`, with which the run begins anew in a scene where the value at that JSON
/// pointer (RFC 6901) is another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantLine {
    /// The changes when the line is put back.
    pub with: Vec<Value>,
    /// The changes when the line is taken away.
    pub without: Vec<Value>,
}

/// What a figure is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drawing {
    /// Clients, one balancer, and its servers.
    Stage,
    /// The balancers of a site with the addresses that clients know.
    Pair,
    /// A map of the world.
    World,
}

impl Drawing {
    /// The name of its style class.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Stage => "of-stage",
            Self::Pair => "of-pair",
            Self::World => "of-world",
        }
    }
}

/// A control that the reader gets in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Kill and revive servers.
    Kill,
    /// Choose the load-balancing algorithm.
    Algorithm,
    /// Choose between L4 and L7.
    Layer,
    /// Set the weights of servers.
    Weights,
    /// Set the request rate.
    Traffic,
}

/// The question to the reader. The run itself confirms the right answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// A choice between several answers, exactly one of which comes true.
    Choice(Vec<Choice>),
    /// A number on a slider.
    Guess(Guess),
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The key in the file of words.
    pub id: String,
    /// The condition at the end of the run that makes it the right answer.
    pub when: Expectation,
}

/// A number to guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guess {
    /// The claim that is the answer.
    pub claim: String,
    /// The left end of the slider, in the claim's unit.
    pub from: f64,
    /// The right end of the slider, in the claim's unit.
    pub to: f64,
    /// The step of the slider.
    pub step: f64,
    /// The largest difference of a right guess.
    pub within: f64,
}

/// A claim: a number that a text gives about a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The measure of the claim.
    pub measure: Measure,
    /// The time of the measurement; `None` is the end of the run.
    #[serde(default)]
    pub at_ms: Option<u64>,
    /// The start of the measured stretch; `None` is the start of the run (of a fix that goes on: the fix).
    #[serde(default)]
    pub since_ms: Option<u64>,
    /// The amount that the text gives.
    pub says: Amount,
    /// The digits after the point, as in the text.
    #[serde(default)]
    pub digits: usize,
    /// The largest difference from the measured amount; `None` is half of the last digit.
    #[serde(default)]
    pub within: Option<f64>,
}

impl Claim {
    /// The amount as a text writes it.
    #[must_use]
    pub fn say(&self, marks: NumberMarks<'_>) -> String {
        self.says.say(self.measure.unit(), self.digits, marks)
    }

    /// The largest difference from the measured amount.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        let rounding = || self.says.rounding(self.measure.unit(), self.digits);
        self.within.unwrap_or_else(rounding)
    }
}

/// A fix: one more click. With a patch the run begins anew, with the same traffic in the changed scene; without one it
/// goes on from where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// The key in the file of words.
    pub id: String,
    /// The differences from the scene: a JSON merge patch; `None` lets the run go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Value>,
    /// The commands: instead of the figure's script if the run begins anew and this is given; after it if the run goes
    /// on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Vec<TimedCommand>>,
    /// The time of its end.
    pub run_ms: u64,
    /// The conditions that the run must fulfil.
    #[serde(default)]
    pub gates: Vec<Expectation>,
    /// The claims that a text may make, by name; the names are those of one figure.
    #[serde(default)]
    pub claims: BTreeMap<String, Claim>,
}

/// The longest time that a figure plays by itself, in milliseconds of wall time: what moves for more than five seconds
/// needs a button that stops it (WCAG 2.2, success criterion 2.2.2).
const PLAYS_ITSELF_MS: u64 = 4_500;

const fn real_time() -> u32 {
    1_000
}

impl Figure {
    /// Parses a figure's file. `scene` gives the text of a scenario by its name.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn from_file(
        name: &str,
        text: &str,
        scene: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, String> {
        let file: FigureFile =
            serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        let base = scene(&file.scene)
            .ok_or_else(|| format!("{name}: there is no scene {:?}", file.scene))?;
        let mut world: Value =
            serde_json::from_str(&base).map_err(|error| format!("{}: {error}", file.scene))?;
        merge_patch(&mut world, &file.patch);
        let scenario =
            parse(&world.to_string()).map_err(|error| format!("{name}: patch: {error}"))?;
        Ok(Self {
            name: name.to_string(),
            scenario,
            play: file.play,
        })
    }

    /// The claim of this name, of the figure or of one of its fixes.
    #[must_use]
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        let fixes = || self.play.fixes.iter().find_map(|fix| fix.claims.get(id));
        self.play.claims.get(id).or_else(fixes)
    }

    /// The time up to which the figure plays by itself while the question is open: before the first thing that happens
    /// in it, and a tenth of the run at most.
    #[must_use]
    pub fn ask_ms(&self) -> u64 {
        let play = &self.play;
        let later = play.script.iter().map(|one| one.at_ms);
        let event = later.filter(|at| *at > 0).min().unwrap_or(play.run_ms);
        let shown = PLAYS_ITSELF_MS * u64::from(play.speed_permille) / 1_000;
        let own = play.ask_ms.unwrap_or(play.run_ms / 10);
        own.min(shown).min(event)
    }

    /// What the figure is drawn as: a world as a map, a pair as a pair, and everything else as a stage.
    #[must_use]
    pub fn drawing(&self) -> Drawing {
        let of_scene = if self.scenario.world.is_some() {
            Drawing::World
        } else if self.scenario.pair.is_some() {
            Drawing::Pair
        } else {
            Drawing::Stage
        };
        self.play.drawing.unwrap_or(of_scene)
    }

    /// The key of the word for a class's kind in the frame, like `kind-page`; `None` for measures without a class.
    #[must_use]
    pub fn kind_of(&self, measure: &Measure) -> Option<String> {
        let class = measure
            .class()
            .and_then(|class| self.scenario.classes.get(class))?;
        let kind = serde_json::to_value(class.kind).ok()?;
        Some(format!("kind-{}", kind.as_str()?))
    }

    /// The scenario that a fix begins anew in; `None` if it goes on.
    ///
    /// # Errors
    /// What is wrong with the patched scene.
    pub fn world_of(&self, fix: &Fix) -> Result<Option<Scenario>, String> {
        let Some(patch) = &fix.patch else {
            return Ok(None);
        };
        let wrong = |error: String| format!("{}: {}: {error}", self.name, fix.id);
        let mut world =
            serde_json::to_value(&self.scenario).map_err(|error| wrong(error.to_string()))?;
        merge_patch(&mut world, patch);
        let scenario = parse(&world.to_string()).map_err(|error| wrong(error.to_string()))?;
        Ok(Some(scenario))
    }

    /// The changes that a reader's order asks for: those of a line, `{"line": [NAME, KEPT]}`, or itself.
    /// A line that the figure does not have asks for nothing.
    #[must_use]
    pub fn changes_of(&self, order: &Value) -> Vec<Value> {
        let Some(line) = order.get("line") else {
            return vec![order.clone()];
        };
        let named = line.get(0).and_then(Value::as_str);
        let kept = line.get(1).and_then(Value::as_bool);
        match (named.and_then(|name| self.play.lines.get(name)), kept) {
            (Some(line), Some(true)) => line.with.clone(),
            (Some(line), Some(false)) => line.without.clone(),
            _ => Vec::new(),
        }
    }

    /// Whether a balancer adds headers, so that it is worth showing what servers get.
    #[must_use]
    pub fn writes_headers(&self) -> bool {
        let writes = |rule: &Rule| matches!(rule.then, RouteAction::Inject(_));
        self.scenario.rules.iter().any(writes)
    }

    /// The commands of a fix: its own, or the figure's again if it begins anew without any.
    #[must_use]
    pub fn script_of<'a>(&'a self, fix: &'a Fix) -> &'a [TimedCommand] {
        match (&fix.script, &fix.patch) {
            (Some(script), _) => script,
            (None, Some(_)) => &self.play.script,
            (None, None) => &[],
        }
    }
}

/// The scenario with one value changed: `[POINTER, VALUE]`, as in [`VariantLine`].
///
/// # Errors
/// What is wrong with the place, or with the scene that comes of it.
pub fn with_value(scenario: &Scenario, set: &Value) -> Result<Scenario, String> {
    let mut world = serde_json::to_value(scenario).map_err(|error| error.to_string())?;
    let (pointer, value) = (set.get(0).and_then(Value::as_str), set.get(1));
    let (Some(pointer), Some(value)) = (pointer, value) else {
        return Err(format!("{set} is not [POINTER, VALUE]"));
    };
    let place = world.pointer_mut(pointer);
    *place.ok_or_else(|| format!("there is nothing at {pointer}"))? = value.clone();
    parse(&world.to_string()).map_err(|error| error.to_string())
}

/// Merges a patch, except `null`, which RFC 7396 would read as "replace all by null".
fn merge_patch(world: &mut Value, patch: &Value) {
    if !patch.is_null() {
        merge(world, patch);
    }
}
