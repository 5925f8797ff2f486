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

/// A figure as its file has it: `assets/figures/NAME.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureFile {
    /// A scene of `assets/scenarios`, by its file's name without the ending.
    pub scene: String,
    /// What is different there: a JSON merge patch.
    #[serde(default)]
    pub patch: Value,
    /// The rest.
    #[serde(flatten)]
    pub play: Play,
}

/// A figure, ready to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name: that of its file. Addresses and links use it.
    pub name: String,
    /// The world it starts from, its seed included.
    pub scenario: Scenario,
    /// The rest.
    #[serde(flatten)]
    pub play: Play,
}

/// What happens in a figure and what a text may say of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Play {
    /// Whether it stands among the presets of the workbench.
    #[serde(default)]
    pub preset: bool,
    /// Simulated time for one second of the reader's, in thousandths.
    #[serde(default = "real_time")]
    pub speed_permille: u32,
    /// What happens on its own.
    #[serde(default)]
    pub script: Vec<TimedCommand>,
    /// When it is over and the question is answered.
    pub run_ms: u64,
    /// When its picture is taken, which stands where no program runs; at the end without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture_ms: Option<u64>,
    /// What is shown under it while it runs, at most four.
    #[serde(default)]
    pub shows: Vec<Measure>,
    /// What the reader may change.
    #[serde(default)]
    pub controls: Vec<Control>,
    /// What the reader is asked before it runs.
    pub question: Question,
    /// What must come to pass in the run.
    #[serde(default)]
    pub gates: Vec<Expectation>,
    /// Numbers that a text may say, by name.
    #[serde(default)]
    pub claims: BTreeMap<String, Claim>,
    /// What can be done about it, or tried instead; each is one more click.
    #[serde(default)]
    pub fixes: Vec<Fix>,
    /// Lines of a configuration that the reader may take away and put back, by the names that
    /// [`Mark::Keep`](super::chapter::Mark::Keep) gives them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, VariantLine>,
}

/// A line of a configuration: what it is for the scene that it is there, and that it is not. Each
/// change is a command as in a script, or `{"set": [POINTER, VALUE]}`, with which the run begins anew
/// in a scene where the value at that JSON pointer (RFC 6901) is another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantLine {
    /// What is done when the line is put back.
    pub with: Vec<Value>,
    /// What is done when it is taken away.
    pub without: Vec<Value>,
}

/// What the reader may change in a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Kill and revive servers.
    Kill,
    /// The algorithm.
    Algorithm,
    /// L4 or L7.
    Layer,
    /// Weights.
    Weights,
    /// How many requests come.
    Traffic,
}

/// What the reader is asked. The run itself confirms the right answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// One of several, of which exactly one comes to pass.
    Choice(Vec<Choice>),
    /// A number on a slider.
    Guess(Guess),
}

/// One answer to choose.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name in the file of words.
    pub id: String,
    /// It is right if this holds at the end of the run.
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
    /// The right end.
    pub to: f64,
    /// From one place of the slider to the next.
    pub step: f64,
    /// A guess this near is right.
    pub within: f64,
}

/// A number that a text says of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is measured.
    pub measure: Measure,
    /// When; without it, at the end of the run.
    #[serde(default)]
    pub at_ms: Option<u64>,
    /// Since when; without it, since the start (of a fix that goes on: since the fix).
    #[serde(default)]
    pub since_ms: Option<u64>,
    /// What the text says.
    pub says: Amount,
    /// Digits after the point, as the text says it.
    #[serde(default)]
    pub digits: usize,
    /// How far the truth may be from it; without it, half of the last digit.
    #[serde(default)]
    pub within: Option<f64>,
}

impl Claim {
    /// As a text says it.
    #[must_use]
    pub fn say(&self, marks: NumberMarks<'_>) -> String {
        self.says.say(self.measure.unit(), self.digits, marks)
    }

    /// How far the truth may be from it.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        let rounding = || self.says.rounding(self.measure.unit(), self.digits);
        self.within.unwrap_or_else(rounding)
    }
}

/// One more click. With a patch the run begins anew, with the same traffic in the changed world;
/// without one it goes on from where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fix {
    /// Its name in the file of words.
    pub id: String,
    /// What is different in the scene: a JSON merge patch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Value>,
    /// What happens: instead of the figure's script where it begins anew and this is given; after it
    /// where it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<Vec<TimedCommand>>,
    /// When it is over.
    pub run_ms: u64,
    /// What must come to pass.
    #[serde(default)]
    pub gates: Vec<Expectation>,
    /// Numbers that a text may say, by name; the names are those of one figure.
    #[serde(default)]
    pub claims: BTreeMap<String, Claim>,
}

const fn real_time() -> u32 {
    1_000
}

impl Figure {
    /// Reads a figure's file. `scene` gives the text of a scenario by its name.
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

    /// A claim of the figure or of one of its fixes.
    #[must_use]
    pub fn claim(&self, id: &str) -> Option<&Claim> {
        let fixes = || self.play.fixes.iter().find_map(|fix| fix.claims.get(id));
        self.play.claims.get(id).or_else(fixes)
    }

    /// Where a measure is of one class of requests, the word for its kind in the frame: `kind-page`.
    #[must_use]
    pub fn kind_of(&self, measure: &Measure) -> Option<String> {
        let class = measure
            .class()
            .and_then(|class| self.scenario.classes.get(class))?;
        let kind = serde_json::to_value(class.kind).ok()?;
        Some(format!("kind-{}", kind.as_str()?))
    }

    /// The world that a fix begins anew in; `None` where it goes on.
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

    /// Whether a balancer writes headers here, so that it is worth a look what servers get.
    #[must_use]
    pub fn writes_headers(&self) -> bool {
        let writes = |rule: &Rule| matches!(rule.then, RouteAction::Inject(_));
        self.scenario.rules.iter().any(writes)
    }

    /// The orders of a fix: its own, or the figure's again where it begins anew without any.
    #[must_use]
    pub fn script_of<'a>(&'a self, fix: &'a Fix) -> &'a [TimedCommand] {
        match (&fix.script, &fix.patch) {
            (Some(script), _) => script,
            (None, Some(_)) => &self.play.script,
            (None, None) => &[],
        }
    }
}

/// The scene with one value of it changed: `[POINTER, VALUE]`, as in [`Line`].
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

/// No patch is `null` here, which RFC 7396 would read as "replace all by null".
fn merge_patch(world: &mut Value, patch: &Value) {
    if !patch.is_null() {
        merge(world, patch);
    }
}
