//! A still picture of a figure: its own stage, run without a page to a moment that tells.

use evenkeel_lesson::figure::Figure;
use evenkeel_lesson::timed_command::{advance, at_ms};
use evenkeel_scene::picture;
use evenkeel_scene::small::working;
use evenkeel_sim::engine::{Engine, EventBudget};

/// The picture as SVG, with a description for those who do not see it.
///
/// # Errors
/// An order of the figure's script that is refused.
pub fn picture(figure: &Figure) -> Result<String, String> {
    let mut engine = Engine::new(&figure.scenario, figure.scenario.seed);
    // The reason of the last pick is written down only where somebody looks.
    engine.set_watched(true);
    let play = &figure.play;
    let end = at_ms(play.picture_ms.unwrap_or(play.run_ms));
    advance(
        &mut engine,
        &play.script,
        &mut 0,
        end,
        EventBudget::UNBOUNDED,
    )
    .map_err(|error| format!("{}: {error}", figure.name))?;
    if let Some(id) = working(engine.view()) {
        engine.look_at(id);
    }
    Ok(picture::small(engine.view()))
}
